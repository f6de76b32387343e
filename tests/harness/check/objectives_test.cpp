#include <gtest/gtest.h>

#include "tests/harness/check/scene.hpp"

namespace blackout::check {
namespace {

using record::Held;
using record::OperationKind;
using record::Outcome;

// A write that only the leader a-1 stored, acknowledged 1 ms after `t`; returns its id.
std::uint64_t write_on_leader_alone(Scene& scene, Duration t, const std::string& key) {
  scene.at(t);
  const std::uint64_t id = scene.invoke(OperationKind::put, key, 1).id.value();
  const std::uint64_t index = ++scene.last_index;
  scene.store(a1, index, 1);
  scene.acknowledge(a1, id, index, 1);
  record::AuditedAccount& account = scene.model[key];
  account.key = key;
  account.balance += 1;
  account.entries.push_back(OperationId(id));
  scene.at(t + milliseconds(1)).complete(scene.operation(id));
  return id;
}

// The leader dies at 20 s with two acknowledged writes that nobody else has; b-1 takes over, and
// the first of their indexes is used again.
Scene with_two_lost_writes() {
  Scene scene;
  scene.write(seconds(12), "eu/1");
  write_on_leader_alone(scene, seconds(19) + milliseconds(961), "eu/2");
  write_on_leader_alone(scene, seconds(19) + milliseconds(980), "eu/2");
  scene.fault("region_down", "a", seconds(20), seconds(5));
  scene.at(seconds(20)).stop(a1);
  scene.stop(a2);
  scene.at(seconds(21)).follow(b1, 2, no_node);
  scene.lead(b1, 2);
  scene.invoke(OperationKind::put, "eu/3", 1);
  for (const NodeId node : {b1, b2, c1}) {
    scene.follow(node, 2, b1);
    scene.store(node, 2, 2);
  }
  for (const NodeId node : {b1, b2, c1}) {
    scene.commit(node, 2, 2);
    scene.apply(node, 2, 4);
  }
  scene.acknowledge(b1, 4, 2, 2);
  scene.at(seconds(21) + milliseconds(100));
  scene.model.erase("eu/2");
  scene.model["eu/3"] = {"eu/3", 1, {OperationId(4)}};
  scene.complete(scene.operation(4));
  return scene;
}

TEST(Rpo, IsZeroWhereNothingIsLost) {
  Scene scene;
  for (int i = 0; i < 3; ++i) scene.write(seconds(11 + i), "eu/1");
  const record::Verdict verdict = scene.verdict();
  const record::ObjectiveRow& row = objective(verdict, "rpo");
  EXPECT_EQ(row.held, Held::yes);
  EXPECT_EQ(row.promised, "0 s");
  EXPECT_EQ(row.measured, "0 s");
  EXPECT_EQ(row.margin, "-");
  EXPECT_EQ(row.note, "0 of 3 acknowledged writes lost");
  EXPECT_EQ(verdict.exposure_max, Duration());
}

TEST(Rpo, IsTheAgeOfTheOldestLostWriteWhenTheFaultBegan) {
  Scene scene = with_two_lost_writes();
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(verdict.acknowledged, 4U);
  EXPECT_EQ(verdict.lost, 2U);
  EXPECT_EQ(verdict.rpo_time, milliseconds(38));
  EXPECT_EQ(verdict.rpo_tail, Duration());
  EXPECT_EQ(verdict.sentence,
            "2 of 4 acknowledged writes are gone. The oldest was acknowledged 38 ms before A.");
  const record::ObjectiveRow& row = objective(verdict, "rpo");
  EXPECT_EQ(row.held, Held::no);
  EXPECT_EQ(row.measured, "38 ms");
  EXPECT_EQ(row.margin, "-38 ms");
  EXPECT_EQ(row.note, "after A  region_down a");
}

TEST(Rpo, TellsTheStoryOfTheFirstLostWrite) {
  Scene scene = with_two_lost_writes();
  const record::Verdict verdict = scene.verdict();
  const record::Finding* found = finding(verdict, "rpo");
  ASSERT_NE(found, nullptr);
  std::string story;
  for (const record::StoryLine& line : found->story) story += line.who + ": " + line.what + "\n";
  EXPECT_EQ(story,
            "a-1: leads orders in term 1, appends 2\n"
            "a-1: answers OK; on disk at 1 of 5 voters\n"
            "client 0 in a: is told that put eu/2 is done (version 1)\n"
            "A: region_down a\n"
            "b-1: leads term 2; its log ends at 1\n"
            "b-1: 2 is now put eu/3\n");
}

TEST(Rpo, AllowsWhatThePlanAllows) {
  Scene scene = with_two_lost_writes();
  scene.plan.objectives.rpo_max = milliseconds(38);
  const record::Verdict allowed = scene.verdict();
  EXPECT_EQ(finding(allowed, "rpo"), nullptr);
  EXPECT_EQ(objective(allowed, "rpo").held, Held::yes);
  EXPECT_EQ(objective(allowed, "rpo").promised, "≤ 38 ms");
  EXPECT_EQ(objective(allowed, "rpo").margin, "0 s");
  EXPECT_EQ(finding(allowed, "linearizable"), nullptr) << all_findings(allowed);
  scene.plan.objectives.rpo_max = milliseconds(37);
  EXPECT_NE(finding(scene.verdict(), "rpo"), nullptr);
}

TEST(Rpo, CallsALossOfTheIncidentItselfATail) {
  Scene scene;
  scene.write(seconds(12), "eu/1");
  scene.fault("partition", "a", seconds(15), seconds(5));
  write_on_leader_alone(scene, seconds(15) + milliseconds(199), "eu/2");
  scene.model.erase("eu/2");
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(verdict.rpo_time, Duration());
  EXPECT_EQ(verdict.rpo_tail, milliseconds(200));
  EXPECT_EQ(objective(verdict, "rpo").held, Held::no);
  EXPECT_EQ(
      verdict.sentence,
      "1 of 2 acknowledged writes is gone. The newest was acknowledged 200 ms after A began.");
}

TEST(Rpo, IsUnknownWithoutAFinalState) {
  Scene scene;
  scene.write(seconds(12), "eu/1");
  const record::Verdict verdict = scene.judge_only();
  EXPECT_EQ(objective(verdict, "rpo").held, Held::unknown);
  EXPECT_EQ(verdict.conclusion, record::Conclusion::inconclusive);
}

TEST(Rpo, CallsAHoleWhatIsLostInFrontOfAKeptWrite) {
  Scene scene;
  scene.write(seconds(12), "eu/1");
  scene.write(seconds(13), "eu/2");
  scene.fault("partition", "a", seconds(15), seconds(5));
  scene.model["eu/1"].entries.clear();
  const record::Verdict verdict = scene.verdict();
  ASSERT_NE(finding(verdict, "rpo.hole"), nullptr);
  EXPECT_EQ(
      finding(verdict, "rpo.hole")->sentence,
      "put eu/1 is gone, and put eu/2, sent 995 ms after it was acknowledged, is still there.");
  Scene suffix = with_two_lost_writes();
  EXPECT_EQ(finding(suffix.verdict(), "rpo.hole"), nullptr);
}

TEST(Exposure, LastsFromTheAcknowledgementToTheSyncThatEndsIt) {
  Scene scene;
  const std::uint64_t id = write_on_leader_alone(scene, seconds(12), "eu/1");
  scene.at(seconds(12) + milliseconds(51));
  for (const NodeId node : {a2, c1}) scene.store(node, 1, 1);  // region a gone: one of b-1 b-2 c-1
  for (const NodeId node : {a1, a2, b1, b2, c1}) {
    scene.at(seconds(12) + milliseconds(60));
    scene.store(node, 1, 1);
    scene.commit(node, 1, 1);
    scene.apply(node, 1, id);
  }
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(verdict.exposure_max, milliseconds(50));
  ASSERT_NE(finding(verdict, "rpo.exposure"), nullptr);
  EXPECT_EQ(finding(verdict, "rpo.exposure")->sentence,
            "put eu/1, acknowledged at 12.001 s, would have been lost with a for 50 ms.");
  EXPECT_EQ(objective(verdict, "rpo").held, Held::no);
}

TEST(Exposure, IsNoFindingWhereLossIsAllowed) {
  Scene scene = with_two_lost_writes();
  scene.plan.objectives.rpo_max = seconds(1);
  EXPECT_EQ(finding(scene.verdict(), "rpo.exposure"), nullptr);
}

// A majority that stands in one region does not survive its loss.
TEST(Exposure, CountsAMajorityInOneRegion) {
  Scene scene;
  scene.plan.nodes[b1.value()].region = region_a;
  scene.at(seconds(12));
  const std::uint64_t id = scene.invoke(OperationKind::put, "eu/1", 1).id.value();
  for (const NodeId node : {a1, a2, b1}) scene.store(node, 1, 1);
  scene.commit(a1, 1, 1);
  scene.acknowledge(a1, id, 1, 1);
  scene.model["eu/1"] = {"eu/1", 1, {OperationId(id)}};
  scene.complete(scene.operation(id));
  scene.at(seconds(12) + milliseconds(7)).store(c1, 1, 1);
  EXPECT_EQ(scene.verdict().exposure_max, milliseconds(7));
}

TEST(Exposure, ReturnsWhenADiskDropsWhatMadeAWriteSafe) {
  Scene scene;
  scene.write(seconds(12), "eu/1");
  scene.at(seconds(13));
  for (const NodeId node : {b1, b2, c1}) scene.event(EventKind::log_truncated, node, 1, 2);
  scene.at(seconds(14)).append(b1, 1, 1);
  scene.durable(b1, 1, 1);
  EXPECT_EQ(scene.verdict().exposure_max, seconds(14) - (seconds(12) + milliseconds(5)));
}

TEST(Exposure, IsThatOfTheOldestWriteOfSeveral) {
  Scene scene;
  write_on_leader_alone(scene, seconds(12), "eu/1");
  write_on_leader_alone(scene, seconds(12) + milliseconds(10), "eu/2");
  scene.at(seconds(12) + milliseconds(21));
  for (const NodeId node : {a2, b1, b2, c1}) scene.store(node, 1, 1);
  scene.at(seconds(12) + milliseconds(71));
  for (const NodeId node : {a2, b1, b2, c1}) scene.store(node, 2, 1);
  EXPECT_EQ(scene.verdict().exposure_max, milliseconds(60));
}

TEST(Exposure, NeverEndsWhereOneRegionHoldsAllVoters) {
  Scene scene;
  for (const NodeId node : {b1, b2, c1}) scene.plan.nodes[node.value()].region = region_a;
  scene.write(seconds(12), "eu/1");
  const Duration left = scene.plan.timeline.end() + seconds(1) - (Instant(0) + seconds(12));
  EXPECT_EQ(scene.verdict().exposure_max, left - milliseconds(5));
}

// Recovery

// One put of client region a every 100 ms in [10 s, 40 s); those invoked in [from, to) end unknown.
Scene with_outage(Duration from, Duration to) {
  Scene scene;
  scene.plan.objectives.rto =
      record::RtoObjective{seconds(5), 0, 1'000'000, seconds(1), milliseconds(500)};
  scene.fault("region_down", "b", seconds(15), seconds(10));
  for (Duration t = seconds(10); t < seconds(40); t = t + milliseconds(100)) {
    if (t < from || t >= to) {
      scene.write(t, "eu/1");
    } else {
      scene.at(t).invoke(OperationKind::put, "eu/1", 1);
    }
  }
  return scene;
}

TEST(Rto, RunsFromTheFaultToTheFirstInvocationOfAStableWindow) {
  Scene scene = with_outage(seconds(15), seconds(17) + milliseconds(300));
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(verdict.rto, milliseconds(2300));
  const record::ObjectiveRow& row = objective(verdict, "rto");
  EXPECT_EQ(row.held, Held::yes);
  EXPECT_EQ(row.subject, "orders-eu");
  EXPECT_EQ(row.promised, "≤ 5 s");
  EXPECT_EQ(row.measured, "2.3 s");
  EXPECT_EQ(row.margin, "2.7 s");
  EXPECT_EQ(row.note, "after A  region_down b");
  EXPECT_EQ(verdict.downtime, milliseconds(2300));
  EXPECT_EQ(verdict.impact_operations, 23U);
  EXPECT_EQ(verdict.impact_clients, 1U);
}

TEST(Rto, IsZeroWhereTheFaultHurtsNobody) {
  Scene scene = with_outage(seconds(15), seconds(15));
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(verdict.rto, Duration());
  EXPECT_EQ(verdict.downtime, Duration());
  EXPECT_EQ(objective(verdict, "rto").measured, "0 s");
}

TEST(Rto, DoesNotTrustAFlap) {
  Scene scene = with_outage(seconds(15), seconds(16));
  record::Operation& relapse = scene.operation(66);  // invoked at 16.5 s
  EXPECT_EQ(relapse.invoked, Instant(0) + seconds(16) + milliseconds(500));
  relapse.outcome = Outcome::info;
  relapse.completed = Instant::never();
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(verdict.rto, milliseconds(1600));
  EXPECT_EQ(verdict.downtime, milliseconds(1100));
}

TEST(Rto, CallsASlowSuccessNoSuccess) {
  Scene scene = with_outage(seconds(15), seconds(15));
  record::Operation& slow = scene.operation(51);
  ASSERT_EQ(slow.invoked, Instant(0) + seconds(15));
  slow.completed = slow.invoked + milliseconds(500);
  EXPECT_EQ(scene.verdict().rto, Duration());
  slow.completed = slow.invoked + milliseconds(501);
  EXPECT_EQ(scene.verdict().rto, milliseconds(100));
}

TEST(Rto, IsBeyondTheHorizonIfServiceNeverComesBack) {
  Scene scene = with_outage(seconds(15), seconds(40));
  const record::Verdict verdict = scene.verdict();
  const record::ObjectiveRow& row = objective(verdict, "rto");
  EXPECT_EQ(row.held, Held::no);
  EXPECT_EQ(row.measured, "> 25 s");
  ASSERT_NE(finding(verdict, "rto"), nullptr);
  EXPECT_EQ(
      finding(verdict, "rto")->sentence,
      "After A  region_down b, put of orders-eu in a did not recover before the end; 5 s were "
      "promised.");
}

TEST(Rto, FlagsARecoveryThatTakesTooLong) {
  Scene scene = with_outage(seconds(15), seconds(21));
  const record::Verdict verdict = scene.verdict();
  ASSERT_NE(finding(verdict, "rto"), nullptr);
  EXPECT_EQ(
      finding(verdict, "rto")->sentence,
      "After A  region_down b, put of orders-eu in a took 6 s to recover; 5 s were promised.");
}

TEST(Rto, DoesNotCountWhatIsNotOwed) {
  Scene scene;
  scene.plan.objectives.rto =
      record::RtoObjective{seconds(5), 0, 1'000'000, seconds(1), milliseconds(500)};
  scene.fault("region_down", "a", seconds(15), seconds(10));
  for (Duration t = seconds(10); t < seconds(40); t = t + milliseconds(100)) {
    if (t == seconds(15)) scene.at(t).stop(clients_a);
    if (t == seconds(25)) scene.at(t).start(clients_a);
    const bool good = t < seconds(15) || t >= seconds(26);
    if (good) {
      scene.write(t, "eu/1");
    } else {
      scene.at(t).invoke(OperationKind::put, "eu/1", 1);
    }
  }
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(verdict.rto, seconds(1));
  EXPECT_EQ(verdict.downtime, seconds(1));
  EXPECT_EQ(verdict.impact_operations, 10U);
}

TEST(Rto, PhasesAddUpExactly) {
  Scene scene;
  scene.plan.objectives.rto =
      record::RtoObjective{seconds(5), 0, 1'000'000, seconds(1), milliseconds(500)};
  scene.fault("node_restart", "a-1", seconds(15), seconds(30));
  for (Duration t = seconds(10); t < seconds(40); t = t + milliseconds(100)) {
    if (t == seconds(15)) scene.at(t).stop(a1);
    if (t == seconds(16)) scene.at(t).event(EventKind::election_timeout, b1, 1, 1'000'000'000);
    if (t == seconds(17)) scene.at(t).lead(b1, 2);
    if (t >= seconds(15) && t < seconds(18)) {
      scene.at(t).invoke(OperationKind::put, "eu/1", 1);
      continue;
    }
    if (t < seconds(15)) {
      scene.write(t, "eu/1");
      continue;
    }
    scene.at(t);
    const std::uint64_t id = scene.invoke(OperationKind::put, "eu/1", 1).id.value();
    const std::uint64_t index = ++scene.last_index;
    for (const NodeId node : {b1, a2, b2, c1}) scene.store(node, index, 2);
    for (const NodeId node : {b1, a2, b2, c1}) {
      scene.commit(node, index, 2);
      scene.apply(node, index, id);
    }
    scene.acknowledge(b1, id, index, 2);
    scene.model["eu/1"].balance += 1;
    scene.model["eu/1"].entries.push_back(OperationId(id));
    scene.complete(scene.operation(id));
  }
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(verdict.conclusion, record::Conclusion::pass) << all_findings(verdict);
  EXPECT_EQ(verdict.rto, seconds(3));
  ASSERT_EQ(verdict.rto_phases.size(), 1U);
  const record::RtoPhases& phases = verdict.rto_phases[0];
  EXPECT_EQ(phases.detect, seconds(1));
  EXPECT_EQ(phases.decide, seconds(1));
  EXPECT_EQ(phases.fence, Duration());  // the old leader was dead before
  EXPECT_EQ(phases.promote, seconds(1));
  EXPECT_EQ(phases.route + phases.warm, Duration());
  EXPECT_EQ(
      phases.detect + phases.decide + phases.fence + phases.promote + phases.route + phases.warm,
      verdict.rto);
}

TEST(Rto, WithoutAChangeOfLeaderAllIsWarmUp) {
  Scene scene = with_outage(seconds(15), seconds(17));
  const record::Verdict verdict = scene.verdict();
  ASSERT_EQ(verdict.rto_phases.size(), 1U);
  EXPECT_EQ(verdict.rto_phases[0].warm, seconds(2));
}

// Availability, latency, lag, residency

TEST(Availability, IsTheShareOfOwedOperationsThatEndInTime) {
  Scene scene;
  scene.plan.objectives.availability = {{900'000, 0, record::Phase::chaos}};
  for (int i = 0; i < 27; ++i) scene.write(seconds(11) + milliseconds(100 * i), "eu/1");
  for (int i = 0; i < 3; ++i) scene.invoke(OperationKind::put, "eu/1", 1);
  record::Verdict verdict = scene.verdict();
  EXPECT_EQ(objective(verdict, "availability").held, Held::yes);
  EXPECT_EQ(objective(verdict, "availability").measured, "90 %");
  EXPECT_EQ(objective(verdict, "availability").margin, "0 pt");
  EXPECT_EQ(objective(verdict, "availability").note, "during chaos");
  scene.invoke(OperationKind::put, "eu/1", 1);
  verdict = scene.verdict();
  EXPECT_EQ(objective(verdict, "availability").measured, "87.09 %");
  EXPECT_EQ(objective(verdict, "availability").margin, "-2.91 pt");
  ASSERT_NE(finding(verdict, "availability"), nullptr);
  EXPECT_EQ(verdict.owed, 31U);
  EXPECT_EQ(verdict.owed_ok, 27U);
}

TEST(Rto, HoldsWhereNoFaultBegan) {
  Scene scene;
  scene.plan.objectives.rto = record::RtoObjective{seconds(2), 0, 900'000, seconds(1), seconds(3)};
  scene.fault("node_pause", "a-1", seconds(12), seconds(1));
  scene.plan.faults[0].at = Instant::never();
  scene.write(seconds(11), "eu/1");
  EXPECT_EQ(objective(scene.verdict(), "rto").held, Held::yes);
  EXPECT_EQ(objective(scene.verdict(), "rto").measured, "no fault");
}

TEST(Availability, LeavesOutWhatIsNotOwed) {
  Scene scene;
  scene.plan.objectives.availability = {{1'000'000, 0, record::Phase::chaos}};
  scene.write(seconds(11), "eu/1");
  scene.at(seconds(12)).isolate(clients_a);
  scene.invoke(OperationKind::put, "eu/1", 1);
  scene.at(seconds(16)).rejoin(clients_a);
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(objective(verdict, "availability").held, Held::yes);
  EXPECT_EQ(verdict.owed, 1U);
}

TEST(Availability, IsUnknownWhereNothingWasOwed) {
  Scene scene;
  scene.plan.objectives.availability = {{900'000, 0, record::Phase::chaos}};
  EXPECT_EQ(objective(scene.verdict(), "availability").held, Held::unknown);
}

TEST(Latency, IsTheNearestRank) {
  Scene scene;
  scene.plan.objectives.latency = {
      {OperationKind::put, 900, milliseconds(8), record::Phase::chaos}};
  for (int i = 1; i <= 10; ++i) {
    const std::uint64_t id = scene.write(seconds(11) + milliseconds(100 * i), "eu/1");
    scene.operation(id).completed = scene.operation(id).invoked + milliseconds(i);
  }
  record::Verdict verdict = scene.verdict();
  EXPECT_EQ(objective(verdict, "latency").subject, "put p90");
  EXPECT_EQ(objective(verdict, "latency").measured, "9 ms");
  EXPECT_EQ(objective(verdict, "latency").held, Held::no);
  scene.plan.objectives.latency[0].max = milliseconds(9);
  verdict = scene.verdict();
  EXPECT_EQ(objective(verdict, "latency").held, Held::yes);
  EXPECT_EQ(objective(verdict, "latency").margin, "0 s");
}

TEST(Residency, CountsCopiesAndFlagsTheFirstOutside) {
  Scene scene;
  scene.plan.objectives.residency = {{"eu/", {region_a, region_b, region_c}}};
  scene.write(seconds(11), "eu/1");
  record::Verdict verdict = scene.verdict();
  EXPECT_EQ(objective(verdict, "residency").held, Held::yes);
  EXPECT_EQ(objective(verdict, "residency").promised, "3 regions");
  EXPECT_EQ(objective(verdict, "residency").note, "0 of 5 stored copies outside");
  scene.plan.objectives.residency = {{"eu/", {region_a, region_b}}};
  verdict = scene.verdict();
  EXPECT_EQ(objective(verdict, "residency").held, Held::no);
  EXPECT_EQ(objective(verdict, "residency").note, "1 of 5 stored copies outside");
  ASSERT_NE(finding(verdict, "residency"), nullptr);
  EXPECT_EQ(finding(verdict, "residency")->sentence, "c-1 in c stores entry 1 of orders.");
}

TEST(Residency, FlagsAVoterOutsideBeforeItStoresAnything) {
  Scene scene;
  scene.plan.objectives.residency = {{"eu/", {region_a, region_b}}};
  EXPECT_NE(finding(scene.verdict(), "residency"), nullptr);
}

TEST(Residency, IgnoresShardsOfOtherKeys) {
  Scene scene;
  scene.plan.objectives.residency = {{"us/", {region_a}}};
  scene.write(seconds(11), "eu/1");
  EXPECT_EQ(objective(scene.verdict(), "residency").held, Held::yes);
}

// Marks and expectations

TEST(Marks, AreCounted) {
  Scene scene;
  scene.at(seconds(5)).stop(a1);
  scene.lead(a2, 2);
  scene.lead(b1, 3);
  scene.start(a1);
  scene.append(a1, 1, 1);
  scene.event(EventKind::log_truncated, a1, 1, 3);
  scene.append(a1, 1, 3);
  for (const NodeId node : {b2, c1}) {
    scene.event(EventKind::role_changed, node, static_cast<std::uint64_t>(Role::candidate), 4);
  }
  scene.event(EventKind::role_changed, a1, static_cast<std::uint64_t>(Role::pre_candidate), 4);
  scene.event(EventKind::role_changed, a1, static_cast<std::uint64_t>(Role::follower), 4);
  scene.event(EventKind::disk_unsynced_lost, a1, 1, 512, 0, no_shard);
  scene.event(EventKind::disk_unsynced_lost, a1, 1, 0, 0, no_shard);
  scene.event(EventKind::disk_write_torn, a1, 1, 512, 7, no_shard);
  scene.event(EventKind::operation_retried, clients_a, 1, 2, 1);
  scene.event(EventKind::message_dropped, a1, node_word(b1), 64, 0, no_shard);
  scene.event(EventKind::request_shed, a1, 1, 64);
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(mark(verdict, "failover.leader_changed"), 2U);
  EXPECT_EQ(mark(verdict, "failover.leader_left_region"), 1U);
  EXPECT_EQ(mark(verdict, "raft.log_truncated_on_rejoin"), 1U);
  EXPECT_EQ(mark(verdict, "raft.uncommitted_tail_replaced"), 1U);
  EXPECT_EQ(mark(verdict, "raft.vote_split"), 1U);
  EXPECT_EQ(mark(verdict, "raft.prevote_rejected"), 1U);
  EXPECT_EQ(mark(verdict, "disk.unsynced_write_lost"), 1U);
  EXPECT_EQ(mark(verdict, "disk.write_torn"), 1U);
  EXPECT_EQ(mark(verdict, "client.retried"), 1U);
  EXPECT_EQ(mark(verdict, "network.message_lost"), 1U);
  EXPECT_EQ(mark(verdict, "load.shed"), 1U);
}

TEST(Marks, ThatAreMissedMakeARunInconclusive) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  scene.plan.expect.marks = {"failover.leader_changed"};
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(verdict.conclusion, record::Conclusion::inconclusive);
  EXPECT_EQ(verdict.sentence, "The mark failover.leader_changed was not reached.");
  scene.lead(b1, 2);
  EXPECT_EQ(scene.verdict().conclusion, record::Conclusion::pass);
}

TEST(Marks, NeverMaskAViolation) {
  Scene scene;
  scene.plan.expect.marks = {"failover.leader_changed"};
  scene.event(EventKind::term_persisted, b1, 5);
  scene.event(EventKind::term_persisted, b1, 4);
  EXPECT_EQ(scene.verdict().conclusion, record::Conclusion::violated);
}

TEST(Expectation, IsMetByTheViolationThatThePlanNames) {
  Scene scene = with_two_lost_writes();
  scene.plan.expect = {true, {"rpo"}, {}};
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(verdict.conclusion, record::Conclusion::violated);
  EXPECT_TRUE(verdict.expectation_met);
  EXPECT_TRUE(verdict.sentence.starts_with("2 of 4 acknowledged writes are gone."));
}

TEST(Expectation, IsNotMetByAnotherViolation) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  scene.event(EventKind::term_persisted, b1, 5);
  scene.event(EventKind::term_persisted, b1, 4);
  scene.plan.expect = {true, {"raft.vote_uniqueness", "rpo"}, {}};
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(verdict.conclusion, record::Conclusion::violated);
  EXPECT_FALSE(verdict.expectation_met);
  EXPECT_TRUE(verdict.sentence.starts_with(
      "The run was expected to break raft.vote_uniqueness or rpo, and did not."));
}

TEST(Expectation, OfAViolationFailsACleanRun) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  scene.plan.expect.violates = true;
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(verdict.conclusion, record::Conclusion::violated);
  EXPECT_FALSE(verdict.expectation_met);
  EXPECT_EQ(verdict.sentence, "The run was expected to break a promise, and did not.");
}

TEST(Catalogue, DescribesEveryMarkAndInvariantOfAVerdict) {
  Scene scene;
  scene.plan.shards.push_back({"director", "", {a1, b1, c1}, true});
  scene.invoke(OperationKind::status, "eu/1", 1);
  const record::Verdict verdict = scene.verdict();
  ASSERT_EQ(verdict.marks.size(), known_marks().size());
  ASSERT_EQ(verdict.invariants.size(), known_invariants().size());
  for (std::size_t i = 0; i < known_invariants().size(); ++i) {
    EXPECT_EQ(verdict.invariants[i].id, known_invariants()[i].name);
    EXPECT_FALSE(known_invariants()[i].text.empty());
  }
}

}  // namespace
}  // namespace blackout::check
