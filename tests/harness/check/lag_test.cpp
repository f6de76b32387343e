#include <gtest/gtest.h>

#include "tests/harness/check/scene.hpp"

namespace blackout::check {
namespace {

using record::Held;

TEST(Lag, IsHowLongAConnectedVoterLeavesACommittedEntryUnapplied) {
  Scene scene;
  scene.plan.objectives.lag = record::LagObjective{milliseconds(400), record::Phase::chaos};
  for (const NodeId node : {a1, a2, b1, b2, c1}) scene.store(node, 1, 1);
  scene.at(seconds(12)).commit(a1, 1, 1);
  for (const NodeId node : {a1, a2, b1, b2}) scene.apply(node, 1, 0);
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

TEST(Lag, ReachesToTheEndOfThePhaseWhereAnEntryIsNeverApplied) {
  Scene scene;
  scene.plan.objectives.lag = record::LagObjective{milliseconds(400), record::Phase::chaos};
  scene.at(seconds(29)).commit(a1, 1, 1);
  EXPECT_EQ(objective(scene.verdict(), "lag").measured, "1 s");
}

}  // namespace
}  // namespace blackout::check
