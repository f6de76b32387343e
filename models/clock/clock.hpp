// One node's clocks: an oscillator that runs at its own rate, and the wall time that is set from
// it.
//
// Monotonic and wall time advance by the same oscillator and are apart otherwise: a step moves the
// wall alone. All arithmetic is in integers (128 bit where a product needs it); a reading is
// rounded down, the true time of a deadline up, so that a deadline is always reached when its timer
// fires.
#pragma once

#include "host/env/clock.hpp"
#include "sim/kernel/kernel.hpp"
#include "sim/random/stream.hpp"

namespace blackout::clock {

struct Settings {
  Duration offset;             // wall minus truth at the start of the run
  std::int64_t drift_ppm = 0;  // rate minus one; -500'000 to 1'000'000
  // The error that wall() claims at least; it claims the true deviation where that is more.
  Duration error_min = milliseconds(1);
};

// Unix time of the run's first instant: 2026-01-01T00:00:00Z.
inline constexpr std::int64_t unix_ns_at_start = 1'767'225'600'000'000'000;

class Clock final : public env::Clock {
 public:
  Clock(const kernel::Kernel& kernel, Settings settings);

  [[nodiscard]] Instant monotonic() const override { return monotonic_at(kernel_.now()); }
  [[nodiscard]] Wall wall() const override;

  // The node starts: monotonic time starts anew, at an origin drawn from `incarnation` (between one
  // second and one hour), so that readings of two incarnations cannot be mixed up unnoticed.
  void restart(random::Key incarnation);

  // Sets the wall clock forward or back.
  void step(Duration by);
  // Changes the rate from now on. Timers already converted by true_time() must be converted again.
  void set_drift(std::int64_t ppm);
  [[nodiscard]] std::int64_t drift_ppm() const { return drift_ppm_; }

  // The first true instant at which monotonic() is `monotonic` or later, if the rate stays; now, if
  // it is already; never() for never().
  [[nodiscard]] Instant true_time(Instant monotonic) const;

 private:
  [[nodiscard]] Instant monotonic_at(Instant truth) const;

  const kernel::Kernel& kernel_;
  std::int64_t drift_ppm_;
  Duration error_min_;
  Instant anchor_truth_, anchor_monotonic_;  // where the present rate began
  std::int64_t wall_minus_monotonic_ns_;
};

}  // namespace blackout::clock
