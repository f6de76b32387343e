// What a debugger is told of the nodes while a world runs.
#include "harness/world/debugging.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/harness/world/fault_runs.hpp"

namespace blackout::world {
namespace {

struct Told {
  std::string node;
  nlohmann::json state;  // discarded where nothing was said
};

Told told(unsigned node) {
  const std::string text = blackout_node_state(node);
  const std::size_t blank = text.find(' ');
  return {text.substr(0, blank),
          nlohmann::json::parse(blank == std::string::npos ? "" : text.substr(blank + 1), nullptr,
                                false)};
}

TEST(Debugging, TellsTheStateOfEveryServerWhileTheWorldRuns) {
  EXPECT_EQ(blackout_node_state(0), nullptr);
  const scenario::Plan plan = testing::small_plan(1);
  const auto system = system::make_system();
  World world(plan, *system);
  std::size_t leaders = 0;
  std::uint64_t applied = 0;
  world.run([&](Instant now) {
    if (now < Instant(0) + seconds(5)) return;
    leaders = 0;
    for (unsigned node = 0; node < plan.groups[0].voters.size(); ++node) {
      const Told server = told(node);
      EXPECT_EQ(server.node, plan.facts.nodes[node].name);
      ASSERT_TRUE(server.state.is_object());
      EXPECT_EQ(server.state["node"], node);
      const auto& shard = server.state["shards"][0];
      leaders += shard["role"] == "leader";
      applied = shard["applied"];
    }
  });
  EXPECT_EQ(leaders, 1u);
  EXPECT_GT(applied, 0u);
  EXPECT_EQ(blackout_node_state(static_cast<unsigned>(plan.facts.nodes.size())), nullptr);
}

TEST(Debugging, SaysNothingOfAServerThatIsDown) {
  scenario::Plan plan = testing::small_plan(1);
  testing::add_fault(plan, testing::power_cut(1, seconds(6), seconds(3)));
  const auto system = system::make_system();
  World world(plan, *system);
  bool asked = false;
  world.run([&](Instant now) {
    if (now < Instant(0) + seconds(7) || now > Instant(0) + milliseconds(8500)) return;
    EXPECT_TRUE(told(1).state.is_discarded());
    EXPECT_TRUE(told(0).state.is_object());
    asked = true;
  });
  EXPECT_TRUE(asked);
}

}  // namespace
}  // namespace blackout::world
