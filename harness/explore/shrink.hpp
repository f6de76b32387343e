// From a failing plan to the few faults that matter.
//
// Faults are interval objects and every draw of nature is keyed by what it is for, so that taking
// one thing away leaves the rest as it was. What is left must break the same promise in the same
// role; a plan that breaks another one is set aside. Passes, in this order, until none helps: cut
// the tail, drop what one cause brought, drop kinds of faults, delta debugging over the list
// (Zeller and Hildebrandt, TSE 2002), fewer clients, fewer nodes, shorter and rounder faults, a
// softer world; then every fault left is taken out once more, with this seed and with sixteen
// others: if none of these still fails, no single fault can go. Last, nature is stilled where it
// may be, stream by stream.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/explore/summary.hpp"

namespace blackout::explore {

// How large a plan is.
struct Size {
  std::size_t faults = 0, clients = 0, nodes = 0;
  Duration length;
  friend bool operator==(const Size&, const Size&) = default;
};

struct ShrinkStep {
  std::string pass;  // "fewer faults"
  Size size;
  std::uint64_t tries = 0;
};

struct Aside {
  Shape shape;
  std::uint64_t seed = 0;
  std::string document;
};

struct Shrunk {
  std::string document;  // a scenario that expects to be violated
  std::string name;      // its name
  std::uint64_t seed = 0;
  Shape shape;
  std::vector<ShrinkStep> steps;  // the first is where it began
  std::vector<Aside> asides;      // other failures met, one of each shape
  std::uint64_t tries = 0;
};

// `document` is a drawn plan. An empty optional if it does not fail, or not twice in the same way.
// The result is the same for every number of jobs. `observe` is told of each pass; what it throws
// passes on.
std::optional<Shrunk> shrink(const std::string& document, std::uint64_t seed, std::size_t jobs,
                             const std::function<void(const ShrinkStep&)>& observe = {});

}  // namespace blackout::explore
