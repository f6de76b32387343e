// The objective that compares a run with its twin in one region.
#include <gtest/gtest.h>

#include "tests/harness/check/scene.hpp"

namespace blackout::check {
namespace {

using record::Held;
using record::OperationKind;
using record::Outcome;

// Ten writes of 11 to 20 ms that take 1 to 10 ms in one region.
Scene with_twins() {
  Scene scene;
  scene.plan.objectives.added_latency = {
      {OperationKind::put, 900, milliseconds(10), 1'250, record::Phase::chaos}};
  for (int i = 1; i <= 10; ++i) {
    const std::uint64_t id = scene.write(seconds(11) + milliseconds(100 * i), "eu/1");
    scene.operation(id).completed = scene.operation(id).invoked + milliseconds(10 + i);
    scene.paired.push_back({OperationId(id), milliseconds(i), milliseconds(8)});
  }
  return scene;
}

TEST(AddedLatency, IsTheDifferenceOfPercentilesAndAMultipleOfTheFloor) {
  Scene scene = with_twins();
  const record::Verdict verdict = scene.verdict();
  const record::ObjectiveRow row = objective(verdict, "added_latency");
  EXPECT_EQ(row.subject, "put p90");
  EXPECT_EQ(row.measured, "10 ms");
  EXPECT_EQ(row.note, "during chaos, x1.25 of the floor of 8 ms (≤ x1.25)");
  EXPECT_EQ(row.held, Held::yes);
}

TEST(AddedLatency, IsBrokenByTheTimeOrByTheMultiple) {
  Scene slow = with_twins();
  slow.plan.objectives.added_latency[0].max = milliseconds(9);
  record::Verdict verdict = slow.verdict();
  EXPECT_EQ(objective(verdict, "added_latency").held, Held::no);
  EXPECT_EQ(verdict.findings.at(0).id, "added_latency");
  Scene far = with_twins();
  far.plan.objectives.added_latency[0].floor_max_permille = 1'249;
  verdict = far.verdict();
  EXPECT_EQ(objective(verdict, "added_latency").held, Held::no);
}

TEST(AddedLatency, ComparesWhatEndedOkInBothRuns) {
  Scene scene = with_twins();
  scene.paired.erase(scene.paired.begin() + 5, scene.paired.end());
  scene.operation(1).outcome = Outcome::info;
  record::Verdict verdict = scene.verdict();
  EXPECT_EQ(objective(verdict, "added_latency").measured, "10 ms");
  scene.paired.clear();
  verdict = scene.verdict();
  EXPECT_EQ(objective(verdict, "added_latency").held, Held::unknown);
  EXPECT_EQ(objective(verdict, "added_latency").measured, "none ended ok in both runs");
}

}  // namespace
}  // namespace blackout::check
