// What a Plan says of machines, disks, clocks and links while nothing is broken.
#pragma once

#include "harness/scenario/plan.hpp"
#include "models/node/cluster.hpp"

namespace blackout::world {

// Offsets and drifts are drawn here, from the plan's seed; all else is drawn as it happens.
node::Settings physics_of(const scenario::Plan& plan);

}  // namespace blackout::world
