#include <gtest/gtest.h>

#include "tests/harness/check/scene.hpp"

namespace blackout::check {
namespace {

// Bit r: region r is out.
constexpr std::uint64_t all_serve = 0, without_a = 1, without_b = 2;

Scene directed() {
  Scene scene;
  scene.plan.shards.push_back({"director", "", {a1, b1, c1}, true});
  return scene;
}

TEST(RoutesAgree, IsNoInvariantWhereNobodyDirects) {
  for (const auto& row : Scene().verdict().invariants) {
    EXPECT_NE(row.id, "platform.routes_agree");
  }
}

TEST(RoutesAgree, FlagsAProcessThatGoesBackToAnOlderPlan) {
  Scene scene = directed();
  scene.at(seconds(11)).event(EventKind::routes_adopted, b1, 2, without_a);
  scene.at(seconds(12)).event(EventKind::routes_adopted, b1, 1, all_serve);
  const record::Verdict verdict = scene.verdict();
  ASSERT_NE(finding(verdict, "platform.routes_agree"), nullptr) << all_findings(verdict);
  EXPECT_EQ(finding(verdict, "platform.routes_agree")->sentence,
            "b-1 goes back from routing plan 2 to 1.");
}

TEST(RoutesAgree, FlagsOneEpochWithTwoPlans) {
  Scene scene = directed();
  scene.at(seconds(11)).event(EventKind::routes_adopted, b1, 2, without_a);
  scene.at(seconds(12)).event(EventKind::routes_adopted, clients_a, 2, without_b);
  const record::Verdict verdict = scene.verdict();
  ASSERT_NE(finding(verdict, "platform.routes_agree"), nullptr) << all_findings(verdict);
  EXPECT_EQ(finding(verdict, "platform.routes_agree")->sentence,
            "clients-a and b-1 know routing plan 2 by different regions.");
}

TEST(RoutesAgree, LetsAProcessBeginAnewAndOthersLag) {
  Scene scene = directed();
  scene.at(seconds(11)).event(EventKind::routes_adopted, b1, 1, all_serve);
  scene.event(EventKind::routes_adopted, b1, 3, without_a);
  scene.at(seconds(12)).event(EventKind::node_stopped, b1, 1, 1);
  scene.at(seconds(13)).event(EventKind::node_started, b1, 2);
  scene.event(EventKind::routes_adopted, b1, 1, all_serve);
  scene.event(EventKind::routes_adopted, clients_a, 1, all_serve);
  EXPECT_EQ(finding(scene.verdict(), "platform.routes_agree"), nullptr);
}

}  // namespace
}  // namespace blackout::check
