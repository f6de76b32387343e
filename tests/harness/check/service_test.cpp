#include <gtest/gtest.h>

#include "harness/check/reach.hpp"
#include "tests/harness/check/scene.hpp"

namespace blackout::check {
namespace {

using record::Held;
using record::OperationKind;
using record::Outcome;

// Fencing

TEST(Fencing, FlagsASuccessOfASupersededTermThatTheNewerLogDoesNotHold) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  scene.at(seconds(12)).lead(b1, 2);
  scene.invoke(OperationKind::put, "eu/1", 1);
  scene.invoke(OperationKind::put, "eu/1", 1);
  for (const NodeId node : {b1, b2, c1}) scene.store(node, 2, 2);
  scene.acknowledge(b1, 2, 2, 2);
  scene.store(a1, 2, 1);
  scene.acknowledge(a1, 3, 2, 1);
  const record::Verdict verdict = scene.verdict();
  ASSERT_NE(finding(verdict, "fencing"), nullptr) << all_findings(verdict);
  EXPECT_EQ(
      finding(verdict, "fencing")->sentence,
      "a-1 answers success for put eu/1 in term 1 of orders, after b-1 had answered in term 2.");
}

TEST(Fencing, AllowsALateSuccessForAnEntryThatTheNewerLeaderHolds) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  scene.at(seconds(12)).lead(b1, 2);
  scene.invoke(OperationKind::put, "eu/1", 1);
  for (const NodeId node : {b1, b2, c1}) scene.store(node, 2, 2);
  scene.acknowledge(b1, 2, 2, 2);
  scene.acknowledge(a1, 1, 1, 1);
  EXPECT_EQ(finding(scene.verdict(), "fencing"), nullptr);
}

TEST(Fencing, FlagsAWriteAnsweredToClientsApartFromEveryMajority) {
  Scene scene;
  scene.at(seconds(11));
  for (const NodeId side : {a1, a2, clients_a}) {
    for (const NodeId other : {b1, b2, c1, clients_b, clients_c}) {
      scene.cut(side, other);
      scene.cut(other, side);
    }
  }
  scene.write(seconds(12), "eu/1");
  const record::Verdict verdict = scene.verdict();
  ASSERT_NE(finding(verdict, "fencing"), nullptr) << all_findings(verdict);
  EXPECT_EQ(
      finding(verdict, "fencing")->sentence,
      "put eu/1 of client 0 in a was answered ok while no majority of orders could be reached.");
}

TEST(Fencing, AllowsAWriteWhoseAnswerRacedTheCut) {
  Scene scene;
  scene.write(seconds(12), "eu/1");
  scene.operation(1).completed = Instant(0) + seconds(12) + milliseconds(20);
  scene.at(seconds(12) + milliseconds(6)).isolate(clients_a);
  EXPECT_EQ(finding(scene.verdict(), "fencing"), nullptr);
}

// One-way links still join: requests may go one way round and answers another.
TEST(Fencing, DoesNotCallClientsApartThatAOneWayLinkJoins) {
  Scene scene;
  scene.at(seconds(11));
  for (const NodeId server : {a1, a2, b1, b2, c1}) scene.cut(clients_a, server);
  scene.write(seconds(12), "eu/1");
  EXPECT_EQ(finding(scene.verdict(), "fencing"), nullptr);
}

// Two of five are up at every instant, and three have stored the entry in the end.
TEST(Fencing, AllowsAMajorityThatIsMadeOverTime) {
  Scene scene;
  scene.at(seconds(11)).stop(b1);
  scene.stop(b2);
  scene.event(EventKind::node_paused, c1, 0, 0, 0, no_shard);
  scene.at(seconds(12)).invoke(OperationKind::put, "eu/1", 1);
  for (const NodeId node : {a1, a2}) scene.store(node, 1, 1);
  scene.at(seconds(12) + milliseconds(100)).stop(a2);
  scene.event(EventKind::node_resumed, c1, 0, 0, 0, no_shard);
  scene.store(c1, 1, 1);
  scene.commit(a1, 1, 1);
  scene.apply(a1, 1, 1);
  scene.acknowledge(a1, 1, 1, 1);
  scene.model["eu/1"] = {"eu/1", 1, {OperationId(1)}};
  scene.complete(scene.operation(1));
  EXPECT_EQ(finding(scene.verdict(), "fencing"), nullptr);
}

// Exactly once

TEST(ExactlyOnce, FlagsAnEntryTwiceInOneAccount) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  scene.audit();
  scene.history.audits[1].accounts[0].entries.push_back(OperationId(1));
  const record::Verdict verdict = scene.judge_only();
  ASSERT_NE(finding(verdict, "exactly_once"), nullptr) << all_findings(verdict);
  EXPECT_EQ(verdict.duplicated, 1U);
}

