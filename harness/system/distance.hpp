// Who is near in a Plan: what an adapter tells its system's clients and front ends.
#pragma once

#include <vector>

#include "harness/scenario/plan.hpp"

namespace blackout::system {

// The nodes by their round trip from `from`, the nearest first; of equals in the order given.
std::vector<NodeId> by_distance(const scenario::Plan& plan, RegionId from,
                                std::vector<NodeId> nodes);

}  // namespace blackout::system
