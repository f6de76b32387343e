// How much time may have passed on a node, by all that its clocks claim.
//
// The wall clock never counts with a reading alone but with the error that it claims, so that a
// step, a drift or a machine that stood still makes what may have passed more, not less. The
// monotonic clock has a say too: its rate has no bound, but where a claim is false it must not
// decide alone.
#pragma once

#include <algorithm>

#include "host/env/clock.hpp"

namespace blackout::env {

// What one node's clocks say at one moment.
struct Reading {
  Clock::Wall wall;
  Instant monotonic;
  static Reading of(const Clock& clock) { return {clock.wall(), clock.monotonic()}; }

  // Whether the wall clock claims a bound at both moments.
  static bool bounded(const Reading& before, const Reading& after) {
    return std::max(before.wall.error, after.wall.error) <= error_max;
  }

 private:
  static constexpr Duration error_max = seconds(3600);  // above it is as good as no bound
};

// What may have passed between two; Duration::max() and nothing where the wall clock claims no
// bound.
inline Duration at_most_between(const Reading& before, const Reading& after) {
  if (!Reading::bounded(before, after)) return Duration::max();
  const Duration wall(after.wall.unix_ns - before.wall.unix_ns);
  return std::max(wall + before.wall.error + after.wall.error, after.monotonic - before.monotonic);
}
inline Duration at_least_between(const Reading& before, const Reading& after) {
  if (!Reading::bounded(before, after)) return {};
  const Duration wall(after.wall.unix_ns - before.wall.unix_ns);
  return wall - before.wall.error - after.wall.error;
}

}  // namespace blackout::env
