// Ongaro's dissertation on the log, one test per sentence: figure 3.1, 3.5, 3.6.2, 6.4, 10.2.
#include <gtest/gtest.h>

#include "tests/platform/raft/cluster.hpp"

namespace blackout::raft {
namespace {

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

Message append_request(std::uint64_t term, std::uint64_t after, std::uint64_t after_term,
                       std::vector<std::uint64_t> terms, std::uint64_t commit = 0) {
  Message message;
  message.kind = MessageKind::append_request;
  message.from = NodeId(1);
  message.to = NodeId(0);
  message.term = Term(term);
  message.log_index = Index(after);
  message.log_term = Term(after_term);
  message.commit = Index(commit);
  message.entries = entries_of(after + 1, terms);
  return message;
}

// A cluster whose node 0 has a log of these terms.
Cluster follower_with(const std::vector<std::uint64_t>& terms, std::uint64_t term) {
  Cluster cluster(3);
  cluster.at(0).disk.entries = entries_of(1, terms);
  cluster.at(0).disk.hard_state = {Term(term), no_node};
  cluster.restart(0);
  return cluster;
}

Message answer_of(Cluster& cluster, Message message) {
  cluster.network.clear();
  cluster[0].step(std::move(message));
  cluster.settle(0);
  return cluster.network.empty() ? Message{} : cluster.network.back();
}

void deliver_one(Cluster& cluster) {
  Message message = std::move(cluster.network.front());
  cluster.network.pop_front();
  cluster.deliver(std::move(message));
}

using Terms = std::vector<std::uint64_t>;

// Figure 3.1, AppendEntries 1: "Return false if term < currentTerm".
TEST(Append, OneOfAnOlderTermIsRefused) {
  Cluster cluster = follower_with({1}, 3);
  const Message answer = answer_of(cluster, append_request(2, 1, 1, {2}));
  EXPECT_TRUE(answer.reject);
  EXPECT_EQ(answer.term, Term(3));
  EXPECT_EQ(cluster.terms(0), (Terms{1}));
}

// Figure 3.1, AppendEntries 2: "Return false if log doesn't contain an entry at prevLogIndex whose
// term matches prevLogTerm".
TEST(Append, OneAfterAMissingOrDifferentEntryIsRefusedWithAHint) {
  Cluster cluster = follower_with({1, 1, 2}, 4);
  const Message missing = answer_of(cluster, append_request(4, 9, 3, {4}));
  EXPECT_TRUE(missing.reject);
  EXPECT_EQ(missing.hint_index, Index(3));
  EXPECT_EQ(missing.hint_term, Term(2));
  const Message different = answer_of(cluster, append_request(4, 3, 1, {4}));
  EXPECT_TRUE(different.reject);
  EXPECT_EQ(different.hint_index, Index(2));
  EXPECT_EQ(cluster.terms(0), (Terms{1, 1, 2}));
}

// Figure 3.1, AppendEntries 3: "If an existing entry conflicts with a new one (same index but
// different terms), delete the existing entry and all that follow it".
TEST(Append, AConflictDropsTheTail) {
  Cluster cluster = follower_with({1, 2, 2, 2}, 4);
  cluster[0].step(append_request(4, 1, 1, {2, 3}));
  const Output output = cluster.settle(0);
  EXPECT_EQ(output.truncate_from, Index(3));
  EXPECT_EQ(cluster.terms(0), (Terms{1, 2, 3}));
}

// Figure 3.1, AppendEntries 4: "Append any new entries not already in the log". An old message must
// not shorten it.
TEST(Append, ALateMessageWithLessDropsNothing) {
  Cluster cluster = follower_with({1}, 2);
  answer_of(cluster, append_request(2, 1, 1, {2, 2, 2}));
  const Message answer = answer_of(cluster, append_request(2, 1, 1, {2}));
  EXPECT_EQ(answer.log_index, Index(2)) << "only what this message checked";
  EXPECT_EQ(cluster.terms(0), (Terms{1, 2, 2, 2}));
}

// Figure 3.1, AppendEntries 5: "If leaderCommit > commitIndex, set commitIndex = min(leaderCommit,
// index of last new entry)".
TEST(Append, AFollowerCommitsNoFurtherThanTheMessageChecked) {
  Cluster cluster = follower_with({1, 1, 1, 1}, 2);
  answer_of(cluster, append_request(2, 2, 1, {}, 4));
  EXPECT_EQ(cluster[0].commit(), Index(2)) << "entries 3 and 4 may be of a deposed leader";
  answer_of(cluster, append_request(2, 2, 1, {2}, 9));
  EXPECT_EQ(cluster[0].commit(), Index(3));
}

// 3.5: "the leader never overwrites or deletes entries in its own log" and 3.6.3: nobody drops what
// is committed.
TEST(Append, OneFromBeforeTheCommitIndexIsAnsweredWithTheCommitIndex) {
  Cluster cluster = follower_with({1}, 1);
  answer_of(cluster, append_request(1, 1, 1, {1, 1}, 3));
  const Message answer = answer_of(cluster, append_request(1, 0, 0, {1}));
  EXPECT_FALSE(answer.reject);
  EXPECT_EQ(answer.log_index, Index(3));
}

// 10.2.1: a follower answers after its entries are durable: the answer is in `messages` of that
// Output.
TEST(Append, AnAcknowledgementWaitsForTheDisk) {
  Cluster cluster = follower_with({}, 1);
  cluster.at(0).disk_held = true;
  cluster[0].step(append_request(1, 0, 0, {1}));
  cluster.settle(0);
  EXPECT_TRUE(cluster.network.empty());
  cluster.persist_one(0);
  ASSERT_EQ(cluster.network.size(), 1u);
  EXPECT_EQ(cluster.network[0].log_index, Index(1));
}

TEST(Append, AnAcknowledgementOfAnOlderTermDoesNotOutliveItsTruncation) {
  Cluster cluster = follower_with({}, 1);
  cluster[0].step(append_request(1, 0, 0, {1}));
  cluster[0].step(append_request(2, 0, 0, {2}));
  const Output output = cluster.settle(0);
  ASSERT_EQ(output.messages.size(), 1u);
  EXPECT_EQ(output.messages[0].term, Term(2));
  EXPECT_EQ(output.truncate_from, std::nullopt) << "the first entry was never handed out";
  ASSERT_EQ(output.entries.size(), 1u);
  EXPECT_EQ(output.entries[0].term, Term(2));
}

TEST(Append, ALateReportDoesNotMakeATruncatedEntryDurable) {
  Cluster cluster = follower_with({}, 1);
  Raft& raft = cluster[0];
  raft.step(append_request(1, 0, 0, {1, 1, 1}));
  const auto first = raft.take_output();
  raft.step(append_request(2, 1, 1, {2}));
  const auto second = raft.take_output();
  raft.persisted(first->id);
  EXPECT_EQ(raft.durable(), Index(1));
  raft.persisted(second->id);
  EXPECT_EQ(raft.durable(), Index(2));
}

TEST(Append, ATruncatedEntryIsNoLongerDurable) {
  Cluster cluster = follower_with({1, 1, 1}, 1);
  EXPECT_EQ(cluster[0].durable(), Index(3));
  cluster[0].step(append_request(2, 1, 1, {2}));
  EXPECT_EQ(cluster[0].durable(), Index(1));
}

TEST(Append, TwoTruncationsInOneOutputAreTheLower) {
  Cluster cluster = follower_with({1, 1, 1}, 1);
  cluster[0].step(append_request(2, 1, 1, {2, 2}));
  cluster[0].step(append_request(3, 2, 2, {3}));
  const Output output = cluster.settle(0);
  EXPECT_EQ(output.truncate_from, Index(2));
  EXPECT_EQ(output.entries.size(), 2u);
  EXPECT_EQ(cluster.at(0).disk.entries.size(), 3u);
}

// 3.5: "The leader decides when it is safe to apply a log entry ... once the leader that created
// the entry has replicated it on a majority".
TEST(Commit, NeedsAMajority) {
  Cluster cluster(5);
  cluster.elect(0);
  for (const std::size_t gone : {2, 3, 4}) cluster.isolate(gone);
  cluster.propose(0, "a");
  cluster.deliver_all();
  EXPECT_EQ(cluster[0].commit(), Index(1));
  cluster.heal();
  for (int i = 0; i < 6; ++i) {
    cluster.tick(0);
    cluster.deliver_all();
  }
  EXPECT_EQ(cluster[0].commit(), Index(2));
}

// 10.2.1: "The leader may even commit an entry before it has been written to its own disk, if a
// majority of followers have written it to their disks".
TEST(Commit, CountsTheLeaderOnlyOnceItsOwnDiskHasTheEntry) {
  Cluster cluster(3);
  cluster.elect(0);
  cluster.at(0).disk_held = true;
  cluster.isolate(2);
  cluster.propose(0, "a");
  cluster.deliver_all();
  EXPECT_EQ(cluster[0].commit(), Index(1)) << "one follower is no majority of three";
  cluster.persist_one(0);
  EXPECT_EQ(cluster[0].commit(), Index(2));
}

TEST(Commit, TwoFollowersOfThreeCommitWithoutTheLeadersDisk) {
  Cluster cluster(3);
  cluster.elect(0);
  cluster.at(0).disk_held = true;
  cluster.propose(0, "a");
  cluster.deliver_all();
  EXPECT_EQ(cluster[0].commit(), Index(2));
  EXPECT_EQ(cluster[0].durable(), Index(1));
}

// 3.6.2: "Raft never commits log entries from previous terms by counting replicas. Only log entries
// from the leader's current term are committed by counting replicas".
TEST(Commit, AnEntryOfAnOlderTermIsNotCommittedByCounting) {
  Config config = Cluster::default_config();
  config.batch_bytes_max = 1;  // the no-op travels alone
  bool seen = false;
  Cluster cluster(3, config);
  cluster.at(0).disk.entries = entries_of(1, {1, 2});
  cluster.at(0).disk.hard_state = {Term(2), no_node};
  cluster.restart(0);
  while (cluster[0].role() == Role::follower) cluster.tick(0);
  while (!cluster.network.empty() && cluster[0].commit() == Index(0)) {
    deliver_one(cluster);
    bool old_on_majority = false;
    bool own_on_majority = false;
    for (const Progress& follower : cluster[0].followers()) {
      old_on_majority |= follower.match >= Index(2);
      own_on_majority |= follower.match >= Index(3);
    }
    EXPECT_EQ(cluster[0].commit() > Index(0), own_on_majority);
    seen |= old_on_majority && !own_on_majority;
  }
  EXPECT_TRUE(seen) << "entry 2 was on a majority alone";
  EXPECT_EQ(cluster[0].commit(), Index(3)) << "the older entries follow their successor";
}

// 6.4: "a leader ... needs to commit an entry from its term ... each leader commit a blank no-op
// entry into the log at the start of its term".
TEST(Commit, ALeaderOpensItsTermWithANoOp) {
  Cluster cluster(3);
  cluster.elect(0);
  const Entry& first = cluster[0].log().entry(Index(1));
  EXPECT_EQ(first.kind, EntryKind::no_op);
  EXPECT_EQ(cluster[0].commit(), Index(1));
}

// Figure 3.1, leaders: "for each server, index of highest log entry known to be replicated (...
// increases monotonically)".
TEST(Progress, MatchNeverFalls) {
  Progress follower({NodeId(1)}, Index(10), 0);
  EXPECT_TRUE(follower.matched(Index(10), Index()));
  EXPECT_FALSE(follower.matched(Index(4), Index()));
  EXPECT_EQ(follower.match, Index(10));
  EXPECT_FALSE(follower.refused_after(Index(7), Index(3))) << "of the past";
  EXPECT_EQ(follower.next, Index(11));
}

// 3.5: "After a rejection, the leader decrements nextIndex and retries".
TEST(Progress, ARefusalMovesNextBackButNotBelowMatch) {
  Progress follower({NodeId(1)}, Index(10), 0);
  EXPECT_TRUE(follower.refused_after(Index(10), Index(4)));
  EXPECT_EQ(follower.next, Index(5));
  EXPECT_FALSE(follower.refused_after(Index(10), Index(2)))
      << "answers a probe that is no longer out";
  EXPECT_TRUE(follower.refused_after(Index(4), Index(9)));
  EXPECT_EQ(follower.next, Index(4)) << "a hint beyond what was refused helps nobody";
}

// 10.2.2: "the leader can send the next AppendEntries before the previous one is acknowledged",
// within a window.
TEST(Progress, TheWindowBoundsTheMessagesUnderWay) {
  constexpr Window two{2, 1000};
  Progress follower({NodeId(1)}, Index(0), 0);
  follower.sent(Index(1), 10);
  EXPECT_FALSE(follower.may_send(two)) << "a probe travels alone";
  follower.matched(Index(1), Index());
  follower.sent(Index(2), 10);
  EXPECT_TRUE(follower.may_send(two));
  follower.sent(Index(3), 10);
  EXPECT_FALSE(follower.may_send(two));
  follower.matched(Index(2), Index());
  EXPECT_TRUE(follower.may_send(two));
}

TEST(Progress, TheWindowBoundsTheBytesUnderWay) {
  constexpr Window bytes{100, 50};
  Progress follower({NodeId(1)}, Index(0), 0);
  follower.sent(Index(1), 10);
  follower.matched(Index(1), Index());
  follower.sent(Index(2), 49);
  EXPECT_TRUE(follower.may_send(bytes));
  follower.sent(Index(3), 1000);
  EXPECT_EQ(follower.inflight_bytes(), 1049u);
  EXPECT_FALSE(follower.may_send(bytes));
  follower.matched(Index(2), Index());
  EXPECT_FALSE(follower.may_send(bytes)) << "the large one is still under way";
  follower.alive(Index(9), bytes, 0);
  EXPECT_TRUE(follower.may_send(bytes)) << "it may be lost: the answer to a heartbeat makes room";
  follower.sent(Index(4), 60);
  follower.refused_after(Index(3), Index(2));
  EXPECT_EQ(follower.inflight_bytes(), 0u);
}

#ifdef BLACKOUT_PLANTED_BUGS
TEST(PlantedBug, EntriesTravelOnlyWithAHeartbeat) {
  Config config = Cluster::default_config();
  config.planted.ship_with_heartbeats = true;
  Cluster cluster(3, config);
  cluster.elect(0);
  EXPECT_TRUE(cluster.network.empty());
  cluster.tick(0, 2);
  cluster.deliver_all();
  EXPECT_EQ(cluster.terms(1), (Terms{1}));
}
#endif

TEST(Propose, IsRefusedByAFollowerAndBeyondTheUncommittedLimit) {
  Config config = Cluster::default_config();
  config.uncommitted_bytes_max = 3 * (Log::entry_overhead_bytes + 1);
  Cluster cluster(3, config);
  EXPECT_FALSE(cluster.propose(0, "x"));
  cluster.elect(0);
  cluster.isolate(0);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(cluster.propose(0, "x"));
  EXPECT_FALSE(cluster.propose(0, "x"));
  cluster.heal();
  for (int i = 0; i < 6; ++i) {
    cluster.tick(0);
    cluster.deliver_all();
  }
  EXPECT_TRUE(cluster.propose(0, "x"));
}

// 6.4: "1. If the leader has not yet marked an entry from its current term committed, it waits
// until it has".
TEST(Read, NeedsACommitInTheLeadersOwnTerm) {
  Cluster cluster(3);
  EXPECT_EQ(cluster[0].read(1).error(), ReadError::not_leader);
  while (cluster[0].role() == Role::follower) cluster.tick(0);
  while (cluster[0].role() != Role::leader) deliver_one(cluster);
  EXPECT_EQ(cluster[0].read(1).error(), ReadError::term_not_committed);
}

// 6.4: "3. The leader ... issues a new round of heartbeats and waits for their acknowledgments from
// a majority".
TEST(Read, IsGrantedAfterARoundThatBeganWithIt) {
  Cluster cluster(3);
  cluster.elect(0);
  cluster.tick(0, 2);
  ASSERT_TRUE(cluster[0].read(7).ok());
  const auto earlier = cluster.network;  // heartbeats from before the read
  cluster.network.clear();
  cluster.settle(0);
  const auto round = cluster.network;
  cluster.network = earlier;
  cluster.deliver_all();
  EXPECT_TRUE(cluster.at(0).reads.empty());
  cluster.network = round;
  cluster.deliver_all();
  ASSERT_EQ(cluster.at(0).reads.size(), 1u);
  EXPECT_EQ(cluster.at(0).reads[0].context, 7u);
  EXPECT_EQ(cluster.at(0).reads[0].index, Index(1));
}

// 6.2: a leader that a majority answers is the only one.
TEST(Round, AnAnswerSaysWhatTheFollowerReceivedAndApplied) {
  Cluster cluster(3);
  cluster.elect(0);
  cluster.at(1).disk_held = true;
  cluster.propose(0, "a");
  cluster.deliver_all();
  cluster.tick(0, 2);
  cluster.deliver_all();
  cluster.persist_all(1);
  cluster.deliver_all();
  const Progress& follower = cluster[0].followers()[0];
  ASSERT_EQ(follower.id, NodeId(1));
  EXPECT_EQ(follower.received, Index(2));
  EXPECT_EQ(follower.applied, Index(1));
  EXPECT_EQ(follower.round, 1u);
}

TEST(Round, WhatAFollowerHoldsBeyondTheLeadersLogIsNotReceived) {
  Cluster cluster(3);
  cluster.elect(0);
  cluster.isolate(0);
  for (int i = 0; i < 3; ++i) cluster.propose(0, "lost");
  cluster.tick(2, cluster.at(2).config.election_ticks_min);
  cluster.elect(1);
  cluster.heal();
  cluster.tick(1, 2);
  const auto beat =
      std::find_if(cluster.network.begin(), cluster.network.end(), [](const Message& m) {
        return m.kind == MessageKind::heartbeat_request && m.to == NodeId(0);
      });
  ASSERT_NE(beat, cluster.network.end());
  const Message request = *beat;
  cluster.network.clear();
  cluster.deliver(request);
  ASSERT_FALSE(cluster.network.empty());
  EXPECT_EQ(cluster.network.back().kind, MessageKind::heartbeat_response);
  EXPECT_EQ(cluster.network.back().log_index, cluster[0].commit());
  EXPECT_LT(cluster[0].commit(), cluster[0].log().last_index());
}

TEST(Round, IsConfirmedWhenAMajorityAnsweredItAndOfALeaderOnly) {
  Cluster cluster(3);
  EXPECT_EQ(cluster[0].confirmed_round(), std::nullopt);
  cluster.elect(0);
  const std::uint64_t before = cluster[0].confirmed_round().value();
  cluster.cut(0, 2);
  cluster.tick(0, cluster.at(0).config.heartbeat_ticks);
  EXPECT_EQ(cluster[0].confirmed_round(), before);
  cluster.deliver_all();
  EXPECT_EQ(cluster[0].confirmed_round(), before + 1);
  cluster.cut(0, 1);
  cluster.tick(0, cluster.at(0).config.heartbeat_ticks);
  cluster.deliver_all();
  EXPECT_EQ(cluster[0].confirmed_round(), before + 1);
  cluster.tick(0, cluster.at(0).config.election_ticks_min);
  EXPECT_EQ(cluster[0].confirmed_round(), std::nullopt);
}

TEST(Read, IsRefusedWhenLeadershipIsLost) {
  Cluster cluster(3);
  cluster.elect(0);
  cluster.isolate(0);
  ASSERT_TRUE(cluster[0].read(7).ok());
  cluster.tick(0, cluster.at(0).config.election_ticks_min);
  EXPECT_TRUE(cluster.at(0).reads.empty());
  EXPECT_EQ(cluster.at(0).reads_refused, (std::vector<std::uint64_t>{7}));
}

TEST(Read, IsGrantedAtOnceWhereOneNodeIsTheMajority) {
  Cluster cluster(1);
  while (cluster[0].role() != Role::leader) cluster.tick(0);
  ASSERT_TRUE(cluster[0].read(7).ok());
  cluster.settle(0);
  EXPECT_EQ(cluster.at(0).reads.size(), 1u);
}

// 3.8: "the commit index ... can safely be reinitialized to zero after a restart".
TEST(Restart, KeepsTermVoteAndLogAndLearnsTheCommitIndexAnew) {
  Cluster cluster(3);
  cluster.elect(0);
  cluster.propose(0, "a");
  cluster.deliver_all();
  cluster.restart(0);
  EXPECT_EQ(cluster[0].commit(), Index(0));
  EXPECT_EQ(cluster[0].hard_state(), (HardState{Term(1), NodeId(0)}));
  EXPECT_EQ(cluster.terms(0), (Terms{1, 1}));
}

TEST(Restart, ATermThatWasLostWithoutItsEntriesIsTakenFromThem) {
  Cluster cluster = follower_with({1, 4}, 3);
  EXPECT_EQ(cluster[0].term(), Term(4));
  EXPECT_EQ(cluster.settle(0).hard_state, (HardState{Term(4), no_node}));
}

TEST(Restart, ALogMayStartAtASnapshot) {
  Config config = Cluster::default_config();
  config.founders = Configuration({NodeId(0), NodeId(1), NodeId(2)});
  Raft raft(config,
            Recovered{{Term(5), no_node}, {Index(100), Term(4), 99}, entries_of(101, {5, 5})});
  EXPECT_EQ(raft.commit(), Index(100));
  raft.step(append_request(5, 50, 3, {}, 60));
  const auto taken = raft.take_output();
  ASSERT_NE(taken, nullptr);
  const Output& output = *taken;
  ASSERT_EQ(output.messages.size(), 1u);
  EXPECT_EQ(output.messages[0].log_index, Index(100)) << "what the snapshot holds is committed";
  EXPECT_TRUE(output.committed.empty());
}

}  // namespace
}  // namespace blackout::raft
