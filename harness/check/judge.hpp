// The judge: a record in, a verdict out.
//
// A pure function of its arguments: no clock, no file, no randomness; equal records give equal
// verdicts. The trace is read once, with ghost state that no node can see (what is durable where,
// who could reach whom); then the history. A story of a broken promise reads the trace a second
// time.
//
// The definitions are those of objectives.md and ux.md ("Run"). What is not decided there is said
// at the checker that decides it.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "reports/record/run_record.hpp"

namespace blackout::check {

// An operation of the plan's twin, in which all regions stand in one place.
struct Paired {
  OperationId id;
  Duration one_region;  // it took there, and ended ok
  Duration floor;       // what the distances of the plan alone make it take
};

// `paired` is what objectives of added latency compare with; without it they are unknown.
// `simulated` is how far virtual time came; where that is before the timeline's end (the code under
// test failed), promises about recovery and convergence are unknown, never held. Ids of the plan
// and the history index the plan's vectors; events that name other nodes or shards are passed over.
record::Verdict judge(const record::PlanFacts& plan, const trace::Trace& trace,
                      const record::History& history,
                      const std::optional<record::CodeFailure>& failure, Instant simulated,
                      std::span<const Paired> paired = {});

// What `blackout list` prints.
struct Described {
  std::string_view name;
  std::string_view text;
};
std::span<const Described> known_marks();
std::span<const Described> known_invariants();  // id and rule

}  // namespace blackout::check
