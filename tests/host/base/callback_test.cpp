#include "host/base/callback.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <memory>

namespace blackout {
namespace {

// Counts how many of it are alive.
struct Counted {
  explicit Counted(int& count) : alive(&count) { ++*alive; }
  Counted(Counted&& other) noexcept : alive(other.alive) { ++*alive; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  Counted& operator=(Counted&&) = delete;
  ~Counted() { --*alive; }
  void operator()() const { *alive += 100; }
  int* alive;
};

TEST(Callback, CallsWhatItHoldsAsOftenAsAsked) {
  int calls = 0;
  Callback callback = [&calls] { ++calls; };
  callback();
  callback();
  EXPECT_EQ(calls, 2);
}

TEST(Callback, FailsACheckWhenEmpty) {
  Callback callback;
  EXPECT_FALSE(callback);
  EXPECT_THROW(callback(), CheckFailed);
}

TEST(Callback, HoldsMoveOnlyCapturesOfFortyEightBytes) {
  std::array<std::uint64_t, 5> words{1, 2, 3, 4, 5};
  std::uint64_t sum = 0;
  auto owned = std::make_unique<std::uint64_t*>(&sum);
  Callback callback = [words, to = std::move(owned)] {
    for (const std::uint64_t word : words) **to += word;
  };
  Callback moved = std::move(callback);
  moved();
  EXPECT_EQ(sum, 15U);
}

TEST(Callback, LeavesTheSourceOfAMoveEmpty) {
  int alive = 0;
  {
    Callback first{Counted(alive)};
    EXPECT_EQ(alive, 1);
    Callback second = std::move(first);
    EXPECT_FALSE(first);
    EXPECT_TRUE(second);
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 0);
}

TEST(Callback, DestroysWhatItHeldWhenAssignedOrReset) {
  int one = 0, two = 0;
  Callback callback{Counted(one)};
  callback = Callback{Counted(two)};
  EXPECT_EQ(one, 0);
  EXPECT_EQ(two, 1);
  callback.reset();
  EXPECT_EQ(two, 0);
  EXPECT_FALSE(callback);
}

TEST(Callback, SurvivesAssignmentToItself) {
  int alive = 0;
  Callback callback{Counted(alive)};
  Callback& same = callback;
  callback = std::move(same);
  callback();
  EXPECT_EQ(alive, 101);
}

}  // namespace
}  // namespace blackout
