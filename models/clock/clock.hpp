// One node's clocks: an oscillator that runs at its own rate, and the wall time that is set from
// it.
//
// Monotonic and wall time advance by the same oscillator and are apart otherwise: a step, a smear
// and a lie move the wall alone. The error that wall() claims covers the true deviation, unless a
// fault that says so makes it a lie. All arithmetic is in integers (128 bit where a product needs
// it); a reading is rounded down, the true time of a deadline up, so that a deadline is always
// reached when its timer fires.
//
// Faults nest: each verb adds an effect under a tag, its inverse takes exactly that one away.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "host/env/clock.hpp"
#include "sim/kernel/kernel.hpp"
#include "sim/random/stream.hpp"

namespace blackout::clock {

using FaultTag = std::uint32_t;

struct Settings {
  Duration offset;             // wall minus truth at the start of the run
  std::int64_t drift_ppm = 0;  // rate minus one; -500'000 to 1'000'000
  // The error that wall() claims at least; it claims the true deviation where that is more.
  Duration error_min = milliseconds(1);
};

// What monotonic time makes of a freeze that is over. The wall is right again in both cases: it
// jumps, or the time service sets it.
enum class CatchUp : std::uint8_t {
  jump,  // to where it would be: the counter ran on under a paused machine (live migration)
  none,  // it goes on from where it stood: the hypervisor stopped the counter (KVM's pause)
};

// Word a of clock_state_set: the sum of those that hold.
enum class Condition : std::uint8_t { frozen = 1, smeared = 2, misled = 4, understated = 8 };

// Unix time of the run's first instant: 2026-01-01T00:00:00Z.
inline constexpr std::int64_t unix_ns_at_start = 1'767'225'600'000'000'000;

class Clock final : public env::Clock {
 public:
  Clock(const kernel::Kernel& kernel, Settings settings);

  [[nodiscard]] Instant monotonic() const override {
    if (faults_) ++faults_->monotonic_readings;
    return monotonic_at(kernel_.now());
  }
  [[nodiscard]] Wall wall() const override;

  // The node starts: monotonic time starts anew, at an origin drawn from `incarnation` (between one
  // second and one hour), so that readings of two incarnations cannot be mixed up unnoticed.
  void restart(random::Key incarnation);

  // Sets the wall clock forward or back. Its inverse is the negative with the same tag.
  void step(Duration by, FaultTag tag);
  // Adds to the rate from now on; its inverse is the negative with the same tag. Timers already
  // converted by true_time() must be converted again. The sum is within the range of
  // Settings::drift_ppm, else CHECK.
  void drift(std::int64_t by_ppm, FaultTag tag);
  [[nodiscard]] std::int64_t drift_ppm() const;

  // Both clocks stand still until thaw with this tag. Where freezes overlap, monotonic time loses
  // the time in which one with CatchUp::none lasted. Timers must be converted again, both times.
  void freeze(CatchUp catch_up, FaultTag tag);
  void thaw(FaultTag tag);

  // A leap second that this node's time service smears, and the truth does not have: over `window`
  // (more than 0) the wall falls behind by `by` at a constant rate, and then stays behind;
  // negative: it runs ahead. Until unsmear with this tag, which takes all of it away at once.
  void smear(Duration by, Duration window, FaultTag tag);
  void unsmear(FaultTag tag);

  // The time service lies: the wall is off by `by` more, which its claimed error does not cover,
  // until correct with this tag.
  void mislead(Duration by, FaultTag tag);
  void correct(FaultTag tag);

  // wall() claims Settings::error_min, whatever the deviation, until admit with this tag.
  void understate(FaultTag tag);
  void admit(FaultTag tag);

  // Words of clock_state_set.
  [[nodiscard]] std::uint64_t conditions() const;
  [[nodiscard]] Duration misled() const;
  [[nodiscard]] Duration smear_target() const;

  // Readings taken while the faults with this tag were there: of both clocks for drift and freeze,
  // of the wall for the others; for understate only those that claimed less than the deviation.
  [[nodiscard]] std::uint64_t effect(FaultTag tag) const;

  // The first true instant at which monotonic() is `monotonic` or later, if the rate stays; now, if
  // it is already; never() for never(), and for what lies ahead of a clock that stands still.
  [[nodiscard]] Instant true_time(Instant monotonic) const;

 private:
  enum class Kind : std::uint8_t { step, drift, freeze, smear, mislead, understate };
  struct Fault {
    FaultTag tag;
    Kind kind;
    std::int64_t amount = 0;  // ns of a step, smear and lie, ppm of a drift, CatchUp of a freeze
    Duration window;          // of a smear
    Instant since;            // of a smear, true time
    std::uint64_t readings_before = 0;
  };

  // What every reading need not touch; present from the first fault on.
  struct Faults {
    std::vector<Fault> active;
    std::uint64_t monotonic_readings = 0, wall_readings = 0, understated_readings = 0;
    std::int64_t drift_ppm = 0;
    std::uint32_t freezes = 0, losing_freezes = 0, understating = 0;
    Instant frozen_since;
    Duration missed, lost;  // of the freeze: what both clocks catch up, what only the wall does
    Duration misled;
    std::map<FaultTag, std::uint64_t> effects;  // of faults that are over
  };

  [[nodiscard]] Instant monotonic_at(Instant truth) const;
  [[nodiscard]] Faults& faults();
  // A new rate, rate minus one, from now on.
  void set_rate(std::int64_t ppm);
  // While frozen: takes note of what the clocks would have gained since the last time.
  void settle_frozen();
  [[nodiscard]] std::int64_t smeared_ns() const;
  // Readings that a fault of this kind shifts, so far.
  [[nodiscard]] std::uint64_t readings(Kind kind) const;
  [[nodiscard]] std::vector<Fault>::iterator find(Kind kind, FaultTag tag);
  void begin(Fault fault);
  // Adds to the fault of this kind and tag; at 0 it is over.
  void adjust(Kind kind, std::int64_t by, FaultTag tag);
  Fault end(Kind kind, FaultTag tag);
  void conclude(std::vector<Fault>::iterator fault);

  const kernel::Kernel& kernel_;
  std::int64_t rate_ppm_;  // rate minus one: the drift, or that of standing still
  Duration error_min_;
  Instant anchor_truth_, anchor_monotonic_;  // where the present rate began
  std::int64_t wall_minus_monotonic_ns_;
  std::unique_ptr<Faults> faults_;
};

}  // namespace blackout::clock
