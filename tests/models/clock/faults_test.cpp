#include <gtest/gtest.h>

#include "host/base/check.hpp"
#include "models/clock/clock.hpp"

namespace blackout::clock {
namespace {

class ClockFaults : public testing::Test {
 protected:
  void pass(Duration span) { kernel.run_until(kernel.now() + span); }
  // Wall minus truth.
  [[nodiscard]] Duration off() const {
    return Duration(clock.wall().unix_ns - unix_ns_at_start - kernel.now().ns());
  }

  kernel::Kernel kernel;
  Clock clock{kernel, {}};
};

TEST_F(ClockFaults, AStepIsTakenBackByItsNegative) {
  clock.step(seconds(5), 1);
  clock.step(seconds(2), 2);
  EXPECT_EQ(off(), seconds(7));
  clock.step(seconds(-5), 1);
  EXPECT_EQ(off(), seconds(2));
  (void)clock.monotonic();
  EXPECT_EQ(clock.effect(1), 1u);
  EXPECT_EQ(clock.effect(2), 2u);
  EXPECT_EQ(clock.effect(3), 0u);
}

TEST_F(ClockFaults, DriftsAddUpAndShiftTheReadingsOfBothClocks) {
  clock.drift(200, 1);
  clock.drift(-500, 2);
  EXPECT_EQ(clock.drift_ppm(), -300);
  const Instant before = clock.monotonic();
  pass(seconds(1'000));
  EXPECT_EQ(clock.monotonic() - before, seconds(1'000) - milliseconds(300));
  EXPECT_EQ(off(), milliseconds(-300));
  clock.drift(500, 2);
  clock.drift(-200, 1);
  EXPECT_EQ(clock.drift_ppm(), 0);
  (void)clock.monotonic();
  EXPECT_EQ(clock.effect(1), 3u);
  EXPECT_EQ(clock.effect(2), 3u);
}

TEST_F(ClockFaults, AFrozenClockStandsStillAndSaysHowFarOffItIs) {
  pass(seconds(1));
  clock.freeze(CatchUp::jump, 1);
  const Instant monotonic = clock.monotonic();
  const std::int64_t wall = clock.wall().unix_ns;
  pass(seconds(3));
  EXPECT_EQ(clock.monotonic(), monotonic);
  EXPECT_EQ(clock.wall().unix_ns, wall);
  EXPECT_EQ(clock.wall().error, seconds(3));
  EXPECT_EQ(clock.effect(1), 5u);
}

TEST_F(ClockFaults, AThawThatJumpsMakesBothClocksWhatTheyWouldHaveBeen) {
  Clock untouched(kernel, {.offset = {}, .drift_ppm = 100});
  Clock frozen(kernel, {.offset = {}, .drift_ppm = 100});
  pass(seconds(1));
  frozen.freeze(CatchUp::jump, 1);
  pass(seconds(2));
  frozen.thaw(1);
  EXPECT_EQ(frozen.monotonic(), untouched.monotonic());
  EXPECT_EQ(frozen.wall().unix_ns, untouched.wall().unix_ns);
  pass(seconds(1));
  EXPECT_EQ(frozen.monotonic(), untouched.monotonic());
  EXPECT_EQ(frozen.effect(1), 0u);
  EXPECT_THROW(frozen.thaw(1), CheckFailed);
}

TEST_F(ClockFaults, AThawWithoutCatchUpLetsMonotonicTimeGoOnAndSetsTheWall) {
  const Instant start = clock.monotonic();
  clock.freeze(CatchUp::none, 1);
  pass(seconds(2));
  clock.thaw(1);
  EXPECT_EQ(clock.monotonic(), start);
  EXPECT_EQ(off(), Duration());
  pass(seconds(1));
  EXPECT_EQ(clock.monotonic() - start, seconds(1));
  EXPECT_EQ(off(), Duration());
}

TEST_F(ClockFaults, OverlappingFreezesLoseTheTimeOfThoseThatDoNotCatchUp) {
  const Instant start = clock.monotonic();
  clock.freeze(CatchUp::jump, 1);
  pass(seconds(1));
  clock.freeze(CatchUp::none, 2);
  pass(seconds(10));
  clock.thaw(1);
  pass(seconds(20));
  EXPECT_EQ(clock.monotonic(), start);
  clock.thaw(2);
  EXPECT_EQ(clock.monotonic() - start, seconds(1));
  EXPECT_EQ(off(), Duration());
}

TEST_F(ClockFaults, ADriftDuringAFreezeCountsFromItsOwnStart) {
  clock.freeze(CatchUp::jump, 1);
  pass(seconds(1));
  clock.drift(500'000, 2);
  pass(seconds(2));
  clock.thaw(1);
  EXPECT_EQ(off(), seconds(1));
  pass(seconds(2));
  EXPECT_EQ(off(), seconds(2));
}

TEST_F(ClockFaults, ARestartDuringAFreezeDoesNotJumpByWhatWasBeforeIt) {
  clock.freeze(CatchUp::jump, 1);
  pass(seconds(5));
  const std::int64_t wall = clock.wall().unix_ns;
  clock.restart(random::Key(1));
  const Instant origin = clock.monotonic();
  EXPECT_EQ(clock.wall().unix_ns, wall);
  pass(seconds(1));
  clock.thaw(1);
  EXPECT_EQ(clock.monotonic() - origin, seconds(1));
  EXPECT_EQ(off(), Duration());
}

TEST_F(ClockFaults, ADeadlineAheadOfAFrozenClockIsNever) {
  pass(seconds(1));
  const Instant deadline = clock.monotonic() + seconds(1);
  clock.freeze(CatchUp::none, 1);
  EXPECT_EQ(clock.true_time(deadline), Instant::never());
  EXPECT_EQ(clock.true_time(clock.monotonic()), kernel.now());
  pass(seconds(5));
  clock.thaw(1);
  EXPECT_EQ(clock.true_time(deadline), kernel.now() + seconds(1));
}

TEST_F(ClockFaults, ASmearRunsTheWallSlowByTheLeapOverItsWindowAndNoMore) {
  const Instant start = clock.monotonic();
  clock.smear(seconds(1), seconds(1'000), 1);
  EXPECT_EQ(off(), Duration());
  pass(seconds(250));
  EXPECT_EQ(off(), milliseconds(-250));
  EXPECT_EQ(clock.wall().error, milliseconds(250));
  pass(seconds(750));
  EXPECT_EQ(off(), seconds(-1));
  pass(seconds(1'000));
  EXPECT_EQ(off(), seconds(-1));
  EXPECT_EQ(clock.monotonic() - start, seconds(2'000));
  clock.unsmear(1);
  EXPECT_EQ(off(), Duration());
  EXPECT_EQ(clock.effect(1), 5u);
  EXPECT_THROW(clock.unsmear(1), CheckFailed);
}

TEST_F(ClockFaults, SmearsAddUpAndAFrozenClockIsNotSmeared) {
  clock.smear(seconds(1), seconds(10), 1);
  clock.smear(seconds(-3), seconds(10), 2);
  pass(seconds(5));
  EXPECT_EQ(off(), seconds(1));
  EXPECT_EQ(clock.smear_target(), seconds(-2));
  const std::int64_t wall = clock.wall().unix_ns;
  clock.freeze(CatchUp::jump, 3);
  pass(seconds(5));
  EXPECT_EQ(clock.wall().unix_ns, wall);
  clock.thaw(3);
  EXPECT_EQ(off(), seconds(2));
  clock.unsmear(2);
  EXPECT_EQ(off(), seconds(-1));
}

TEST_F(ClockFaults, ALyingTimeServiceMovesTheWallAndNotTheErrorItClaims) {
  const Instant monotonic = clock.monotonic();
  clock.mislead(seconds(-30), 1);
  clock.mislead(seconds(10), 2);
  EXPECT_EQ(off(), seconds(-20));
  EXPECT_EQ(clock.wall().error, milliseconds(1));
  EXPECT_EQ(clock.monotonic(), monotonic);
  clock.step(seconds(4), 3);
  EXPECT_EQ(off(), seconds(-16));
  EXPECT_EQ(clock.wall().error, seconds(4));
  clock.correct(1);
  EXPECT_EQ(off(), seconds(14));
  EXPECT_EQ(clock.effect(1), 4u);
  EXPECT_EQ(clock.effect(2), 5u);
  EXPECT_THROW(clock.correct(1), CheckFailed);
}

TEST_F(ClockFaults, AnUnderstatedErrorStaysSmallWhileTheDeviationIsLarge) {
  clock.understate(1);
  EXPECT_EQ(clock.wall().error, milliseconds(1));
  EXPECT_EQ(clock.effect(1), 0u) << "a true claim is no lie";
  clock.step(seconds(9), 2);
  EXPECT_EQ(off(), seconds(9));
  EXPECT_EQ(clock.wall().error, milliseconds(1));
  clock.understate(3);
  clock.admit(1);
  EXPECT_EQ(clock.wall().error, milliseconds(1));
  clock.admit(3);
  EXPECT_EQ(clock.wall().error, seconds(9));
  EXPECT_EQ(clock.effect(1), 2u);
  EXPECT_EQ(clock.effect(3), 1u);
  EXPECT_THROW(clock.admit(1), CheckFailed);
}

TEST_F(ClockFaults, ConditionsSayWhatHolds) {
  EXPECT_EQ(clock.conditions(), 0u);
  clock.freeze(CatchUp::jump, 1);
  clock.smear(seconds(1), seconds(2), 2);
  clock.mislead(seconds(3), 3);
  clock.understate(4);
  EXPECT_EQ(clock.conditions(), 15u);
  clock.thaw(1);
  clock.correct(3);
  EXPECT_EQ(clock.conditions(), 10u);
  clock.unsmear(2);
  clock.admit(4);
  EXPECT_EQ(clock.conditions(), 0u);
}

}  // namespace
}  // namespace blackout::clock
