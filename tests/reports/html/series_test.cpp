#include "reports/html/series.hpp"

#include <gtest/gtest.h>

#include "reports/html/chart.hpp"
#include "tests/reports/html/sample.hpp"

namespace blackout::html {
namespace {

TEST(Series, StepsAreRoundAndFew) {
  EXPECT_EQ(round_step(seconds(120), 250), milliseconds(500));
  EXPECT_EQ(round_step(seconds(126), 250), seconds(1));
  EXPECT_EQ(round_step(nanoseconds(1), 250), nanoseconds(1));
  EXPECT_LE(Buckets(Instant(0) + Duration::max()).count(), 251U);
}

TEST(Series, TheAxisKeepsToThePlot) {
  const Axis minute(Instant(0) + seconds(60));
  EXPECT_EQ(minute.tenths(Instant(0) + seconds(30)), plot_width * 5);
  EXPECT_EQ(minute.tenths(Instant::never()), plot_width * 10);
  EXPECT_EQ(minute.tenths(Instant(-5)), 0);
  const Axis ages(Instant(0) + Duration::max());
  EXPECT_EQ(ages.tenths(Instant::never()), plot_width * 10);
}

TEST(Series, AnAnswerCountsWhereItsRequestWasSent) {
  const record::RunRecord run = sample();
  const Buckets buckets(run.simulated);
  const std::vector<Strip> strips = strips_of(run, buckets);
  ASSERT_EQ(strips.size(), 1U);
  EXPECT_EQ(strips[0].total(), (Answers{49, 0, 1}));
  const std::size_t incident = buckets.of(Instant(0) + seconds(20));
  EXPECT_EQ(strips[0].buckets[incident].unknown, 1U);
}

TEST(Series, QuantilesAreExact) {
  record::RunRecord run = sample();
  run.history.operations.clear();
  for (std::int64_t i = 1; i <= 100; ++i) {
    record::Operation operation;
    operation.outcome = record::Outcome::ok;
    operation.completed = operation.invoked + milliseconds(i);
    run.history.operations.push_back(operation);
  }
  run.history.operations.push_back(run.history.operations.back());
  run.history.operations.back().probe = true;
  const Quantiles first = write_latency(run, Buckets(run.simulated)).front();
  EXPECT_EQ(first.count, 100U);
  EXPECT_EQ(first.p50, milliseconds(50));
  EXPECT_EQ(first.p99, milliseconds(99));
  EXPECT_EQ(first.max, milliseconds(100));
}

TEST(Series, LagIsFromCommitToApplication) {
  const record::RunRecord run = sample();
  const Buckets buckets(run.simulated);
  const Quantiles lag = apply_lag(run, buckets)[buckets.of(Instant(0) + seconds(15))];
  EXPECT_EQ(lag.count, 1U);
  EXPECT_EQ(lag.max, milliseconds(30));
}

}  // namespace
}  // namespace blackout::html
