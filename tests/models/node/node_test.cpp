#include "models/node/node.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>

#include "tests/models/node/two_nodes.hpp"

namespace blackout::node {
namespace {

struct OnExit {
  std::function<void()> action;
  ~OnExit() { action(); }
};

TEST(Tasks, RunInTheOrderOfTheirSpawning) {
  World world;
  std::string order;
  world.node(a).start([&](Environment& env) {
    env.tasks.spawn("first", [&] { order += "1"; });
    env.tasks.spawn("second", [&] { order += "2"; });
    order += "0";
    env.tasks.sleep(Duration());
    order += "3";
  });
  world.run(seconds(1));
  EXPECT_EQ(order, "0123");
  EXPECT_EQ(world.node(a).task_count(), 0u);
}

TEST(Tasks, AWakeBeforeTheParkIsNotLostAndSeveralCountOnce) {
  World world;
  bool done = false;
  world.node(a).start([&](Environment& env) {
    env.tasks.wake(env.tasks.current());
    env.tasks.wake(env.tasks.current());
    EXPECT_TRUE(env.tasks.park());
    const Instant deadline = env.clock.monotonic() + milliseconds(5);
    EXPECT_FALSE(env.tasks.park(deadline));
    EXPECT_EQ(env.clock.monotonic(), deadline);
    EXPECT_FALSE(env.tasks.park(deadline));
    done = true;
  });
  world.run(seconds(1));
  EXPECT_TRUE(done);
}

TEST(Tasks, AWakeEndsAParkBeforeItsDeadlineOnce) {
  World world;
  std::vector<std::pair<bool, Duration>> parks;
  world.node(a).start([&](Environment& env) {
    const Instant start = env.clock.monotonic();
    const env::TaskId waiter = env.tasks.spawn("waiter", [&env, &parks, start] {
      for (int i = 0; i < 2; ++i) {
        const bool woken = env.tasks.park(start + milliseconds(10));
        parks.emplace_back(woken, env.clock.monotonic() - start);
      }
    });
    env.tasks.sleep(milliseconds(3));
    env.tasks.wake(waiter);
    env.tasks.sleep(milliseconds(20));
    env.tasks.wake(waiter);
  });
  world.run(seconds(1));
  EXPECT_EQ(parks, (std::vector<std::pair<bool, Duration>>{{true, milliseconds(3)},
                                                           {false, milliseconds(10)}}));
}

TEST(Tasks, ASleepEndsWhateverWakesAndKeepsTheWake) {
  World world;
  bool done = false;
  world.node(a).start([&](Environment& env) {
    const env::TaskId self = env.tasks.current();
    env.tasks.spawn("waker", [&env, self] { env.tasks.wake(self); });
    const Instant start = env.clock.monotonic();
    env.tasks.sleep(milliseconds(10));
    EXPECT_EQ(env.clock.monotonic() - start, milliseconds(10));
    EXPECT_TRUE(env.tasks.park());
    done = true;
  });
  world.run(seconds(1));
  EXPECT_TRUE(done);
}

TEST(Tasks, AnEndedTaskIsNotWokenThroughItsSuccessor) {
  World world;
  bool woken = true;
  world.node(a).start([&](Environment& env) {
    const env::TaskId ended = env.tasks.spawn("ended", [] {});
    env.tasks.sleep(Duration());
    const env::TaskId successor = env.tasks.spawn("successor", [&env, &woken] {
      woken = env.tasks.park(env.clock.monotonic() + milliseconds(5));
    });
    EXPECT_NE(ended, successor);
    env.tasks.sleep(milliseconds(1));
    env.tasks.wake(ended);
  });
  world.run(seconds(1));
  EXPECT_FALSE(woken);
}

TEST(Node, ItsTimersFollowItsDriftingClock) {
  Settings settings = two_nodes();
  settings.clocks.resize(2);
  settings.clocks[0].drift_ppm = 1'000;
  World world(settings);
  Instant woke;
  world.node(a).start([&](Environment& env) {
    env.tasks.sleep(milliseconds(1'001));
    woke = world.kernel.now();
  });
  world.run(seconds(2));
  EXPECT_EQ(woke, Instant() + seconds(1));
}

TEST(Node, AChangeOfDriftMovesPendingTimers) {
  World world;
  Instant slept, parked;
  world.node(a).start([&](Environment& env) {
    env.tasks.spawn("sleeper", [&] {
      env.tasks.sleep(seconds(2));
      slept = world.kernel.now();
    });
    env.tasks.park(env.clock.monotonic() + seconds(4));
    parked = world.kernel.now();
  });
  world.run(seconds(1));
  world.node(a).drift_clock(1'000'000, 0);
  world.run(seconds(1));
  world.node(a).drift_clock(-1'000'000, 0);
  world.run(seconds(5));
  EXPECT_EQ(slept, Instant() + milliseconds(1'500));
  EXPECT_EQ(parked, Instant() + seconds(3));
}

TEST(Node, AStepOfTheClockMovesNoTimer) {
  World world;
  Instant woke;
  world.node(a).start([&](Environment& env) {
    env.tasks.sleep(seconds(2));
    woke = world.kernel.now();
  });
  world.run(seconds(1));
  const std::int64_t wall = world.node(a).clock().wall().unix_ns;
  world.node(a).step_clock(seconds(-100), 0);
  EXPECT_EQ(world.node(a).clock().wall().unix_ns, wall - 100'000'000'000);
  world.run(seconds(5));
  EXPECT_EQ(woke, Instant() + seconds(2));
}

TEST(Node, ATimerWaitsUntilTheFrozenClockHasReachedItsDeadline) {
  for (const clock::CatchUp catch_up : {clock::CatchUp::jump, clock::CatchUp::none}) {
    World world;
    Instant overrun, ahead;
    world.node(a).start([&](Environment& env) {
      env.tasks.spawn("overrun", [&] {
        env.tasks.sleep(seconds(2));
        overrun = world.kernel.now();
      });
      env.tasks.park(env.clock.monotonic() + seconds(9));
      ahead = world.kernel.now();
    });
    world.run(seconds(1));
    world.node(a).freeze_clock(catch_up, 1);
    world.run(seconds(3));
    EXPECT_EQ(overrun, Instant());
    world.node(a).thaw_clock(1);
    world.run(seconds(20));
    const bool jumps = catch_up == clock::CatchUp::jump;
    EXPECT_EQ(overrun, Instant() + (jumps ? seconds(4) : seconds(5)));
    EXPECT_EQ(ahead, Instant() + (jumps ? seconds(9) : seconds(12)));
    EXPECT_EQ(world.count(EventKind::clock_state_set), 2u);
  }
}

TEST(Node, APausedVirtualMachineFindsItsTimersOverrunOrNot) {
  for (const clock::CatchUp catch_up : {clock::CatchUp::jump, clock::CatchUp::none}) {
    World world;
    Instant woke;
    Duration slept;
    world.node(a).start([&](Environment& env) {
      const Instant start = env.clock.monotonic();
      env.tasks.sleep(seconds(2));
      woke = world.kernel.now();
      slept = env.clock.monotonic() - start;
    });
    world.run(seconds(1));
    world.node(a).pause();
    world.node(a).freeze_clock(catch_up, 1);
    world.run(seconds(3));
    world.node(a).thaw_clock(1);
    world.node(a).resume();
    world.run(seconds(20));
    const bool jumps = catch_up == clock::CatchUp::jump;
    EXPECT_EQ(woke, Instant() + (jumps ? seconds(4) : seconds(5)));
    EXPECT_EQ(slept, jumps ? seconds(4) : seconds(2));
  }
}

TEST(Node, ItsProgramReadsTheWallThatFaultsOfTheTimeServiceMake) {
  World world;
  world.node(a).start([](Environment&) {});
  Node& node = world.node(a);
  const auto off = [&] {
    return Duration(node.environment().clock.wall().unix_ns - clock::unix_ns_at_start -
                    world.kernel.now().ns());
  };
  node.smear_clock(seconds(1), seconds(10), 1);
  world.run(seconds(5));
  EXPECT_EQ(off(), milliseconds(-500));
  node.mislead_clock(seconds(7), 2);
  EXPECT_EQ(off(), milliseconds(6'500));
  node.understate_clock(3);
  EXPECT_EQ(node.environment().clock.wall().error, milliseconds(1));
  node.admit_clock(3);
  EXPECT_EQ(node.environment().clock.wall().error, milliseconds(500));
  node.correct_clock(2);
  node.unsmear_clock(1);
  EXPECT_EQ(off(), Duration());
  EXPECT_EQ(node.clock().effect(2), 3u);
  EXPECT_EQ(world.count(EventKind::clock_state_set), 6u);
}

TEST(Node, ACrashRunsDestructorsAndSwallowsWhatTheyDo) {
  World world;
  int destroyed = 0;
  bool survived = false;
  std::uint64_t size = 99;
  world.node(b).start([](Environment& env) {
    while (true) env.network.receive();
  });
  world.node(a).start([&](Environment& env) {
    const env::FileId file = env.disk.open("log", true).value();
    const OnExit parting{[&] {
      ++destroyed;
      env.network.send(b, Bytes(10));
      EXPECT_FALSE(env.disk.write(file, 0, Bytes(10)).ok());
      env.trace.report(EventKind::term_persisted, ShardId(0), 1);
      EXPECT_EQ(env.tasks.spawn("late", [&] { survived = true; }), env::TaskId());
      env.tasks.wake(env.tasks.current());
      size = env.disk.size(file);
    }};
    env.tasks.spawn("receiver", [&env, &destroyed] {
      const OnExit counted{[&] { ++destroyed; }};
      env.network.receive();
    });
    env.tasks.spawn("sleeper", [&env, &destroyed] {
      const OnExit counted{[&] { ++destroyed; }};
      env.tasks.sleep(seconds(10));
    });
    env.tasks.park();
    survived = true;
  });
  world.run(seconds(1));
  world.node(a).stop(StopMode::process_crash);
  EXPECT_EQ(destroyed, 3);
  EXPECT_EQ(world.node(a).task_count(), 0u);
  world.run(seconds(20));
  EXPECT_FALSE(survived);
  EXPECT_EQ(size, 0u);
  EXPECT_EQ(world.cluster.network().totals().sent, 0u);
  EXPECT_EQ(world.count(EventKind::term_persisted), 0u);
  EXPECT_EQ(world.kernel.pending(), 0u);
}

TEST(Node, RestartsItsProgramAsANewIncarnation) {
  World world;
  std::vector<std::uint64_t> draws;
  std::vector<Instant> clocks;
  std::vector<std::uint64_t> sizes;
  world.node(a).start([&](Environment& env) {
    draws.push_back(env.random.next());
    clocks.push_back(env.clock.monotonic());
    const env::FileId file = env.disk.open("log", true).value();
    sizes.push_back(env.disk.size(file));
    ASSERT_TRUE(env.disk.write(file, sizes.back(), Bytes(10)));
    env.tasks.park();
  });
  world.run(seconds(1));
  world.node(a).stop(StopMode::process_crash);
  EXPECT_EQ(world.node(a).state(), State::down);
  world.run(seconds(1));
  world.node(a).start();
  world.run(seconds(1));
  EXPECT_EQ(world.node(a).incarnation(), 2u);
  EXPECT_EQ(sizes, (std::vector<std::uint64_t>{0, 10}));
  EXPECT_NE(draws.at(0), draws.at(1));
  EXPECT_NE(clocks.at(0), clocks.at(1));
}

TEST(Node, CountsWhatAFaultDidUnderItsTag) {
  World world;
  world.node(a).start([](Environment& env) {
    env.tasks.spawn("ticker", [&env] {
      while (true) env.tasks.sleep(milliseconds(100));
    });
    env.tasks.park();
  });
  world.run(seconds(1));
  world.node(a).pause(4);
  world.run(seconds(1));
  world.node(a).resume(4);
  world.run(seconds(1));
  EXPECT_EQ(world.node(a).effect(4), 1u);  // the ticker, which then ticks no more
  world.node(a).stop(StopMode::process_crash, 5);
  world.node(a).stop(StopMode::power_loss, 6);
  EXPECT_EQ(world.node(a).effect(5), 2u);  // both tasks
  EXPECT_EQ(world.node(a).effect(6), 0u);  // it was down already
  world.node(a).start(5);
  EXPECT_EQ(world.node(a).effect(6), 1u);  // but it keeps it down
  world.node(a).start(6);
  EXPECT_EQ(world.node(a).state(), State::up);
  world.node(a).step_clock(seconds(1), 7);
  (void)world.node(a).clock().wall();
  EXPECT_EQ(world.node(a).effect(7), 1u);
  EXPECT_EQ(world.node(a).effect(9), 0u);
}

TEST(Node, AnInverseTakesOnlyTheVerbWithItsTagBack) {
  World world;
  world.node(a).start([](Environment& env) { env.tasks.park(); });
  world.run(seconds(1));
  world.node(a).pause(1);
  EXPECT_THROW(world.node(a).resume(2), CheckFailed);
  world.node(a).resume(1);
  EXPECT_TRUE(world.node(a).running());
  world.node(a).stop(StopMode::graceful, 1);
  EXPECT_THROW(world.node(a).start(2), CheckFailed);
  world.node(a).start(1);
  EXPECT_TRUE(world.node(a).running());
}

TEST(Node, ATaskThatNeverRanDisappearsInACrash) {
  World world;
  bool ran = false;
  world.node(a).start([&](Environment&) { ran = true; });
  world.node(a).stop(StopMode::process_crash);
  world.run(seconds(1));
  EXPECT_FALSE(ran);
  world.node(a).start();
  world.run(seconds(1));
  EXPECT_TRUE(ran);
}

TEST(Node, RunsAgainWhenTheLastOfTwoStopsIsTakenBack) {
  World world;
  int starts = 0;
  world.node(a).start([&](Environment& env) {
    ++starts;
    env.tasks.park();
  });
  world.run(seconds(1));
  world.node(a).stop(StopMode::process_crash);
  world.node(a).stop(StopMode::process_crash);
  world.node(a).start();
  world.run(seconds(1));
  EXPECT_EQ(starts, 1);
  EXPECT_EQ(world.node(a).state(), State::down);
  world.node(a).start();
  world.run(seconds(1));
  EXPECT_EQ(starts, 2);
  EXPECT_THROW(world.node(a).start(), CheckFailed);
}

// How long each of a few syncs took.
std::set<Duration> sync_times(std::set<NodeId> still) {
  Settings settings = two_nodes();
  settings.still_disks = std::move(still);
  World world(settings);
  std::set<Duration> times;
  world.node(a).start([&](Environment& env) {
    const env::FileId file = env.disk.open("log", true).value();
    for (int i = 0; i < 10; ++i) {
      EXPECT_TRUE(env.disk.write(file, 0, Bytes(10)).ok());
      const Instant before = env.clock.monotonic();
      EXPECT_TRUE(env.disk.sync(file).ok());
      times.insert(env.clock.monotonic() - before);
    }
  });
  world.run(seconds(1));
  return times;
}

TEST(StillDisks, TakeTheirMedianEachTime) {
  EXPECT_GT(sync_times({b}).size(), 5u);
  EXPECT_EQ(sync_times({a}).size(), 1u);
}

// Size of a file with an un-synced write after the stops.
std::uint64_t size_after(std::initializer_list<StopMode> modes) {
  Settings settings = two_nodes();
  settings.disk.survival = {0};
  World world(settings);
  std::uint64_t size = 0;
  world.node(a).start([&](Environment& env) {
    const env::FileId file = env.disk.open("log", true).value();
    size = env.disk.size(file);
    EXPECT_TRUE(env.disk.sync(file).ok());
    EXPECT_TRUE(env.disk.write(file, size, Bytes(10)).ok());
    env.tasks.park();
  });
  world.run(seconds(1));
  for (const StopMode mode : modes) world.node(a).stop(mode);
  for (std::size_t i = 0; i < modes.size(); ++i) world.node(a).start();
  world.run(seconds(1));
  return size;
}

TEST(Node, OnlyAPowerLossTakesThePageCacheAlsoOfANodeAlreadyDown) {
  EXPECT_EQ(size_after({StopMode::process_crash}), 10u);
  EXPECT_EQ(size_after({StopMode::power_loss}), 0u);
  EXPECT_EQ(size_after({StopMode::process_crash, StopMode::power_loss}), 0u);
  EXPECT_EQ(size_after({StopMode::graceful, StopMode::power_loss}), 10u);
}

TEST(Node, APausedNodeRunsNothingAndCatchesUpAtOnce) {
  World world;
  std::vector<std::pair<std::string, Instant>> notes;
  const auto note = [&](std::string what) { notes.emplace_back(what, world.kernel.now()); };
  world.node(b).start([](Environment& env) {
    env.tasks.sleep(seconds(2));
    for (int i = 0; i < 3; ++i) env.network.send(a, Bytes(1));
  });
  world.node(a).start([&](Environment& env) {
    env.tasks.spawn("receiver", [&] {
      while (true) {
        env.network.receive();
        note("message");
      }
    });
    const Instant start = env.clock.monotonic();
    env.tasks.sleep(seconds(3));
    note("timer");
    EXPECT_EQ(env.clock.monotonic() - start, seconds(5));
  });
  world.run(seconds(1));
  world.node(a).pause();
  world.node(a).pause();
  EXPECT_EQ(world.node(a).state(), State::paused);
  world.run(seconds(3));
  world.node(a).resume();
  world.run(seconds(1));
  EXPECT_TRUE(notes.empty());
  EXPECT_FALSE(world.node(a).running());
  world.node(a).resume();
  world.run(seconds(1));
  const Instant resumed = Instant() + seconds(5);
  EXPECT_EQ(
      notes,
      (std::vector<std::pair<std::string, Instant>>{
          {"message", resumed}, {"message", resumed}, {"message", resumed}, {"timer", resumed}}));
}

// Its machine knows nothing of the pause: what ran goes on before what came due.
TEST(Node, ATaskThatWasPausedInTheMiddleGoesOnBeforeAnyOther) {
  World world;
  std::vector<std::string> notes;
  world.node(a).start([&](Environment& env) {
    env.tasks.spawn("other", [&] {
      env.tasks.sleep(milliseconds(400));
      env.tasks.sleep(milliseconds(2600));  // its timer is due right behind the end of the pause
      notes.push_back("other");
    });
    env.tasks.sleep(milliseconds(500));
    notes.push_back("first half");
    world.node(a).interrupt([&] { world.node(a).pause(); });
    notes.push_back("second half");
  });
  world.kernel.at(Instant() + seconds(3), [&] { world.node(a).resume(); });
  world.run(seconds(5));
  EXPECT_EQ(notes, (std::vector<std::string>{"first half", "second half", "other"}));
}

TEST(Node, APauseOutlivesARestart) {
  World world;
  int starts = 0;
  world.node(a).start([&](Environment& env) {
    ++starts;
    env.tasks.sleep(seconds(1));
  });
  world.run(milliseconds(1));
  world.node(a).pause();
  world.run(seconds(2));
  world.node(a).stop(StopMode::process_crash);
  world.node(a).start();
  world.run(seconds(2));
  EXPECT_EQ(starts, 1);
  world.node(a).resume();
  world.run(seconds(2));
  EXPECT_EQ(starts, 2);
}

TEST(Cluster, AnExceptionThatLeavesATaskStopsTheRunWithItsNodeTaskAndText) {
  World world;
  world.node(b).start([](Environment& env) {
    env.tasks.spawn("broken", [] { throw std::runtime_error("no such account"); });
  });
  world.kernel.at(Instant() + seconds(1), [] { ADD_FAILURE() << "the run goes on"; });
  EXPECT_EQ(world.kernel.run_until(Instant() + seconds(2)), kernel::Stop::requested);
  ASSERT_TRUE(world.cluster.failure());
  EXPECT_EQ(world.cluster.failure()->kind, Failure::Kind::exception);
  EXPECT_EQ(world.cluster.failure()->node, b);
  EXPECT_EQ(world.cluster.failure()->task, "broken");
  EXPECT_EQ(world.cluster.failure()->text, "no such account");
  EXPECT_EQ(world.count(EventKind::task_failed), 1u);
}

TEST(Cluster, AFailedCheckInATaskIsAFailureOfItsOwnKind) {
  World world;
  world.node(a).start([](Environment&) { CHECK(1 + 1 == 3, "arithmetic"); });
  EXPECT_EQ(world.kernel.run_until(Instant() + seconds(2)), kernel::Stop::requested);
  ASSERT_TRUE(world.cluster.failure());
  EXPECT_EQ(world.cluster.failure()->kind, Failure::Kind::check);
  EXPECT_NE(world.cluster.failure()->text.find("arithmetic"), std::string::npos);
}

TEST(Cluster, ANodeThatReadsTheRealClockIsCaughtAndNamed) {
  World world;
  bool went_on = false;
  world.node(a).start([](Environment& env) { env.tasks.sleep(seconds(1)); });
  world.node(b).start([&](Environment& env) {
    env.tasks.sleep(milliseconds(1));
    (void)std::chrono::system_clock::now();
    went_on = true;
  });
  EXPECT_EQ(world.kernel.run_until(Instant() + seconds(2)), kernel::Stop::requested);
  EXPECT_FALSE(went_on);
  ASSERT_TRUE(world.cluster.failure());
  EXPECT_EQ(world.cluster.failure()->kind, Failure::Kind::guard);
  EXPECT_EQ(world.cluster.failure()->node, b);
  EXPECT_EQ(world.cluster.failure()->text, "clock_gettime");
}

TEST(Cluster, TheHarnessMayReadTheRealClockWhileNodesWait) {
  World world;
  world.node(a).start([](Environment& env) {
    while (true) env.tasks.sleep(milliseconds(1));
  });
  world.kernel.at(Instant() + milliseconds(10), [] { (void)std::chrono::system_clock::now(); });
  EXPECT_EQ(world.kernel.run_until(Instant() + seconds(1)), kernel::Stop::horizon);
  EXPECT_FALSE(world.cluster.failure());
}

TEST(Cluster, TwoRunsOfOneWorldHaveOneHash) {
  const auto hash = [] {
    World world;
    for (const NodeId self : {a, b}) {
      world.node(self).start([](Environment& env) {
        const NodeId peer = env.self == a ? b : a;
        const env::FileId file = env.disk.open("log", true).value();
        env.network.send(peer, Bytes(env.random.next() % 100));
        while (true) {
          Bytes message = env.network.receive().message;
          (void)env.disk.write(file, env.disk.size(file), message);
          (void)env.disk.sync(file);
          env.network.send(peer, std::move(message));
        }
      });
    }
    world.run(seconds(1));
    world.node(a).stop(StopMode::power_loss);
    world.run(seconds(1));
    world.node(a).start();
    world.run(seconds(1));
    EXPECT_GT(world.count(EventKind::disk_synced), 100u);
    return world.recorder.trace().hash();
  };
  EXPECT_EQ(hash(), hash());
}

}  // namespace
}  // namespace blackout::node
