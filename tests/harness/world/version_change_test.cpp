// Two releases of the platform's program side by side, in whole small worlds.
#include <gtest/gtest.h>

#include "tests/harness/world/fault_runs.hpp"

namespace blackout::world {
namespace {

using testing::add_fault;
using testing::events;
using testing::small_plan;

constexpr std::uint64_t plain = 1, sparse = 2;

fault::Fault change(std::vector<NodeId> nodes, fault::Release release, Duration at) {
  fault::Fault fault;
  fault.kind = fault::Kind::rolling_version_change;
  fault.release = release;
  fault.nodes = std::move(nodes);
  fault.at = Instant(0) + at;
  fault.length = seconds(4);
  fault.mode = fault::Mode::process_crash;
  fault.down = milliseconds(300);
  fault.gap = milliseconds(700);
  return fault;
}

// (who, to whom, in which encoding from now on), after `from`.
std::vector<std::array<std::uint64_t, 3>> encodings(const Result& result, Duration from) {
  std::vector<std::array<std::uint64_t, 3>> found;
  for (const Event& event : events(result, EventKind::encoding_changed)) {
    if (event.at < Instant(0) + from) continue;
    found.push_back({event.node.value(), node_of_word(event.a).value(), event.b});
  }
  std::sort(found.begin(), found.end());
  return found;
}

TEST(RollingVersionChange, StartsOneNodeAfterTheOtherWithAnotherProgramThatItKeeps) {
  scenario::Plan plan = small_plan(1);
  add_fault(plan, change({NodeId(0), NodeId(2)}, fault::Release::next, seconds(6)));
  const Result result = testing::run_plan(plan);
  const auto changed = events(result, EventKind::program_changed);
  ASSERT_EQ(changed.size(), 2u);
  EXPECT_EQ(changed[0].node, NodeId(0));
  EXPECT_EQ(changed[0].at, Instant(0) + milliseconds(6300));
  EXPECT_EQ(changed[1].node, NodeId(2));
  EXPECT_EQ(changed[1].at, Instant(0) + milliseconds(7300));
  EXPECT_EQ(result.faults[0].effect, 2u);
  EXPECT_EQ(encodings(result, {}),
            (std::vector<std::array<std::uint64_t, 3>>{{0, 2, sparse}, {2, 0, sparse}}));
}

TEST(RollingVersionChange, ThatEndsEarlySparesTheRest) {
  scenario::Plan plan = small_plan(1);
  add_fault(plan, change({NodeId(0), NodeId(1), NodeId(2)}, fault::Release::next, seconds(6)));
  plan.faults.back().length = milliseconds(1200);
  const Result result = testing::run_plan(plan);
  const auto changed = events(result, EventKind::program_changed);
  ASSERT_EQ(changed.size(), 2u);
  EXPECT_EQ(changed[1].node, NodeId(1));
  EXPECT_EQ(changed[1].at, Instant(0) + milliseconds(7200));
  EXPECT_EQ(result.faults[0].effect, 2u);
}

TEST(RollingVersionChange, ThatIsTakenBackLeavesTheEncodingThatAllRead) {
  scenario::Plan plan = small_plan(1);
  add_fault(plan, change({NodeId(0), NodeId(1)}, fault::Release::next, seconds(5)));
  add_fault(plan, change({NodeId(1)}, fault::Release::current, seconds(10)));
  const Result result = testing::run_plan(plan);
  EXPECT_EQ(events(result, EventKind::program_changed).size(), 3u);
  EXPECT_EQ(encodings(result, seconds(10)),
            (std::vector<std::array<std::uint64_t, 3>>{{0, 1, plain}}));
}

TEST(RollingVersionChange, ToTheReleaseThatRunsAlreadyIsARestartWithoutEffect) {
  scenario::Plan plan = small_plan(1);
  add_fault(plan, change({NodeId(0)}, fault::Release::current, seconds(6)));
  const Result result = testing::run_plan(plan);
  EXPECT_EQ(events(result, EventKind::node_started, NodeId(0)).size(), 2u);
  EXPECT_TRUE(events(result, EventKind::program_changed).empty());
  EXPECT_EQ(result.faults[0].effect, 0u);
}

TEST(RollingVersionChange, OfASystemWithoutANextReleaseIsARestartWithoutEffect) {
  scenario::Plan plan = small_plan(1);
  add_fault(plan, change({NodeId(0)}, fault::Release::next, seconds(6)));
  testing::Servers system([](NodeId, env::Environment& environment) { environment.tasks.park(); });
  World world(plan, system);
  const Result result = world.run();
  EXPECT_EQ(events(result, EventKind::node_started, NodeId(0)).size(), 2u);
  EXPECT_TRUE(events(result, EventKind::program_changed).empty());
  EXPECT_EQ(result.faults[0].effect, 0u);
}

}  // namespace
}  // namespace blackout::world
