// Snapshots that voters share: what one lacks is gone from the logs of those that it reaches.
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "host/base/hash.hpp"
#include "tests/platform/raft/cluster.hpp"

namespace blackout::raft {
namespace {

constexpr std::size_t heartbeat = 2;
constexpr std::size_t patience = 3 * heartbeat;

// Node 0 leads and hears nothing of the last node, which lacks what both others released.
Cluster one_behind(std::size_t count) {
  Config model = Cluster::default_config();
  model.batch_bytes_max = 20;  // several chunks
  Cluster cluster(count, std::move(model));
  cluster.elect(0);
  cluster.isolate(count - 1);
  for (int i = 0; i < 3; ++i) {
    cluster.propose(0, "a");
    cluster.deliver_all();
    for (int j = 0; j < 2; ++j) {
      cluster.tick(0, heartbeat);
      cluster.deliver_all();
    }
  }
  for (std::size_t i = 0; i + 1 < count; ++i) cluster.compact(i);
  cluster.tick(0, heartbeat);
  cluster.deliver_all();
  cluster.heal();
  cluster.cut_one_way(count - 1, 0);
  EXPECT_GT(cluster[1].log().base().index, cluster[count - 1].log().last_index());
  return cluster;
}

// All nodes together, and what follows.
void pass(Cluster& cluster, std::size_t ticks) {
  for (std::size_t i = 0; i < ticks; ++i) {
    for (std::size_t node = 0; node < cluster.size(); ++node) cluster.tick(node);
    cluster.deliver_all();
  }
}

// Delivers one by one until a chunk is next; false if none comes.
bool bring_chunk(Cluster& cluster) {
  while (!cluster.network.empty()) {
    if (cluster.network.front().kind == MessageKind::committed_snapshot) return true;
    Message next = std::move(cluster.network.front());
    cluster.network.pop_front();
    if (!cluster.is_cut(next)) cluster.deliver(std::move(next));
  }
  return false;
}

void bring_first_chunk(Cluster& cluster, std::size_t asker) {
  for (std::size_t i = 0; i < 2 * patience && !bring_chunk(cluster); ++i) cluster.tick(asker);
  ASSERT_FALSE(cluster.network.empty());
  ASSERT_EQ(cluster.network.front().kind, MessageKind::committed_snapshot);
}

TEST(SharedSnapshot, ANodeThatOnlyOtherVotersReachGetsWhatTheirLogsHaveNoMore) {
  Cluster cluster = one_behind(3);
  pass(cluster, 2 * patience);
  EXPECT_EQ(cluster[0].role(), Role::leader);
  EXPECT_EQ(cluster[2].commit(), cluster[0].commit());
  EXPECT_EQ(cluster[2].durable(), cluster[0].commit());
  EXPECT_EQ(cluster.at(2).state.digest, cluster.at(0).state.digest);
  EXPECT_EQ(cluster.at(2).restored, 1u);
  EXPECT_EQ(cluster.ghost().wrong(), "");
}

TEST(SharedSnapshot, ChunksFollowOneAnotherFromTheVoterThatSentTheFirst) {
  Cluster cluster = one_behind(4);
  bring_first_chunk(cluster, 3);
  const NodeId sender = cluster.network.front().from;
  std::uint64_t expected = 0, chunks = 0;
  do {
    const Message& chunk = cluster.network.front();
    EXPECT_EQ(chunk.from, sender);
    EXPECT_EQ(chunk.chunk->offset, expected);
    EXPECT_LE(view_of(chunk.chunk->bytes).size(), 20u);
    expected += view_of(chunk.chunk->bytes).size();
    ++chunks;
    Message next = chunk;
    cluster.network.pop_front();
    cluster.deliver(std::move(next));
  } while (bring_chunk(cluster));
  EXPECT_GT(chunks, 2u);
  EXPECT_EQ(cluster[3].commit(), cluster[0].commit());
}

TEST(SharedSnapshot, AChunkThatWasLostIsAskedForAgain) {
  Cluster cluster = one_behind(3);
  bring_first_chunk(cluster, 2);
  cluster.deliver(cluster.network.front());
  cluster.network.pop_front();
  ASSERT_TRUE(bring_chunk(cluster));
  const std::uint64_t lost = cluster.network.front().chunk->offset;
  ASSERT_GT(lost, 0u);
  cluster.network.clear();
  bring_first_chunk(cluster, 2);
  EXPECT_EQ(cluster.network.front().chunk->offset, lost);
  pass(cluster, patience);
  EXPECT_EQ(cluster[2].commit(), cluster[0].commit());
}

TEST(SharedSnapshot, AChunkThatComesTwiceAsksForNothing) {
  Cluster cluster = one_behind(3);
  bring_first_chunk(cluster, 2);
  const Message chunk = cluster.network.front();
  cluster.network.clear();
  cluster.deliver(chunk);
  EXPECT_EQ(cluster.network.size(), 1u);
  cluster.deliver(chunk);
  EXPECT_EQ(cluster.network.size(), 1u);
}

TEST(SharedSnapshot, AVoterThatDoesNotAnswerIsNotAskedAlways) {
  Cluster cluster = one_behind(4);
  bring_first_chunk(cluster, 3);
  const NodeId sender = cluster.network.front().from;
  cluster.deliver(cluster.network.front());
  cluster.cut(sender.value(), 3);
  cluster.network.clear();
  pass(cluster, 4 * patience);
  EXPECT_EQ(cluster[3].commit(), cluster[0].commit());
}

TEST(SharedSnapshot, TheLogBehindItIsKeptWhileItIsAskedFor) {
  Cluster cluster = one_behind(3);
  bring_first_chunk(cluster, 2);
  const Index position = cluster.network.front().log_index;
  const std::deque<Message> kept = std::exchange(cluster.network, {});
  const auto commit_and_compact = [&] {
    cluster.cut(0, 2);
    cluster.propose(0, "b");
    for (int i = 0; i < 2; ++i) {
      cluster.deliver_all();
      cluster.tick(0, heartbeat);
    }
    cluster.deliver_all();
    cluster.compact(1);
    cluster.tick(0, heartbeat);
    cluster.deliver_all();
  };
  commit_and_compact();
  EXPECT_EQ(cluster[1].log().base().index, position);
  cluster.tick(1, Cluster::default_config().election_ticks_min);
  commit_and_compact();
  EXPECT_GT(cluster[1].log().base().index, position) << "nobody asked any more";
}

TEST(SharedSnapshot, TermsAreThoseOfWhatIsCommitted) {
  Cluster cluster = one_behind(3);
  bring_first_chunk(cluster, 2);
  Message chunk = cluster.network.front();
  EXPECT_EQ(chunk.term, Term(1));
  ASSERT_EQ(cluster[2].leader(), NodeId(0));
  chunk.term = Term(5);  // as a voter of that term would have it
  cluster.deliver(chunk);
  EXPECT_EQ(cluster[2].term(), Term(5));
  EXPECT_EQ(cluster[2].leader(), no_node);
}

// Node 2 holds four entries and knows one to be committed; then comes what node 1 made of three.
TEST(SharedSnapshot, WhatMatchesItIsNotThrownAway) {
  Cluster cluster(3);
  cluster.elect(0);
  for (int i = 0; i < 2; ++i) {
    cluster.propose(0, "a");
    cluster.deliver_all();
  }
  cluster.cut(0, 2);
  cluster.tick(0, heartbeat);
  cluster.deliver_all();
  const Index position = cluster[1].commit();
  cluster.heal();
  cluster.propose(0, "b");
  for (const Message& message : std::exchange(cluster.network, {})) {
    Message held_back = message;
    held_back.commit = Index(1);
    if (message.to == NodeId(2)) cluster.deliver(std::move(held_back));
  }
  ASSERT_LT(cluster[2].commit(), position);
  const Index last = cluster[2].log().last_index();
  ASSERT_GT(last, position);
  const Snapshot made = cluster[1].snapshot(position, cluster.at(1).state.encode());
  const BytesView state = view_of(made.state);
  Message chunk;
  chunk.kind = MessageKind::committed_snapshot;
  chunk.from = NodeId(1);
  chunk.to = NodeId(2);
  chunk.term = Term(1);
  chunk.commit = position;
  chunk.log_index = position;
  chunk.log_term = made.position.term;
  chunk.chunk = std::make_shared<const SnapshotChunk>(
      SnapshotChunk{made.position.chain_hash, 0, state.size(), hash64(state), made.state});
  cluster.deliver(std::move(chunk));
  EXPECT_EQ(cluster[2].commit(), position);
  EXPECT_EQ(cluster[2].log().last_index(), last);
  EXPECT_EQ(cluster.at(2).restored, 0u);
}

TEST(SharedSnapshot, OneThatTurnedOutWrongIsSentNoFurther) {
  Cluster cluster = one_behind(3);
  bring_first_chunk(cluster, 2);
  const NodeId sender = cluster.network.front().from;
  ASSERT_EQ(sender, NodeId(1));
  cluster[1].withdraw_snapshot();
  cluster.deliver(cluster.network.front());
  cluster.network.pop_front();
  ASSERT_EQ(cluster.network.back().kind, MessageKind::committed_request);
  cluster[1].step(cluster.network.back());
  const auto output = cluster[1].take_output();
  ASSERT_NE(output, nullptr);
  EXPECT_TRUE(output->snapshot_wanted) << "another one";
  EXPECT_TRUE(output->messages.empty());
}

// The leader's own: node 2's answers reach it again.
TEST(SharedSnapshot, ALeaderStopsSendingOneThatTurnedOutWrong) {
  Cluster cluster = one_behind(3);
  cluster.heal();
  for (int i = 0; i < 9 && cluster.at(2).restored == 0; ++i) {
    const auto getting = [](const Progress& f) { return f.state == Progress::State::snapshot; };
    const auto followers = cluster[0].followers();
    if (std::any_of(followers.begin(), followers.end(), getting)) break;
    cluster.tick(0);
    while (!cluster.network.empty()) {
      Message next = std::move(cluster.network.front());
      cluster.network.pop_front();
      if (next.kind != MessageKind::snapshot_request) cluster.deliver(std::move(next));
    }
  }
  ASSERT_EQ(cluster[0].followers()[1].state, Progress::State::snapshot);
  cluster[0].withdraw_snapshot();
  EXPECT_EQ(cluster[0].followers()[1].state, Progress::State::probe);
  pass(cluster, 4 * patience);
  EXPECT_EQ(cluster[2].commit(), cluster[0].commit());
}

TEST(SharedSnapshot, OneThatCannotMakeItsOwnAnswersNothing) {
  Cluster cluster = one_behind(3);
  for (std::size_t i = 0; i < patience; ++i) cluster.tick(2);
  while (!cluster.network.empty() &&
         cluster.network.front().kind != MessageKind::committed_request) {
    cluster.network.pop_front();
  }
  ASSERT_FALSE(cluster.network.empty());
  Raft& asked = cluster[cluster.network.front().to.value()];
  asked.step(cluster.network.front());
  const auto output = asked.take_output();
  ASSERT_NE(output, nullptr);
  EXPECT_TRUE(output->snapshot_wanted);
  EXPECT_TRUE(output->messages.empty()) << "until provide()";
}

}  // namespace
}  // namespace blackout::raft
