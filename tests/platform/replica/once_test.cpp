#include "platform/replica/once.hpp"

#include <gtest/gtest.h>

namespace blackout::replica {
namespace {

constexpr NodeId a(1), b(2);
constexpr std::uint64_t start = 0xABCD'0000'1234;

TEST(Once, TakesEachCallOfEachSenderOnceInAnyOrder) {
  Once once;
  for (const std::uint64_t call : {5, 6, 9, 7, 8, 4}) EXPECT_TRUE(once.first(a, start + call));
  for (std::uint64_t call = 4; call < 10; ++call) EXPECT_FALSE(once.first(a, start + call)) << call;
  EXPECT_TRUE(once.first(b, start + 5));
  EXPECT_TRUE(once.first(a, start + 10));
}

TEST(Once, KnowsAWindowOfCalls) {
  Once once;
  EXPECT_TRUE(once.first(a, start));
  for (std::uint64_t call = 1; call < Once::window; ++call) {
    EXPECT_TRUE(once.first(a, start + call));
  }
  EXPECT_FALSE(once.first(a, start));
  EXPECT_TRUE(once.first(a, start + Once::window));
  EXPECT_FALSE(once.first(a, start + 1));
}

TEST(Once, TakesASenderThatStartedAnewForAnother) {
  Once once;
  EXPECT_TRUE(once.first(a, start));
  EXPECT_TRUE(once.first(a, start / 2));
  EXPECT_FALSE(once.first(a, start / 2));
  EXPECT_TRUE(once.first(a, start * 2));
  EXPECT_FALSE(once.first(a, start * 2));
  EXPECT_TRUE(once.first(a, start * 2 + 1));
}

}  // namespace
}  // namespace blackout::replica
