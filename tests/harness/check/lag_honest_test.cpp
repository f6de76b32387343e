#include <gtest/gtest.h>

#include "tests/harness/check/scene.hpp"

namespace blackout::check {
namespace {

const std::string rule = "platform.lag_honest";

// a-1 leads; c-1 lacks entry 2, which was committed ten seconds after the start.
Scene lagging() {
  Scene scene;
  scene.write(seconds(9), "k");
  scene.at(seconds(10));
  for (const NodeId node : {a1, a2, b1}) scene.store(node, 2, 1);
  scene.commit(a1, 2, 1);
  return scene;
}

void exported(Scene& scene, Duration at, Duration lag, Duration tolerance,
              EventKind stage = EventKind::lag_durable) {
  scene.at(at).event(stage, a1, node_word(c1), static_cast<std::uint64_t>(lag.ns()),
                     static_cast<std::uint64_t>(tolerance.ns()));
}

TEST(LagHonest, FlagsALagBelowTheTrueOne) {
  Scene scene = lagging();
  exported(scene, seconds(14), seconds(1), seconds(2));
  const record::Verdict verdict = scene.judge_only();
  ASSERT_NE(finding(verdict, rule), nullptr) << all_findings(verdict);
  EXPECT_EQ(finding(verdict, rule)->sentence,
            "a-1 exports a lag of 1 s for c-1, which has not stored entry 2 of orders for 4 s.");
}

TEST(LagHonest, KeepsItsStagesApart) {
  Scene scene = lagging();
  scene.event(EventKind::entry_appended, c1, 2, 1, chain(2, 1));
  exported(scene, seconds(14), Duration(), seconds(1), EventKind::lag_received);
  EXPECT_EQ(finding(scene.judge_only(), rule), nullptr);
  scene.event(EventKind::log_durable, c1, 2, 1, chain(2, 1));
  exported(scene, seconds(15), Duration(), seconds(1));
  EXPECT_EQ(finding(scene.judge_only(), rule), nullptr);
  exported(scene, seconds(16), Duration(), seconds(1), EventKind::lag_applied);
  const record::Verdict verdict = scene.judge_only();
  ASSERT_NE(finding(verdict, rule), nullptr);
  EXPECT_EQ(finding(verdict, rule)->sentence,
            "a-1 exports a lag of 0 s for c-1, which has not applied entry 2 of orders for 6 s.");
}

TEST(LagHonest, CountsWhatAProcessAppliedFromWhenTheNextOneStarted) {
  Scene scene = lagging();
  scene.store(c1, 2, 1);
  scene.event(EventKind::entry_applied, c1, 2, 0, 0);
  scene.at(seconds(20)).event(EventKind::node_started, c1, 2, 0, 0, no_shard);
  exported(scene, seconds(21), Duration(), seconds(2), EventKind::lag_applied);
  EXPECT_EQ(finding(scene.judge_only(), rule), nullptr);
  exported(scene, seconds(23), Duration(), seconds(2), EventKind::lag_applied);
  EXPECT_NE(finding(scene.judge_only(), rule), nullptr);
}

TEST(LagHonest, LetsAToleranceAndMoreThanTheTruthPass) {
  Scene scene = lagging();
  exported(scene, seconds(14), seconds(2), seconds(2));
  exported(scene, seconds(15), seconds(60), Duration());
  EXPECT_EQ(finding(scene.judge_only(), rule), nullptr);
}

TEST(LagHonest, LetsAVoterWithoutLagPass) {
  Scene scene = lagging();
  scene.store(c1, 2, 1);
  exported(scene, seconds(30), Duration(), Duration());
  EXPECT_EQ(finding(scene.judge_only(), rule), nullptr);
}

TEST(LagHonest, TakesAnotherEntryAtTheSameIndexForALack) {
  Scene scene = lagging();
  scene.store(c1, 2, 3);
  exported(scene, seconds(14), Duration(), seconds(1));
  EXPECT_NE(finding(scene.judge_only(), rule), nullptr);
}

TEST(LagHonest, CountsWhatADiskLostFromWhenThatShowed) {
  Scene scene = lagging();
  scene.store(c1, 2, 1);
  exported(scene, seconds(20), Duration(), Duration());
  scene.event(EventKind::disk_replaced, c1, 0, 0, 0, no_shard);
  exported(scene, seconds(21), Duration(), seconds(2));
  exported(scene, seconds(23), Duration(), seconds(2));
  EXPECT_EQ(finding(scene.judge_only(), rule), nullptr);
  exported(scene, seconds(24), Duration(), seconds(2));
  const record::Verdict verdict = scene.judge_only();
  ASSERT_NE(finding(verdict, rule), nullptr) << all_findings(verdict);
  EXPECT_NE(finding(verdict, rule)->sentence.find("for 3 s."), std::string::npos);
}

}  // namespace
}  // namespace blackout::check
