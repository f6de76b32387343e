// What voters share of the committed log, one test per sentence of raft.hpp.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/platform/raft/cluster.hpp"

namespace blackout::raft {
namespace {

constexpr std::size_t heartbeat = 2;
constexpr std::size_t patience = 3 * heartbeat;

std::vector<Entry> entries_of(std::uint64_t first, const std::vector<std::uint64_t>& terms) {
  std::vector<Entry> entries;
  for (const std::uint64_t term : terms) {
    Entry entry;
    entry.term = Term(term);
    entry.index = Index(first + entries.size());
    entries.push_back(entry);
  }
  return entries;
}

Message to_node_0(MessageKind kind, std::uint64_t term, std::uint64_t after,
                  std::uint64_t after_term, std::uint64_t commit) {
  Message message;
  message.kind = kind;
  message.from = NodeId(1);
  message.to = NodeId(0);
  message.term = Term(term);
  message.log_index = Index(after);
  message.log_term = Term(after_term);
  message.commit = Index(commit);
  return message;
}

Message request(std::uint64_t last, std::uint64_t last_term, std::uint64_t commit) {
  return to_node_0(MessageKind::committed_request, 1, last, last_term, commit);
}

Message response(std::uint64_t term, std::uint64_t after, std::uint64_t after_term,
                 const std::vector<std::uint64_t>& terms) {
  Message message =
      to_node_0(MessageKind::committed_response, term, after, after_term, after + terms.size());
  message.entries = entries_of(after + 1, terms);
  return message;
}

// A cluster of three whose node 0 has a log of these terms.
Cluster node_with(const std::vector<std::uint64_t>& terms, std::uint64_t term) {
  Cluster cluster(3);
  cluster.at(0).disk.entries = entries_of(1, terms);
  cluster.at(0).disk.hard_state = {Term(term), no_node};
  cluster.restart(0);
  return cluster;
}

// Node 0 leads, and everybody knows that its first entry is committed.
Cluster led_by_0(std::size_t count, Config model = Cluster::default_config()) {
  Cluster cluster(count, std::move(model));
  cluster.elect(0);
  cluster.tick(0, 2 * heartbeat);
  cluster.deliver_all();
  return cluster;
}

// Proposes to node 0 and brings it to those that node 0 reaches.
void commit(Cluster& cluster, std::string_view text) {
  cluster.propose(0, text);
  cluster.deliver_all();
  cluster.tick(0, heartbeat);
  cluster.deliver_all();
}

std::vector<Message> take(Cluster& cluster, MessageKind kind) {
  std::vector<Message> taken;
  for (const Message& message : cluster.network) {
    if (message.kind == kind) taken.push_back(message);
  }
  cluster.network.clear();
  return taken;
}

std::vector<Message> answers(Cluster& cluster, Message message) {
  cluster.network.clear();
  cluster[0].step(std::move(message));
  cluster.settle(0);
  return take(cluster, MessageKind::committed_response);
}

TEST(Sharing, ANodeThatItsLeaderDoesNotReachGetsWhatIsCommittedFromAnother) {
  Cluster cluster = led_by_0(3);
  cluster.cut(0, 2);
  commit(cluster, "a");
  ASSERT_LT(cluster[2].commit(), cluster[0].commit());
  cluster.tick(2, patience);
  cluster.deliver_all();
  EXPECT_EQ(cluster[2].commit(), cluster[0].commit());
  EXPECT_EQ(cluster[2].durable(), cluster[0].commit());
  EXPECT_EQ(cluster.at(2).state.applied, cluster.at(0).state.applied);
  EXPECT_EQ(cluster.ghost().wrong(), "");
}

TEST(Sharing, ANodeThatHearsHeartbeatsButIsNotFedAsks) {
  Config config = Cluster::default_config();
  config.inflight_max.messages = 1;
  Cluster cluster = led_by_0(3, config);
  cluster.cut_one_way(2, 0);  // acknowledgements are lost; the leader's window closes
  for (int i = 0; i < 3; ++i) commit(cluster, "a");
  ASSERT_LT(cluster[2].commit(), cluster[0].commit());
  for (std::size_t i = 0; i < patience; ++i) {
    cluster.tick(2);
    cluster.tick(0);
    cluster.deliver_all();
  }
  EXPECT_EQ(cluster[2].leader(), NodeId(0));
  EXPECT_EQ(cluster[2].commit(), cluster[0].commit());
  for (int i = 0; i < 3; ++i) commit(cluster, "b");
  cluster.tick(2, heartbeat);
  cluster.deliver_all();
  EXPECT_EQ(cluster[2].commit(), cluster[0].commit()) << "once behind, it goes on asking";
}

// A leader that hears nothing of a follower sends it heartbeats only, and holds it for as far as it
// was before.
TEST(Sharing, ANodeWhoseAnswersAreLostLearnsFromHeartbeatsThatItLacksSomething) {
  Cluster cluster = led_by_0(3);
  cluster.isolate(2);
  commit(cluster, "a");
  cluster.heal();
  cluster.cut_one_way(2, 0);
  for (std::size_t i = 0; i < 3 * patience; ++i) {
    for (std::size_t node = 0; node < 3; ++node) cluster.tick(node);
    cluster.deliver_all();
  }
  EXPECT_EQ(cluster[0].role(), Role::leader);
  EXPECT_EQ(cluster[2].commit(), cluster[0].commit());
}

TEST(Sharing, ANodeThatIsFedNeverAsks) {
  Cluster cluster = led_by_0(3);
  for (int round = 0; round < 200; ++round) {
    if (round % 3 == 0 && round < 100) cluster.propose(0, "a");
    for (std::size_t i = 0; i < 3; ++i) cluster.tick(i);
    const std::deque<Message> sent = cluster.network;
    for (const Message& message : sent) {
      ASSERT_NE(message.kind, MessageKind::committed_request) << round;
    }
    cluster.deliver_all();
  }
}

TEST(Sharing, ItAsksOneVoterAtATimeInTurnButNotItsLeader) {
  Cluster cluster = led_by_0(5);
  cluster.network.clear();
  cluster.tick(4, patience + 2 * heartbeat);
  const auto asked = take(cluster, MessageKind::committed_request);
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_EQ(asked[0].to, NodeId(1));
  EXPECT_EQ(asked[1].to, NodeId(2));
  EXPECT_EQ(asked[2].to, NodeId(3));
}

TEST(Sharing, ALeaderNeitherAsksNorTakes) {
  Cluster cluster = led_by_0(3);
  cluster.network.clear();
  cluster.tick(0, patience);
  EXPECT_TRUE(take(cluster, MessageKind::committed_request).empty());
  cluster.deliver(response(1, 1, 1, {1}));
  EXPECT_EQ(cluster[0].log().last_index(), Index(1));
}

TEST(Sharing, OnlyCommittedEntriesPass) {
  Cluster cluster = led_by_0(3);
  cluster.isolate(0);
  cluster.propose(0, "uncommitted");
  cluster.heal();
  EXPECT_TRUE(answers(cluster, request(0, 0, 0)).empty()) << "what it needs is released";
  const auto got = answers(cluster, request(1, 1, 0));
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].commit, Index(1));
  EXPECT_LE(got[0].log_index + got[0].entries.size(), Index(1));
}

