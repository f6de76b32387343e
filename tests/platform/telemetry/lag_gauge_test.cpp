#include "platform/telemetry/lag_gauge.hpp"

#include <gtest/gtest.h>

namespace blackout::telemetry {
namespace {

using raft::Index;

// By clocks that are right, and claim it.
Reading at(std::int64_t s) { return {{seconds(s).ns(), Duration()}, Instant(seconds(s).ns())}; }

// Of a leader that a majority answered at 0, for longer than any test takes.
LagGauge confirmed(Index start) {
  LagGauge gauge(start, seconds(1'000'000));
  gauge.asked(1, at(0));
  gauge.answered(1);
  return gauge;
}

LagGauge gauge_of_ten_commits() {
  LagGauge gauge = confirmed(Index(100));
  for (std::int64_t i = 0; i < 10; ++i) gauge.committed(Index(100 + 10 * i), at(i));
  return gauge;
}

TEST(LagGauge, IsTheAgeOfTheFirstCommittedEntryThatTheVoterLacks) {
  const LagGauge gauge = gauge_of_ten_commits();
  EXPECT_EQ(gauge.read(Index(190), at(20)), Duration());
  EXPECT_EQ(gauge.read(Index(500), at(20)), Duration());
  EXPECT_EQ(gauge.read(Index(189), at(20)), seconds(11));
  EXPECT_EQ(gauge.read(Index(150), at(20)), seconds(14));
  EXPECT_EQ(gauge.read(Index(149), at(20)), seconds(15));
}

TEST(LagGauge, GrowsWhileTheVoterSaysNothing) {
  const LagGauge gauge = gauge_of_ten_commits();
  EXPECT_EQ(gauge.read(Index(120), at(20)), seconds(17));
  EXPECT_EQ(gauge.read(Index(120), at(80)), seconds(77));
}

TEST(LagGauge, IsNotKnownForWhatOthersCommitted) {
  const LagGauge gauge = gauge_of_ten_commits();
  EXPECT_EQ(gauge.read(Index(98), at(20)), std::nullopt);
  EXPECT_EQ(gauge.read(Index(), at(20)), std::nullopt);
  EXPECT_EQ(gauge.read(Index(99), at(20)), seconds(20));
}

TEST(LagGauge, IsNotKnownBeforeTheLeaderCommitsAnythingItself) {
  LagGauge gauge = confirmed(Index(100));
  gauge.committed(Index(99), at(1));
  EXPECT_EQ(gauge.read(Index(100), at(2)), std::nullopt);
  gauge.committed(Index(100), at(3));
  EXPECT_EQ(gauge.read(Index(100), at(4)), Duration());
}

TEST(LagGauge, IsNotKnownBeforeAMajorityAnswered) {
  LagGauge gauge(Index(100), seconds(4));
  gauge.committed(Index(100), at(1));
  gauge.asked(1, at(1));
  EXPECT_EQ(gauge.read(Index(100), at(1)), std::nullopt);
  gauge.answered(1);
  EXPECT_EQ(gauge.read(Index(100), at(1)), Duration());
}

TEST(LagGauge, IsKnownForHalfItsToleranceAfterARoundLeftThatAMajorityAnswered) {
  LagGauge gauge(Index(100), seconds(4));
  gauge.committed(Index(100), at(1));
  gauge.asked(1, at(1));
  gauge.asked(2, at(2));
  gauge.answered(1);
  EXPECT_EQ(gauge.read(Index(100), at(3)), Duration());
  EXPECT_EQ(gauge.read(Index(100), at(4)), std::nullopt);
  gauge.answered(2);
  EXPECT_EQ(gauge.read(Index(100), at(4)), Duration());
  EXPECT_EQ(gauge.read(Index(100), at(5)), std::nullopt);
}

TEST(LagGauge, IsNotKnownByAnAnswerThatWaitedWhileTheProcessStood) {
  LagGauge gauge(Index(100), seconds(4));
  gauge.committed(Index(100), at(1));
  gauge.asked(1, at(1));
  gauge.answered(1);
  gauge.asked(2, at(2));
  gauge.answered(2);  // read from the inbox at 20
  EXPECT_EQ(gauge.read(Index(100), at(20)), std::nullopt);
  gauge.asked(3, at(20));
  gauge.answered(2);
  EXPECT_EQ(gauge.read(Index(100), at(20)), std::nullopt);
}

TEST(LagGauge, IsNotKnownOfAVoterThatAnsweredNoRoundOfLate) {
  LagGauge gauge(Index(100), seconds(4));
  gauge.asked(1, at(1));
  gauge.committed(Index(100), at(1));
  gauge.asked(2, at(3));
  gauge.answered(2);
  EXPECT_EQ(gauge.read(Index(99), 1, at(3)), seconds(2));
  EXPECT_EQ(gauge.read(Index(99), 1, at(4)), std::nullopt);
  EXPECT_EQ(gauge.read(Index(99), 0, at(3)), std::nullopt) << "it never answered";
  EXPECT_EQ(gauge.read(Index(99), 2, at(4)), seconds(3));
  EXPECT_EQ(gauge.read(Index(99), at(4)), seconds(3)) << "a disk keeps what it has";
}

TEST(LagGauge, CountsTheTimeInWhichTheMonotonicClockStood) {
  LagGauge gauge(Index(100), seconds(20));
  gauge.asked(1, at(1));
  gauge.answered(1);
  gauge.committed(Index(100), at(1));
  const Reading stood{{seconds(6).ns(), milliseconds(10)}, at(2).monotonic};
  EXPECT_EQ(gauge.read(Index(99), stood), seconds(5) + milliseconds(10));
  const Reading unknown{{seconds(6).ns(), Duration::max()}, at(2).monotonic};
  EXPECT_EQ(gauge.read(Index(99), unknown), seconds(1));
}

TEST(LagGauge, ForgetsWithoutEverReadingLessThanTheTruth) {
  LagGauge gauge = confirmed(Index(1));
  constexpr std::int64_t commits = 100'000;
  for (std::int64_t i = 1; i <= commits; ++i) {
    gauge.committed(Index(static_cast<std::uint64_t>(i)), at(i));
  }
  bool older = false;
  for (std::int64_t match = 0; match < commits; ++match) {
    const auto lag = gauge.read(Index(static_cast<std::uint64_t>(match)), at(commits));
    ASSERT_TRUE(lag.has_value());
    ASSERT_GE(*lag, seconds(commits - match - 1));
    older = older || *lag > seconds(commits - match - 1);
  }
  EXPECT_TRUE(older) << "nothing was forgotten";
  EXPECT_EQ(gauge.read(Index(commits - 1), at(commits)), Duration());
  EXPECT_LE(*gauge.read(Index(commits - 400), at(commits)), seconds(400));
}

}  // namespace
}  // namespace blackout::telemetry
