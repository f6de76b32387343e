// Abstract states: what a campaign has reached, whatever the names and numbers were.
//
// The state of a shard is the sorted multiset over its voters of role, rank of the term, commit
// rank, what is stored and not yet on disk, and whether the voter runs; it is looked at where
// leadership, a log's end or a machine changes, together with what changed. Hashes, so that two
// states may be taken for one, rarely.
#pragma once

#include <cstdint>
#include <vector>

#include "reports/record/plan_facts.hpp"
#include "sim/trace/trace.hpp"

namespace blackout::explore {

// Ascending, each once.
std::vector<std::uint64_t> abstract_states(const record::PlanFacts& plan,
                                           const trace::Trace& trace);

}  // namespace blackout::explore