TEST(Sharing, AnAnswerHoldsAtMostABatch) {
  Config config = Cluster::default_config();
  config.batch_bytes_max = 2 * (Log::entry_overhead_bytes + 1);
  Cluster cluster = led_by_0(3, config);
  cluster.cut(0, 2);
  for (int i = 0; i < 5; ++i) commit(cluster, "a");
  const auto got = answers(cluster, request(1, 1, 1));
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].entries.size(), 2u);
  EXPECT_EQ(got[0].commit, Index(6));
}

TEST(Sharing, WhatTheAskerHoldsIsNotSentAgain) {
  Cluster cluster = led_by_0(3);
  cluster.cut(0, 2);
  for (int i = 0; i < 3; ++i) commit(cluster, "a");
  const auto got = answers(cluster, request(3, 1, 1));
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].log_index, Index(3));
  EXPECT_EQ(got[0].entries.size(), 1u);
  const auto other = answers(cluster, request(3, 9, 1));
  ASSERT_EQ(other.size(), 1u);
  EXPECT_EQ(other[0].log_index, Index(1)) << "a tail that disagrees is replaced";
}

TEST(Sharing, AnAnswerBeginsWhereTheLogDoes) {
  Cluster cluster = led_by_0(3);
  for (int i = 0; i < 3; ++i) commit(cluster, "a");
  const Index base = cluster[0].log().base().index;
  ASSERT_GT(base, Index(1));
  const auto got = answers(cluster, request(base.value() + 9, 1, 1));
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].log_index, base);
}

