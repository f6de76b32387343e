// Kinds of the node and region groups in whole small worlds: what each does while it lasts, and
// that nothing of it is left afterwards.
#include <gtest/gtest.h>

#include "harness/system/registry/registry.hpp"
#include "harness/world/world.hpp"
#include "tests/harness/world/small_plan.hpp"

namespace blackout::world {
namespace {

using testing::add_fault;
using testing::small_plan;

constexpr Instant start = Instant(0) + seconds(6);
constexpr Instant end = Instant(0) + seconds(10);

Result run(const scenario::Plan& plan) {
  const auto system = system::make_system();
  World world(plan, *system);
  return world.run();
}

fault::Fault fault_on(fault::Kind kind, std::vector<NodeId> nodes) {
  fault::Fault fault;
  fault.kind = kind;
  fault.at = start;
  fault.length = end - start;
  fault.nodes = std::move(nodes);
  return fault;
}

std::vector<Instant> times(const Result& result, EventKind kind, NodeId node) {
  std::vector<Instant> found;
  trace::Cursor cursor(result.trace);
  for (Event event; cursor.next(event);) {
    if (event.kind == kind && event.node == node) found.push_back(event.at);
  }
  return found;
}

// A fault of the kind that hits the first server hard, whatever its parameters are.
fault::Fault hard(fault::Kind kind) {
  fault::Fault fault = fault_on(kind, {NodeId(0)});
  fault.links = {{NodeId(0), NodeId(1)}, {NodeId(1), NodeId(0)}};
  fault.mode = fault::Mode::power_loss;
  fault.rtt_permille = 5'000;
  fault.loss.ppb = 500'000'000;
  fault.factor_permille = 20'000;
  fault.by = seconds(3);
  fault.drift_ppm = 100'000;
  fault.count = 10;
  fault.period = milliseconds(500);
  fault.down = seconds(1);
  fault.share = {500'000'000};
  fault.size_bytes = 64;
  fault.duty = {500'000'000};
  fault.memory_bytes = 1;
  fault.release = fault::Release::next;
  return fault;
}

// Kinds of clock, disk and load need somebody who asks: their own tests have such programs.
TEST(Ledger, CountsAnEffectOfEveryKindAndNoneOfAnEmptyTarget) {
  for (const fault::KindRow& row : fault::catalogue()) {
    if (row.group == fault::Group::clock || row.group == fault::Group::disk ||
        row.group == fault::Group::load) {
      continue;
    }
    scenario::Plan plan = small_plan(1);
    testing::add_director(plan);
    add_fault(plan, hard(row.kind));
    if (row.target == fault::Target::client_hosts) plan.faults.back().nodes = {NodeId(3)};
    if (row.kind == fault::Kind::control_plane_down) {
      add_fault(plan, fault_on(fault::Kind::node_restart, {NodeId(0)}));
      plan.faults.back().length = seconds(1);
    }
    if (row.kind == fault::Kind::routes_stale) {
      add_fault(plan, fault_on(fault::Kind::region_drained, {NodeId(1)}));
    }
    EXPECT_GT(run(plan).faults[0].effect, 0u) << row.name;
    plan.faults[0].nodes.clear();
    plan.faults[0].links.clear();
    EXPECT_TRUE(run(plan).faults[0].idle()) << row.name;
  }
}

TEST(Ledger, NamesTheCauseOfAFault) {
  scenario::Plan plan = small_plan(1);
  add_fault(plan, fault_on(fault::Kind::node_pause, {NodeId(0)}));
  add_fault(plan, fault_on(fault::Kind::node_pause, {NodeId(1)}));
  plan.facts.faults[0].cause = "feed";
  const Result result = run(plan);
  EXPECT_EQ(result.faults[0].cause, "feed");
  EXPECT_EQ(result.faults[1].cause, "");
}

TEST(ZoneDown, StopsItsNodesAndStartsThemAgain) {
  scenario::Plan plan = small_plan(1);
  add_fault(plan, fault_on(fault::Kind::zone_down, {NodeId(0), NodeId(2)}));
  plan.faults.back().mode = fault::Mode::process_crash;
  const Result result = run(plan);
  for (const NodeId node : {NodeId(0), NodeId(2)}) {
    EXPECT_EQ(times(result, EventKind::node_stopped, node), std::vector<Instant>{start});
    EXPECT_EQ(times(result, EventKind::node_started, node),
              (std::vector<Instant>{Instant(0), end}));
  }
}

// Of operations invoked in [from, to) that were answered: the median time from call to answer.
Duration median_latency(const Result& result, Instant from, Instant to) {
  std::vector<Duration> spans;
  for (const record::Operation& operation : result.history.operations) {
    if (operation.invoked < from || operation.invoked >= to) continue;
    if (operation.outcome == record::Outcome::ok) {
      spans.push_back(operation.completed - operation.invoked);
    }
  }
  std::sort(spans.begin(), spans.end());
  return spans.empty() ? Duration() : spans[spans.size() / 2];
}

TEST(NodeSlow, MakesServiceSlowerWhileItLasts) {
  scenario::Plan plan = small_plan(3);
  const Result without = run(plan);
  add_fault(plan, fault_on(fault::Kind::node_slow, {NodeId(0), NodeId(1), NodeId(2)}));
  plan.faults.back().factor_permille = 50'000;
  const Result with = run(plan);
  EXPECT_GT(median_latency(with, start, end),
            median_latency(without, start, end) + milliseconds(3));
  EXPECT_LT(median_latency(with, end + seconds(1), Instant::never()),
            median_latency(without, end + seconds(1), Instant::never()) + milliseconds(1));
  EXPECT_GT(with.faults[0].effect, 500u);
}

TEST(NodeCrashAt, StopsTheNodeInTheMidstOfItsWorkAndStartsItAtTheEnd) {
  scenario::Plan plan = small_plan(1);
  const Result without = run(plan);
  add_fault(plan, fault_on(fault::Kind::node_crash_at, {NodeId(1)}));
  plan.faults.back().moment = fault::Moment::after_persist;
  plan.faults.back().count = 20;
  plan.faults.back().mode = fault::Mode::power_loss;
  const Result with = run(plan);
  const auto stops = times(with, EventKind::node_stopped, NodeId(1));
  ASSERT_EQ(stops.size(), 1u);
  std::vector<Instant> syncs = times(without, EventKind::disk_synced, NodeId(1));
  std::erase_if(syncs, [](Instant at) { return at < start; });
  EXPECT_EQ(stops[0], syncs.at(19));
  EXPECT_EQ(times(with, EventKind::node_started, NodeId(1)),
            (std::vector<Instant>{Instant(0), end}));
  EXPECT_GT(with.faults[0].effect, 0u);
}

TEST(NodeCrashAt, WaitingForWhatNeverComesChangesNothingAndHadNoEffect) {
  scenario::Plan plan = small_plan(1);
  const Result without = run(plan);
  add_fault(plan, fault_on(fault::Kind::node_crash_at, {NodeId(1)}));
  plan.faults.back().count = 1'000'000;
  const Result with = run(plan);
  EXPECT_TRUE(with.faults[0].idle());
  EXPECT_EQ(with.trace.size(), without.trace.size() + 2);  // that it began and ended
}

TEST(NodeCrashLoop, StopsAndStartsOncePeriod) {
  scenario::Plan plan = small_plan(1);
  add_fault(plan, fault_on(fault::Kind::node_crash_loop, {NodeId(2)}));
  plan.faults.back().period = seconds(1);
  plan.faults.back().mode = fault::Mode::process_crash;
  const Result result = run(plan);
  const auto stops = times(result, EventKind::node_stopped, NodeId(2));
  ASSERT_EQ(stops.size(), 4u);
  const auto starts = times(result, EventKind::node_started, NodeId(2));
  ASSERT_EQ(starts.size(), 5u);
  for (int i = 0; i < 4; ++i) {
    const auto n = static_cast<std::size_t>(i);
    EXPECT_EQ(stops[n], start + seconds(i));
    EXPECT_EQ(starts[n + 1], start + seconds(i) + milliseconds(500));
  }
  EXPECT_GT(result.faults[0].effect, 0u);
}

TEST(RollingRestart, TakesOneNodeAfterTheOther) {
  scenario::Plan plan = small_plan(1);
  add_fault(plan, fault_on(fault::Kind::rolling_restart, {NodeId(0), NodeId(1), NodeId(2)}));
  plan.faults.back().mode = fault::Mode::process_crash;
  plan.faults.back().down = milliseconds(700);
  plan.faults.back().gap = milliseconds(300);
  const Result result = run(plan);
  for (std::uint32_t n = 0; n < 3; ++n) {
    const Instant expected = start + seconds(n);
    EXPECT_EQ(times(result, EventKind::node_stopped, NodeId(n)), std::vector<Instant>{expected});
    EXPECT_EQ(times(result, EventKind::node_started, NodeId(n)),
              (std::vector<Instant>{Instant(0), expected + milliseconds(700)}));
  }
  EXPECT_GT(result.faults[0].effect, 0u);
}

// From when the last leader before `start` stops, or is asked to, to the next election.
Duration without_leader(fault::Mode mode) {
  scenario::Plan plan = small_plan(1);
  NodeId leader = no_node;
  const auto elected = [](const Event& event) {
    return event.kind == EventKind::role_changed && static_cast<Role>(event.a) == Role::leader;
  };
  const Result calm = run(plan);
  trace::Cursor before(calm.trace);
  for (Event event; before.next(event) && event.at < start;) {
    if (elected(event)) leader = event.node;
  }
  add_fault(plan, fault_on(fault::Kind::node_restart, {leader}));
  plan.faults.back().mode = mode;
  const Result result = run(plan);
  EXPECT_EQ(times(result, EventKind::node_stopped, leader).size(), 1u);
  EXPECT_EQ(times(result, EventKind::node_started, leader),
            (std::vector<Instant>{Instant(0), end}));
  trace::Cursor after(result.trace);
  for (Event event; after.next(event);) {
    if (event.at >= start && elected(event)) return event.at - start;
  }
  return Duration::max();
}

TEST(NodeRestart, OfALeaderHandsOverIfItIsGraceful) {
  EXPECT_LT(without_leader(fault::Mode::graceful), milliseconds(60));
  EXPECT_GT(without_leader(fault::Mode::process_crash), milliseconds(500));
}

TEST(RollingRestart, ThatEndsEarlyStartsWhoIsDownAndSparesTheRest) {
  scenario::Plan plan = small_plan(1);
  add_fault(plan, fault_on(fault::Kind::rolling_restart, {NodeId(0), NodeId(1), NodeId(2)}));
  plan.faults.back().down = seconds(3);
  const Result result = run(plan);
  EXPECT_EQ(times(result, EventKind::node_started, NodeId(1)),
            (std::vector<Instant>{Instant(0), end}));
  EXPECT_TRUE(times(result, EventKind::node_stopped, NodeId(2)).empty());
}

// Without a majority every request waits at its gateway, in a task of its own.
TEST(NodeMemoryLimit, KillsAServerWhoseBacklogPassesItAndSparesOneThatKeepsUp) {
  scenario::Plan plan = small_plan(1);
  add_fault(plan, fault_on(fault::Kind::node_memory_limit, {NodeId(0)}));
  plan.faults.back().memory_bytes = 1'500'000;
  const Result calm = run(plan);
  EXPECT_TRUE(times(calm, EventKind::node_stopped, NodeId(0)).empty());
  EXPECT_TRUE(calm.faults[0].idle());
  add_fault(plan, fault_on(fault::Kind::node_restart, {NodeId(1), NodeId(2)}));
  const Result pressed = run(plan);
  EXPECT_FALSE(times(pressed, EventKind::node_stopped, NodeId(0)).empty());
  EXPECT_GT(pressed.faults[0].effect, 0u);
  plan.faults[0].muted = true;
  EXPECT_TRUE(times(run(plan), EventKind::node_stopped, NodeId(0)).empty());
}

TEST(RegionBrownout, SlowsTheNodesDisksAndLinksThatItDrew) {
  scenario::Plan plan = small_plan(2);
  add_fault(plan, fault_on(fault::Kind::region_brownout, {NodeId(0)}));
  plan.faults.back().factor_permille = 20'000;
  plan.faults.back().rtt_permille = 4'000;
  plan.faults.back().links = {{NodeId(0), NodeId(1)}};
  const Result result = run(plan);
  std::size_t slow = 0;
  Duration slowest_before, slowest_during, slowest_after;
  trace::Cursor cursor(result.trace);
  for (Event event; cursor.next(event);) {
    if (event.kind == EventKind::disk_synced && event.node == NodeId(0)) {
      Duration& slowest = event.at < start              ? slowest_before
                          : event.at < end + seconds(1) ? slowest_during
                                                        : slowest_after;
      slowest = std::max(slowest, Duration(static_cast<std::int64_t>(event.c)));
    }
    if (event.kind != EventKind::message_delivered || event.node != NodeId(1)) continue;
    const Duration delay(static_cast<std::int64_t>(event.c));
    const bool affected =
        event.a == node_word(NodeId(0)) && event.at - delay >= start && event.at - delay < end;
    if (event.a == node_word(NodeId(0)) || event.a == node_word(NodeId(2))) {
      EXPECT_EQ(delay, milliseconds(affected ? 40 : 10));
    }
    slow += affected ? 1 : 0;
  }
  EXPECT_GT(slow, 0u);
  EXPECT_GT(slowest_during, slowest_before * 3);
  EXPECT_LT(slowest_after, slowest_during / 3);
  EXPECT_GT(result.faults[0].effect, slow);
}

TEST(ControlPlaneDown, KeepsAStoppedNodeDownUntilItsEnd) {
  scenario::Plan plan = small_plan(1);
  add_fault(plan, fault_on(fault::Kind::control_plane_down, {NodeId(0)}));
  add_fault(plan, fault_on(fault::Kind::node_restart, {NodeId(0)}));
  plan.faults.back().length = seconds(1);
  add_fault(plan, fault_on(fault::Kind::node_restart, {NodeId(1)}));
  plan.faults.back().length = seconds(1);
  const Result result = run(plan);
  EXPECT_EQ(times(result, EventKind::node_started, NodeId(0)),
            (std::vector<Instant>{Instant(0), end}));
  EXPECT_EQ(times(result, EventKind::node_started, NodeId(1)),
            (std::vector<Instant>{Instant(0), start + seconds(1)}));
  EXPECT_EQ(result.faults[0].effect, 1u);
}

}  // namespace
}  // namespace blackout::world
