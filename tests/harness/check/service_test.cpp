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
  ASSERT_NE(finding(verdict, "exactly_once"), nullptr);
  EXPECT_EQ(verdict.phantom, 1U);
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

// Owed

class Owed : public testing::Test {
 protected:
  void apply_trace() {
    reach_.emplace(scene_.plan);
    trace::Cursor cursor(scene_.trace);
    Event event;
    while (cursor.next(event)) {
      if (Reach::concerns(event.kind)) reach_->change(event);
    }
    reach_->settle(Instant::never());
  }
  bool owed(RegionId region, Duration t) {
    if (!reach_) apply_trace();
    return reach_->owed(region, orders).at(Instant(0) + t);
  }
  Scene scene_;
  std::optional<Reach> reach_;
};

TEST_F(Owed, FromTheStart) { EXPECT_TRUE(owed(region_a, seconds(1))); }

TEST_F(Owed, NotToAMinorityAndStillToTheOthers) {
  scene_.at(seconds(5));
  for (const NodeId side : {a1, a2, clients_a}) {
    for (const NodeId other : {b1, b2, c1, clients_b, clients_c}) {
      scene_.cut(side, other);
      scene_.cut(other, side);
    }
  }
  scene_.at(seconds(9));
  for (const NodeId side : {a1, a2, clients_a}) {
    for (const NodeId other : {b1, b2, c1, clients_b, clients_c}) {
      scene_.heal(side, other);
      scene_.heal(other, side);
    }
  }
  EXPECT_TRUE(owed(region_a, seconds(4)));
  EXPECT_FALSE(owed(region_a, seconds(5)));
  EXPECT_FALSE(owed(region_a, seconds(8)));
  EXPECT_TRUE(owed(region_b, seconds(8)));
  EXPECT_TRUE(owed(region_a, seconds(9)));
}

TEST_F(Owed, NotWhereEveryWayBackIsCutOneWay) {
  scene_.at(seconds(5));
  for (const NodeId server : {a1, a2, b1, b2, c1}) scene_.cut(server, clients_a);
  EXPECT_FALSE(owed(region_a, seconds(6)));
  EXPECT_TRUE(owed(region_c, seconds(6)));
}

TEST_F(Owed, ThroughAGatewayThatIsNoVoterOfTheMajority) {
  // The clients reach a-1 only; a-1's own disk fails, but it can forward.
  scene_.at(seconds(5));
  for (const NodeId server : {a2, b1, b2, c1}) scene_.cut(clients_a, server);
  scene_.event(EventKind::disk_state_set, a1, 1, 0, 0, no_shard);
  EXPECT_TRUE(owed(region_a, seconds(6)));
}

TEST_F(Owed, NotThroughAGatewayThatOneWayCutsLeaveAlone) {
  scene_.at(seconds(5));
  for (const NodeId server : {a2, b1, b2, c1}) scene_.cut(clients_a, server);
  for (const NodeId server : {b1, b2, c1}) scene_.cut(a1, server);
  EXPECT_FALSE(owed(region_a, seconds(6)));
}

TEST_F(Owed, NotWhereNoMajorityIsConnectedPairwise) {
  // a ring: every voter reaches two others, no three reach each other
  scene_.at(seconds(5));
  const NodeId ring[] = {a1, a2, b1, b2, c1};
  for (int i = 0; i < 5; ++i) scene_.cut(ring[i], ring[(i + 2) % 5]);
  EXPECT_FALSE(owed(region_a, seconds(6)));
}

TEST_F(Owed, DespiteOneCutLinkBetweenTwoVoters) {
  scene_.at(seconds(5)).cut(a1, b1);
  EXPECT_TRUE(owed(region_a, seconds(6)));
}

TEST_F(Owed, NotFromAStoppedClientHostOrAMajorityThatIsDownOrPaused) {
  scene_.at(seconds(5)).stop(clients_a);
  scene_.at(seconds(6)).stop(a1);
  scene_.stop(a2);
  EXPECT_FALSE(owed(region_a, seconds(5)));
  EXPECT_TRUE(owed(region_b, seconds(6)));
  reach_.reset();
  scene_.at(seconds(7)).event(EventKind::node_paused, c1, 0, 0, 0, no_shard);
  scene_.at(seconds(8)).event(EventKind::node_resumed, c1, 0, 0, 0, no_shard);
  EXPECT_FALSE(owed(region_b, seconds(7)));
  EXPECT_TRUE(owed(region_b, seconds(8)));
}

