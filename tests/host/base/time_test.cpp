#include "host/base/time.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace blackout {
namespace {

TEST(DurationText, KeepsThreeDigitsInTheLargestUnit) {
  EXPECT_EQ(format_duration(milliseconds(4'310)), "4.31 s");
  EXPECT_EQ(format_duration(milliseconds(61)), "61 ms");
  EXPECT_EQ(format_duration(microseconds(800)), "800 us");
  EXPECT_EQ(format_duration(nanoseconds(7)), "7 ns");
  EXPECT_EQ(format_duration(Duration()), "0 s");
  EXPECT_EQ(format_duration(microseconds(12'340)), "12.3 ms");
  EXPECT_EQ(format_duration(milliseconds(123'400)), "123 s");
  EXPECT_EQ(format_duration(seconds(86'400)), "86400 s");
}

TEST(DurationText, DropsZerosAfterThePoint) {
  EXPECT_EQ(format_duration(milliseconds(1'500)), "1.5 s");
  EXPECT_EQ(format_duration(seconds(2)), "2 s");
  EXPECT_EQ(format_duration(milliseconds(1'010)), "1.01 s");
}

TEST(DurationText, RoundsHalfAwayFromZero) {
  EXPECT_EQ(format_duration(microseconds(1'115)), "1.12 ms");
  EXPECT_EQ(format_duration(microseconds(-1'115)), "-1.12 ms");
  EXPECT_EQ(format_duration(nanoseconds(1'114'999)), "1.11 ms");
}

TEST(DurationText, RisesToTheNextUnitWhenRoundingFillsTheLast) {
  EXPECT_EQ(format_duration(nanoseconds(999'600)), "1 ms");
  EXPECT_EQ(format_duration(nanoseconds(999'999'999)), "1 s");
  EXPECT_EQ(format_duration(nanoseconds(999'500)), "1 ms");
  EXPECT_EQ(format_duration(nanoseconds(999'499)), "999 us");
  EXPECT_EQ(format_duration(nanoseconds(999)), "999 ns");
}

TEST(DurationText, HoldsAtMostThreeDigitsWhenRoundingAddsOne) {
  EXPECT_EQ(format_duration(nanoseconds(9'996'000)), "10 ms");
  EXPECT_EQ(format_duration(nanoseconds(99'960'000)), "100 ms");
}

TEST(DurationText, CoversTheWholeRange) {
  EXPECT_EQ(format_duration(Duration::max()), "9223372037 s");
  EXPECT_EQ(format_duration(Duration(std::numeric_limits<std::int64_t>::min())), "-9223372037 s");
}

TEST(InstantText, HasSixTruncatedDecimals) {
  EXPECT_EQ(format_instant(Instant(14'611'203'999)), "14.611203 s");
  EXPECT_EQ(format_instant(Instant()), "0.000000 s");
  EXPECT_EQ(format_instant(Instant(1'000)), "0.000001 s");
}

TEST(InstantText, KeepsTheSignOfANodesClockBeforeItsZero) {
  EXPECT_EQ(format_instant(Instant(-1'500'000'000)), "-1.500000 s");
  EXPECT_EQ(format_instant(Instant(-2'000)), "-0.000002 s");
}

TEST(TimeArithmetic, MovesInstantsByDurations) {
  const Instant noon(1'000);
  EXPECT_EQ(noon + nanoseconds(5) - noon, nanoseconds(5));
  EXPECT_EQ(noon - nanoseconds(5), Instant(995));
  EXPECT_EQ(seconds(1) * 3 / 2, milliseconds(1'500));
  EXPECT_LT(noon, Instant::never());
}

}  // namespace
}  // namespace blackout
