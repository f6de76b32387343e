// Promises that a leader may read by: Ongaro's dissertation 6.4.1, and what 4.2.3 leaves open.
#include <gtest/gtest.h>

#include "tests/platform/raft/cluster.hpp"

namespace blackout::raft {
namespace {

Config with_leases() {
  Config config = Cluster::default_config();
  config.leases = true;
  return config;
}

// One heartbeat of the leader, and what it brings.
void beat(Cluster& cluster, std::size_t leader) {
  cluster.tick(leader, cluster.at(leader).config.heartbeat_ticks);
  cluster.deliver_all();
}

Cluster led(Config config = with_leases()) {
  Cluster cluster(3, std::move(config));
  cluster.elect(0);
  beat(cluster, 0);
  return cluster;
}

Message vote_request(const Cluster& cluster, std::size_t voter, MessageKind kind) {
  Message request;
  request.kind = kind;
  request.from = NodeId(2);
  request.to = NodeId(static_cast<std::uint32_t>(voter));
  request.term = cluster[voter].term() + 1;
  request.log_index = cluster[voter].log().last_index() + 1;
  request.log_term = request.term;
  return request;
}

// What the voter answers, if anything.
std::optional<Message> answer_of(Cluster& cluster, Message request) {
  cluster.network.clear();
  const std::size_t voter = request.to.value();
  cluster[voter].step(std::move(request));
  cluster.settle(voter);
  if (cluster.network.empty()) return std::nullopt;
  return cluster.network.back();
}

TEST(Lease, EachHeartbeatIsARoundThatAMajorityPromisesIn) {
  Cluster cluster = led();
  const std::uint64_t before = cluster[0].promised_round().value();
  EXPECT_GT(before, 0u);
  cluster.cut(0, 2);
  beat(cluster, 0);
  EXPECT_EQ(cluster[0].promised_round(), before + 1);
  cluster.cut(0, 1);
  beat(cluster, 0);
  EXPECT_EQ(cluster[0].promised_round(), before + 1);
}

TEST(Lease, AnOlderRoundPromisesNothingForANewerOne) {
  Cluster cluster = led();
  cluster.cut(0, 2);
  cluster.tick(0, cluster.at(0).config.heartbeat_ticks);
  cluster.deliver(cluster.network.front());
  ASSERT_EQ(cluster.network.back().kind, MessageKind::heartbeat_response);
  const Message late = cluster.network.back();
  cluster.network.clear();
  beat(cluster, 0);
  const auto newest = cluster[0].promised_round();
  EXPECT_EQ(newest, late.context + 1);
  cluster.deliver(late);
  EXPECT_EQ(cluster[0].promised_round(), newest);
}

TEST(Lease, AnAnswerOfAReleaseThatKnowsNoPromisesIsNone) {
  Cluster cluster = led();
  const auto before = cluster[0].promised_round();
  cluster.tick(0, cluster.at(0).config.heartbeat_ticks);
  for (int i = 0; i < 2; ++i) {
    Message request = cluster.network.front();
    cluster.network.pop_front();
    cluster.deliver(std::move(request));
    cluster.network.back().promises = false;
  }
  cluster.deliver_all();
  EXPECT_EQ(cluster[0].promised_round(), before);
}

TEST(Lease, WithoutTheChoiceNobodyPromises) {
  Cluster cluster = led(Cluster::default_config());
  EXPECT_EQ(cluster[0].promised_round(), 0u);
}

// It may not know of everything that is committed.
TEST(Lease, ALeaderThatCommittedNothingInItsTermHasNone) {
  Cluster cluster(3, with_leases());
  while (cluster[0].role() == Role::follower) cluster.tick(0);
  const auto deliver_without_acknowledgements = [&cluster] {
    while (!cluster.network.empty()) {
      Message message = std::move(cluster.network.front());
      cluster.network.pop_front();
      if (message.kind != MessageKind::append_response) cluster.deliver(std::move(message));
    }
  };
  deliver_without_acknowledgements();
  cluster.tick(0, cluster.at(0).config.heartbeat_ticks);
  deliver_without_acknowledgements();
  ASSERT_EQ(cluster[0].role(), Role::leader);
  EXPECT_GT(cluster[0].followers()[0].promised_round, 0u);
  EXPECT_EQ(cluster[0].promised_round(), std::nullopt);
  for (int i = 0; i < 3; ++i) beat(cluster, 0);
  EXPECT_GT(cluster[0].promised_round(), 0u);
}

TEST(Lease, OneThatBeganToHandOverHasNoneForTheRestOfItsTerm) {
  Cluster cluster = led();
  ASSERT_TRUE(cluster[0].transfer(NodeId(1)).ok());
  cluster.settle(0);
  EXPECT_EQ(cluster[0].promised_round(), std::nullopt);
  const Message request = cluster.network.back();
  ASSERT_EQ(request.kind, MessageKind::timeout_now);
  cluster.network.clear();
  for (int i = 0; i < 20; ++i) beat(cluster, 0);
  ASSERT_FALSE(cluster[0].transferring());
  EXPECT_EQ(cluster[0].promised_round(), std::nullopt);
  // The request arrives late, and is obeyed.
  for (std::size_t voter : {1, 2}) cluster[voter].withhold_votes(true);
  cluster.deliver(request);
  cluster.deliver_all();
  EXPECT_EQ(cluster[1].role(), Role::leader);
}

TEST(Lease, AVoteThatIsWithheldIsGivenToNobody) {
  Cluster cluster = led();
  cluster.tick(1, cluster.at(1).config.election_ticks_min);
  for (const MessageKind kind : {MessageKind::pre_vote_request, MessageKind::vote_request}) {
    const Message request = vote_request(cluster, 1, kind);
    cluster[1].withhold_votes(true);
    EXPECT_FALSE(answer_of(cluster, request).has_value());
    cluster[1].withhold_votes(false);
    const auto granted = answer_of(cluster, request);
    ASSERT_TRUE(granted.has_value());
    EXPECT_FALSE(granted->reject);
  }
}

// 4.2.3 asks whom a voter follows, and one that learns of a later term follows nobody.
TEST(Lease, AVoteIsWithheldInALaterTermToo) {
  Cluster cluster = led();
  cluster[1].withhold_votes(true);
  Message later = vote_request(cluster, 1, MessageKind::vote_request);
  later.kind = MessageKind::append_response;
  later.reject = true;
  cluster.deliver(later);
  ASSERT_EQ(cluster[1].term(), later.term);
  ASSERT_EQ(cluster[1].leader(), no_node);
  Message request = vote_request(cluster, 1, MessageKind::vote_request);
  request.term = later.term;
  EXPECT_FALSE(answer_of(cluster, request).has_value());
  cluster[1].withhold_votes(false);
  EXPECT_TRUE(answer_of(cluster, request).has_value());
}

TEST(Lease, NobodyCampaignsWhoseVoteIsWithheld) {
  Cluster cluster = led();
  cluster[1].withhold_votes(true);
  cluster.tick(1, 3 * cluster.at(1).config.election_ticks_max);
  EXPECT_EQ(cluster[1].role(), Role::follower);
  cluster[1].withhold_votes(false);
  cluster.tick(1);
  EXPECT_EQ(cluster[1].role(), Role::pre_candidate);
}

}  // namespace
}  // namespace blackout::raft
