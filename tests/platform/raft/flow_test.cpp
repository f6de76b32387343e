// What is under way to a follower: messages that overtake each other, and how many may be.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/platform/raft/cluster.hpp"

namespace blackout::raft {
namespace {

// Node 0 leads three, and sent each follower one append for each of `count` commands.
Cluster with_appends(int count) {
  Config config = Cluster::default_config();
  config.batch_bytes_max = Log::entry_overhead_bytes + 1;
  Cluster cluster(3, config);
  cluster.elect(0);
  for (int i = 0; i < count; ++i) cluster.propose(0, "a");
  return cluster;
}

// Those to node 1, in order of sending; node 2 gets nothing.
std::vector<Message> take_appends(Cluster& cluster) {
  std::vector<Message> taken;
  for (const Message& message : cluster.network) {
    if (message.kind == MessageKind::append_request && message.to == NodeId(1)) {
      taken.push_back(message);
    }
  }
  cluster.network.clear();
  return taken;
}

std::size_t refusals(const Cluster& cluster) {
  return static_cast<std::size_t>(
      std::count_if(cluster.network.begin(), cluster.network.end(), [](const Message& message) {
        return message.kind == MessageKind::append_response && message.reject;
      }));
}

TEST(Overtaking, AnAppendWaitsForTheOneBeforeIt) {
  Cluster cluster = with_appends(3);
  const auto appends = take_appends(cluster);
  ASSERT_EQ(appends.size(), 3u);
  cluster.deliver(appends[2]);
  cluster.deliver(appends[1]);
  EXPECT_TRUE(cluster.network.empty());
  EXPECT_EQ(cluster[1].log().last_index(), Index(1));
  cluster.deliver(appends[0]);
  EXPECT_EQ(cluster[1].durable(), Index(4));
  ASSERT_EQ(cluster.network.size(), 1u) << "one answer for all";
  EXPECT_EQ(cluster.network.front().log_index, Index(4));
  EXPECT_FALSE(cluster.network.front().reject);
}

TEST(Overtaking, TheFirstThatDoesNotComeIsAskedForAfterAWhile) {
  Cluster cluster = with_appends(3);
  const auto appends = take_appends(cluster);
  cluster.deliver(appends[1]);
  cluster.tick(1);
  EXPECT_EQ(refusals(cluster), 0u);
  cluster.tick(1);
  ASSERT_EQ(refusals(cluster), 1u);
  EXPECT_EQ(cluster.network.back().log_index, Index(2));
  EXPECT_EQ(cluster.network.back().hint_index, Index(1));
  cluster.deliver_all();
  EXPECT_EQ(cluster[1].log().last_index(), Index(4));
}

TEST(Overtaking, OrAtOnceWhereThreeOthersCame) {
  Cluster cluster = with_appends(5);
  const auto appends = take_appends(cluster);
  cluster.deliver(appends[2]);
  cluster.deliver(appends[4]);
  EXPECT_EQ(refusals(cluster), 0u);
  cluster.deliver(appends[3]);
  EXPECT_EQ(refusals(cluster), 1u);
  EXPECT_EQ(cluster.network.back().log_index, Index(3)) << "the first of them";
}

TEST(Overtaking, WhatWaitedUnderAnotherLeaderIsForgotten) {
  Cluster cluster = with_appends(2);
  const auto appends = take_appends(cluster);
  cluster.deliver(appends[1]);
  cluster.tick(2, cluster.at(2).config.election_ticks_min);
  cluster.tick(1, cluster.at(1).config.election_ticks_min);
  cluster.network.clear();
  cluster.elect(2);
  ASSERT_EQ(cluster[1].leader(), NodeId(2));
  cluster.tick(1, 4);
  EXPECT_EQ(refusals(cluster), 0u);
  EXPECT_EQ(cluster.terms(1), cluster.terms(2));
}

TEST(Overtaking, NeverHoldsMoreThanAWindow) {
  Config config = Cluster::default_config();
  config.batch_bytes_max = Log::entry_overhead_bytes + 1;
  Cluster cluster(3, config);
  cluster.elect(0);
  for (int i = 0; i < 8; ++i) cluster.propose(0, "a");
  auto appends = take_appends(cluster);
  ASSERT_EQ(appends.size(), 8u);
  cluster.at(1).config.inflight_max.messages = 2;
  cluster.restart(1);
  cluster.deliver(appends[2]);
  cluster.deliver(appends[3]);
  EXPECT_EQ(refusals(cluster), 0u);
  cluster.deliver(appends[4]);
  EXPECT_EQ(refusals(cluster), 1u);
}

// Messages that may be under way.
std::size_t room(Progress follower) {
  constexpr Window wide{1'000, 1'000'000};
  while (follower.may_send(wide)) follower.sent(follower.next, 1);
  return follower.inflight_messages();
}

void send(Progress& follower, int messages) {
  for (int i = 0; i < messages; ++i) follower.sent(follower.next, 1);
}

Progress replicating() {
  Progress follower({NodeId(1)}, Index(0), 0);
  follower.sent(Index(1), 1);
  follower.matched(Index(1), Index());
  return follower;
}

TEST(Congestion, AFollowerThatWasJustFoundGetsFewAndTwiceAsManyWithEachRoundTrip) {
  Progress follower = replicating();
  EXPECT_EQ(room(follower), 8u);
  send(follower, 8);
  follower.matched(follower.next - 1, Index());
  EXPECT_EQ(room(follower), 16u);
}

TEST(Congestion, ARefusalHalvesItAndThenItGrowsByOneWithEachRoundTrip) {
  Progress follower = replicating();
  send(follower, 8);
  ASSERT_TRUE(follower.refused_after(Index(3), Index(1)));
  follower.sent(follower.next, 1);
  follower.matched(Index(2), Index());
  EXPECT_EQ(room(follower), 4u);
  send(follower, 4);
  follower.matched(follower.next - 1, Index());
  EXPECT_EQ(room(follower), 5u);
}

TEST(Congestion, OneMessageMayAlwaysBeUnderWay) {
  Progress follower = replicating();
  for (int i = 0; i < 5; ++i) {
    follower.sent(follower.next, 1);
    ASSERT_TRUE(follower.refused_after(follower.next - 1, Index(1)));
    follower.sent(follower.next, 1);
    follower.matched(Index(1), Index());
    EXPECT_GE(room(follower), 1u);
  }
}

}  // namespace
}  // namespace blackout::raft
