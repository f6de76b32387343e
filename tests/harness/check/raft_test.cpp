#include <gtest/gtest.h>

#include "harness/check/replicas.hpp"
#include "tests/harness/check/scene.hpp"

namespace blackout::check {
namespace {

void expect_broken(const record::Verdict& verdict, const std::string& id) {
  ASSERT_NE(finding(verdict, id), nullptr) << all_findings(verdict);
  EXPECT_EQ(invariant(verdict, id).held, record::Held::no);
  EXPECT_FALSE(finding(verdict, id)->rule.empty());
  EXPECT_FALSE(finding(verdict, id)->sentence.empty());
  EXPECT_EQ(verdict.conclusion, record::Conclusion::violated);
}

void expect_held(const record::Verdict& verdict, const std::string& id) {
  EXPECT_EQ(finding(verdict, id), nullptr) << all_findings(verdict);
  EXPECT_EQ(invariant(verdict, id).held, record::Held::yes);
  EXPECT_GT(invariant(verdict, id).checked, 0U);
}

TEST(Judge, PassesTheHappyPathWithEveryInvariantLookedAt) {
  Scene scene;
  for (int i = 0; i < 50; ++i) {
    scene.write(seconds(11) + milliseconds(10 * i), "eu/1");
    scene.read(seconds(11) + milliseconds(10 * i + 6), "eu/1");
  }
  scene.write(seconds(35), "eu/1");
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(verdict.conclusion, record::Conclusion::pass) << all_findings(verdict);
  EXPECT_EQ(verdict.sentence, "");
  EXPECT_TRUE(verdict.expectation_met);
  for (const record::InvariantRow& row : verdict.invariants) {
    EXPECT_EQ(row.held, record::Held::yes) << row.id;
    const bool needs_more = row.id == "raft.vote_uniqueness" || row.id == "raft.term_monotonic" ||
                            row.id == "addressed" || row.id == "platform.lag_honest";
    EXPECT_EQ(row.checked > 0, !needs_more) << row.id;
  }
}

TEST(Judge, GivesEqualVerdictsForEqualRecords) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  scene.lead(b1, 1);
  const record::Verdict one = scene.verdict(), other = scene.judge_only();
  EXPECT_EQ(all_findings(one), all_findings(other));
  ASSERT_EQ(one.invariants.size(), other.invariants.size());
  for (std::size_t i = 0; i < one.invariants.size(); ++i) {
    EXPECT_EQ(one.invariants[i].checked, other.invariants[i].checked);
  }
}

TEST(ElectionSafety, FlagsTwoLeadersOfOneTermHoweverFarApart) {
  Scene scene;
  scene.at(seconds(5)).stop(a1);
  scene.at(seconds(25)).lead(b1, 1);
  const record::Verdict verdict = scene.verdict();
  expect_broken(verdict, "raft.election_safety");
  EXPECT_EQ(finding(verdict, "raft.election_safety")->sentence,
            "b-1 and a-1 both lead orders in term 1.");
  EXPECT_EQ(finding(verdict, "raft.election_safety")->story.size(), 2U);
}

TEST(ElectionSafety, AllowsTheSameNodeToSayItTwiceAndAnotherTermToAnother) {
  Scene scene;
  scene.lead(a1, 1);
  scene.at(seconds(5)).lead(b1, 2);
  expect_held(scene.verdict(), "raft.election_safety");
}

TEST(VoteUniqueness, FlagsASecondCandidateAfterARestart) {
  Scene scene;
  scene.at(seconds(5)).event(EventKind::vote_cast, c1, node_word(a1), 4);
  scene.at(seconds(6)).stop(c1);
  scene.at(seconds(7)).start(c1);
  scene.event(EventKind::vote_cast, c1, node_word(b1), 4);
  const record::Verdict verdict = scene.verdict();
  expect_broken(verdict, "raft.vote_uniqueness");
  EXPECT_EQ(verdict.sentence, "c-1 voted twice in term 4 of orders: for a-1 and for b-1.");
}

TEST(VoteUniqueness, FlagsAVoteOnDiskForAnotherThanTheOneThatLeft) {
  Scene scene;
  scene.event(EventKind::vote_cast, c1, node_word(a1), 4);
  scene.event(EventKind::term_persisted, c1, 4, node_word(b1));
  expect_broken(scene.verdict(), "raft.vote_uniqueness");
}

TEST(VoteUniqueness, AllowsRepeatedVotesOtherTermsAndOtherNodes) {
  Scene scene;
  scene.event(EventKind::term_persisted, c1, 4, 0);
  scene.event(EventKind::term_persisted, c1, 4, node_word(a1));
  scene.event(EventKind::vote_cast, c1, node_word(a1), 4);
  scene.event(EventKind::vote_cast, c1, node_word(a1), 4);
  scene.event(EventKind::vote_cast, c1, node_word(b1), 5);
  scene.event(EventKind::vote_cast, b2, node_word(b1), 4);
  expect_held(scene.verdict(), "raft.vote_uniqueness");
}

TEST(VoteUniqueness, BindsADiskAndNotTheOneThatTakesItsPlace) {
  Scene scene;
  scene.event(EventKind::vote_cast, c1, node_word(a1), 4);
  scene.event(EventKind::vote_cast, b1, node_word(a1), 4);
  scene.event(EventKind::disk_replaced, c1, 0, 0, 0, no_shard);
  scene.event(EventKind::vote_cast, c1, node_word(b1), 4);
  expect_held(scene.verdict(), "raft.vote_uniqueness");
  scene.event(EventKind::vote_cast, b1, node_word(b1), 4);
  expect_broken(scene.verdict(), "raft.vote_uniqueness");
}

TEST(TermMonotonic, BindsADiskAndNotTheOneThatTakesItsPlace) {
  Scene scene;
  scene.event(EventKind::term_persisted, b1, 5);
  scene.event(EventKind::term_persisted, c1, 5);
  scene.event(EventKind::disk_replaced, b1, 0, 0, 0, no_shard);
  scene.event(EventKind::term_persisted, b1, 1);
  expect_held(scene.verdict(), "raft.term_monotonic");
  scene.event(EventKind::term_persisted, c1, 1);
  expect_broken(scene.verdict(), "raft.term_monotonic");
}

TEST(TermMonotonic, FlagsATermOnDiskThatFalls) {
  Scene scene;
  scene.event(EventKind::term_persisted, b1, 5);
  scene.event(EventKind::term_persisted, b1, 4);
  expect_broken(scene.verdict(), "raft.term_monotonic");
}

TEST(TermMonotonic, AllowsEqualTermsAndALowerTermOnAnotherNode) {
  Scene scene;
  scene.event(EventKind::term_persisted, b1, 5);
  scene.event(EventKind::term_persisted, b1, 5, node_word(c1));
  scene.event(EventKind::term_persisted, b2, 4);
  expect_held(scene.verdict(), "raft.term_monotonic");
}

TEST(LogMatching, FlagsDifferentPrefixesUnderOneIndexAndTerm) {
  Scene scene;
  scene.append(a1, 1, 1);
  scene.event(EventKind::entry_appended, b1, 1, 1, 99);
  expect_broken(scene.verdict(), "raft.log_matching");
}

TEST(LogMatching, FlagsThemAlsoWhereTheIndexHeldAnotherTermBefore) {
  Scene scene;
  scene.append(a1, 1, 1);
  scene.append(b1, 1, 2);
  scene.event(EventKind::entry_appended, b2, 1, 2, 99);
  expect_broken(scene.verdict(), "raft.log_matching");
}

TEST(LogMatching, AllowsConflictingUncommittedTails) {
  Scene scene;
  scene.append(a1, 1, 1);
  scene.append(b1, 1, 2);
  scene.append(b2, 1, 2);
  expect_held(scene.verdict(), "raft.log_matching");
}

TEST(LeaderCompleteness, FlagsALeaderWithoutAnEntryDurableOnAMajority) {
  Scene scene;
  scene.store(a1, 1, 1);
  for (const NodeId node : {a2, b1}) {
    scene.follow(node, 1, a1);
    scene.store(node, 1, 1);
  }
  // Nobody has called it committed yet.
  scene.at(seconds(5)).lead(c1, 2);
  const record::Verdict verdict = scene.verdict();
  expect_broken(verdict, "raft.leader_completeness");
  EXPECT_EQ(finding(verdict, "raft.leader_completeness")->sentence,
            "c-1 leads orders in term 2 without entry 1, which was committed in term 1; its log "
            "ends at 0.");
}

TEST(LeaderCompleteness, AllowsALeaderWithoutAnEntryOnAMinority) {
  Scene scene;
  scene.store(a1, 1, 1);
  scene.follow(a2, 1, a1);
  scene.store(a2, 1, 1);
  scene.follow(b1, 1, a1);
  scene.append(b1, 1, 1);  // not durable
  scene.at(seconds(5)).lead(c1, 2);
  expect_held(scene.verdict(), "raft.leader_completeness");
}

// libraft.md 2.1: a late vote can crown a leader of an older term.
TEST(LeaderCompleteness, AllowsALateLeaderOfAnOlderTerm) {
  Scene scene;
  scene.lead(b1, 3);
  for (const NodeId node : {b1, b2, c1}) {
    scene.follow(node, 3, b1);
    scene.store(node, 1, 3);
    scene.commit(node, 1, 3);
  }
  scene.at(seconds(5)).lead(a2, 2);
  expect_held(scene.verdict(), "raft.leader_completeness");
}

// Dissertation figure 3.7: an entry of term 2 on a majority, copied there in term 4, is not
// committed.
TEST(LeaderCompleteness, DoesNotTakeAnOldTermsEntryOnAMajorityForCommitted) {
  Scene scene;
  scene.lead(a1, 2);
  scene.follow(a2, 2, a1);
  scene.store(a1, 1, 2);
  scene.store(a2, 1, 2);
  scene.lead(b1, 3);
  scene.follow(b1, 3, b1);
  scene.store(b1, 1, 3);
  scene.lead(a1, 4);
  scene.follow(a1, 4, a1);
  scene.follow(c1, 4, a1);
  scene.store(c1, 1, 2);
  scene.at(seconds(5)).lead(b1, 5);
  expect_held(scene.verdict(), "raft.leader_completeness");
}

TEST(MatchHonesty, FlagsABeliefBeyondWhatIsDurable) {
  Scene scene;
  scene.store(a1, 1, 1);
  scene.append(b1, 1, 1);
  scene.event(EventKind::match_advanced, a1, node_word(b1), 1, 1);
  const record::Verdict verdict = scene.verdict();
  expect_broken(verdict, "raft.match_honesty");
  EXPECT_EQ(finding(verdict, "raft.match_honesty")->sentence,
            "a-1 counts 1 of orders as stored on b-1, whose durable log ends at 0.");
}

TEST(MatchHonesty, FlagsALeaderThatCountsItsOwnUnsyncedEntry) {
  Scene scene;
  scene.append(a1, 1, 1);
  scene.event(EventKind::match_advanced, a1, node_word(a1), 1, 1);
  expect_broken(scene.verdict(), "raft.match_honesty");
}

TEST(MatchHonesty, FlagsABeliefInAnotherEntryAtThatIndex) {
  Scene scene;
  scene.store(a1, 1, 1);
  scene.store(b1, 1, 2);
  scene.event(EventKind::match_advanced, a1, node_word(b1), 1, 1);
  expect_broken(scene.verdict(), "raft.match_honesty");
}

TEST(MatchHonesty, AllowsAnAnswerThatANewerLeaderHasOvertaken) {
  Scene scene;
  scene.store(a1, 1, 1);
  scene.store(b1, 1, 1);
  scene.follow(b1, 2, c1);
  scene.event(EventKind::log_truncated, b1, 1, 2);
  scene.append(b1, 1, 2);
  scene.event(EventKind::match_advanced, a1, node_word(b1), 1, 1);
  expect_held(scene.verdict(), "raft.match_honesty");
}

TEST(MatchHonesty, AllowsALogThatWasRecoveredFromDisk) {
  Scene scene;
  scene.store(a1, 1, 1);
  scene.store(b1, 1, 1);
  scene.stop(b1);
  scene.start(b1);
  scene.event(EventKind::log_recovered, b1, 1, 1, chain(1, 1));
  scene.event(EventKind::match_advanced, a1, node_word(b1), 1, 1);
  expect_held(scene.verdict(), "raft.match_honesty");
}

TEST(MatchHonesty, FlagsACompletionThatComesAfterTheEntryWasDropped) {
  Scene scene;
  scene.lead(c1, 2);
  scene.store(c1, 1, 2);
  scene.append(b1, 1, 1);
  scene.event(EventKind::log_truncated, b1, 1, 2);
  scene.append(b1, 1, 2);
  scene.durable(b1, 1, 1);  // the sync of what is no longer there
  scene.event(EventKind::match_advanced, c1, node_word(b1), 1, 2);
  expect_broken(scene.verdict(), "raft.match_honesty");
}

TEST(CommitDurable, FlagsACommitOnAMinority) {
  Scene scene;
  scene.store(a1, 1, 1);
  scene.store(a2, 1, 1);
  scene.append(b1, 1, 1);
  scene.commit(a1, 1, 1);
  const record::Verdict verdict = scene.verdict();
  expect_broken(verdict, "raft.commit_durable");
  EXPECT_EQ(finding(verdict, "raft.commit_durable")->sentence,
            "a-1 commits 1 (term 1) of orders while 2 of 5 voters have it on disk.");
}

TEST(CommitDurable, AllowsALateFollowerAfterAVoterWasReplaced) {
  Scene scene;
  for (const NodeId node : {a1, a2, b1}) scene.store(node, 1, 1);
  scene.commit(a1, 1, 1);
  scene.stop(a1);
  scene.append(c1, 1, 1);
  scene.commit(c1, 1, 1);  // not durable on c-1 itself, but proven before
  expect_held(scene.verdict(), "raft.commit_durable");
}

// The majority must hold that entry, not just something at that index.
TEST(CommitDurable, FlagsACommitThatCountsAnotherEntry) {
  Scene scene;
  scene.store(a1, 1, 2);
  scene.store(a2, 1, 2);
  scene.store(b1, 1, 1);
  scene.commit(a1, 1, 2);
  expect_broken(scene.verdict(), "raft.commit_durable");
}

TEST(CommittedEntryReplaced, FlagsAnotherCommitAtTheIndex) {
  Scene scene;
  for (const NodeId node : {a1, a2, b1}) scene.store(node, 1, 1);
  scene.commit(a1, 1, 1);
  for (const NodeId node : {a2, b1, b2}) scene.store(node, 1, 3);
  scene.commit(b2, 1, 3);
  const record::Verdict verdict = scene.verdict();
  expect_broken(verdict, "raft.committed_entry_replaced");
  EXPECT_EQ(finding(verdict, "raft.committed_entry_replaced")->sentence,
            "b-2 commits 1 (term 3) of orders; a-1 had committed 1 (term 1).");
}

TEST(CommittedEntryReplaced, AllowsAnUncommittedEntryToGiveWay) {
  Scene scene;
  scene.store(a1, 1, 1);
  for (const NodeId node : {a1, b1, b2, c1}) scene.store(node, 1, 2);
  scene.commit(b1, 1, 2);
  scene.commit(a1, 1, 2);
  expect_held(scene.verdict(), "raft.committed_entry_replaced");
}

TEST(StateMachineSafety, FlagsTwoOperationsAtOneIndex) {
  Scene scene;
  scene.apply(a1, 1, 0);
  scene.apply(b1, 1, 5);
  expect_broken(scene.verdict(), "raft.state_machine_safety");
}

TEST(StateMachineSafety, FlagsAGapInOneIncarnation) {
  Scene scene;
  scene.apply(a1, 1, 0);
  scene.apply(a1, 3, 0);
  expect_broken(scene.verdict(), "raft.state_machine_safety");
}

TEST(StateMachineSafety, FlagsACommitIndexThatFalls) {
  Scene scene;
  scene.commit(a1, 2, 1);
  scene.commit(a1, 1, 1);
  expect_broken(scene.verdict(), "raft.state_machine_safety");
}

TEST(StateMachineSafety, AllowsANewIncarnationToStartAgain) {
  Scene scene;
  scene.apply(a1, 1, 0);
  scene.apply(a1, 2, 0);
  scene.commit(a1, 2, 1);
  scene.stop(a1);
  scene.start(a1);
  scene.commit(a1, 1, 1);
  scene.apply(a1, 1, 0);
  scene.apply(a1, 2, 0);
  expect_held(scene.verdict(), "raft.state_machine_safety");
}

TEST(StateMachineSafety, FlagsAnIncarnationThatStartsBeyondItsDisk) {
  Scene scene;
  scene.apply(a1, 1, 0);
  scene.stop(a1);
  scene.start(a1);
  scene.apply(a1, 3, 0);
  expect_broken(scene.verdict(), "raft.state_machine_safety");
}

TEST(ChecksumAgreement, FlagsDifferentStatesAtOneIndex) {
  Scene scene;
  scene.event(EventKind::entry_applied, a1, 1, 0, 10);
  scene.event(EventKind::entry_applied, b1, 1, 0, 11);
  expect_broken(scene.verdict(), "platform.checksum_agreement");
}

TEST(ChecksumAgreement, AllowsDifferentStatesAtDifferentIndexes) {
  Scene scene;
  scene.event(EventKind::entry_applied, a1, 1, 0, 10);
  scene.event(EventKind::entry_applied, a1, 2, 0, 11);
  scene.event(EventKind::entry_applied, b1, 1, 0, 10);
  expect_held(scene.verdict(), "platform.checksum_agreement");
}

TEST(AcknowledgedDurable, FlagsASuccessOnTheLeaderAlone) {
  Scene scene;
  scene.invoke(record::OperationKind::put, "eu/1", 1);
  scene.store(a1, 1, 1);
  scene.acknowledge(a1, 1, 1, 1);
  const record::Verdict verdict = scene.verdict();
  expect_broken(verdict, "platform.acknowledged_durable");
  EXPECT_EQ(
      finding(verdict, "platform.acknowledged_durable")->sentence,
      "a-1 answers success for put eu/1 (entry 1 of orders) while 1 of 5 voters have it on disk.");
}

TEST(AcknowledgedDurable, AllowsASuccessOnAMajority) {
  Scene scene;
  scene.invoke(record::OperationKind::put, "eu/1", 1);
  for (const NodeId node : {a1, b1, c1}) scene.store(node, 1, 1);
  scene.acknowledge(a1, 1, 1, 1);
  expect_held(scene.verdict(), "platform.acknowledged_durable");
}

// A disk that loses power with a truncation in its cache brings the old tail back.
TEST(Replicas, NothingIsDurableOnADiskThatTookAnothersPlace) {
  Scene scene;
  Replicas replicas(scene.plan);
  const auto see = [&replicas](EventKind kind, NodeId node, std::uint64_t index) {
    Event event;
    event.kind = kind;
    event.node = node;
    event.shard = kind == EventKind::disk_replaced ? no_shard : orders;
    event.a = index;
    event.b = index == 0 ? 0 : 1;
    event.c = index == 0 ? 0 : chain(index, 1);
    replicas.update(event, {});
  };
  for (const NodeId node : {a1, b1}) {
    see(EventKind::entry_appended, node, 1);
    see(EventKind::log_durable, node, 1);
  }
  ASSERT_EQ(replicas.durable_voters(orders, 1, chain(1, 1)), 2U);
  see(EventKind::disk_replaced, b1, 0);
  EXPECT_EQ(replicas.durable_voters(orders, 1, chain(1, 1)), 1U);
  EXPECT_TRUE(replicas.find(b1, orders)->had_durable(1, chain(1, 1)));
  see(EventKind::log_recovered, b1, 0);
  EXPECT_TRUE(replicas.find(b1, orders)->log.empty());
}

TEST(Replicas, ATailWhoseTruncationWasNotDurableMayReturn) {
  Scene scene;
  scene.store(a1, 1, 1);
  scene.store(b1, 1, 1);
  scene.event(EventKind::log_truncated, b1, 1, 2);
  scene.append(b1, 1, 2);
  scene.stop(b1);
  scene.start(b1);
  scene.event(EventKind::log_recovered, b1, 1, 1, chain(1, 1));
  scene.event(EventKind::match_advanced, a1, node_word(b1), 1, 1);
  expect_held(scene.verdict(), "raft.match_honesty");
}

TEST(Judge, SurvivesEventsThatNameNobody) {
  Scene scene;
  scene.event(EventKind::entry_appended, NodeId(99), 1, 1, 1);
  scene.event(EventKind::entry_appended, a1, 1, 1, 1, ShardId(9));
  scene.event(EventKind::entry_appended, a1, ~0ULL, 1, 1);
  scene.event(EventKind::entry_applied, a1, ~0ULL, ~0ULL, 1);
  scene.event(EventKind::commit_advanced, a1, ~0ULL, 1, 1);
  scene.event(EventKind::log_recovered, a1, ~0ULL, 1, 1);
  scene.event(EventKind::match_advanced, a1, ~0ULL, ~0ULL, 1);
  scene.event(EventKind::write_acknowledged, a1, ~0ULL, ~0ULL, 1);
  scene.event(EventKind::link_cut, a1, ~0ULL, 0, 0, no_shard);
  EXPECT_EQ(scene.verdict().conclusion, record::Conclusion::violated);
}

}  // namespace
}  // namespace blackout::check
