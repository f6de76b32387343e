#include "platform/gateway/routes.hpp"

#include <gtest/gtest.h>

#include "tests/platform/replica/machines.hpp"

namespace blackout::gateway {
namespace {

// The plan after so many drains and restores of region 1 of 3.
Bytes plan_after(int changes) {
  placement::RoutingPlan plan(3);
  for (int i = 0; i < changes; ++i) {
    const auto change =
        i % 2 == 0 ? placement::RouteChange::drain : placement::RouteChange::restore;
    plan.apply({change, RegionId(1), std::nullopt});
  }
  Bytes bytes;
  plan.encode(bytes);
  return bytes;
}

TEST(Routes, GoByTheNewestThatTheyEverSaw) {
  testing::Machines machines(1);
  machines.start(0, [](env::Environment& environment) {
    Routes routes(environment);
    EXPECT_TRUE(routes.plan().serves(RegionId(1)));
    EXPECT_TRUE(routes.adopt(plan_after(1)));
    EXPECT_FALSE(routes.plan().serves(RegionId(1)));
    EXPECT_FALSE(routes.adopt(plan_after(1)));
    EXPECT_FALSE(routes.adopt(plan_after(0)));
    EXPECT_FALSE(routes.adopt(Bytes{1, 2, 3}));
    EXPECT_FALSE(routes.plan().serves(RegionId(1)));
    EXPECT_TRUE(routes.adopt(plan_after(2)));
    EXPECT_TRUE(routes.plan().serves(RegionId(1)));
  });
  machines.run_until(testing::at_ms(1));
  const auto adopted = machines.events(EventKind::routes_adopted);
  ASSERT_EQ(adopted.size(), 2u);
  EXPECT_EQ(adopted[0].a, 2u);
  EXPECT_EQ(adopted[0].b, 2u);
  EXPECT_EQ(adopted[1].a, 3u);
  EXPECT_EQ(adopted[1].b, 0u);
}

}  // namespace
}  // namespace blackout::gateway
