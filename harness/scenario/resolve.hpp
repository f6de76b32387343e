// From a checked tree without draws to the Plan.
#pragma once

#include "harness/scenario/fields.hpp"
#include "harness/scenario/plan.hpp"

namespace blackout::scenario {

Plan resolve(const Node& root, std::uint64_t seed);

}  // namespace blackout::scenario
