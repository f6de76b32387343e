#include "platform/placement/routing.hpp"

#include <gtest/gtest.h>

#include "sim/random/stream.hpp"

namespace blackout::placement {
namespace {

constexpr RegionId a{0}, b{1}, c{2};

RouteAnswer give(RoutingPlan& plan, RouteChange change, RegionId region) {
  return plan.apply({change, region, std::nullopt});
}

TEST(RoutingPlan, ServesEverywhereUntilSomebodySaysOtherwise) {
  EXPECT_EQ(RoutingPlan().epoch(), 0u);
  EXPECT_TRUE(RoutingPlan().serves(c));
  const RoutingPlan first(3);
  EXPECT_EQ(first.epoch(), 1u);
  EXPECT_EQ(first.out(), 0u);
}

TEST(RoutingPlan, HasAnotherEpochAfterEachChangeAndOnlyThen) {
  RoutingPlan plan(3);
  EXPECT_EQ(give(plan, RouteChange::drain, b), RouteAnswer::changed);
  EXPECT_EQ(plan.epoch(), 2u);
  EXPECT_FALSE(plan.serves(b));
  EXPECT_EQ(plan.out(), 2u);
  EXPECT_EQ(give(plan, RouteChange::drain, b), RouteAnswer::unchanged);
  EXPECT_EQ(plan.epoch(), 2u);
  EXPECT_EQ(give(plan, RouteChange::restore, b), RouteAnswer::changed);
  EXPECT_EQ(plan.epoch(), 3u);
  EXPECT_TRUE(plan.serves(b));
}

TEST(RoutingPlan, RefusesAChangeThatWasDecidedOnAnotherPlan) {
  RoutingPlan plan(3);
  EXPECT_EQ(plan.apply({RouteChange::fail, a, 1}), RouteAnswer::changed);
  const RoutingPlan before = plan;
  EXPECT_EQ(plan.apply({RouteChange::recover, a, 1}), RouteAnswer::stale);
  EXPECT_EQ(plan, before);
  EXPECT_EQ(plan.apply({RouteChange::recover, a, 2}), RouteAnswer::changed);
}

TEST(RoutingPlan, KeepsARegionOutUntilBothReasonsAreGone) {
  RoutingPlan plan(3);
  give(plan, RouteChange::drain, a);
  give(plan, RouteChange::fail, a);
  give(plan, RouteChange::restore, a);
  EXPECT_FALSE(plan.serves(a));
  EXPECT_TRUE(plan.failing(a));
  EXPECT_FALSE(plan.drained(a));
  give(plan, RouteChange::recover, a);
  EXPECT_TRUE(plan.serves(a));
}

TEST(RoutingPlan, NeverLeavesLessThanHalfOfTheRegions) {
  for (std::uint16_t regions = 1; regions <= 6; ++regions) {
    RoutingPlan plan(regions);
    for (std::uint16_t r = 0; r < regions; ++r) {
      const RouteAnswer expected = r < regions / 2 ? RouteAnswer::changed : RouteAnswer::floor;
      EXPECT_EQ(give(plan, RouteChange::fail, RegionId(r)), expected) << regions << " " << r;
    }
    EXPECT_EQ(plan.epoch(), 1u + regions / 2);
  }
}

TEST(RoutingPlan, LetsARegionThatIsOutGetASecondReasonAtTheFloor) {
  RoutingPlan plan(3);
  give(plan, RouteChange::fail, a);
  EXPECT_EQ(give(plan, RouteChange::drain, a), RouteAnswer::changed);
  EXPECT_EQ(give(plan, RouteChange::drain, b), RouteAnswer::floor);
}

TEST(RoutingPlan, KnowsNoRegionBeyondItsOwn) {
  RoutingPlan plan(2);
  EXPECT_EQ(give(plan, RouteChange::drain, c), RouteAnswer::unknown_region);
  EXPECT_EQ(plan.epoch(), 1u);
}

TEST(RoutingCodec, PlansCommandsAndResultsReturn) {
  RoutingPlan plan(3);
  give(plan, RouteChange::drain, a);
  give(plan, RouteChange::fail, a);
  Bytes bytes;
  plan.encode(bytes);
  EXPECT_EQ(RoutingPlan::decode(bytes), plan);
  for (const std::optional<std::uint64_t> epoch : {std::optional<std::uint64_t>(), {7}}) {
    const RouteCommand command{RouteChange::recover, c, epoch};
    Bytes encoded;
    encode(command, encoded);
    EXPECT_EQ(decode_route_command(encoded), command);
  }
  Bytes encoded;
  encode(RouteResult{RouteAnswer::floor, plan}, encoded);
  const auto result = decode_route_result(encoded);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->answer, RouteAnswer::floor);
  EXPECT_EQ(result->plan, plan);
}

TEST(RoutingCodec, EveryPrefixAndAnyGarbageIsRefusedOrWhole) {
  RoutingPlan plan(3);
  give(plan, RouteChange::fail, b);
  Bytes bytes;
  encode(RouteResult{RouteAnswer::changed, plan}, bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_route_result(BytesView(bytes).first(size)).has_value()) << size;
  }
  random::Stream stream(random::Key(1));
  for (int i = 0; i < 5'000; ++i) {
    Bytes garbage = bytes;
    garbage[stream.next() % garbage.size()] = static_cast<std::uint8_t>(stream.next());
    const auto result = decode_route_result(garbage);
    if (!result) continue;
    Bytes again;
    encode(*result, again);
    EXPECT_EQ(decode_route_result(again)->plan, result->plan);
  }
}

}  // namespace
}  // namespace blackout::placement
