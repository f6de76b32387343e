// Programs under test that are wrong end the run as a finding that names what and where.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <stdexcept>

#include "harness/world/world.hpp"
#include "tests/harness/world/small_plan.hpp"

namespace blackout::world {
namespace {

// A system whose server on the second node runs `body`; the others and all clients do nothing.
class OneBadServer final : public system::System {
 public:
  using Body = std::function<void(env::Environment&)>;
  explicit OneBadServer(Body body) : body_(std::move(body)) {}

  [[nodiscard]] std::string name() const override { return "one bad server"; }
  [[nodiscard]] std::vector<std::string> planted() const override { return {}; }
  Body program(const scenario::Plan&, NodeId node) override {
    if (node == NodeId(1)) return body_;
    return [](env::Environment&) {};
  }
  std::unique_ptr<system::Session> open_session(const scenario::Plan&, RegionId, env::Environment&,
                                                system::ReplyTime) override {
    return std::make_unique<Silent>();
  }

 private:
  class Silent final : public system::Session {
    void perform(record::Operation&, Instant, const system::Haste&) override {}
    std::optional<std::vector<record::AuditedAccount>> audit(ShardId, Instant) override {
      return std::nullopt;
    }
  };
  Body body_;
};

record::CodeFailure failure_of(OneBadServer::Body body) {
  const scenario::Plan plan = testing::small_plan(1);
  OneBadServer system(std::move(body));
  World world(plan, system);
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
