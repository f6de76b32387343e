#include "sim/random/distributions.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "sim/random/stream.hpp"

namespace blackout::random {
namespace {

constexpr std::uint64_t all_ones = ~0ULL;
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr int draws = 1'000'000;

Stream stream_of(std::string_view purpose) { return Stream(Key(7).child(purpose)); }

bool near(std::int64_t value, std::int64_t expected, std::int64_t tolerance) {
  return value >= expected - tolerance && value <= expected + tolerance;
}

// bits whose value / 2^64 is numerator / denominator.
std::uint64_t at_quantile(std::uint64_t numerator, std::uint64_t denominator) {
  return static_cast<std::uint64_t>((UnsignedWide{numerator} << 64) / denominator);
}

std::uint64_t digest_of(auto draw) {
  Stream stream = stream_of("golden");
  std::uint64_t hash = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t bits = stream.next();
    hash = combine64(hash, static_cast<std::uint64_t>(draw(bits)));
  }
  return hash;
}

TEST(Below, HitsEveryValueOfASmallBoundEquallyOften) {
  Stream stream = stream_of("below");
  std::array<std::int64_t, 10> counts{};
  for (int i = 0; i < draws; ++i) ++counts[below(stream.next(), 10)];
  // Chi-square of 9 degrees of freedom passes 27.9 with probability 0.001.
  std::int64_t sum = 0;
  for (const std::int64_t count : counts) sum += (count - 100'000) * (count - 100'000);
  EXPECT_LT(sum, 28 * 100'000);
  EXPECT_GT(sum, 1 * 100'000);
}

TEST(Below, StaysUnderItsBoundAtBothEnds) {
  for (const std::uint64_t bound : {std::uint64_t{1}, std::uint64_t{3}, all_ones}) {
    EXPECT_EQ(below(0, bound), 0U);
    EXPECT_EQ(below(all_ones, bound), bound - 1);
  }
}

TEST(Uniform, IncludesBothBounds) {
  EXPECT_EQ(uniform(0, -3, 5), -3);
  EXPECT_EQ(uniform(all_ones, -3, 5), 5);
  EXPECT_EQ(uniform(0, 9, 9), 9);
  EXPECT_EQ(uniform(all_ones, 9, 9), 9);
  EXPECT_EQ(uniform(0, least, most), least);
  EXPECT_EQ(uniform(all_ones, least, most), most);
}

TEST(Uniform, RefusesAnEmptyRange) { EXPECT_THROW((void)uniform(1, 2, 1), CheckFailed); }

TEST(LogUniform, SpendsEqualSharesOnEqualRatios) {
  Stream stream = stream_of("log-uniform");
  std::array<std::int64_t, 3> decades{};
  for (int i = 0; i < draws; ++i) {
    const std::int64_t value = log_uniform(stream.next(), 1'000'000, 1'000'000'000);
    ASSERT_GE(value, 1'000'000);
    ASSERT_LE(value, 1'000'000'000);
    ++decades[value < 10'000'000 ? 0 : value < 100'000'000 ? 1 : 2];
  }
  for (const std::int64_t count : decades) EXPECT_PRED3(near, count, draws / 3, 2'500);
}

TEST(LogUniform, ReachesItsBounds) {
  EXPECT_EQ(log_uniform(0, 5, 5'000), 5);
  EXPECT_EQ(log_uniform(all_ones, 5, 5'000), 5'000);
  EXPECT_EQ(log_uniform(all_ones, 7, 7), 7);
  EXPECT_EQ(log_uniform(0, 1, most), 1);
  EXPECT_GE(log_uniform(all_ones, 1, most), most - most / 1'000'000);
  EXPECT_THROW((void)log_uniform(0, 0, 5), CheckFailed);
}

TEST(Happens, NeverAtZeroAndAlwaysAtOne) {
  for (const std::uint64_t bits : {std::uint64_t{0}, all_ones, all_ones / 2}) {
    EXPECT_FALSE(happens(bits, Probability{0}));
    EXPECT_TRUE(happens(bits, Probability{1'000'000'000}));
  }
}

TEST(Happens, AsOftenAsItsProbabilitySays) {
  Stream stream = stream_of("happens");
  int hits = 0;
  for (int i = 0; i < draws; ++i) hits += happens(stream.next(), Probability{30'000'000}) ? 1 : 0;
  EXPECT_PRED3(near, hits, 30'000, 700);  // four sigma
  // The least probability still has bits that make it true.
  EXPECT_TRUE(happens(0, Probability{1}));
  EXPECT_FALSE(happens(at_quantile(2, 1'000'000'000), Probability{1}));
}

TEST(Exponential, HasItsMeanAndItsQuantiles) {
  Stream stream = stream_of("exponential");
  constexpr std::int64_t mean = 1'000'000;
  std::int64_t sum = 0;
  int over_mean = 0;
  for (int i = 0; i < draws; ++i) {
    const std::int64_t value = exponential(stream.next(), mean);
    sum += value;
    over_mean += value > mean ? 1 : 0;
  }
  EXPECT_PRED3(near, sum / draws, mean, 4'000);                     // four sigma
  EXPECT_PRED3(near, over_mean, 367'879, 1'930);                    // 1 / e
  EXPECT_PRED3(near, exponential(all_ones / 2, mean), 693'147, 2);  // the median is ln 2
  EXPECT_PRED3(near, exponential(at_quantile(1, 100), mean), 4'605'170, 3);
}

TEST(Exponential, IsBoundedAndSaturates) {
  EXPECT_EQ(exponential(all_ones, 1'000'000'000), 0);
  EXPECT_EQ(exponential(0, 1'000), 44'361);  // 64 ln 2
  EXPECT_EQ(exponential(0, most), most);
  EXPECT_EQ(exponential(12'345, 0), 0);
  EXPECT_THROW((void)exponential(0, -1), CheckFailed);
}

TEST(Normal, HasTheQuantilesOfTheTables) {
  constexpr std::int64_t sigma = 1LL << 32;
  struct Known {
    std::uint64_t numerator, denominator;
    std::int64_t millionths;
  };
  for (const Known& known :
       {Known{1, 2, 0}, Known{841'345, 1'000'000, 1'000'001}, Known{975, 1'000, 1'959'964},
        Known{99, 100, 2'326'348}, Known{999, 1'000, 3'090'232}, Known{1, 1'000'000, -4'753'424}}) {
    const std::int64_t z = normal_q32(at_quantile(known.numerator, known.denominator));
    EXPECT_PRED3(near, z, known.millionths * sigma / 1'000'000, sigma / 20'000);
  }
}

TEST(Normal, IsSymmetricAndBounded) {
  Stream stream = stream_of("normal");
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t bits = stream.next();
    ASSERT_EQ(normal_q32(bits), -normal_q32(~bits));
  }
  constexpr std::int64_t sigma = 1LL << 32;
  EXPECT_PRED3(near, normal_q32(0), -7'143'552LL * sigma / 1'000'000, sigma / 1'000);
  EXPECT_EQ(normal_q32(all_ones), -normal_q32(0));
}

TEST(Normal, HasMeanZeroAndVarianceOne) {
  Stream stream = stream_of("normal moments");
  Wide sum = 0, squares = 0;
  for (int i = 0; i < draws; ++i) {
    const Wide z = normal_q32(stream.next()) >> 12;  // Q20
    sum += z;
    squares += z * z;
  }
  EXPECT_PRED3(near, static_cast<std::int64_t>(sum / draws), 0, 4'200);                    // 0.004
  EXPECT_PRED3(near, static_cast<std::int64_t>((squares / draws) >> 20), 1 << 20, 6'300);  // 0.006
}

TEST(LogNormalLatency, HasItsMedianAndItsPercentile) {
  const LogNormal latency(10'000'000, 25'000'000);
  EXPECT_PRED3(near, latency(all_ones / 2), 10'000'000, 20);
  EXPECT_PRED3(near, latency(at_quantile(99, 100)), 25'000'000, 1'500);
  EXPECT_PRED3(near, latency(at_quantile(1, 100)), 4'000'000, 500);
  Stream stream = stream_of("log-normal");
  int over_median = 0, over_percentile = 0;
  for (int i = 0; i < draws; ++i) {
    const std::int64_t value = latency(stream.next());
    over_median += value > 10'000'000 ? 1 : 0;
    over_percentile += value > 25'000'000 ? 1 : 0;
  }
  EXPECT_PRED3(near, over_median, 500'000, 2'000);
  EXPECT_PRED3(near, over_percentile, 10'000, 400);
}

TEST(LogNormalLatency, IsConstantWhereThePercentileIsTheMedian) {
  const LogNormal constant(777, 777);
  for (const std::uint64_t bits : {std::uint64_t{0}, all_ones, all_ones / 3}) {
    EXPECT_EQ(constant(bits), 777);
  }
}

TEST(LogNormalLatency, SaturatesInsteadOfOverflowing) {
  const LogNormal wild(1, most);
  EXPECT_EQ(wild(all_ones), most);
  EXPECT_EQ(wild(0), 0);
  EXPECT_EQ(LogNormal(most, most)(all_ones), most);
  EXPECT_THROW(LogNormal(0, 5), CheckFailed);
  EXPECT_THROW(LogNormal(6, 5), CheckFailed);
}

TEST(ZipfRanks, FollowOneOverRank) {
  const Zipf zipf(1'000);
  Stream stream = stream_of("zipf");
  std::array<std::int64_t, 1'000> counts{};
  for (int i = 0; i < draws; ++i) ++counts[zipf(stream.next())];
  // The harmonic number of 1,000 is 7.485471.
  EXPECT_PRED3(near, counts[0], 133'592, 1'370);
  EXPECT_PRED3(near, counts[1], 66'796, 1'000);
  EXPECT_PRED3(near, counts[9], 13'359, 470);
  std::int64_t last_hundred = 0;
  for (std::size_t rank = 900; rank < 1'000; ++rank) last_hundred += counts[rank];
  EXPECT_PRED3(near, last_hundred, 14'068, 480);
}

TEST(ZipfRanks, IncludeTheFirstAndTheLast) {
  EXPECT_EQ(Zipf(1)(0), 0U);
  EXPECT_EQ(Zipf(1)(all_ones), 0U);
  EXPECT_EQ(Zipf(50)(0), 0U);
  EXPECT_EQ(Zipf(50)(all_ones), 49U);
  // Two ranks: 2/3 and 1/3, within the rounding of the weights.
  const Zipf two(2);
  EXPECT_EQ(two(at_quantile(2, 3) - (1 << 10)), 0U);
  EXPECT_EQ(two(at_quantile(2, 3) + (1 << 10)), 1U);
  EXPECT_THROW(Zipf(0), CheckFailed);
}

TEST(Distributions, AreMonotonicInTheirBits) {
  const LogNormal latency(1'000'000, 9'000'000);
  const Zipf zipf(300);
  constexpr std::uint64_t step = all_ones / 300'007;
  for (std::uint64_t bits = 0; bits < all_ones - step; bits += step) {
    const std::uint64_t next = bits + step;
    ASSERT_LE(normal_q32(bits), normal_q32(next));
    ASSERT_LE(latency(bits), latency(next));
    ASSERT_LE(zipf(bits), zipf(next));
    ASSERT_GE(exponential(bits, most / 64), exponential(next, most / 64));
    ASSERT_LE(log_uniform(bits, 3, 3'000'000), log_uniform(next, 3, 3'000'000));
  }
}

// The bits that every build must make: a change here changes every recorded run.
TEST(Distributions, MakeTheSameBitsInEveryBuild) {
  const LogNormal latency(31'000'000, 44'000'000);
  const Zipf zipf(10'000);
  EXPECT_EQ(digest_of([](std::uint64_t b) { return uniform(b, -1'000, 1'000'000); }),
            0xCC97E6A8DA1FDC76U);
  EXPECT_EQ(digest_of([](std::uint64_t b) { return log_uniform(b, 10, 1'000'000'000); }),
            0x412318E7660B372DU);
  EXPECT_EQ(digest_of([](std::uint64_t b) { return exponential(b, 1'000'000'000); }),
            0x936086FAFCBC8F3EU);
  EXPECT_EQ(digest_of([](std::uint64_t b) { return normal_q32(b); }), 0x6FE193B9BD1F33BCU);
  EXPECT_EQ(digest_of(latency), 0xB7C23EBE85AA3392U);
  EXPECT_EQ(digest_of(zipf), 0xD446D82AD6EF57B7U);
}

}  // namespace
}  // namespace blackout::random
