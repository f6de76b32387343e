// Common causes: one event of the world that brings several faults, each after a time and with a
// chance of its own.
//
// In a Plan each of these faults stands for itself and bears the name of its cause.
#pragma once

#include <vector>

#include "harness/scenario/document.hpp"
#include "host/base/time.hpp"
#include "sim/random/stream.hpp"

namespace blackout::scenario {

// A fault as the list "faults" would have it, at the latest that its cause may bring it.
struct Consequence {
  Node fault;
  Duration earlier;  // so much before that, at the earliest
  bool certain;      // every seed has it
};

// Of all causes; what cannot be read is left out.
std::vector<Consequence> possible_consequences(const Node& root);

// Replaces the causes of a checked tree, in which no draw is left, by the faults that they bring
// under this key; the chance of each is drawn from its place.
std::vector<Node> take_consequences(Node& root, random::Key key);

}  // namespace blackout::scenario
