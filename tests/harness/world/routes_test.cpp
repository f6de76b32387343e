// Drained regions and stale routes, in whole small worlds with a director.
#include <gtest/gtest.h>

#include "tests/harness/world/fault_runs.hpp"

namespace blackout::world {
namespace {

using testing::add_fault;
using testing::events;
using testing::fault_end;
using testing::fault_start;

constexpr std::uint32_t server_of_b = 1, clients_of_b = 4;
constexpr std::uint64_t without_b = 2;

scenario::Plan directed_plan() {
  scenario::Plan plan = testing::small_plan(1);
  testing::add_director(plan);
  return plan;
}

// The regions that a node has out of service at `when`, as bits.
std::uint64_t out_at(const Result& result, std::uint32_t node, Instant when) {
  std::uint64_t out = 0;
  for (const Event& event : events(result, EventKind::routes_adopted, NodeId(node))) {
    if (event.at <= when) out = event.b;
  }
  return out;
}

// How many requests a gateway forwarded from a second after the fault began to its end.
std::size_t forwarded(const Result& result, std::uint32_t gateway) {
  return testing::between(events(result, EventKind::request_forwarded, NodeId(gateway)),
                          fault_start + seconds(2), fault_end);
}

TEST(RegionDrained, SendsClientsElsewhereUntilItIsRestored) {
  scenario::Plan plan = directed_plan();
  add_fault(plan, testing::fault_on(fault::Kind::region_drained, server_of_b));
  const Result result = testing::run_plan(plan);
  EXPECT_EQ(result.faults[0].effect, 2u);
  EXPECT_EQ(out_at(result, clients_of_b, fault_start), 0u);
  EXPECT_EQ(out_at(result, clients_of_b, fault_end), without_b);
  EXPECT_EQ(out_at(result, clients_of_b, fault_end + seconds(3)), 0u);
  plan.faults[0].muted = true;
  const Result without = testing::run_plan(plan);
  // What is left are the server's own looks at the plan.
  EXPECT_LT(forwarded(result, server_of_b) * 5, forwarded(without, server_of_b));
  for (const record::Operation& operation : result.history.operations) {
    EXPECT_EQ(operation.outcome, record::Outcome::ok) << operation.id.value();
  }
}

TEST(RegionDrained, TwiceIsGivenBackWhenNobodyWantsItDrained) {
  scenario::Plan plan = directed_plan();
  add_fault(plan, testing::fault_on(fault::Kind::region_drained, server_of_b));
  add_fault(plan, testing::fault_on(fault::Kind::region_drained, server_of_b));
  plan.faults.back().at = fault_start + seconds(2);
  const Result result = testing::run_plan(plan);
  EXPECT_EQ(out_at(result, clients_of_b, fault_end + milliseconds(1'900)), without_b);
  EXPECT_EQ(out_at(result, clients_of_b, fault_end + seconds(4)), 0u);
}

TEST(RoutesStale, LeaveClientsWithThePlanThatTheyHad) {
  scenario::Plan plan = directed_plan();
  // The region is lost, so that none of its gateways sends its clients elsewhere.
  add_fault(plan, testing::power_cut(server_of_b, seconds(6), seconds(8)));
  add_fault(plan, testing::fault_on(fault::Kind::routes_stale, clients_of_b));
  plan.faults.back().length = seconds(6);
  const Result result = testing::run_plan(plan);
  EXPECT_GT(result.faults[1].effect, 0u);
  const Instant lost = fault_start + milliseconds(5'900);
  EXPECT_EQ(out_at(result, server_of_b - 1, lost), without_b);
  EXPECT_EQ(out_at(result, clients_of_b, lost), 0u);
  EXPECT_EQ(out_at(result, clients_of_b, fault_start + seconds(8)), without_b);
  plan.faults[1].muted = true;
  EXPECT_EQ(out_at(testing::run_plan(plan), clients_of_b, lost), without_b);
}

// P7: flapping health does not flap routes.
TEST(LinkFlapping, OfARegionThatServesBetweenItsSpellsMovesNobody) {
  scenario::Plan plan = directed_plan();
  fault::Fault flapping = testing::fault_on(fault::Kind::link_flapping, server_of_b);
  for (const std::uint32_t other : {0U, 2U}) {
    flapping.links.push_back({NodeId(other), NodeId(server_of_b)});
    flapping.links.push_back({NodeId(server_of_b), NodeId(other)});
  }
  std::sort(flapping.links.begin(), flapping.links.end());
  flapping.period = seconds(2);
  flapping.duty = {300'000'000};
  flapping.length = seconds(9);
  add_fault(plan, flapping);
  const Result result = testing::run_plan(plan);
  EXPECT_GT(result.faults[0].effect, 0u);
  for (const Event& event : events(result, EventKind::routes_adopted)) EXPECT_EQ(event.b, 0u);
  plan.faults[0].kind = fault::Kind::partition;
  EXPECT_EQ(out_at(testing::run_plan(plan), 0, fault_start + seconds(9)), without_b);
}

}  // namespace
}  // namespace blackout::world
