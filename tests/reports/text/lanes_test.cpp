#include "reports/text/lanes.hpp"

#include <gtest/gtest.h>

#include "tests/reports/html/sample.hpp"

namespace blackout::text {
namespace {

Instant at(std::int64_t ms) { return Instant(0) + milliseconds(ms); }

TEST(Lanes, ALeaderLeadsUntilItStops) {
  const record::RunRecord run = html::sample();
  const Lanes lanes = lanes_of(run, run.simulated);
  ASSERT_EQ(lanes.lanes.size(), 2U);  // client hosts have none
  ASSERT_EQ(lanes.lanes[0].roles.size(), 1U);
  EXPECT_TRUE(lanes.lanes[0].roles[0].leader);
  EXPECT_EQ(lanes.lanes[0].roles[0].from, at(1'000));
  EXPECT_EQ(lanes.lanes[0].roles[0].to, at(20'000));
}

TEST(Lanes, ACandidateBecomesLeaderUntilTheEnd) {
  const record::RunRecord run = html::sample();
  const std::vector<RoleSpan> roles = lanes_of(run, run.simulated).lanes[1].roles;
  ASSERT_EQ(roles.size(), 2U);
  EXPECT_FALSE(roles[0].leader);
  EXPECT_EQ(roles[0].to, at(21'500));
  EXPECT_TRUE(roles[1].leader);
  EXPECT_EQ(roles[1].term, 2U);
  EXPECT_EQ(roles[1].to, run.simulated);
}

TEST(Lanes, ANodeIsAwayFromItsStopToItsStart) {
  const record::RunRecord run = html::sample();
  const Lanes lanes = lanes_of(run, run.simulated);
  ASSERT_EQ(lanes.absent[0].size(), 1U);
  EXPECT_EQ(lanes.absent[0][0].from, at(20'000));
  EXPECT_EQ(lanes.absent[0][0].to, at(40'000));
  EXPECT_TRUE(lanes.absent[1].empty());
}

TEST(Lanes, AnEventOfANodeThatThePlanDoesNotKnowIsPassedOver) {
  record::RunRecord run = html::sample();
  run.trace.append({at(50'000), {}, EventKind::node_stopped, NodeId(99), no_shard, 2, 1, 0});
  run.trace.append({at(50'000), {}, EventKind::role_changed, NodeId(1), ShardId(99), 3, 9, 0});
  EXPECT_EQ(lanes_of(run, run.simulated).lanes[1].roles.size(), 2U);
}

TEST(Lanes, AFaultThatDidNotBeginHasNoSpan) {
  record::RunRecord run = html::sample();
  EXPECT_EQ(span_of(run, 0, run.simulated).to, at(40'000));
  run.faults[0].began.reset();
  EXPECT_FALSE(span_of(run, 0, run.simulated).began);
  run.faults.clear();  // the run's process died: as it was drawn
  EXPECT_EQ(span_of(run, 0, run.simulated).to, at(40'000));
  run.plan.faults[0].at = Instant::never();
  EXPECT_FALSE(span_of(run, 0, run.simulated).began);
}

}  // namespace
}  // namespace blackout::text
