// Replacing draws by values and generators by lists; afterwards nothing of a tree is left to
// chance.
//
// Each draw has a stream of its own, named by its place: removing one field shifts no other. Inside
// a generator the place is the fault's ordinal and the field.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/scenario/places.hpp"
#include "sim/random/stream.hpp"

namespace blackout::scenario {

// The path of the first draw, generator or cause, "topology.links.jitter"; nothing where there is
// none.
std::optional<std::string> first_undrawn(const Node& node);

// Every draw outside a generator.
void replace_draws(Node& node, random::Key key);

// faults.generate becomes a list, of faults that leave room for those in `given`; `root` is a
// checked tree in which no other draw is left.
void replace_generator(Node& root, const Places& places, random::Key key, Strategy strategy,
                       const std::vector<Node>& given);

}  // namespace blackout::scenario
