// A point on a node's monotonic clock by which something must be done.
#pragma once

#include <algorithm>

#include "host/env/clock.hpp"

namespace blackout::env {

class Deadline {
 public:
  Deadline(const Clock& clock, Duration span) : clock_(&clock), at_(clock.monotonic() + span) {}

  [[nodiscard]] Instant at() const { return at_; }
  [[nodiscard]] bool passed() const { return clock_->monotonic() >= at_; }
  // Negative once it has passed.
  [[nodiscard]] Duration left() const { return at_ - clock_->monotonic(); }
  // This deadline, or one `span` from now if that is earlier.
  [[nodiscard]] Instant within(Duration span) const {
    return std::min(at_, clock_->monotonic() + span);
  }

 private:
  const Clock* clock_;
  Instant at_;
};

}  // namespace blackout::env
