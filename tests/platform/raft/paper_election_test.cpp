// Ongaro's dissertation on terms and elections, one test per sentence:
// figure 3.1, 3.3, 3.4, 3.6.1, 3.8, 3.10, 4.2.3, 6.2, 9.6.
#include <gtest/gtest.h>

#include <deque>
#include <utility>
#include <vector>

#include "tests/platform/raft/cluster.hpp"

namespace blackout::raft {
namespace {

Message from(std::uint32_t sender, MessageKind kind, std::uint64_t term, std::uint32_t to = 0) {
  Message message;
  message.kind = kind;
  message.from = NodeId(sender);
  message.to = NodeId(to);
  message.term = Term(term);
  return message;
}

Message vote_request(std::uint32_t sender, std::uint64_t term, std::uint64_t index = 0,
                     std::uint64_t log_term = 0) {
  Message request = from(sender, MessageKind::vote_request, term);
  request.log_index = Index(index);
  request.log_term = Term(log_term);
  return request;
}

// The node after one message, with what it answered.
Message answer_of(Cluster& cluster, Message message) {
  cluster.network.clear();
  const std::size_t to = message.to.value();
  cluster[to].step(std::move(message));
  cluster.settle(to);
  return cluster.network.empty() ? Message{} : cluster.network.back();
}

Cluster with_log(std::vector<std::uint64_t> terms, std::uint64_t term) {
  Cluster cluster(3);
  for (const std::uint64_t entry_term : terms) {
    Entry entry;
    entry.term = Term(entry_term);
    entry.index = Index(cluster.at(0).disk.entries.size() + 1);
    cluster.at(0).disk.entries.push_back(entry);
  }
  cluster.at(0).disk.hard_state = {Term(term), no_node};
  cluster.restart(0);
  return cluster;
}

// 3.4: "When servers start up, they begin as followers."
TEST(Election, AServerBeginsAsFollower) {
  Cluster cluster(3);
  EXPECT_EQ(cluster[0].role(), Role::follower);
  EXPECT_EQ(cluster[0].leader(), no_node);
}

// 3.4: "A server remains in follower state as long as it receives valid RPCs from a leader or
// candidate."
TEST(Election, AFollowerThatHearsALeaderStaysFollower) {
  Cluster cluster(3);
  cluster.elect(0);
  for (int i = 0; i < 100; ++i) {
    for (std::size_t node = 0; node < 3; ++node) cluster.tick(node);
    cluster.deliver_all();
  }
  EXPECT_EQ(cluster[0].role(), Role::leader);
  EXPECT_EQ(cluster[0].term(), Term(1));
}

// 3.4: "To begin an election, a follower increments its current term and transitions to candidate
// state. It then votes for itself and issues RequestVote RPCs in parallel to each of the other
// servers."
TEST(Election, ACandidateOpensATermVotesForItselfAndAsksEveryOther) {
  Cluster cluster(5);
  cluster[0].step(from(1, MessageKind::timeout_now, 0));
  const Output output = cluster.settle(0);
  EXPECT_EQ(cluster[0].role(), Role::candidate);
  EXPECT_EQ(output.hard_state, (HardState{Term(1), NodeId(0)}));
  ASSERT_EQ(output.messages.size(), 4u);
  for (const Message& message : output.messages) {
    EXPECT_EQ(message.kind, MessageKind::vote_request);
    EXPECT_EQ(message.term, Term(1));
  }
}

// 3.4: "A candidate wins an election if it receives votes from a majority of the servers in the
// full cluster for the same term."
TEST(Election, ACandidateWinsWithAMajorityOfTheSameTerm) {
  Cluster cluster(5);
  cluster[0].step(from(1, MessageKind::timeout_now, 0));
  cluster.settle(0);
  cluster[0].step(from(1, MessageKind::vote_response, 1));
  cluster[0].step(from(1, MessageKind::vote_response, 1));
  EXPECT_EQ(cluster[0].role(), Role::candidate) << "a vote counts once";
  cluster[0].step(from(2, MessageKind::vote_response, 1));
  EXPECT_EQ(cluster[0].role(), Role::leader);
}

// 3.3: "servers retry RPCs if they do not receive a response in a timely manner".
TEST(Election, ACandidateAsksThoseAgainWhoDidNotAnswer) {
  Cluster cluster(5);
  cluster[0].step(from(1, MessageKind::timeout_now, 0));
  cluster.settle(0);
  cluster.network.clear();
  cluster[0].step(from(1, MessageKind::vote_response, 1));
  Message refused = from(2, MessageKind::vote_response, 1);
  refused.reject = true;
  cluster[0].step(refused);
  cluster.tick(0, cluster.at(0).config.heartbeat_ticks);
  std::vector<NodeId> asked;
  for (const Message& message : cluster.network) {
    EXPECT_EQ(message.kind, MessageKind::vote_request);
    EXPECT_EQ(message.term, Term(1));
    asked.push_back(message.to);
  }
  EXPECT_EQ(asked, (std::vector{NodeId(3), NodeId(4)}));
}

TEST(Election, ACampaignThatTheLeaderAskedForIsRepeatedAsSuch) {
  Cluster cluster(3);
  cluster[0].step(from(1, MessageKind::timeout_now, 0));
  cluster.settle(0);
  cluster.network.clear();
  cluster.tick(0, cluster.at(0).config.heartbeat_ticks);
  ASSERT_EQ(cluster.network.size(), 2u);
  EXPECT_TRUE(cluster.network[0].transfer);
}

TEST(PreVote, IsAskedForAgainWhereTheRequestWasLost) {
  Cluster cluster(3);
  cluster.isolate(0);
  while (cluster[0].role() == Role::follower) cluster.tick(0);
  cluster.network.clear();
  cluster.heal();
  cluster.tick(0, cluster.at(0).config.heartbeat_ticks);
  cluster.deliver_all();
  EXPECT_EQ(cluster[0].role(), Role::leader);
}

// 3.4: the same, for votes of an older term.
TEST(Election, AVoteOfAnOlderTermDoesNotCount) {
  Cluster cluster(3);
  cluster[0].step(from(1, MessageKind::timeout_now, 0));
  cluster.settle(0);
  cluster[0].step(from(1, MessageKind::timeout_now, 1));
  cluster.settle(0);
  cluster[0].step(from(1, MessageKind::vote_response, 1));
  EXPECT_EQ(cluster[0].role(), Role::candidate);
}

// 3.4: "Each server will vote for at most one candidate in a given term, on a
// first-come-first-served basis."
TEST(Election, AServerVotesForOneCandidateInATermAndRepeatsThatVote) {
  Cluster cluster(3);
  EXPECT_FALSE(answer_of(cluster, vote_request(1, 1)).reject);
  EXPECT_TRUE(answer_of(cluster, vote_request(2, 1)).reject);
  EXPECT_FALSE(answer_of(cluster, vote_request(1, 1)).reject);
}

// Figure 3.1, persistent state: "Updated on stable storage before responding to RPCs"; votedFor.
TEST(Election, AVoteLeavesWithTheOutputThatPersistsItAndOutlivesARestart) {
  Cluster cluster(3);
  cluster[0].step(vote_request(1, 1));
  const Output output = cluster.settle(0);
  EXPECT_EQ(output.hard_state, (HardState{Term(1), NodeId(1)}));
  EXPECT_TRUE(output.messages_now.empty());
  ASSERT_EQ(output.messages.size(), 1u);
  EXPECT_FALSE(output.messages[0].reject);
  cluster.restart(0);
  EXPECT_TRUE(answer_of(cluster, vote_request(2, 1)).reject);
}

#ifdef BLACKOUT_PLANTED_BUGS
TEST(PlantedBug, AForgottenVoteIsGivenTwiceAcrossARestart) {
  Config config = Cluster::default_config();
  config.planted.forget_vote = true;
  Cluster cluster(3, config);
  EXPECT_FALSE(answer_of(cluster, vote_request(1, 1)).reject);
  EXPECT_TRUE(answer_of(cluster, vote_request(2, 1)).reject);
  cluster.restart(0);
  EXPECT_FALSE(answer_of(cluster, vote_request(2, 1)).reject);
  EXPECT_EQ(cluster.ghost().wrong(), "a node votes for two candidates in one term");
}
#endif

// The same for a candidate's own vote.
TEST(Election, ACandidateCountsItsOwnVoteOnlyOnceItIsDurable) {
  Cluster cluster(1);
  cluster.at(0).disk_held = true;
  while (cluster[0].role() != Role::candidate) cluster.tick(0);
  EXPECT_EQ(cluster[0].role(), Role::candidate);
  cluster.persist_one(0);
  cluster.persist_one(0);
  EXPECT_EQ(cluster[0].role(), Role::leader);
}

// 3.4: "If the leader's term in the RPC is at least as large as the candidate's current term, then
// the candidate recognizes the leader as legitimate and returns to follower state."
TEST(Election, ACandidateFollowsALeaderOfItsTerm) {
  Cluster cluster(3);
  cluster[0].step(from(1, MessageKind::timeout_now, 0));
  cluster[0].step(from(2, MessageKind::heartbeat_request, 1));
  EXPECT_EQ(cluster[0].role(), Role::follower);
  EXPECT_EQ(cluster[0].leader(), NodeId(2));
}

// 3.4: "If the term in the RPC is smaller than the candidate's current term, then the candidate
// rejects the RPC and continues in candidate state."
TEST(Election, ACandidateTellsALeaderOfAnOlderTermAndGoesOn) {
  Cluster cluster(3);
  cluster[0].step(from(1, MessageKind::timeout_now, 0));
  const Message answer = answer_of(cluster, from(2, MessageKind::heartbeat_request, 0));
  EXPECT_TRUE(answer.reject);
  EXPECT_EQ(answer.term, Term(1));
  EXPECT_EQ(cluster[0].role(), Role::candidate);
}

// 3.4: "Raft uses randomized election timeouts to ensure that split votes are rare."
TEST(Election, TimeoutsAreDrawnFromTheWholeInterval) {
  std::set<std::uint64_t> seen;
  Cluster cluster(3);
  for (int i = 0; i < 300; ++i) {
    cluster.restart(0);
    while (cluster[0].role() == Role::follower) cluster.tick(0);
    ASSERT_EQ(cluster.at(0).facts.front().kind, EventKind::election_timeout);
    seen.insert(cluster.at(0).facts.front().b);
  }
  EXPECT_EQ(*seen.begin(), cluster.at(0).config.election_ticks_min);
  EXPECT_EQ(*seen.rbegin(), cluster.at(0).config.election_ticks_max);
}

TEST(Election, VotersOfDifferentRankDrawFromDifferentPartsOfTheInterval) {
  Config config = Cluster::default_config();  // 10 to 20 ticks
  config.preference = {NodeId(1), NodeId(0)};
  Cluster cluster(3, config);
  const auto timeout_of = [&cluster](std::size_t node) {
    cluster.restart(node);
    while (cluster[node].role() == Role::follower) cluster.tick(node);
    return cluster.at(node).facts.front().b;
  };
  for (int i = 0; i < 50; ++i) {
    EXPECT_LE(timeout_of(1), 15u);
    EXPECT_GE(timeout_of(0), 15u);
  }
}

// 3.3: "If one server's current term is smaller than the other's, then it updates its current term
// to the larger value. If a candidate or leader discovers that its term is out of date, it
// immediately reverts to follower state."
TEST(Election, ALeaderOfAnOlderTermBecomesFollower) {
  Cluster cluster(3);
  cluster.elect(0);
  cluster[0].step(from(1, MessageKind::append_response, 5));
  EXPECT_EQ(cluster[0].role(), Role::follower);
  EXPECT_EQ(cluster[0].term(), Term(5));
}

// 3.6.1: "If the logs have last entries with different terms, then the log with the later term is
// more up-to-date."
TEST(Election, AVoterRefusesACandidateWhoseLastTermIsOlderHoweverLong) {
  Cluster cluster = with_log({1, 2}, 3);
  EXPECT_TRUE(answer_of(cluster, vote_request(1, 4, 9, 1)).reject);
  EXPECT_FALSE(answer_of(cluster, vote_request(2, 4, 1, 3)).reject);
}

// 3.6.1: "If the logs end with the same term, then whichever log is longer is more up-to-date."
TEST(Election, AVoterRefusesAShorterLogOfTheSameLastTerm) {
  Cluster cluster = with_log({1, 2}, 3);
  EXPECT_TRUE(answer_of(cluster, vote_request(1, 4, 1, 2)).reject);
  EXPECT_FALSE(answer_of(cluster, vote_request(1, 4, 2, 2)).reject);
}

// 9.6: "a candidate only increments its term if it first learns from a majority of the cluster that
// they would be willing to grant the candidate their votes".
TEST(PreVote, OpensATermOnlyWithAMajorityOfWillingVoters) {
  Cluster cluster(3);
  cluster.isolate(0);
  while (cluster[0].role() == Role::follower) cluster.tick(0);
  cluster.tick(0, 200);
  EXPECT_EQ(cluster[0].role(), Role::pre_candidate);
  EXPECT_EQ(cluster[0].term(), Term(0));
  cluster[0].step(from(1, MessageKind::pre_vote_response, 1));
  EXPECT_EQ(cluster[0].role(), Role::candidate);
  EXPECT_EQ(cluster[0].term(), Term(1));
}

// 9.6 and 4.2.3: a willing voter has heard from no leader for an election timeout, and its log is
// not ahead.
TEST(PreVote, ChangesNothingOnTheNodeThatGrantsIt) {
  Cluster cluster(3);
  Message request = vote_request(1, 1);
  request.kind = MessageKind::pre_vote_request;
  EXPECT_FALSE(answer_of(cluster, request).reject);
  request.from = NodeId(2);
  EXPECT_FALSE(answer_of(cluster, request).reject);
  EXPECT_EQ(cluster[0].hard_state(), (HardState{}));
}

TEST(PreVote, IsRefusedToAShorterLog) {
  Cluster cluster = with_log({1, 2}, 2);
  Message request = vote_request(1, 3, 1, 1);
  request.kind = MessageKind::pre_vote_request;
  const Message answer = answer_of(cluster, request);
  EXPECT_TRUE(answer.reject);
  EXPECT_EQ(answer.term, Term(2));
}

TEST(PreVote, AGrantIsNotCountedAsAVote) {
  Cluster cluster(3);
  cluster[0].step(from(1, MessageKind::timeout_now, 0));
  cluster.settle(0);
  Message late = from(1, MessageKind::pre_vote_response, 1);
  cluster[0].step(late);
  EXPECT_EQ(cluster[0].role(), Role::candidate);
}

TEST(PreVote, OneOfAnOlderTermLearnsTheTerm) {
  Cluster cluster = with_log({}, 7);
  Message request = vote_request(1, 3);
  request.kind = MessageKind::pre_vote_request;
  EXPECT_EQ(answer_of(cluster, request).term, Term(7));
}

// 4.2.3: "if a server receives a RequestVote request within the minimum election timeout of hearing
// from a current leader, it does not update its term or grant its vote."
TEST(Stickiness, ANodeThatHeardFromALeaderIgnoresVotes) {
  Cluster cluster(3);
  cluster[0].step(from(1, MessageKind::heartbeat_request, 1));
  cluster.settle(0);
  EXPECT_EQ(answer_of(cluster, vote_request(2, 2)).term, Term(0)) << "no answer";
  EXPECT_EQ(cluster[0].term(), Term(1));
  cluster.tick(0, cluster.at(0).config.election_ticks_min);
  EXPECT_FALSE(answer_of(cluster, vote_request(2, 2)).reject);
  EXPECT_EQ(cluster[0].term(), Term(2));
}

// 3.10 with 4.2.3: "a special flag ... I have permission to disrupt the leader".
TEST(Stickiness, ACampaignThatTheLeaderAskedForIsNotIgnored) {
  Cluster cluster(3);
  cluster[0].step(from(1, MessageKind::heartbeat_request, 1));
  Message request = vote_request(2, 2);
  request.transfer = true;
  EXPECT_EQ(answer_of(cluster, request).term, Term(2));
  EXPECT_EQ(cluster[0].hard_state().vote, NodeId(2));
}

// A node with a newer term that nobody may elect would stay apart for ever.
TEST(Stickiness, ALeaderYieldsToAFollowerThatIsAheadInTerm) {
  Cluster cluster(3);
  cluster.elect(0);
  cluster[2].step(from(1, MessageKind::timeout_now, 1, 2));
  cluster.settle(2);
  cluster.network.clear();
  cluster.tick(0, 2);
  cluster.deliver_all();
  EXPECT_EQ(cluster[0].role(), Role::follower);
  EXPECT_EQ(cluster[0].term(), Term(2));
}

// 6.2: "a leader in Raft steps down if an election timeout elapses without a successful round of
// heartbeats to a majority of its cluster".
TEST(CheckQuorum, ALeaderWithoutAMajorityStepsDownAndOneWithAMajorityStays) {
  Cluster cluster(5);
  cluster.elect(0);
  for (const std::size_t gone : {3, 4}) cluster.isolate(gone);
  for (int i = 0; i < 50; ++i) {
    cluster.tick(0);
    cluster.deliver_all();
  }
  EXPECT_EQ(cluster[0].role(), Role::leader);
  cluster.isolate(2);
  for (std::uint32_t i = 0; i < cluster.at(0).config.election_ticks_min; ++i) {
    cluster.tick(0);
    cluster.deliver_all();
  }
  EXPECT_EQ(cluster[0].role(), Role::follower);
}

// 3.10: "1. The prior leader stops accepting new client requests. 2. [It] fully updates the target
// server's log to match its own. 3. [It] sends a TimeoutNow request."
TEST(Transfer, BringsTheTargetUpToDateBeforeItCampaigns) {
  Cluster cluster(3);
  cluster.elect(0);
  ASSERT_TRUE(cluster.propose(0, "a"));
  ASSERT_TRUE(cluster[0].transfer(NodeId(1)).ok());
  cluster.settle(0);
  EXPECT_FALSE(cluster.propose(0, "b"));
  for (const Message& message : cluster.network) EXPECT_NE(message.kind, MessageKind::timeout_now);
  cluster.deliver_all();
  EXPECT_EQ(cluster[1].role(), Role::leader);
  EXPECT_EQ(cluster.terms(1), (std::vector<std::uint64_t>{1, 1, 2}));
}

// 3.10: "If leadership transfer does not complete after about an election timeout, the prior leader
// aborts the transfer and resumes accepting client requests."
TEST(Transfer, IsGivenUpAfterAnElectionTimeout) {
  Cluster cluster(3);
  cluster.elect(0);
  cluster.isolate(1);
  ASSERT_TRUE(cluster[0].transfer(NodeId(1)).ok());
  for (std::uint32_t i = 0; i < cluster.at(0).config.election_ticks_min; ++i) {
    EXPECT_TRUE(cluster[0].transferring());
    cluster.tick(0);
    cluster.deliver_all();
  }
  EXPECT_TRUE(cluster.propose(0, "b"));
}

TEST(Transfer, IsRefusedToStrangersToItselfAndTwice) {
  Cluster cluster(3);
  EXPECT_EQ(cluster[0].transfer(NodeId(1)).error(), TransferError::not_leader);
  cluster.elect(0);
  EXPECT_EQ(cluster[0].transfer(NodeId(0)).error(), TransferError::not_a_follower);
  EXPECT_EQ(cluster[0].transfer(NodeId(9)).error(), TransferError::not_a_follower);
  ASSERT_TRUE(cluster[0].transfer(NodeId(1)).ok());
  EXPECT_EQ(cluster[0].transfer(NodeId(2)).error(), TransferError::transferring);
}

Config preferring(std::vector<NodeId> preference, std::uint32_t transfer_interval_ticks) {
  Config config = Cluster::default_config();
  config.preference = std::move(preference);
  config.transfer_interval_ticks = transfer_interval_ticks;
  return config;
}

TEST(Preference, ALeaderKeepsWhatAPreferredVoterCannotTakeYet) {
  Cluster cluster(3, preferring({NodeId(1)}, 4));
  cluster.elect(0);
  cluster.isolate(1);
  ASSERT_TRUE(cluster.propose(0, "a"));
  cluster.deliver_all();
  for (int i = 0; i < 40; ++i) {
    cluster.tick(0);
    cluster.deliver_all();
  }
  EXPECT_EQ(cluster[0].role(), Role::leader);
  cluster.heal();
  for (int i = 0; i < 20; ++i) {
    cluster.tick(0);
    cluster.deliver_all();
  }
  EXPECT_EQ(cluster[1].role(), Role::leader);
}

// What is committed is what the nearer voter holds: the farther one is always some entries behind.
TEST(Preference, AVoterThatIsOnlyFartherAwayIsStillTheOneThatIsWanted) {
  Cluster cluster(3, preferring({NodeId(1), NodeId(2), NodeId(0)}, 12));
  cluster.elect(0);
  std::deque<Message> late;  // answers of node 1 take until the next tick
  for (int i = 0; i < 40; ++i) {
    std::deque<Message> arriving = std::exchange(late, {});
    cluster.propose(0, "a");
    while (!cluster.network.empty() || !arriving.empty()) {
      std::deque<Message>& next = cluster.network.empty() ? arriving : cluster.network;
      Message message = std::move(next.front());
      next.pop_front();
      if (&next == &cluster.network && message.from == NodeId(1)) {
        late.push_back(std::move(message));
      } else {
        cluster.deliver(std::move(message));
      }
    }
    cluster.tick(0);
  }
  EXPECT_EQ(cluster[1].role(), Role::leader);
}

void tick_leader(Cluster& cluster, std::size_t leader, int ticks) {
  for (int i = 0; i < ticks; ++i) {
    cluster.tick(leader);
    cluster.deliver_all();
  }
}

TEST(Avoid, ALeaderHandsOverAtOnceToTheMostPreferredOfTheRest) {
  Cluster cluster(3, preferring({NodeId(0), NodeId(1), NodeId(2)}, 1'000));
  cluster.elect(0);
  tick_leader(cluster, 0, 8);
  for (std::size_t node = 0; node < 3; ++node) cluster[node].avoid({NodeId(0), NodeId(1)});
  tick_leader(cluster, 0, 2);
  EXPECT_EQ(cluster[2].role(), Role::leader);
  EXPECT_EQ(cluster[0].role(), Role::follower);
}

TEST(Avoid, ALeaderStaysWhereNobodyElseCanLead) {
  Cluster cluster(3);
  cluster.elect(0);
  for (std::size_t node = 0; node < 3; ++node) {
    cluster[node].avoid({NodeId(0), NodeId(1), NodeId(2)});
  }
  tick_leader(cluster, 0, 8);
  EXPECT_EQ(cluster[0].role(), Role::leader);
}

TEST(Avoid, ANodeThatIsAvoidedNoMoreLeadsAgainIfItIsPreferred) {
  Cluster cluster(3, preferring({NodeId(0), NodeId(1), NodeId(2)}, 6));
  cluster.elect(0);
  tick_leader(cluster, 0, 8);
  for (std::size_t node = 0; node < 3; ++node) cluster[node].avoid({NodeId(0)});
  tick_leader(cluster, 0, 2);
  ASSERT_EQ(cluster[1].role(), Role::leader);
  tick_leader(cluster, 1, 20);
  EXPECT_EQ(cluster[1].role(), Role::leader);
  for (std::size_t node = 0; node < 3; ++node) cluster[node].avoid({});
  tick_leader(cluster, 1, 20);
  EXPECT_EQ(cluster[0].role(), Role::leader);
}

TEST(Avoid, AnAvoidedVoterIsNotTheFirstToCampaign) {
  Config config = Cluster::default_config();  // 10 to 20 ticks
  config.preference = {NodeId(0), NodeId(1)};
  Cluster cluster(3, config);
  const auto timeout_of = [&cluster](bool avoided) {
    cluster.restart(0);
    if (avoided) cluster[0].avoid({NodeId(0)});
    while (cluster[0].role() == Role::follower) cluster.tick(0);
    return cluster.at(0).facts.front().b;
  };
  std::uint64_t last = 0;
  for (int i = 0; i < 50; ++i) {
    EXPECT_LE(timeout_of(false), 15u);
    last = std::max(last, timeout_of(true));
  }
  EXPECT_GT(last, 15u);
}

}  // namespace
}  // namespace blackout::raft
