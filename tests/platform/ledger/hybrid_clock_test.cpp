#include "platform/ledger/hybrid_clock.hpp"

#include <gtest/gtest.h>

#include <array>

#include "tests/platform/ledger/commands.hpp"

namespace blackout::ledger {
namespace {

constexpr std::int64_t noon = 1'700'000'000'000'000'000;

std::int64_t after(Duration span) { return noon + span.ns(); }

TEST(HybridClock, FollowsThePhysicalClockToTheMillisecond) {
  HybridClock clock(7);
  EXPECT_EQ(clock.now(noon), (Stamp{static_cast<std::uint64_t>(noon / 1'000'000) << 16, 7}));
  EXPECT_EQ(clock.now(after(milliseconds(5))).time >> 16,
            static_cast<std::uint64_t>(noon / 1'000'000 + 5));
}

TEST(HybridClock, GivesNoStampTwiceWhileThePhysicalClockStandsStillOrGoesBack) {
  HybridClock clock(1);
  Stamp last = clock.now(noon);
  for (const Duration back : {milliseconds(0), milliseconds(1), milliseconds(400)}) {
    for (int i = 0; i < 70'000; ++i) {  // past the counter's 16 bits
      const Stamp next = clock.now(noon - back.ns());
      ASSERT_GT(next, last);
      last = next;
    }
  }
}

TEST(HybridClock, IsAboveWhateverItObserved) {
  HybridClock ahead(1), behind(2);
  const Stamp seen = ahead.now(after(milliseconds(300)));
  EXPECT_TRUE(behind.observe(seen.time, noon));
  EXPECT_GT(behind.now(noon), seen);
}

TEST(HybridClock, LearnsNothingFromAStampTooFarAhead) {
  HybridClock wrong(1), right(2);
  const Stamp early = wrong.now(after(stamp_ahead_max));
  EXPECT_FALSE(too_far_ahead(early.time, noon));
  const Stamp future = wrong.now(after(stamp_ahead_max + milliseconds(1)));
  EXPECT_TRUE(too_far_ahead(future.time, noon));
  EXPECT_FALSE(right.observe(future.time, noon));
  EXPECT_LT(right.now(noon), early);
}

TEST(HybridClock, BeginsAnewWhereItsPhysicalClockHadBeenFarAhead) {
  HybridClock clock(1);
  clock.now(after(seconds(3600)));
  EXPECT_FALSE(too_far_ahead(clock.now(noon).time, noon));
}

// Authors with clocks up to 200 ms apart send each other stamps in random order.
TEST(HybridClock, NeverContradictsCausalityAndStaysNearPhysicalTime) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Draws draws(seed);
    std::array<HybridClock, 3> clocks{HybridClock(0), HybridClock(1), HybridClock(2)};
    std::array<std::int64_t, 3> offset{};
    for (std::int64_t& ns : offset) ns = static_cast<std::int64_t>(draws.below(200'000'000));
    std::array<Stamp, 3> last{};
    std::int64_t now = noon;
    for (int step = 0; step < 2'000; ++step) {
      now += static_cast<std::int64_t>(draws.below(2'000'000));
      const std::size_t to = draws.below(3), from = draws.below(3);
      const std::int64_t wall = now + offset[to];
      ASSERT_TRUE(clocks[to].observe(last[from].time, wall));
      const Stamp stamp = clocks[to].now(wall);
      ASSERT_GT(stamp, last[to]);
      ASSERT_GT(stamp.time, last[from].time);
      ASSERT_FALSE(too_far_ahead(stamp.time, now)) << "at most the greatest offset ahead";
      last[to] = stamp;
    }
  }
}

TEST(Stamp, IsOrderedByTimeThenAuthorAndComesBackFromItsEncoding) {
  EXPECT_LT((Stamp{1, 9}), (Stamp{2, 0}));
  EXPECT_LT((Stamp{1, 0}), (Stamp{1, 1}));
  const Stamp stamp{0xFFFF'0000'1234'5678, 0xFFFF'FFFE};
  Bytes bytes;
  Writer writer(bytes);
  encode(stamp, writer);
  Reader reader(bytes);
  EXPECT_EQ(decode_stamp(reader), stamp);
  EXPECT_TRUE(reader.ok() && reader.left() == 0);
}

}  // namespace
}  // namespace blackout::ledger
