// Programs under test that are wrong end the run as a finding that names what and where.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <stdexcept>

#include "harness/world/world.hpp"
#include "tests/harness/world/fault_runs.hpp"

namespace blackout::world {
namespace {

using Body = std::function<void(env::Environment&)>;

// Of a run in which the second server runs `body` and the others do nothing.
record::CodeFailure failure_of(const Body& body) {
  const scenario::Plan plan = testing::small_plan(1);
  testing::Servers servers([&body](NodeId node, env::Environment& environment) {
    if (node == NodeId(1)) body(environment);
  });
  World world(plan, servers);
  return world.run().failure.value_or(record::CodeFailure{});
}

TEST(ProgramUnderTest, ThatReadsTheRealClockIsNamedWithTheCallAndTheNode) {
  const record::CodeFailure failure = failure_of([](env::Environment& environment) {
    environment.tasks.sleep(seconds(1));
    static_cast<void>(std::chrono::steady_clock::now());
  });
  EXPECT_EQ(failure.kind, "hermeticity");
  EXPECT_EQ(failure.node, "b-1");
  EXPECT_NE(failure.text.find("clock_gettime"), std::string::npos) << failure.text;
}

TEST(ProgramUnderTest, ThatLetsAnExceptionGoIsNamedWithTheTask) {
  const record::CodeFailure failure = failure_of([](env::Environment& environment) {
    environment.tasks.spawn("worker", [] { throw std::runtime_error("the books do not balance"); });
    environment.tasks.park();
  });
  EXPECT_EQ(failure.kind, "exception");
  EXPECT_EQ(failure.node, "b-1");
  EXPECT_EQ(failure.task, "worker");
  EXPECT_EQ(failure.text, "the books do not balance");
}

TEST(ProgramUnderTest, ThatFailsACheckIsNamedWithTheCondition) {
  const record::CodeFailure failure = failure_of([](env::Environment&) { CHECK(1 + 1 == 3); });
  EXPECT_EQ(failure.kind, "check");
  EXPECT_NE(failure.text.find("1 + 1 == 3"), std::string::npos) << failure.text;
}

TEST(ProgramUnderTest, WhoseTasksWakeEachOtherForEverIsALivelock) {
  const record::CodeFailure failure = failure_of([](env::Environment& environment) {
    while (true) environment.tasks.sleep(Duration());
  });
  EXPECT_EQ(failure.kind, "livelock");
}

TEST(ProgramUnderTest, ThatRunsOutOfMemoryIsAMemoryFinding) {
  const record::CodeFailure failure = failure_of([](env::Environment&) { throw std::bad_alloc(); });
  EXPECT_EQ(failure.kind, "memory");
}

}  // namespace
}  // namespace blackout::world
