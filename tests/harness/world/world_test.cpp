// Whole small worlds: a run is a function of its Plan, and every kind of fault changes what it
// should.
#include "harness/world/world.hpp"

#include <gtest/gtest.h>

#include "harness/system/registry/registry.hpp"
#include "harness/world/handlers.hpp"
#include "models/network/network.hpp"
#include "tests/harness/world/small_plan.hpp"

namespace blackout::world {
namespace {

using testing::add_fault;
using testing::small_plan;

Result run(const scenario::Plan& plan) {
  const auto system = system::make_system();
  World world(plan, *system);
  return world.run();
}

fault::Fault fault_on(fault::Kind kind, std::uint32_t node) {
  fault::Fault fault;
  fault.kind = kind;
  fault.at = Instant(0) + seconds(6);
  fault.length = seconds(4);
  fault.nodes = {NodeId(node)};
  return fault;
}

std::vector<Event> events(const Result& result, EventKind kind, NodeId node = no_node) {
  std::vector<Event> found;
  trace::Cursor cursor(result.trace);
  for (Event event; cursor.next(event);) {
    if (event.kind == kind && (node == no_node || event.node == node)) found.push_back(event);
  }
  return found;
}

std::size_t between(const std::vector<Event>& events, Instant from, Instant to) {
  std::size_t count = 0;
  for (const Event& event : events) count += event.at >= from && event.at < to ? 1 : 0;
  return count;
}

constexpr Instant start = Instant(0) + seconds(6);
constexpr Instant end = Instant(0) + seconds(10);

TEST(World, RunsTwiceInOneProcessWithTheSameHash) {
  scenario::Plan plan = small_plan(7);
  add_fault(plan, fault_on(fault::Kind::region_down, 0));
  const Result first = run(plan);
  const Result second = run(plan);
  EXPECT_GT(first.trace.size(), 10'000u);
  EXPECT_EQ(first.trace.hash(), second.trace.hash());
}

TEST(World, DiffersFromSeedToSeed) {
  EXPECT_NE(run(small_plan(1)).trace.hash(), run(small_plan(2)).trace.hash());
}

TEST(World, AnswersEveryOperationOfAFaultFreeRun) {
  const Result result = run(small_plan(3));
  ASSERT_FALSE(result.failure);
  EXPECT_GT(result.history.operations.size(), 800u);
  for (const record::Operation& operation : result.history.operations) {
    EXPECT_EQ(operation.outcome, record::Outcome::ok);
  }
  ASSERT_EQ(result.history.audits.size(), 3u);
  for (const record::Audit& audit : result.history.audits) {
    EXPECT_TRUE(audit.complete);
    EXPECT_EQ(audit.accounts.size(), 20u);
  }
}

TEST(World, IsTheSameUntilTheFaultThatWasRemoved) {
  scenario::Plan plan = small_plan(4);
  const Result without = run(plan);
  add_fault(plan, fault_on(fault::Kind::node_pause, 1));
  const Result with = run(plan);
  const EventId first = trace::first_difference(with.trace, without.trace);
  trace::Cursor cursor(with.trace, first);
  Event event;
  ASSERT_TRUE(cursor.next(event));
  EXPECT_EQ(event.kind, EventKind::fault_started);
  EXPECT_EQ(event.at, start);
}

TEST(World, TriesTheSameOperationsWhateverTheFaults) {
  scenario::Plan plan = small_plan(5);
  const Result without = run(plan);
  add_fault(plan, fault_on(fault::Kind::disk_slow, 0));
  plan.faults.back().factor_permille = 50'000;
  const Result with = run(plan);
  ASSERT_EQ(with.history.operations.size(), without.history.operations.size());
  for (std::size_t i = 0; i < with.history.operations.size(); ++i) {
    EXPECT_EQ(with.history.operations[i].key, without.history.operations[i].key);
    EXPECT_EQ(with.history.operations[i].invoked, without.history.operations[i].invoked);
  }
}

TEST(Handlers, CarryOutEveryKindOfTheCatalogue) {
  for (const fault::KindRow& row : fault::catalogue()) {
    const Handler& handler = handler_of(row.kind);
    EXPECT_EQ(handler.kind, row.kind) << row.name;
    EXPECT_EQ(handler.end == nullptr, row.momentary()) << row.name;
  }
}

TEST(Ledger, SaysWhenEachFaultBeganHowItEndedAndWhatItDid) {
  scenario::Plan plan = small_plan(6);
  add_fault(plan, fault_on(fault::Kind::disk_slow, 0));
  plan.faults.back().factor_permille = 2'000;
  add_fault(plan, fault_on(fault::Kind::disk_slow, 3));  // a client host writes nothing
  plan.faults.back().factor_permille = 2'000;
  add_fault(plan, fault_on(fault::Kind::partition, 0));
  plan.faults.back().nodes.clear();
  plan.faults.back().links = {{NodeId(1), NodeId(0)}};
  plan.faults.back().length = Duration();
  const Result result = run(plan);
  ASSERT_EQ(result.faults.size(), 3u);
  const record::FaultOutcome &slow = result.faults[0], &idle = result.faults[1],
                             &cut = result.faults[2];
  EXPECT_EQ(slow.letter, "A");
  EXPECT_EQ(slow.kind, "disk_slow");
  EXPECT_EQ(slow.nodes, std::vector<NodeId>{NodeId(0)});
  EXPECT_EQ(slow.began, start);
  EXPECT_EQ(slow.ended, end);
  EXPECT_EQ(slow.end, record::FaultEnd::healed);
  EXPECT_GT(slow.effect, 50u);
  EXPECT_EQ(slow.unit, "operations slowed");
  EXPECT_FALSE(slow.idle());
  EXPECT_TRUE(idle.idle());
  EXPECT_EQ(cut.links, 1u);
  EXPECT_EQ(cut.ended, plan.facts.timeline.calm_start());
  EXPECT_EQ(cut.end, record::FaultEnd::calm);
  EXPECT_GT(cut.effect, 10u);
}

TEST(Injector, RegionDownStopsItsNodesAndStartsThemAgain) {
  scenario::Plan plan = small_plan(1);
  add_fault(plan, fault_on(fault::Kind::region_down, 0));
  plan.faults.back().nodes = {NodeId(0), NodeId(3)};
  plan.faults.back().mode = fault::Mode::power_loss;
  const Result result = run(plan);
  ASSERT_EQ(events(result, EventKind::node_stopped).size(), 2u);
  EXPECT_EQ(events(result, EventKind::node_started, NodeId(0)).size(), 2u);
  EXPECT_EQ(between(events(result, EventKind::message_sent, NodeId(0)), start, end), 0u);
  EXPECT_EQ(between(events(result, EventKind::operation_invoked, NodeId(3)), start, end), 0u);
}

TEST(Injector, NodePauseHaltsTheNodeAndLosesNothing) {
  scenario::Plan plan = small_plan(1);
  add_fault(plan, fault_on(fault::Kind::node_pause, 1));
  const Result result = run(plan);
  EXPECT_EQ(between(events(result, EventKind::message_sent, NodeId(1)), start, end), 0u);
  EXPECT_EQ(events(result, EventKind::node_started, NodeId(1)).size(), 1u);
  EXPECT_GT(between(events(result, EventKind::message_sent, NodeId(1)), end, end + seconds(1)), 0u);
}

TEST(Injector, PartitionDropsWhatCrossesItInTheCutDirectionOnly) {
  scenario::Plan plan = small_plan(1);
  add_fault(plan, fault_on(fault::Kind::partition, 0));
  plan.faults.back().links = {{NodeId(1), NodeId(0)}};
  const Result result = run(plan);
  std::size_t forward = 0, back = 0;
  for (const Event& event : events(result, EventKind::message_dropped)) {
    if (event.c != static_cast<std::uint64_t>(network::DropReason::cut)) continue;
    EXPECT_GE(event.at, start);
    EXPECT_LT(event.at, end + seconds(1));
    forward += event.node == NodeId(1) && event.a == node_word(NodeId(0)) ? 1 : 0;
    back += event.node == NodeId(0) && event.a == node_word(NodeId(1)) ? 1 : 0;
  }
  EXPECT_GT(forward, 0u);
  EXPECT_EQ(back, 0u);
}

TEST(Injector, LinkDegradedMultipliesTheDelayOfItsLinks) {
  scenario::Plan plan = small_plan(1);
  add_fault(plan, fault_on(fault::Kind::link_degraded, 0));
  plan.faults.back().links = {{NodeId(0), NodeId(1)}};
  plan.faults.back().rtt_permille = 5'000;
  const Result result = run(plan);
  std::size_t slow = 0;
  for (const Event& event : events(result, EventKind::message_delivered, NodeId(1))) {
    if (event.a != node_word(NodeId(0))) continue;
    const auto delay = Duration(static_cast<std::int64_t>(event.c));
    if (event.at - delay < start || event.at - delay >= end) {
      EXPECT_EQ(delay, milliseconds(10));
    } else {
      EXPECT_EQ(delay, milliseconds(50));
      ++slow;
    }
  }
  EXPECT_GT(slow, 0u);
}

}  // namespace
}  // namespace blackout::world