TEST(ExactlyOnce, AllowsATransferInBothItsAccounts) {
  Scene scene;
  scene.write(seconds(11), "eu/1", 10);
  scene.write(seconds(12), "eu/2", 1);
  record::Operation& transfer = scene.operation(2);
  transfer.kind = OperationKind::transfer;
  transfer.key = "eu/1";
  transfer.other_key = "eu/2";
  transfer.version = 2;
  transfer.balance = 9;
  scene.model["eu/1"].entries.push_back(OperationId(2));
  scene.model["eu/1"].balance = 9;
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(finding(verdict, "exactly_once"), nullptr) << all_findings(verdict);
  EXPECT_EQ(finding(verdict, "linearizable"), nullptr) << all_findings(verdict);
  EXPECT_EQ(verdict.lost, 0U);
}

TEST(ExactlyOnce, FlagsAPhantom) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  scene.operation(1).outcome = Outcome::fail;
  const record::Verdict verdict = scene.verdict();
  const record::Finding* phantom = finding(verdict, "exactly_once");
  ASSERT_NE(phantom, nullptr);
  EXPECT_EQ(verdict.phantom, 1U);
  ASSERT_EQ(phantom->story.size(), 3U);
  EXPECT_EQ(phantom->story[0].what, "applies 1");
  EXPECT_NE(phantom->story[0].event, EventId(0));
  EXPECT_EQ(phantom->story[1].what, "is told that put eu/1 of client 0 in a failed");
}

// A time-out is never a fail (exploration.md, B12).
TEST(ExactlyOnce, AllowsTheEffectOfAnUnknownOutcome) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  scene.operation(1).outcome = Outcome::info;
  scene.operation(1).completed = Instant::never();
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(finding(verdict, "exactly_once"), nullptr) << all_findings(verdict);
  EXPECT_EQ(invariant(verdict, "linearizable").held, Held::yes);
}

TEST(ExactlyOnce, FlagsAnEntryThatNobodySent) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  scene.model["eu/1"].entries.push_back(OperationId(77));
  EXPECT_NE(finding(scene.verdict(), "exactly_once"), nullptr);
}

TEST(ExactlyOnce, FlagsASecondApplicationOfARetriedWrite) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  for (const NodeId node : {a1, a2, b1, b2, c1}) {
    scene.store(node, 2, 1);
    scene.apply(node, 2, 1);
  }
  const record::Verdict verdict = scene.verdict();
  ASSERT_NE(finding(verdict, "exactly_once"), nullptr) << all_findings(verdict);
  EXPECT_EQ(finding(verdict, "exactly_once")->sentence,
            "put eu/1 of client 0 in a is applied at 1 and again at 2 of orders.");
}

TEST(ExactlyOnce, AllowsARetryThatTheTableAnswered) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  for (const NodeId node : {a1, a2, b1, b2, c1}) {
    scene.store(node, 2, 1);
    scene.event(EventKind::request_deduplicated, node, 1, 2);
    scene.apply(node, 2, 1);
  }
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(finding(verdict, "exactly_once"), nullptr) << all_findings(verdict);
  EXPECT_EQ(mark(verdict, "client.retry_deduplicated"), 5U);
}

// Linearizable

Scene with_writes_and_reads() {
  Scene scene;
  scene.write(seconds(11), "eu/1", 5);
  scene.write(seconds(12), "eu/1", 7);
  scene.read(seconds(13), "eu/1");
  return scene;
}

TEST(Linearizable, FlagsAStaleRead) {
  Scene scene = with_writes_and_reads();
  record::Operation& read = scene.operation(3);
  read.version = 1;
  read.balance = 5;
  read.last_operation = OperationId(1);
  const record::Verdict verdict = scene.verdict();
  ASSERT_NE(finding(verdict, "linearizable"), nullptr) << all_findings(verdict);
  EXPECT_EQ(verdict.sentence,
            "Stale read of eu/1: get of client 0 saw version 1, 995 ms after version 2 had been "
            "answered.");
  const std::vector<record::StoryLine>& story = finding(verdict, "linearizable")->story;
  ASSERT_EQ(story.size(), 4U);
  EXPECT_EQ(story[0].what, "answers OK for entry 2");
  EXPECT_EQ(story[2].what, "answers from its state as of 2");
  EXPECT_NE(story[0].event, EventId(0));
  EXPECT_NE(story[2].event, EventId(0));
}

TEST(Linearizable, AllowsTheOldVersionToAConcurrentRead) {
  Scene scene;
  scene.write(seconds(11), "eu/1", 5);
  const std::uint64_t read = scene.read(seconds(11) + milliseconds(100), "eu/1");
  scene.write(seconds(11) + milliseconds(102), "eu/1", 7);
  scene.operation(read).completed = Instant(0) + seconds(12);
  scene.at(seconds(12));
  EXPECT_EQ(invariant(scene.verdict(), "linearizable").held, Held::yes);
}

TEST(Linearizable, FlagsAValueThatNobodyWrote) {
  Scene scene = with_writes_and_reads();
  scene.operation(3).last_operation = OperationId(3);
  EXPECT_NE(finding(scene.verdict(), "linearizable"), nullptr);
}

