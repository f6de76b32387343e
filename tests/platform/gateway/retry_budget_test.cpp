#include "platform/gateway/retry_budget.hpp"

#include <gtest/gtest.h>

namespace blackout::gateway {
namespace {

constexpr Instant begin = Instant(0) + seconds(1'000);

std::uint64_t taken(RetryBudget& budget, Instant now) {
  std::uint64_t count = 0;
  while (count < 10'000 && budget.take(now)) ++count;
  return count;
}

TEST(RetryBudget, IsTheFloorWhereNothingWasAsked) {
  RetryBudget budget;
  EXPECT_EQ(taken(budget, begin), RetryBudget::floor);
  EXPECT_FALSE(budget.take(begin + RetryBudget::window - seconds(1)));
}

TEST(RetryBudget, GrowsByATenthOfWhatIsAskedFirst) {
  RetryBudget budget;
  for (int i = 0; i < 999; ++i) budget.first(begin);
  EXPECT_EQ(taken(budget, begin), RetryBudget::floor + 99);
  budget.first(begin);
  EXPECT_EQ(taken(budget, begin), 1u);
}

TEST(RetryBudget, ForgetsWhatLeftTheWindow) {
  RetryBudget budget;
  for (int i = 0; i < 1'000; ++i) budget.first(begin);
  EXPECT_EQ(taken(budget, begin + seconds(5)), RetryBudget::floor + 100);
  // The first ones are gone and the retries are not.
  EXPECT_EQ(taken(budget, begin + RetryBudget::window), 0u);
  EXPECT_EQ(taken(budget, begin + seconds(5) + RetryBudget::window), RetryBudget::floor);
}

TEST(RetryBudget, StandsAnyPause) {
  RetryBudget budget;
  EXPECT_EQ(taken(budget, begin), RetryBudget::floor);
  EXPECT_EQ(taken(budget, begin + seconds(100'000)), RetryBudget::floor);
  EXPECT_EQ(taken(budget, begin + seconds(100'001)), 0u);
}

}  // namespace
}  // namespace blackout::gateway
