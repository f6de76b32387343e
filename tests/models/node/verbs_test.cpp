// Each verb by its effect, and its inverse by what is left of it.
#include <gtest/gtest.h>

#include "tests/models/node/two_nodes.hpp"

namespace blackout::node {
namespace {

constexpr Instant at(Duration span) { return Instant(0) + span; }

// Three tasks that wake at 10 ms, 20 ms ... and note when they then run.
void start_tickers(World& world, std::vector<std::pair<int, Instant>>& ran) {
  world.node(a).start([&](Environment& env) {
    for (int task = 0; task < 3; ++task) {
      env.tasks.spawn("ticker", [&world, &env, &ran, task] {
        Instant next = env.clock.monotonic();
        while (true) {
          next = next + milliseconds(10);
          env.tasks.park(next);
          ran.emplace_back(task, world.kernel.now());
        }
      });
    }
    env.tasks.park();
  });
}

TEST(SlowProcessor, ServesOneWakeUpAfterTheOther) {
  World world;
  std::vector<std::pair<int, Instant>> ran;
  start_tickers(world, ran);
  world.run(milliseconds(5));
  world.node(a).slow(50'000, 3);  // 1 ms each
  world.run(milliseconds(10));
  const std::vector<std::pair<int, Instant>> expected = {
      {0, at(milliseconds(11))}, {1, at(milliseconds(12))}, {2, at(milliseconds(13))}};
  EXPECT_EQ(ran, expected);
  EXPECT_EQ(world.node(a).effect(3), 3u);
}

TEST(SlowProcessor, FactorsMultiplyAndEachInverseTakesItsOwnAway) {
  World world;
  std::vector<std::pair<int, Instant>> ran;
  start_tickers(world, ran);
  world.run(milliseconds(5));
  world.node(a).slow(5'000, 3);
  world.node(a).slow(10'000, 4);
  world.run(milliseconds(10));
  EXPECT_EQ(ran[0].second, at(milliseconds(11)));
  world.node(a).restore(3);
  world.run(milliseconds(10));
  EXPECT_EQ(ran[3].second, at(milliseconds(20) + microseconds(200)));
  world.node(a).restore(4);
  world.run(milliseconds(10));
  EXPECT_EQ(ran[6].second, at(milliseconds(30)));
  EXPECT_EQ(world.node(a).effect(3), 3u);
  EXPECT_EQ(world.node(a).effect(4), 6u);
}

TEST(SlowProcessor, WhatWaitsGoesOnWhenTheLastFaultEnds) {
  World world;
  std::vector<std::pair<int, Instant>> ran;
  start_tickers(world, ran);
  world.run(milliseconds(5));
  world.node(a).slow(1'000'000, 3);  // 20 ms each
  world.run(milliseconds(7));
  EXPECT_TRUE(ran.empty());
  world.node(a).restore(3);
  world.run(milliseconds(1));
  ASSERT_EQ(ran.size(), 3u);
  for (int task = 0; task < 3; ++task) {
    EXPECT_EQ(ran[static_cast<std::size_t>(task)], std::pair(task, at(milliseconds(12))));
  }
}

TEST(SlowProcessor, OfANodeThatStopsOrPausesRunsNothing) {
  World world;
  std::vector<std::pair<int, Instant>> ran;
  start_tickers(world, ran);
  world.run(milliseconds(5));
  world.node(a).slow(50'000, 3);
  world.run(milliseconds(6));  // to 11 ms: two still wait
  world.node(a).pause(4);
  world.run(milliseconds(20));
  EXPECT_EQ(ran.size(), 1u);
  world.node(a).stop(StopMode::process_crash, 5);
  world.node(a).resume(4);
  world.run(milliseconds(20));
  EXPECT_EQ(ran.size(), 1u);
  EXPECT_EQ(world.kernel.pending(), 0u);
}

TEST(Cycle, StopsOncePeriodAndStartsAgain) {
  World world;
  world.node(a).start([](Environment& env) { env.tasks.park(); });
  world.run(seconds(1));
  world.node(a).cycle({Duration(), seconds(1), seconds(3)}, StopMode::process_crash, 7);
  world.run(seconds(8));
  EXPECT_EQ(world.times(EventKind::node_stopped),
            (std::vector<Instant>{at(seconds(1)), at(seconds(4)), at(seconds(7))}));
  EXPECT_EQ(world.times(EventKind::node_started),
            (std::vector<Instant>{at(Duration()), at(seconds(2)), at(seconds(5)), at(seconds(8))}));
  EXPECT_EQ(world.node(a).effect(7), 3u);
  world.node(a).end_cycle(7);
  world.run(seconds(20));
  EXPECT_EQ(world.times(EventKind::node_stopped).size(), 3u);
  EXPECT_TRUE(world.node(a).running());
}

TEST(Cycle, OnceThatEndsWhileTheNodeIsDownStartsIt) {
  World world;
  world.node(a).start([](Environment& env) { env.tasks.park(); });
  world.run(seconds(1));
  world.node(a).cycle({seconds(1), seconds(5), Duration()}, StopMode::power_loss, 7);
  world.run(milliseconds(500));
  EXPECT_TRUE(world.node(a).running());
  world.run(seconds(1));
  EXPECT_EQ(world.node(a).state(), State::down);
  world.node(a).end_cycle(7);
  EXPECT_TRUE(world.node(a).running());
  world.run(seconds(20));
  EXPECT_EQ(world.times(EventKind::node_stopped).size(), 1u);
}

// A program that writes and syncs record after record, and sends each to b when it is durable.
struct Wrote {
  std::uint64_t written = 0, durable = 0, sent = 0, other = 0;
};

void start_writer(World& world, Wrote& wrote) {
  world.node(a).watch();
  world.node(a).watch();  // as for a second fault
  world.node(a).start([&wrote](Environment& env) {
    const env::FileId file = env.disk.open("log", true).value();
    env.tasks.spawn("other", [&env, &wrote] {
      while (true) {
        env.tasks.sleep(microseconds(1));
        ++wrote.other;
      }
    });
    while (true) {
      ASSERT_TRUE(env.disk.write(file, env.disk.size(file), Bytes(10)));
      ++wrote.written;
      ASSERT_TRUE(env.disk.sync(file));
      ++wrote.durable;
      env.network.send(b, Bytes(1));
      ++wrote.sent;
    }
  });
}

TEST(Trap, BeforeAPersistNothingOfItTookPlace) {
  World world;
  Wrote wrote;
  start_writer(world, wrote);
  world.node(a).arm(Moment::before_persist, 3, StopMode::power_loss, 7);
  world.run(seconds(1));
  EXPECT_EQ(world.node(a).state(), State::down);
  EXPECT_EQ(wrote.written, 3u);
  EXPECT_EQ(wrote.durable, 2u);
  EXPECT_EQ(world.times(EventKind::disk_synced).size(), 2u);
  EXPECT_EQ(world.node(a).effect(7), 2u);
  EXPECT_EQ(world.times(EventKind::node_stopped).size(), 1u);
}

TEST(Trap, AfterAPersistTheProgramDoesNotHearOfIt) {
  World world;
  Wrote wrote;
  start_writer(world, wrote);
  world.node(a).arm(Moment::after_persist, 3, StopMode::power_loss, 7);
  world.run(seconds(1));
  EXPECT_EQ(wrote.durable, 2u);
  EXPECT_EQ(world.times(EventKind::disk_synced).size(), 3u);
  EXPECT_EQ(world.cluster.network().totals().sent, 2u);
}

TEST(Trap, BeforeAndAfterASendDifferByTheMessage) {
  for (const Moment moment : {Moment::before_send, Moment::after_send}) {
    World world;
    Wrote wrote;
    start_writer(world, wrote);
    world.node(b).start([](Environment& env) {
      while (true) env.network.receive();
    });
    world.node(a).arm(moment, 2, StopMode::process_crash, 7);
    world.run(seconds(1));
    EXPECT_EQ(wrote.sent, 1u);
    EXPECT_EQ(world.cluster.network().totals().delivered, moment == Moment::after_send ? 2u : 1u);
  }
}

TEST(Trap, NoOtherTaskRunsBetweenTheMomentAndTheStop) {
  World world;
  Wrote wrote;
  std::uint64_t others = 0;
  world.node(a).watch();
  world.node(a).start([&](Environment& env) {
    env.tasks.sleep(seconds(1));
    env.tasks.spawn("other", [&] { ++wrote.other; });
    others = wrote.other;
    env.network.send(b, Bytes(1));
  });
  world.node(a).arm(Moment::before_send, 1, StopMode::process_crash, 7);
  world.run(seconds(2));
  EXPECT_EQ(world.node(a).state(), State::down);
  EXPECT_EQ(wrote.other, others);
}

TEST(Trap, DisarmStartsTheNodeThatFellAndCountsNoFurther) {
  World world;
  Wrote wrote;
  start_writer(world, wrote);
  world.node(a).arm(Moment::before_send, 1, StopMode::process_crash, 7);
  world.run(seconds(1));
  EXPECT_EQ(world.node(a).state(), State::down);
  world.node(a).disarm(7);
  world.run(seconds(1));
  EXPECT_TRUE(world.node(a).running());
  EXPECT_GT(wrote.sent, 10u);
}

TEST(Trap, ThatWasDisarmedBeforeItsMomentDoesNothing) {
  World world;
  Wrote wrote;
  start_writer(world, wrote);
  world.node(a).arm(Moment::before_send, 1'000'000, StopMode::process_crash, 7);
  world.run(seconds(1));
  world.node(a).disarm(7);
  world.run(seconds(1));
  EXPECT_EQ(world.node(a).effect(7), 0u);
  EXPECT_EQ(world.node(a).incarnation(), 1u);
}

TEST(BarredStarts, HoldTheStartOfAStoppedNodeUntilTheirEnd) {
  World world;
  world.node(a).start([](Environment& env) { env.tasks.park(); });
  world.run(seconds(1));
  world.node(a).bar_starts(8);
  world.node(a).stop(StopMode::power_loss, 7);
  world.run(seconds(1));
  world.node(a).start(7);
  world.run(seconds(1));
  EXPECT_EQ(world.node(a).state(), State::down);
  EXPECT_EQ(world.node(a).effect(8), 1u);
  world.node(a).bar_starts(9);
  world.node(a).allow_starts(8);
  EXPECT_EQ(world.node(a).state(), State::down);
  world.node(a).allow_starts(9);
  EXPECT_TRUE(world.node(a).running());
  EXPECT_EQ(world.times(EventKind::node_started).size(), 2u);
}

TEST(BarredStarts, DoNotStopWhatRunsNorAMachineFromRestartingItsProcess) {
  World world;
  world.node(a).start([](Environment& env) {
    env.tasks.sleep(seconds(1));
    env.tasks.exit();
  });
  world.node(a).bar_starts(8);
  world.run(milliseconds(2500));
  EXPECT_EQ(world.node(a).incarnation(), 2u);
  EXPECT_TRUE(world.node(a).running());
  EXPECT_EQ(world.node(a).effect(8), 0u);
  world.node(a).allow_starts(8);
  EXPECT_EQ(world.node(a).incarnation(), 2u);
}

// Asked to stop it exits `after` later.
void start_obedient(World& world, Duration after) {
  world.node(a).start([after](Environment& env) {
    env.tasks.wait_for_stop();
    env.tasks.sleep(after);
    env.tasks.exit();
  });
  world.run(seconds(1));
}

TEST(GracefulStop, GivesAProgramThatWaitsForItTheTimeToExit) {
  World world;
  start_obedient(world, milliseconds(300));
  world.node(a).stop(StopMode::graceful, 7);
  EXPECT_TRUE(world.node(a).running());
  world.run(seconds(9));
  EXPECT_EQ(world.times(EventKind::node_stopped), std::vector<Instant>{at(milliseconds(1300))});
  EXPECT_EQ(world.node(a).state(), State::down);  // nobody supervises a stop that was asked for
  EXPECT_EQ(world.node(a).effect(7), 1u);
  world.node(a).start(7);
  EXPECT_EQ(world.node(a).incarnation(), 2u);
}

TEST(GracefulStop, KillsAProgramThatDoesNotExitInTime) {
  World world;
  start_obedient(world, seconds(60));
  world.node(a).stop(StopMode::graceful, 7);
  world.run(seconds(9));
  EXPECT_EQ(world.times(EventKind::node_stopped),
            std::vector<Instant>{at(seconds(1) + stop_grace)});
}

TEST(GracefulStop, EndsWhereTheNodeStartsAgainOrFails) {
  World world;
  start_obedient(world, seconds(2));
  world.node(a).stop(StopMode::graceful, 7);
  world.run(seconds(1));
  world.node(a).start(7);
  EXPECT_EQ(world.times(EventKind::node_stopped), std::vector<Instant>{at(seconds(2))});
  EXPECT_EQ(world.times(EventKind::node_started).back(), at(seconds(2)));
  world.run(seconds(9));  // what the first incarnation was asked does not concern the second
  EXPECT_TRUE(world.node(a).running());
  world.node(a).stop(StopMode::graceful, 8);
  world.node(a).stop(StopMode::process_crash, 9);
  EXPECT_EQ(world.node(a).state(), State::down);
  world.node(a).start(8);
  EXPECT_EQ(world.node(a).state(), State::down);
  world.node(a).start(9);
  EXPECT_EQ(world.node(a).incarnation(), 3u);
}

// "main" spawns a task every 10 ms.
void start_spawner(World& world) {
  world.node(a).start([](Environment& env) {
    while (true) {
      env.tasks.sleep(milliseconds(10));
      env.tasks.spawn("idle", [&env] { env.tasks.park(); });
      env.trace.report(EventKind::write_acknowledged, no_shard);
    }
  });
}

TEST(MemoryLimit, KillsTheProcessAtTheTaskThatPassesItAndTheMachineStartsIt) {
  World world;
  start_spawner(world);
  world.node(a).limit_memory(4 * task_bytes, 7);
  world.run(seconds(1));
  EXPECT_EQ(world.times(EventKind::node_stopped), std::vector<Instant>{at(milliseconds(40))});
  EXPECT_EQ(world.count(EventKind::write_acknowledged), 3u);  // not after the fatal spawn
  EXPECT_EQ(world.node(a).effect(7), 5u);
  world.node(a).lift_limit(7);
  world.run(seconds(1));
  EXPECT_EQ(world.times(EventKind::node_started),
            (std::vector<Instant>{at(Duration()), at(milliseconds(1040))}));
  EXPECT_GT(world.node(a).memory_bytes(), 4 * task_bytes);
  EXPECT_TRUE(world.node(a).running());
}

TEST(MemoryLimit, TheLeastOfAllInForceCountsAndAtOnce) {
  World world;
  start_spawner(world);
  world.run(milliseconds(55));
  world.node(a).limit_memory(6 * task_bytes, 7);
  world.run(milliseconds(1));
  EXPECT_TRUE(world.node(a).running());
  world.node(a).limit_memory(5 * task_bytes, 8);
  world.run(milliseconds(1));
  EXPECT_EQ(world.node(a).state(), State::down);
  EXPECT_EQ(world.node(a).effect(7), 0u);
  EXPECT_EQ(world.node(a).effect(8), 6u);
}

TEST(MemoryLimit, CountsWhatWaitsInTheMailboxOfAPausedNode) {
  World world;
  world.node(a).start([](Environment& env) {
    while (true) env.network.receive();
  });
  world.node(b).start([](Environment& env) {
    while (true) {
      env.network.send(a, Bytes(1'000));
      env.tasks.sleep(milliseconds(10));
    }
  });
  world.node(a).limit_memory(task_bytes + 3'500, 7);
  world.run(seconds(1));
  EXPECT_EQ(world.node(a).effect(7), 0u);
  world.node(a).pause(8);
  world.run(milliseconds(45));
  EXPECT_EQ(world.count(EventKind::node_stopped), 1u);
  EXPECT_EQ(world.node(a).effect(7), 1u);
  world.node(a).resume(8);
  world.node(a).lift_limit(7);
  world.run(seconds(2));
  EXPECT_EQ(world.node(a).memory_bytes(), task_bytes);
}

}  // namespace
}  // namespace blackout::node
