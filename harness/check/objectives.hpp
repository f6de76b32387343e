// The rows of the verdict's table, each with its finding if it was broken.
//
// Every function adds to the verdict what it measures; definitions are those of objectives.md.
// Where the run ended before the timeline did, what needs the rest of it is unknown.
#pragma once

#include <span>

#include "harness/check/case.hpp"
#include "harness/check/judge.hpp"
#include "harness/check/observers.hpp"
#include "sim/trace/trace.hpp"

namespace blackout::check {

// One or more faults whose intervals touch, and what they broke.
struct Episode {
  Instant start;
  std::size_t fault = 0;  // the first of them
};
std::vector<Episode> episodes(const record::PlanFacts& plan);

// rpo, with exposure. Lost writes are those of the final audits. A write belongs to the episode
// that was last to begin before its entry gave way to another (to the last one, if nothing took its
// place).
void judge_loss(const Case& facts, const trace::Trace& trace, const Exposure& exposure,
                record::Verdict& verdict);

// rto, downtime and the phases.
//
// For every client region and kind of operation of the group: of the operations owed for as long as
// their client waited (at most `within`), those are good that ended ok in that time. For a fault,
// service is back at the first invocation from which, over one window, the share of good ones
// reaches `success`; where the first operation after the fault already begins such a window, there
// was no outage. Time in which nothing was owed does not count.
void judge_recovery(const Case& facts, const trace::Trace& trace, record::Verdict& verdict);

// availability rows; owed, impact. An operation counts as owed if it was, from its first send until
// it ended or its deadline passed.
void judge_availability(const Case& facts, record::Verdict& verdict);

// latency rows: nearest-rank percentile of the ok operations of a kind first sent in the phase.
void judge_latency(const Case& facts, record::Verdict& verdict);

// added_latency rows: the percentile of the operations that ended ok here and in the twin, less
// the same percentile of them there; and that as a multiple of the floor's.
void judge_added_latency(const Case& facts, std::span<const Paired> paired,
                         record::Verdict& verdict);

void judge_lag(const Case& facts, const Lag& lag, record::Verdict& verdict);
// divergence rows: the longest time in which a replica's state was wrong and the platform had not
// said so; and from then on until it was right again. A process that ended has neither to be found
// nor repaired.
void judge_divergence(const Case& facts, record::Verdict& verdict);
void judge_residency(const Case& facts, const record::ResidencyObjective& objective,
                     const Residency& residency, record::Verdict& verdict);

}  // namespace blackout::check
