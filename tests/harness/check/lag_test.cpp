#include <gtest/gtest.h>

#include "tests/harness/check/scene.hpp"

namespace blackout::check {
namespace {

using record::Held;

// a-1 commits an entry at 12 s, and these apply it at once.
Scene applied_by(const std::vector<NodeId>& voters, Duration promised = milliseconds(400)) {
  Scene scene;
  scene.plan.objectives.lag = record::LagObjective{promised, record::Phase::chaos};
  for (const NodeId node : {a1, a2, b1, b2, c1}) scene.store(node, 1, 1);
  scene.at(seconds(12)).commit(a1, 1, 1);
  for (const NodeId node : voters) scene.apply(node, 1, 0);
  return scene;
}

TEST(Lag, IsHowLongAConnectedVoterLeavesACommittedEntryUnapplied) {
  Scene scene = applied_by({a1, a2, b1, b2});
  scene.at(seconds(12) + milliseconds(420)).apply(c1, 1, 0);
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(objective(verdict, "lag").measured, "420 ms");
  ASSERT_NE(finding(verdict, "lag"), nullptr);
  EXPECT_EQ(finding(verdict, "lag")->sentence,
            "c-1 was 420 ms behind at 12.420 s; 400 ms were promised.");
}

TEST(Lag, StartsAgainForAVoterThatWasCutOff) {
  Scene scene;
  scene.plan.objectives.lag = record::LagObjective{milliseconds(400), record::Phase::chaos};
  scene.at(seconds(11)).isolate(c1);
  for (const NodeId node : {a1, a2, b1, b2, c1}) scene.store(node, 1, 1);
  scene.at(seconds(12)).commit(a1, 1, 1);
  for (const NodeId node : {a1, a2, b1, b2}) scene.apply(node, 1, 0);
  scene.at(seconds(15)).rejoin(c1);
  scene.at(seconds(15) + milliseconds(100)).apply(c1, 1, 0);
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(objective(verdict, "lag").measured, "100 ms");
  EXPECT_EQ(objective(verdict, "lag").held, Held::yes);
}

TEST(Lag, CountsAConnectedVoterWhoseDiskFails) {
  Scene scene;
  scene.plan.objectives.lag = record::LagObjective{milliseconds(400), record::Phase::chaos};
  scene.at(seconds(11)).event(EventKind::disk_state_set, c1, 1, 0, 0, no_shard);
  for (const NodeId node : {a1, a2, b1, b2}) scene.store(node, 1, 1);
  scene.at(seconds(12)).commit(a1, 1, 1);
  for (const NodeId node : {a1, a2, b1, b2}) scene.apply(node, 1, 0);
  scene.at(seconds(14)).event(EventKind::disk_state_set, c1, 0, 0, 0, no_shard);
  scene.store(c1, 1, 1);
  scene.apply(c1, 1, 0);
  EXPECT_EQ(objective(scene.verdict(), "lag").measured, "2 s");
}

TEST(Lag, CountsWholeWhatFellBehindBeforeItsPhase) {
  Scene scene;
  scene.plan.objectives.lag = record::LagObjective{milliseconds(400), record::Phase::calm};
  for (const NodeId node : {a1, a2, b1, b2, c1}) scene.store(node, 1, 1);
  scene.at(seconds(29)).commit(a1, 1, 1);
  for (const NodeId node : {a1, a2, b1, b2}) scene.apply(node, 1, 0);
  scene.at(seconds(30) + milliseconds(420)).apply(c1, 1, 0);
  EXPECT_EQ(objective(scene.verdict(), "lag").measured, "1.42 s");
}

// The leader commits at 12 s and dies at 13 s; the next is elected at 16 s and has c-1 apply 300 ms
// later.
record::Verdict behind_two_leaders(Duration promised) {
  Scene scene = applied_by({a1, a2, b1, b2}, promised);
  scene.at(seconds(13)).stop(a1);
  scene.at(seconds(16)).lead(b1, 2);
  scene.at(seconds(16) + milliseconds(300)).apply(c1, 1, 0);
  return scene.verdict();
}

TEST(Lag, EndsWithALeaderAndStartsAgainWithTheNext) {
  const record::Verdict verdict = behind_two_leaders(milliseconds(400));
  EXPECT_EQ(objective(verdict, "lag").measured, "1 s");
  ASSERT_NE(finding(verdict, "lag"), nullptr);
  EXPECT_EQ(finding(verdict, "lag")->sentence,
            "c-1 was 1 s behind at 13.000 s; 400 ms were promised.");
}

TEST(Lag, OfAShardWithoutALeaderIsNone) {
  EXPECT_EQ(objective(behind_two_leaders(seconds(1)), "lag").held, Held::yes);
}

TEST(Lag, EndsWhenTheLeaderIsCutOffAndNotWhenAnotherIsElected) {
  Scene scene = applied_by({a1, a2, b1, b2});
  scene.at(seconds(12) + milliseconds(250)).isolate(a1);
  scene.at(seconds(15)).lead(b1, 2);
  scene.at(seconds(15) + milliseconds(100)).apply(c1, 1, 0);
  EXPECT_EQ(objective(scene.verdict(), "lag").measured, "250 ms");
}

TEST(Lag, StandsWhileTheLeaderIsPaused) {
  Scene scene = applied_by({a1, a2, b1});
  scene.at(seconds(12) + milliseconds(250)).event(EventKind::node_paused, a1, 0, 0, 0, no_shard);
  scene.at(seconds(14)).apply(b2, 1, 0);
  scene.at(seconds(15)).event(EventKind::node_resumed, a1, 0, 0, 0, no_shard);
  scene.at(seconds(15) + milliseconds(300)).apply(c1, 1, 0);
  EXPECT_EQ(objective(scene.verdict(), "lag").measured, "300 ms");
}

TEST(Lag, IsNotThatOfALeaderOfAnOlderTerm) {
  Scene scene = applied_by({a1, a2, b1, b2});
  scene.at(seconds(12) + milliseconds(100)).lead(b1, 3);
  scene.at(seconds(12) + milliseconds(200)).lead(b2, 2);
  scene.at(seconds(12) + milliseconds(300)).follow(b2, 3, b1);
  scene.at(seconds(13)).apply(c1, 1, 0);
  EXPECT_EQ(objective(scene.verdict(), "lag").measured, "900 ms");
}

TEST(Lag, StartsAgainForALeaderThatFollows) {
  Scene scene = applied_by({a1, a2, b1, b2});
  scene.at(seconds(12) + milliseconds(200)).follow(a1, 1, no_node);
  scene.at(seconds(15)).lead(a1, 2);
  scene.at(seconds(15) + milliseconds(100)).apply(c1, 1, 0);
  EXPECT_EQ(objective(scene.verdict(), "lag").measured, "200 ms");
}

TEST(Lag, ReachesToTheEndOfThePhaseWhereAnEntryIsNeverApplied) {
  Scene scene;
  scene.plan.objectives.lag = record::LagObjective{milliseconds(400), record::Phase::chaos};
  scene.at(seconds(29)).commit(a1, 1, 1);
  EXPECT_EQ(objective(scene.verdict(), "lag").measured, "1 s");
}

}  // namespace
}  // namespace blackout::check
