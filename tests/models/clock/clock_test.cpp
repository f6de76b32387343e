#include "models/clock/clock.hpp"

#include <gtest/gtest.h>

#include "host/base/check.hpp"
#include "sim/random/distributions.hpp"

namespace blackout::clock {
namespace {

Settings drifting(std::int64_t ppm) { return {.offset = {}, .drift_ppm = ppm}; }

TEST(Clock, MonotonicRunsAtTheRateOfItsDrift) {
  kernel::Kernel kernel;
  const Clock fast(kernel, drifting(200));
  const Clock slow(kernel, drifting(-200));
  const Instant fast_start = fast.monotonic();
  const Instant slow_start = slow.monotonic();
  kernel.run_until(Instant() + seconds(1'000));
  EXPECT_EQ(fast.monotonic() - fast_start, seconds(1'000) + milliseconds(200));
  EXPECT_EQ(slow.monotonic() - slow_start, seconds(1'000) - milliseconds(200));
}

TEST(Clock, ADeadlineIsReachedAtItsTrueTimeAndNotANanosecondBefore) {
  const random::Key draws(3);
  for (const std::int64_t ppm : {0, 1, -1, 37, -333, 200'000, -500'000, 1'000'000}) {
    kernel::Kernel kernel;
    Clock clock(kernel, drifting(ppm));
    kernel.run_until(Instant(1'234'567));
    clock.restart(draws);
    for (std::uint64_t n = 0; n < 200; ++n) {
      const Instant deadline =
          clock.monotonic() + Duration(random::log_uniform(draws.draw(n), 2, 10'000'000'000));
      const Instant truth = clock.true_time(deadline);
      kernel.run_until(truth - nanoseconds(1));
      ASSERT_LT(clock.monotonic(), deadline) << ppm;
      kernel.run_until(truth);
      ASSERT_GE(clock.monotonic(), deadline) << ppm;
    }
  }
}

TEST(Clock, ADeadlineInThePastIsNowAndOneBeyondTheEndOfTimeIsNever) {
  kernel::Kernel kernel;
  const Clock clock(kernel, drifting(-1'000));
  kernel.run_until(Instant() + seconds(5));
  EXPECT_EQ(clock.true_time(Instant() + seconds(1)), kernel.now());
  EXPECT_EQ(clock.true_time(Instant::never()), Instant::never());
  EXPECT_EQ(clock.true_time(Instant::never() - nanoseconds(1)), Instant::never());
}

TEST(Clock, AStepMovesTheWallAlone) {
  kernel::Kernel kernel;
  Clock clock(kernel, {.offset = milliseconds(3)});
  EXPECT_EQ(clock.wall().unix_ns, unix_ns_at_start + 3'000'000);
  EXPECT_EQ(clock.wall().error, milliseconds(3));
  const Instant before = clock.monotonic();
  clock.step(seconds(-10), 0);
  EXPECT_EQ(clock.monotonic(), before);
  EXPECT_EQ(clock.wall().unix_ns, unix_ns_at_start - 9'997'000'000);
  EXPECT_EQ(clock.wall().error, milliseconds(9'997));
}

TEST(Clock, ReportsNoLessThanItsLeastError) {
  kernel::Kernel kernel;
  const Clock clock(kernel, {.offset = {}, .drift_ppm = 0, .error_min = milliseconds(7)});
  EXPECT_EQ(clock.wall().error, milliseconds(7));
}

TEST(Clock, AChangeOfDriftKeepsBothReadingsContinuous) {
  kernel::Kernel kernel;
  Clock clock(kernel, drifting(500));
  kernel.run_until(Instant() + seconds(2));
  const Instant monotonic = clock.monotonic();
  const std::int64_t wall = clock.wall().unix_ns;
  clock.drift(-100'500, 0);
  EXPECT_EQ(clock.monotonic(), monotonic);
  EXPECT_EQ(clock.wall().unix_ns, wall);
  kernel.run_until(Instant() + seconds(3));
  EXPECT_EQ(clock.monotonic() - monotonic, milliseconds(900));
  EXPECT_EQ(clock.wall().unix_ns - wall, 900'000'000);
  EXPECT_THROW(clock.drift(-400'001, 0), CheckFailed);
}

TEST(Clock, ARestartMovesMonotonicTimeAndLeavesTheWall) {
  kernel::Kernel kernel;
  Clock clock(kernel, drifting(100));
  kernel.run_until(Instant() + seconds(5));
  const std::int64_t wall = clock.wall().unix_ns;
  clock.restart(random::Key(1));
  const Instant first = clock.monotonic();
  clock.restart(random::Key(2));
  EXPECT_NE(clock.monotonic(), first);
  EXPECT_GE(clock.monotonic(), Instant() + seconds(1));
  EXPECT_EQ(clock.wall().unix_ns, wall);
}

}  // namespace
}  // namespace blackout::clock