TEST(Linearizable, FlagsTwoWritesWithOneVersion) {
  Scene scene = with_writes_and_reads();
  scene.operation(2).version = 1;
  EXPECT_NE(finding(scene.verdict(), "linearizable"), nullptr);
}

TEST(Linearizable, FlagsAWrongBalance) {
  Scene scene = with_writes_and_reads();
  scene.operation(3).balance = 13;
  EXPECT_NE(finding(scene.verdict(), "linearizable"), nullptr);
}

TEST(Linearizable, FlagsAnAcknowledgedWriteThatIsGone) {
  Scene scene = with_writes_and_reads();
  scene.history.operations.pop_back();
  scene.model["eu/1"].entries.pop_back();
  const record::Verdict verdict = scene.verdict();
  ASSERT_NE(finding(verdict, "rpo"), nullptr);
  EXPECT_EQ(verdict.lost, 1U);
}

TEST(Linearizable, IsUnknownWhereTheWitnessIsMissingAndNothingContradicts) {
  Scene scene;
  scene.write(seconds(11), "eu/1", 5);
  scene.at(seconds(13));
  scene.complete(scene.invoke(OperationKind::get, "eu/1", 0));  // no node says where it was served
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(invariant(verdict, "linearizable").held, Held::unknown);
  EXPECT_EQ(verdict.conclusion, record::Conclusion::inconclusive);
  EXPECT_EQ(verdict.sentence, "linearizable could not be decided.");
}

TEST(Linearizable, AllowsARefusedCompareAndSet) {
  Scene scene;
  scene.write(seconds(11), "eu/1", 5);
  scene.write(seconds(12), "eu/1", 1);
  record::Operation& cas = scene.operation(2);
  cas.kind = OperationKind::cas;
  cas.expected_version = 9;
  cas.applied = false;
  cas.version = 1;
  cas.balance = 5;
  cas.last_operation = OperationId(1);
  scene.model["eu/1"] = {"eu/1", 5, {OperationId(1)}};
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(invariant(verdict, "linearizable").held, Held::yes) << all_findings(verdict);
  EXPECT_EQ(verdict.acknowledged, 1U);
}

// Convergence

TEST(Convergence, FlagsALiveVoterThatStaysBehind) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  for (const NodeId node : {a1, a2, b1, b2}) {
    scene.store(node, 2, 1);
    scene.commit(node, 2, 1);
    scene.apply(node, 2, 0);
  }
  const record::Verdict verdict = scene.verdict();
  ASSERT_NE(finding(verdict, "convergence"), nullptr);
  EXPECT_EQ(finding(verdict, "convergence")->sentence,
            "c-1 had applied 1 of orders at the end; 2 were committed before the clients stopped.");
}

TEST(Convergence, AllowsWhatIsStillInFlightAfterTheClientsStopped) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  scene.at(seconds(40) + milliseconds(5));
  for (const NodeId node : {a1, a2, b1, b2}) {
    scene.store(node, 2, 1);
    scene.commit(node, 2, 1);
    scene.apply(node, 2, 0);
  }
  EXPECT_EQ(finding(scene.verdict(), "convergence"), nullptr);
}

TEST(Convergence, AllowsADeadVoterToBeBehind) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  scene.at(seconds(12)).stop(c1);
  for (const NodeId node : {a1, a2, b1, b2}) {
    scene.store(node, 2, 1);
    scene.commit(node, 2, 1);
    scene.apply(node, 2, 0);
  }
  EXPECT_EQ(finding(scene.verdict(), "convergence"), nullptr);
}

TEST(Convergence, FlagsARegionThatIsOwedServiceAndGetsNone) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  scene.at(seconds(35)).invoke(OperationKind::put, "eu/1", 1);
  EXPECT_NE(finding(scene.verdict(), "convergence"), nullptr);
}

TEST(Convergence, FlagsAuditsThatDiffer) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  scene.write(seconds(12), "eu/1");
  scene.audit();
  scene.history.audits[2].accounts[0].entries.pop_back();
  EXPECT_NE(finding(scene.judge_only(), "convergence"), nullptr);
}

TEST(Convergence, IsUnknownIfTheRunEndedEarly) {
  Scene scene;
  scene.failure =
      record::CodeFailure{"check", "a-1", "raft", "raft.cpp:1: index > 0", Instant(0) + seconds(5)};
  const record::Verdict verdict =
      judge(scene.plan, scene.trace, scene.history, scene.failure, Instant(0) + seconds(5));
  EXPECT_EQ(invariant(verdict, "convergence").held, Held::unknown);
  EXPECT_EQ(verdict.conclusion, record::Conclusion::violated);
  ASSERT_NE(finding(verdict, "crash.check"), nullptr);
  EXPECT_EQ(
      verdict.sentence,
      "The code under test failed on a-1 in task raft at 5.000 s (check): raft.cpp:1: index > 0");
}

}  // namespace
}  // namespace blackout::check
