// Round-trip times between regions: from a topology file, or written into a drawn scenario.
#pragma once

#include <functional>
#include <optional>

#include "harness/scenario/places.hpp"

namespace blackout::scenario {

// Makes the scenario complete without a file: puts topology.region_rtt (the pairs of its regions)
// and topology.zone_rtt into `root`, unless they stand there. Reports pairs that are missing.
void embed_round_trips(const Source& source, const Places& places, Node& root, Report& report);

// The time between two regions in a region_rtt list.
const Node* round_trip(const Node& region_rtt, std::string_view a, std::string_view b);

}  // namespace blackout::scenario
