// One Plan, one run, one record: in this process, or in a child that may die without harm.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/explore/summary.hpp"
#include "harness/scenario/plan.hpp"
#include "reports/record/run_record.hpp"

namespace blackout::explore {

struct Limits {
  std::uint64_t memory_bytes = 2ULL << 30;  // of the child's resident memory
  // A child whose virtual time stands still this long hangs. Generous: a verdict must not depend on
  // how busy the machine is.
  std::uint32_t silence_seconds = 30;
  Instant until = Instant::never();  // virtual time at which the run ends early
};

struct Progress {
  Instant now;
};
// Called many times a second of real time while a run goes on.
using Observer = std::function<void(const Progress&)>;

struct Outcome {
  record::RunRecord run;  // as loaded from the record
  std::string directory;  // where the record stands
};

// build .. run .. judge in this process. The code under test can take the process down.
record::RunRecord run_here(const scenario::Plan& plan, const std::vector<std::string>& overrides,
                           const Observer& observe = {}, Instant until = Instant::never());

// The run in this process, for a debugger: calls `action` just before it records the event with
// this id, then runs on to its end.
void run_to(const scenario::Plan& plan, EventId before, const std::function<void()>& action);

// As run_here(), but in a forked child with limits; the record is saved in `directory`. If the
// child dies (a signal, silence, memory), the record says so and the verdict is a violation with id
// "crash.<kind>". A CHECK that fails in the harness itself is thrown here again. Failing to save
// throws CheckFailed with the reason. Call only from a process with one thread.
//
// What `observe` throws passes on, after the child was ended and what it had begun to save removed.
// The child hears neither Ctrl-C nor SIGTERM and does not outlive this process.
Outcome run_isolated(const scenario::Plan& plan, const std::vector<std::string>& overrides,
                     const std::string& directory, const Limits& limits = {},
                     const Observer& observe = {});

// As run_isolated(), for many runs: the record is saved only if something was found, and not at all
// where `directory` is empty.
Summary probe(const scenario::Plan& plan, const std::vector<std::string>& overrides,
              const std::string& directory, const Limits& limits = {},
              const Observer& observe = {});

}  // namespace blackout::explore
