// Every fault of the clock, from the Plan to what a program reads.
#include <gtest/gtest.h>

#include "harness/world/handlers.hpp"
#include "tests/harness/world/fault_runs.hpp"

namespace blackout::world {
namespace {

using fault::Fault;
using fault::Kind;
using testing::between;
using testing::events;
using testing::fault_end;
using testing::fault_on;
using testing::fault_start;
using testing::plan_with;
using testing::run_plan;
using testing::run_with;

constexpr NodeId victim{1};
constexpr Duration period = milliseconds(50);

// The two clocks as a program reads them.
struct Reading {
  Duration monotonic;  // since its first reading
  Duration wall;       // likewise
  Duration error;      // as claimed
  // How far the wall is from where the monotonic clock puts it.
  [[nodiscard]] Duration apart() const { return wall - monotonic; }
};

struct Readings {
  std::vector<Reading> all;
  std::uint64_t effect = 0;

  // The widest that the clocks are ever apart, either way.
  [[nodiscard]] Duration widest() const {
    Duration most;
    for (const Reading& reading : all) {
      const Duration apart = reading.apart();
      most = std::max(most, apart < Duration() ? -apart : apart);
    }
    return most;
  }
  // The largest error that the wall claimed.
  [[nodiscard]] Duration claimed() const {
    Duration most;
    for (const Reading& reading : all) most = std::max(most, reading.error);
    return most;
  }
};

// What the victim reads, every 50 ms of its own time, in a run of 20 s with perfect clocks.
Readings readings(const std::vector<Fault>& faults) {
  Readings result;
  Instant monotonic_start;
  std::int64_t wall_start = 0;
  testing::Servers system([&](NodeId node, env::Environment& environment) {
    while (node == victim && environment.clock.monotonic() < Instant::never()) {
      const Instant monotonic = environment.clock.monotonic();
      const env::Clock::Wall wall = environment.clock.wall();
      if (result.all.empty()) {
        monotonic_start = monotonic;
        wall_start = wall.unix_ns;
      }
      result.all.push_back(
          {monotonic - monotonic_start, Duration(wall.unix_ns - wall_start), wall.error});
      environment.tasks.sleep(period);
    }
  });
  scenario::Plan plan = plan_with(faults);
  plan.clock_offset_max = Duration();
  World world(plan, system);
  const Result run = world.run();
  if (!run.faults.empty()) result.effect = run.faults[0].effect;
  return result;
}

TEST(Fault, ClocksWithoutOneStayTogether) {
  const Readings none = readings({});
  EXPECT_GT(none.all.size(), 400u);
  EXPECT_EQ(none.widest(), Duration());
  EXPECT_EQ(none.claimed(), milliseconds(1));
}

TEST(Fault, ClockStepMovesTheWallAloneAndBack) {
  Fault fault = fault_on(Kind::clock_step, 1);
  fault.by = seconds(-3);
  const Readings found = readings({fault});
  EXPECT_EQ(found.effect, 80u) << "4 s of readings";
  EXPECT_EQ(found.all.at(150).apart(), seconds(-3));
  EXPECT_EQ(found.all.at(150).error, seconds(3)) << "and the clock admits it";
  EXPECT_EQ(found.all.at(119).apart(), Duration());
  EXPECT_EQ(found.all.at(250).apart(), Duration());
}

TEST(Fault, ClockDriftMakesTheNodeTickFaster) {
  scenario::Plan plan = testing::small_plan(1);
  plan.clients[0].rate_per_s = 1;
  const auto heartbeats = [&plan] {
    const auto sent = events(run_plan(plan), EventKind::message_sent, NodeId(0));
    return between(sent, fault_start, fault_end);
  };
  const std::size_t normal = heartbeats();
  testing::add_fault(plan, fault_on(Kind::clock_drift, 0));
  plan.faults.back().drift_ppm = 500'000;
  EXPECT_GT(heartbeats(), normal * 13 / 10);
}

TEST(Fault, ClockDriftEndsWithItsFault) {
  Fault fault = fault_on(Kind::clock_drift, 1);
  fault.drift_ppm = 500'000;
  const Readings found = readings({fault}), none = readings({});
  EXPECT_GT(found.effect, 200u);
  // 4 s took the node 6: 40 readings more, and no more than that.
  EXPECT_GE(found.all.size(), none.all.size() + 39);
  EXPECT_LE(found.all.size(), none.all.size() + 40);
}

TEST(Fault, ClockFrozenStopsTheMachine) {
  const Result result = run_with({fault_on(Kind::clock_frozen, 1)});
  EXPECT_GT(result.faults.at(0).effect, 0u);
  const auto sent = events(result, EventKind::message_sent, victim);
  EXPECT_EQ(between(sent, fault_start, fault_end), 0u);
  EXPECT_GT(between(sent, fault_end, fault_end + seconds(1)), 0u);
  EXPECT_EQ(events(result, EventKind::node_started, victim).size(), 1u);
}

// The longest time between two readings by the monotonic clock, and by the wall.
std::pair<Duration, Duration> gaps(const Readings& readings) {
  std::pair<Duration, Duration> most;
  for (std::size_t i = 1; i < readings.all.size(); ++i) {
    const Reading &before = readings.all[i - 1], &after = readings.all[i];
    most.first = std::max(most.first, after.monotonic - before.monotonic);
    most.second = std::max(most.second, after.wall - before.wall);
  }
  return most;
}

TEST(Fault, ClockFrozenJumpsOrLosesTheTimeAsItSays) {
  Fault fault = fault_on(Kind::clock_frozen, 1);
  fault.at = fault.at + milliseconds(20);
  const auto jump = gaps(readings({fault}));
  fault.catch_up = fault::CatchUp::none;
  const auto none = gaps(readings({fault}));
  EXPECT_GE(jump.first, seconds(4));
  EXPECT_GE(jump.second, seconds(4));
  EXPECT_EQ(none.first, period) << "the program never learns of the pause";
  EXPECT_GE(none.second, seconds(4));
}

TEST(Fault, ClockSmearTakesTheWallAwayBitByBit) {
  Fault fault = fault_on(Kind::clock_smear, 1);
  fault.by = seconds(1);
  fault.window = seconds(2);
  const Readings found = readings({fault});
  EXPECT_EQ(found.effect, 80u);
  EXPECT_EQ(found.all.at(130).apart(), milliseconds(-250));
  EXPECT_EQ(found.all.at(140).apart(), milliseconds(-500));
  EXPECT_EQ(found.all.at(180).apart(), seconds(-1));
  EXPECT_EQ(found.all.at(250).apart(), Duration());
}

TEST(Fault, TimeServiceLiesAndTheClaimedErrorDoesNotSaySo) {
  Fault fault = fault_on(Kind::time_service_lies, 1);
  fault.by = seconds(10);
  const Readings found = readings({fault});
  EXPECT_EQ(found.effect, 80u);
  EXPECT_EQ(found.all.at(150).apart(), seconds(10));
  EXPECT_EQ(found.all.at(150).error, milliseconds(1));
  EXPECT_EQ(found.all.at(250).apart(), Duration());
}

TEST(Fault, ClockBoundViolatedIsOffByMoreThanItClaims) {
  Fault fault = fault_on(Kind::clock_bound_violated, 1);
  fault.by = seconds(2);
  const Readings found = readings({fault});
  EXPECT_EQ(found.effect, 80u);
  EXPECT_EQ(found.all.at(150).apart(), seconds(2));
  EXPECT_EQ(found.claimed(), milliseconds(1));
  EXPECT_EQ(found.all.at(250).apart(), Duration());
}

}  // namespace
}  // namespace blackout::world
