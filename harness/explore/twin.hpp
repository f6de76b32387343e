// The twin of a plan, in which all regions stand in one place: what replication between regions
// adds to an operation is what it takes longer than its twin (objectives.md, "Latency").
#pragma once

#include <vector>

#include "harness/check/judge.hpp"
#include "harness/scenario/plan.hpp"
#include "reports/record/history.hpp"

namespace blackout::explore {

// The same plan, faults included, with the distance between zones for that between regions.
scenario::Plan in_one_region(const scenario::Plan& plan);

// The twin's operations that ended ok, by id. The floor of an operation is the round trip from its
// client's region to the leader that its group prefers (the first voter, if it prefers none), and
// from there to the nearest majority.
std::vector<check::Paired> pair_with(const scenario::Plan& plan, const record::History& twin);

}  // namespace blackout::explore
