// Flipped bits in the memory of servers, in whole small worlds.
#include <gtest/gtest.h>

#include <set>

#include "tests/harness/world/fault_runs.hpp"

#ifdef BLACKOUT_PLANTED_BUGS
namespace blackout::world {
namespace {

using testing::add_fault;
using testing::events;
using testing::fault_on;
using testing::fault_start;
using testing::run_plan;
using testing::run_with;
using testing::small_plan;

fault::Fault flip(std::uint32_t node, fault::Record record = fault::Record::account) {
  fault::Fault fault = fault_on(fault::Kind::state_corrupted, node);
  fault.record = record;
  return fault;
}

class StateCorrupted : public ::testing::TestWithParam<fault::Record> {};

TEST_P(StateCorrupted, IsFoundByTheLeaderAndRepaired) {
  const Result result = run_with({flip(2, GetParam())});
  EXPECT_EQ(result.faults[0].effect, 1u);
  const auto corrupted = events(result, EventKind::state_corrupted);
  ASSERT_EQ(corrupted.size(), 1u);
  EXPECT_EQ(corrupted[0].node, NodeId(2));
  EXPECT_EQ(corrupted[0].at, fault_start);
  const auto found = events(result, EventKind::divergence_found);
  ASSERT_GE(found.size(), 1u);
  EXPECT_EQ(node_of_word(found[0].a), NodeId(2));
  EXPECT_LE(found[0].at, fault_start + seconds(5));
  EXPECT_NE(found[0].c, 0u) << "it is known where";
  EXPECT_EQ(events(result, EventKind::replica_repaired, NodeId(2)).size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(ByRecord, StateCorrupted,
                         ::testing::Values(fault::Record::account, fault::Record::operation));

TEST(StateCorrupted, HasNoEffectOnAServerThatIsDown) {
  const Result result = run_with({testing::power_cut(2, seconds(5), seconds(3)), flip(2)});
  EXPECT_TRUE(result.faults[1].idle());
  EXPECT_TRUE(events(result, EventKind::state_corrupted).empty());
}

TEST(StateCorrupted, HasNoEffectOnASystemThatLetsNobodyAtItsMemory) {
  testing::Servers servers([](NodeId, env::Environment& environment) { environment.tasks.park(); });
  scenario::Plan plan = small_plan(1);
  add_fault(plan, flip(0));
  World world(plan, servers);
  const Result result = world.run();
  EXPECT_TRUE(result.faults[0].idle());
}

TEST(StateCorrupted, WithoutItNobodyIsAccused) {
  scenario::Plan plan = testing::plan_with({flip(2)});
  plan.faults[0].muted = true;
  const Result result = run_plan(plan);
  EXPECT_TRUE(events(result, EventKind::divergence_found).empty());
  EXPECT_TRUE(events(result, EventKind::replica_quarantined).empty());
}

TEST(StateCorrupted, FlipsOtherBitsByOtherSeedsAndTheSameByTheSame) {
  const auto ranges = [](std::uint64_t seed) {
    scenario::Plan plan = small_plan(seed);
    add_fault(plan, flip(2));
    const auto found = events(run_plan(plan), EventKind::divergence_found);
    return found.empty() ? 0 : found[0].c;
  };
  EXPECT_EQ(ranges(1), ranges(1));
  EXPECT_NE(std::set({ranges(1), ranges(2), ranges(3)}).size(), 1u);
}

}  // namespace
}  // namespace blackout::world
#endif
