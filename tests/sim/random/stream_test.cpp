#include "sim/random/stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <set>
#include <vector>

namespace blackout::random {
namespace {

TEST(StreamKeys, DeriveTheSameStreamFromTheSamePath) {
  const Key one = Key(42).child("link").child(3).child(5);
  const Key same = Key(42).child("link").child(3).child(5);
  EXPECT_EQ(one.value(), same.value());
  EXPECT_EQ(one.draw(9), same.draw(9));
}

TEST(StreamKeys, DifferByOrderDepthSeedAndPurpose) {
  const Key root(42);
  std::set<std::uint64_t> values{root.value(),
                                 Key(43).value(),
                                 root.child(3).value(),
                                 root.child(3).child(5).value(),
                                 root.child(5).child(3).value(),
                                 root.child("disk").value(),
                                 root.child("link").value(),
                                 root.child("link").child(3).value(),
                                 Key(43).child("link").child(3).value()};
  EXPECT_EQ(values.size(), 9U);
}

TEST(StreamKeys, DoNotCollideOverAMillionEntities) {
  std::vector<std::uint64_t> values;
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    const Key from = Key(1).child(i);
    for (std::uint64_t j = 0; j < 1'000; ++j) values.push_back(from.child(j).value());
  }
  std::sort(values.begin(), values.end());
  EXPECT_EQ(std::adjacent_find(values.begin(), values.end()), values.end());
}

TEST(Streams, AreTheDrawsOfTheirKeyInOrder) {
  const Key key = Key(5).child("timer");
  Stream stream(key);
  for (std::uint64_t n = 0; n < 100; ++n) ASSERT_EQ(stream.next(), key.draw(n));
}

TEST(Streams, KeepTheirDrawsWhenAnotherIsRemoved) {
  const Key root(99);
  const auto link_draws = [&](bool with_fault) {
    Stream link(root.child("link").child(1));
    Stream fault(root.child("fault").child(0));
    std::vector<std::uint64_t> out;
    for (int i = 0; i < 1'000; ++i) {
      if (with_fault && i % 3 == 0) (void)fault.next();
      out.push_back(link.next());
    }
    return out;
  };
  EXPECT_EQ(link_draws(true), link_draws(false));
}

TEST(Streams, BalanceEveryBit) {
  Stream stream(Key(3).child("bits"));
  std::array<int, 64> ones{};
  constexpr int draws = 40'000;
  for (int i = 0; i < draws; ++i) {
    const std::uint64_t bits = stream.next();
    for (std::size_t bit = 0; bit < 64; ++bit) ones[bit] += static_cast<int>(bits >> bit & 1);
  }
  for (const int count : ones) EXPECT_NEAR(count, draws / 2, 450);  // 4.5 sigma
}

TEST(Streams, OfNeighbouringEntitiesAreUncorrelated) {
  const Key root(8);
  Stream one(root.child(1)), two(root.child(2));
  std::int64_t agreeing = 0;
  for (int i = 0; i < 10'000; ++i) agreeing += 64 - std::popcount(one.next() ^ two.next());
  EXPECT_GT(agreeing, 318'200);  // 4.5 sigma
  EXPECT_LT(agreeing, 321'800);
}

// The bits that every build must make: a change here changes every recorded run.
TEST(Streams, MakeTheSameBitsInEveryBuild) {
  const Key key = Key(1).child("golden").child(2);
  EXPECT_EQ(key.draw(0), 0x1E54C9C0C7D85E04U);
  EXPECT_EQ(key.draw(1), 0x3C16A3C924992EC0U);
  EXPECT_EQ(key.draw(1'000'000'007), 0x19B1C2EC5409F3F6U);
}

}  // namespace
}  // namespace blackout::random
