#include "harness/world/physics.hpp"

#include <gtest/gtest.h>

#include "tests/harness/world/small_plan.hpp"

namespace blackout::world {
namespace {

TEST(Physics, LeavesNothingToChanceWhereThePlanSaysStill) {
  scenario::Plan plan = testing::small_plan(1);
  plan.clock_drift_max_ppm = 50;
  plan.links.jitter_ppm = 80'000;
  plan.links.loss.ppb = 1'000;
  plan.links.still = {{RegionId(0), RegionId(1)}, {RegionId(1), RegionId(0)}};
  plan.links.still.insert({RegionId(2), RegionId(2)});
  plan.still_disks = {NodeId(1)};
  plan.still_clocks = {NodeId(2)};
  const node::Settings settings = physics_of(plan);

  for (std::size_t i = 0; i < 9; ++i) {
    const network::LinkProfile& link = settings.network.between_regions[i];
    const bool still = i == 1 || i == 3 || i == 8;
    EXPECT_EQ(link.jitter_ppm, still ? 0u : 80'000u) << i;
    EXPECT_EQ(link.loss.ppb, still ? 0u : 1'000u) << i;
    EXPECT_EQ(link.delay, i % 4 == 0 ? microseconds(500) : milliseconds(10)) << i;
  }
  EXPECT_EQ(settings.network.within_zones[1].jitter_ppm, 80'000u);
  EXPECT_EQ(settings.network.within_zones[2].jitter_ppm, 0u);
  EXPECT_EQ(settings.still_disks, plan.still_disks);
  for (std::size_t node = 0; node < 3; ++node) {
    EXPECT_EQ(settings.clocks[node].offset == Duration(), node == 2) << node;
    EXPECT_EQ(settings.clocks[node].drift_ppm == 0, node == 2) << node;
  }
}

TEST(Physics, OfOneClockIsDrawnAlikeWhateverIsStill) {
  scenario::Plan plan = testing::small_plan(1);
  const auto before = physics_of(plan).clocks;
  plan.still_clocks = {NodeId(0)};
  const auto after = physics_of(plan).clocks;
  EXPECT_NE(before[0].offset, after[0].offset);
  for (std::size_t node = 1; node < 6; ++node) EXPECT_EQ(before[node].offset, after[node].offset);
}

}  // namespace
}  // namespace blackout::world
