// Channel, semaphore, task group and deadline, between tasks of one simulated node.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "host/env/channel.hpp"
#include "host/env/deadline.hpp"
#include "host/env/semaphore.hpp"
#include "host/env/task_group.hpp"
#include "models/node/cluster.hpp"

namespace blackout::env {
namespace {

// Runs `program` as the main task of the only node for ten seconds.
void run(const node::Program& program) {
  kernel::Kernel kernel;
  trace::Recorder recorder(kernel);
  node::Settings settings;
  settings.network.nodes = {{}};
  settings.network.between_regions = {{}};
  node::Cluster cluster(kernel, recorder, random::Key(1), settings);
  cluster.node(NodeId(0)).start(program);
  kernel.run_until(Instant(0) + seconds(10));
  ASSERT_FALSE(cluster.failure()) << cluster.failure()->text;
}

TEST(Channel, DeliversValuesInTheirOrderAndHoldsSendersBackWhenFull) {
  std::vector<int> received;
  std::size_t most = 0;
  run([&](Environment& environment) {
    Channel<int> channel(environment.tasks, 2);
    environment.tasks.spawn("sender", [&] {
      for (int i = 0; i < 10; ++i) channel.send(i);
      channel.close();
    });
    while (const auto value = channel.receive()) {
      most = std::max(most, channel.size() + 1);
      received.push_back(*value);
      environment.tasks.sleep(milliseconds(1));
    }
  });
  EXPECT_EQ(received, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(most, 2u);
}

TEST(Channel, ReceiveGivesUpAtItsDeadline) {
  Duration waited;
  run([&](Environment& environment) {
    Channel<int> channel(environment.tasks, 1);
    const Instant before = environment.clock.monotonic();
    EXPECT_FALSE(channel.receive(before + milliseconds(5)));
    waited = environment.clock.monotonic() - before;
    EXPECT_TRUE(channel.try_send(1));
    EXPECT_FALSE(channel.try_send(2));
    EXPECT_EQ(channel.receive(), 1);
  });
  EXPECT_EQ(waited, milliseconds(5));
}

TEST(Channel, DropsWhatIsSentAfterClose) {
  bool sent = true;
  run([&](Environment& environment) {
    Channel<int> channel(environment.tasks, 1);
    channel.close();
    sent = channel.send(1);
    EXPECT_FALSE(channel.receive());
  });
  EXPECT_FALSE(sent);
}

TEST(Semaphore, LetsAtMostItsPermitsInAndServesInOrderOfAsking) {
  std::string order;
  int inside = 0, most = 0;
  run([&](Environment& environment) {
    Semaphore semaphore(environment.tasks, 2);
    TaskGroup group(environment.tasks);
    for (char name = 'a'; name < 'g'; ++name) {
      group.spawn("worker", [&, name] {
        ASSERT_TRUE(semaphore.acquire());
        order += name;
        most = std::max(most, ++inside);
        environment.tasks.sleep(milliseconds(1));
        --inside;
        semaphore.release();
      });
    }
    group.wait();
    EXPECT_EQ(semaphore.free(), 2u);
  });
  EXPECT_EQ(order, "abcdef");
  EXPECT_EQ(most, 2);
}

TEST(Semaphore, AcquireGivesUpAtItsDeadlineAndLetsTheNextGoFirst) {
  bool first = true, second = false;
  run([&](Environment& environment) {
    Semaphore semaphore(environment.tasks, 0);
    TaskGroup group(environment.tasks);
    group.spawn("first", [&] {
      first = semaphore.acquire(environment.clock.monotonic() + milliseconds(1));
    });
    group.spawn("second", [&] { second = semaphore.acquire(); });
    environment.tasks.sleep(milliseconds(2));
    semaphore.release();
    group.wait();
  });
  EXPECT_FALSE(first);
  EXPECT_TRUE(second);
}

TEST(TaskGroup, WaitsForAllOfItsTasksOrTheDeadline) {
  int ended = 0;
  run([&](Environment& environment) {
    TaskGroup group(environment.tasks);
    for (int i = 1; i <= 3; ++i) {
      group.spawn("task", [&, i] {
        environment.tasks.sleep(milliseconds(i));
        ++ended;
      });
    }
    EXPECT_FALSE(group.wait(environment.clock.monotonic() + microseconds(2'500)));
    EXPECT_EQ(ended, 2);
    EXPECT_TRUE(group.wait());
    EXPECT_EQ(group.running(), 0u);
  });
  EXPECT_EQ(ended, 3);
}

TEST(Deadline, CountsDownOnTheNodesClock) {
  run([&](Environment& environment) {
    const Deadline deadline(environment.clock, milliseconds(3));
    environment.tasks.sleep(milliseconds(1));
    EXPECT_EQ(deadline.left(), milliseconds(2));
    EXPECT_EQ(deadline.within(milliseconds(1)), deadline.at() - milliseconds(1));
    EXPECT_EQ(deadline.within(seconds(1)), deadline.at());
    EXPECT_FALSE(deadline.passed());
    environment.tasks.sleep(milliseconds(2));
    EXPECT_TRUE(deadline.passed());
  });
}

}  // namespace
}  // namespace blackout::env