TEST(Sharing, WhoHasNothingToTellDoesNotAnswer) {
  Cluster cluster = led_by_0(3);
  EXPECT_TRUE(answers(cluster, request(1, 1, 1)).empty());
}

TEST(Sharing, ATailThatDisagreesIsReplaced) {
  Cluster cluster = node_with({1, 2, 2}, 3);
  cluster.deliver(response(3, 1, 1, {3, 3}));
  EXPECT_EQ(cluster.terms(0), (std::vector<std::uint64_t>{1, 3, 3}));
  EXPECT_EQ(cluster[0].commit(), Index(3));
  EXPECT_TRUE(cluster.at(0).disk.holds(Index(3), Term(3)));
}

TEST(Sharing, WhatDoesNotFollowOnTheLogIsIgnored) {
  Cluster cluster = node_with({1, 2}, 3);
  cluster.deliver(response(3, 2, 3, {3}));
  cluster.deliver(response(3, 5, 3, {3}));
  EXPECT_EQ(cluster.terms(0), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(cluster[0].commit(), Index(0));
}

TEST(Sharing, NoTimerVoteOrLeaderChangesAndNothingIsAcknowledged) {
  Cluster cluster = node_with({1}, 3);
  Cluster other = node_with({1}, 3);
  const HardState before = cluster[0].hard_state();
  for (int i = 0; i < 60; ++i) {
    cluster.network.clear();
    cluster.deliver(response(1, 1, 1, {1, 1}));
    EXPECT_TRUE(cluster.network.empty());
    (void)answers(cluster, request(0, 0, 0));
    cluster.tick(0);
    other.tick(0);
    ASSERT_EQ(cluster[0].role(), other[0].role()) << i;
  }
  EXPECT_NE(other[0].role(), Role::follower);
  EXPECT_EQ(cluster[0].hard_state(), before);
  EXPECT_EQ(cluster[0].leader(), no_node);
}

TEST(Sharing, ALowerTermIsNotStaleAndAHigherOneOfARequestIsNotObeyed) {
  Cluster cluster = node_with({1}, 7);
  cluster.deliver(response(1, 1, 1, {1}));
  EXPECT_EQ(cluster[0].commit(), Index(2));
  Message ask = request(0, 0, 0);
  ask.term = Term(99);
  EXPECT_EQ(answers(cluster, ask).size(), 1u);
  EXPECT_EQ(cluster[0].term(), Term(7));
}

TEST(Sharing, ANodeOfAnEarlierTermEntersThatInWhichItWasCommittedFollowingNobody) {
  Cluster cluster = node_with({1}, 1);
  Message beat = to_node_0(MessageKind::heartbeat_request, 1, 0, 0, 0);
  beat.from = NodeId(2);
  cluster.deliver(beat);
  ASSERT_EQ(cluster[0].leader(), NodeId(2));
  cluster.deliver(response(5, 1, 1, {1}));
  EXPECT_EQ(cluster[0].term(), Term(5));
  EXPECT_EQ(cluster[0].leader(), no_node);
  EXPECT_EQ(cluster.at(0).disk.hard_state, (HardState{Term(5), no_node}));
}

TEST(Sharing, TheTermOfAnAnswerIsThatInWhichItWasCommittedNotThatOfTheResponder) {
  Cluster cluster = node_with({1}, 7);
  cluster.deliver(response(4, 1, 1, {1}));
  const auto got = answers(cluster, request(1, 1, 1));
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].term, Term(4));
}

}  // namespace
}  // namespace blackout::raft