TEST_F(Owed, OnASlowDiskButNotOnFailingOnes) {
  scene_.at(seconds(5));
  for (const NodeId node : {a1, a2, b1}) {
    scene_.event(EventKind::disk_state_set, node, 0, 50'000, 0, no_shard);
  }
  scene_.at(seconds(6));
  for (const NodeId node : {a1, a2, b1}) {
    scene_.event(EventKind::disk_state_set, node, 1, 1000, 0, no_shard);
  }
  EXPECT_TRUE(owed(region_a, seconds(5)));
  EXPECT_FALSE(owed(region_a, seconds(6)));
}

TEST_F(Owed, NotOnDisksThatHoldWhatNobodyWroteUntilOthersTakeTheirPlaceAndVote) {
  scene_.at(seconds(5));
  scene_.event(EventKind::disk_bit_flipped, a1, 0, 0, 0, no_shard);
  scene_.event(EventKind::disk_write_misdirected, a2, 0, 0, 0, no_shard);
  scene_.at(seconds(6)).event(EventKind::disk_bit_flipped, b1, 0, 0, 0, no_shard);
  scene_.at(seconds(7)).event(EventKind::disk_replaced, b1, 0, 0, 0, no_shard);
  const ShardId shard(0);
  scene_.at(seconds(8)).event(EventKind::member_changed, b2, node_word(b1), 0, 5, shard);
  scene_.at(seconds(9)).event(EventKind::commit_advanced, b2, 5, 1, 1, shard);
  scene_.at(seconds(10)).event(EventKind::member_changed, b2, node_word(b1), 1, 6, shard);
  scene_.at(seconds(11)).event(EventKind::commit_advanced, b2, 6, 1, 1, shard);
  EXPECT_TRUE(owed(region_a, seconds(5)));
  for (std::int64_t s = 6; s <= 10; ++s) EXPECT_FALSE(owed(region_a, seconds(s))) << s;
  EXPECT_TRUE(owed(region_a, seconds(11)));
}

TEST_F(Owed, OnADiskThatIsAnOldCopyUntilItIsDisowned) {
  scene_.at(seconds(5));
  scene_.event(EventKind::disk_bit_flipped, a1, 0, 0, 0, no_shard);
  scene_.event(EventKind::disk_bit_flipped, a2, 0, 0, 0, no_shard);
  scene_.at(seconds(6)).event(EventKind::disk_replaced, b1, 3, 100, 0, no_shard);
  scene_.at(seconds(7)).event(EventKind::disk_disowned, b1, 9, 4, 0, ShardId(0));
  EXPECT_TRUE(owed(region_a, seconds(6)));
  EXPECT_FALSE(owed(region_a, seconds(7)));
}

TEST_F(Owed, WithinTheDeclaredDriftAndUnderAHonestTimeServiceOnly) {
  scene_.plan.clock_drift_max_ppm = 50;
  const auto word = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
  scene_.at(seconds(5));
  for (const NodeId node : {a1, a2, b1}) {
    scene_.event(EventKind::clock_drift_set, node, word(-50), 0, 0, no_shard);
    scene_.event(EventKind::clock_state_set, node, 4, word(milliseconds(-20).ns()), 0, no_shard);
  }
  scene_.at(seconds(6)).event(EventKind::clock_drift_set, a1, word(-51), 0, 0, no_shard);
  scene_.event(EventKind::clock_state_set, a2, 4, word(milliseconds(21).ns()), 0, no_shard);
  scene_.event(EventKind::clock_state_set, b1, 2, 0, word(milliseconds(21).ns()), no_shard);
  scene_.at(seconds(7)).event(EventKind::clock_drift_set, a1, 0, 0, 0, no_shard);
  EXPECT_TRUE(owed(region_a, seconds(5)));
  EXPECT_FALSE(owed(region_a, seconds(6)));
  EXPECT_TRUE(owed(region_a, seconds(7)));
}

TEST_F(Owed, WithinTheDeclaredClockBoundOnly) {
  const auto step = [this](NodeId node, Duration by) {
    scene_.event(EventKind::clock_stepped, node, static_cast<std::uint64_t>(by.ns()), 0, 0,
                 no_shard);
  };
  scene_.at(seconds(5));
  for (const NodeId node : {a1, a2, b1}) step(node, milliseconds(-20));
  scene_.at(seconds(6));
  for (const NodeId node : {a1, a2, b1}) step(node, milliseconds(-1));
  scene_.at(seconds(7));
  step(a1, milliseconds(21));
  EXPECT_TRUE(owed(region_a, seconds(5)));
  EXPECT_FALSE(owed(region_a, seconds(6)));
  EXPECT_TRUE(owed(region_a, seconds(7)));
}

TEST_F(Owed, UntilTheLastOfTwoFaultsOnALinkHeals) {
  scene_.at(seconds(5)).isolate(clients_a);
  scene_.at(seconds(6)).isolate(clients_a);
  scene_.at(seconds(7)).rejoin(clients_a);
  scene_.at(seconds(8)).rejoin(clients_a);
  EXPECT_FALSE(owed(region_a, seconds(7)));
  EXPECT_TRUE(owed(region_a, seconds(8)));
}

// Clients of region a have these links to all servers, both ways, from 5 s to 8 s.
void link_events(Scene& scene, EventKind begin, EventKind end, std::uint64_t c = 0) {
  for (const NodeId server : {a1, a2, b1, b2, c1}) {
    for (const auto& [from, to] : {std::pair{clients_a, server}, std::pair{server, clients_a}}) {
      scene.at(seconds(5)).event(begin, from, node_word(to), 0, c, no_shard);
    }
  }
  for (const NodeId server : {a1, a2, b1, b2, c1}) {
    for (const auto& [from, to] : {std::pair{clients_a, server}, std::pair{server, clients_a}}) {
      scene.at(seconds(8)).event(end, from, node_word(to), 0, c, no_shard);
    }
  }
}

TEST_F(Owed, NotOverHeldLinksUntilTheyAreReleased) {
  link_events(scene_, EventKind::link_held, EventKind::link_released);
  EXPECT_TRUE(owed(region_a, seconds(4)));
  EXPECT_FALSE(owed(region_a, seconds(5)));
  EXPECT_TRUE(owed(region_b, seconds(6)));
  EXPECT_TRUE(owed(region_a, seconds(8)));
}

TEST_F(Owed, NotOverFlappingLinksUntilTheySettle) {
  link_events(scene_, EventKind::link_flapping, EventKind::link_settled, 400);
  EXPECT_FALSE(owed(region_a, seconds(5)));
  EXPECT_FALSE(owed(region_a, seconds(7)));
  EXPECT_TRUE(owed(region_a, seconds(8)));
}

TEST_F(Owed, NotThroughAnMtuBlackHoleAndStillOverLinksThatAreOtherwiseBad) {
  link_events(scene_, EventKind::link_degraded, EventKind::link_restored, 1400);
  EXPECT_FALSE(owed(region_a, seconds(5)));
  EXPECT_TRUE(owed(region_a, seconds(8)));
}

TEST_F(Owed, OverSlowLossyNarrowAndResetLinks) {
  link_events(scene_, EventKind::link_degraded, EventKind::link_restored);
  for (const NodeId server : {a1, a2, b1, b2, c1}) {
    scene_.event(EventKind::link_reset, clients_a, node_word(server), 0, 0, no_shard);
  }
  EXPECT_TRUE(owed(region_a, seconds(5)));
  EXPECT_TRUE(owed(region_a, seconds(8)));
}

TEST_F(Owed, UntilTheLastOfACutAndAHoldOnALinkEnds) {
  link_events(scene_, EventKind::link_held, EventKind::link_released);
  scene_.at(seconds(8)).isolate(clients_a);
  scene_.at(seconds(9)).rejoin(clients_a);
  EXPECT_FALSE(owed(region_a, seconds(8)));
  EXPECT_TRUE(owed(region_a, seconds(9)));
}

// A held link joins nobody; a flapping or narrow one may.
TEST_F(Owed, ClientsAreApartBehindHeldLinksOnly) {
  const auto apart = [](EventKind begin, EventKind end, std::uint64_t c) {
    Scene scene;
    link_events(scene, begin, end, c);
    Reach reach(scene.plan);
    trace::Cursor cursor(scene.trace);
    for (Event event; cursor.next(event);) {
      if (Reach::concerns(event.kind)) reach.change(event);
    }
    reach.settle(Instant::never());
    return reach.apart(region_a, orders).at(Instant(0) + seconds(6));
  };
  EXPECT_TRUE(apart(EventKind::link_held, EventKind::link_released, 0));
  EXPECT_FALSE(apart(EventKind::link_flapping, EventKind::link_settled, 400));
  EXPECT_FALSE(apart(EventKind::link_degraded, EventKind::link_restored, 1400));
}

// An event that names no node of the plan is no fact about one.
TEST(Judge, PassesOverEventsOfLinksThatNameNoNode) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  scene.event(EventKind::link_held, NodeId(99), node_word(a1), 0, 0, no_shard);
  scene.event(EventKind::link_flapping, no_node, node_word(a1), 0, 400, no_shard);
  scene.event(EventKind::disk_replaced, NodeId(99), 0, 0, 0, no_shard);
  scene.event(EventKind::clock_state_set, no_node, 0, 0, 0, no_shard);
  EXPECT_TRUE(scene.verdict().findings.empty());
}

TEST(Steps, MeasureWhatIsTrueWithinAnInterval) {
  Steps steps;
  steps.set(Instant(0), true);
  steps.set(Instant(10), false);
  steps.set(Instant(20), true);
  EXPECT_EQ(steps.measure(Instant(5), Instant(25)), Duration(10));
  EXPECT_EQ(steps.measure(Instant(12), Instant(18)), Duration(0));
  EXPECT_TRUE(steps.throughout(Instant(0), Instant(9)));
  EXPECT_FALSE(steps.throughout(Instant(0), Instant(10)));
  EXPECT_TRUE(steps.throughout(Instant(20), Instant::never()));
}

}  // namespace
}  // namespace blackout::check
