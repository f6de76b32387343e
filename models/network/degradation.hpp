// What a fault makes of a link, and how much it did.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/random/distributions.hpp"

namespace blackout::network {

// Names a fault (its index in the Plan) in the trace and in the count of its effects.
using FaultTag = std::uint32_t;

struct Degradation {
  std::uint32_t delay_permille = 1000;  // 3000: three times the delay and jitter
  random::Probability loss = {};        // besides the link's own
  std::uint32_t bandwidth_permille =
      1000;  // 100: a tenth; at least 1; without effect on unlimited links
};

// How many messages a fault lost, and how many it delivered later than they would have been.
struct Effect {
  std::uint64_t dropped = 0, delayed = 0;
};

// The faults on one link, in the order in which they began.
struct LinkFaults {
  struct Tagged {
    FaultTag tag;
    Degradation degradation;
  };
  std::vector<FaultTag> cuts;
  std::vector<Tagged> degradations;
  std::uint32_t cut_last = 0;  // number of the last cut that began, network-wide
  FaultTag cut_last_tag = 0;
};

}  // namespace blackout::network
