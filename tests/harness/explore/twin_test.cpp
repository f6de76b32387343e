// Which operation a twin has, and what the distances alone make it take.
#include "harness/explore/twin.hpp"

#include <gtest/gtest.h>

#include <array>

#include "harness/explore/run_one.hpp"
#include "tests/harness/world/small_plan.hpp"

namespace blackout::explore {
namespace {

using record::OperationKind;

scenario::Plan plan_that_compares() {
  scenario::Plan plan = testing::small_plan(1);
  plan.facts.objectives.added_latency = {
      {OperationKind::put, 500, seconds(1), 1'500, record::Phase::run}};
  return plan;
}

TEST(Twin, IsTheSameOperationsWithoutTheDistances) {
  const scenario::Plan plan = testing::small_plan(1);
  const record::History here = run_here(plan, {}).history;
  const record::History there = run_here(in_one_region(plan), {}).history;
  ASSERT_EQ(here.operations.size(), there.operations.size());
  Duration longer, shorter;
  for (std::size_t i = 0; i < here.operations.size(); ++i) {
    const record::Operation& one = here.operations[i];
    const record::Operation& other = there.operations[i];
    ASSERT_EQ(one.invoked, other.invoked);
    ASSERT_EQ(one.key, other.key);
    ASSERT_EQ(one.value, other.value);
    if (one.outcome != record::Outcome::ok || other.outcome != record::Outcome::ok) continue;
    longer = longer + (one.completed - one.invoked);
    shorter = shorter + (other.completed - other.invoked);
  }
  EXPECT_GT(longer, shorter * 3);
}

TEST(Twin, LeavesTheTraceOfTheRunAlone) {
  EXPECT_EQ(run_here(plan_that_compares(), {}).trace.hash(),
            run_here(testing::small_plan(1), {}).trace.hash());
}

TEST(Twin, GivesTheVerdictItsRow) {
  const record::RunRecord run = run_here(plan_that_compares(), {});
  ASSERT_FALSE(run.verdict.objectives.empty());
  const record::ObjectiveRow& row = run.verdict.objectives.back();
  EXPECT_EQ(row.name, "added_latency");
  EXPECT_EQ(row.held, record::Held::yes) << row.measured << " " << row.note;
  EXPECT_GT(row.measured_value, milliseconds(5).ns());
}

// The leader and one voter in region 0, two voters in region 1, one in region 2.
TEST(Twin, TheFloorIsTheWayToTheLeaderAndFromThereToTheNearestMajority) {
  scenario::Plan plan = testing::small_plan(1);
  const auto ms = [](std::int64_t n) { return milliseconds(n); };
  plan.facts.regions.resize(3);
  plan.facts.nodes.resize(5);
  const std::array<std::uint32_t, 5> regions{0, 0, 1, 1, 2};
  plan.groups[0].voters.clear();
  for (std::uint32_t node = 0; node < 5; ++node) {
    plan.facts.nodes[node].region = RegionId(regions[node]);
    plan.groups[0].voters.push_back(NodeId(node));
  }
  plan.groups[0].preferred = {NodeId(1), NodeId(0)};
  plan.links.region_rtt = {ms(1), ms(20), ms(50), ms(20), ms(1), ms(40), ms(50), ms(40), ms(1)};
  record::History twin;
  for (std::uint32_t region = 0; region < 3; ++region) {
    record::Operation& operation = twin.operations.emplace_back();
    operation.id = OperationId(region + 1);
    operation.region = RegionId(region);
    operation.shard = ShardId(0);
    operation.outcome = record::Outcome::ok;
    operation.completed = operation.invoked + ms(3);
  }
  twin.operations.emplace_back().id = OperationId(4);  // ended without an answer
  const auto paired = pair_with(plan, twin);
  ASSERT_EQ(paired.size(), 3u);
  EXPECT_EQ(paired[0].floor, ms(1 + 20));
  EXPECT_EQ(paired[1].floor, ms(20 + 20));
  EXPECT_EQ(paired[2].floor, ms(50 + 20));
  EXPECT_EQ(paired[2].one_region, ms(3));
}

}  // namespace
}  // namespace blackout::explore
