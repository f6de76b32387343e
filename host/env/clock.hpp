// What a program may know about time: one node's clocks, which are not the truth.
#pragma once

#include "host/base/time.hpp"

namespace blackout::env {

class Clock {
 public:
  virtual ~Clock() = default;

  // Never goes back, keeps no relation to other nodes, starts anew at each start of the node;
  // advances at the rate of the node's oscillator, so that a second of it may be a little more or
  // less than one. For time-outs.
  [[nodiscard]] virtual Instant monotonic() const = 0;

  struct Wall {
    std::int64_t unix_ns;
    // The truth is claimed to lie within +-error; Duration::max() where no bound is known.
    Duration error;
  };
  // May step either way between two readings. For time stamps, never for time-outs.
  [[nodiscard]] virtual Wall wall() const = 0;
};

}  // namespace blackout::env
