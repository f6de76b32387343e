// What a common cause makes of one file under many seeds.
#include <algorithm>
#include <set>

#include "tests/harness/scenario/support.hpp"

namespace blackout::scenario {
namespace {

constexpr const char* one_fault =
    R"(    { "at": "20s", "kind": "node_restart", "target": "south-1", "for": "5s", )"
    R"("mode": "power_loss" }
)";

// `causes` beside `faults`.
Scenario with_causes(const std::string& faults, const std::string& causes) {
  Source source = small_with(one_fault, faults);
  const std::string objectives = R"(  "objectives": {)";
  source.text.insert(source.text.find(objectives), "  \"causes\": [" + causes + "],\n");
  return loaded(source);
}

constexpr const char* feed =
    R"({ "name": "feed", "at": "15s", "why": "one feed for both", "faults": [
  { "kind": "zone_down", "target": "north/z1", "mode": "power_loss", "for": "4s" },
  { "after": { "uniform": ["0ms", "200ms"] }, "chance": "50%", "kind": "zone_down",
    "target": "north/z2", "mode": "power_loss", "for": "3s", "why": "its own" } ] })";

TEST(Causes, BringFaultsOfTheirOwnEachInItsTimeUnderOneName) {
  const Scenario scenario = with_causes(one_fault, feed);
  EXPECT_EQ(scenario.undrawn(), "causes");
  std::size_t both = 0;
  std::set<std::int64_t> offsets;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Plan plan = draw(scenario, seed);
    const auto& facts = plan.facts.faults;
    ASSERT_EQ(facts[0].cause, "feed");
    EXPECT_EQ(facts[0].at, Instant(0) + seconds(15));
    EXPECT_EQ(facts[0].why, "one feed for both");
    EXPECT_EQ(facts.back().cause, "");
    if (facts.size() == 2) continue;
    ++both;
    ASSERT_EQ(facts[1].cause, "feed");
    EXPECT_EQ(facts[1].why, "its own");
    EXPECT_GE(facts[1].at, facts[0].at);
    EXPECT_LE(facts[1].at, facts[0].at + milliseconds(200));
    EXPECT_EQ(plan.faults[1].length, seconds(3));
    offsets.insert((facts[1].at - facts[0].at).ns());
  }
  EXPECT_GT(both, 70u);
  EXPECT_LT(both, 130u);
  EXPECT_GT(offsets.size(), both - 5);
}

TEST(Causes, OfAPlanAreFaultsThatCanBeTakenAwayOneByOne) {
  const Scenario scenario = with_causes(one_fault, feed);
  std::uint64_t seed = 1;
  while (draw(scenario, seed).faults.size() < 3) ++seed;
  const Plan plan = draw(scenario, seed);
  const Plan again = draw(loaded({"plan", plan.document, ""}), seed);
  EXPECT_EQ(again.document, plan.document);
  EXPECT_EQ(again.facts.faults[1].cause, "feed");
  EXPECT_EQ(plan.document.find("causes"), std::string::npos);
}

TEST(Causes, DrawTheSameWhateverStandsBesideThem) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Plan with = draw(with_causes(one_fault, feed), seed);
    const Plan without = draw(with_causes("", feed), seed);
    ASSERT_EQ(with.facts.faults.size(), without.facts.faults.size() + 1);
    for (std::size_t i = 0; i < without.facts.faults.size(); ++i) {
      EXPECT_EQ(with.facts.faults[i].at, without.facts.faults[i].at);
    }
  }
}

TEST(Causes, AreGivenRoomByAGenerator) {
  Source source = small_with("\"faults\": [\n" + std::string(one_fault) + "  ]",
                             R"("causes": [)" + std::string(feed) + R"(],
  "faults": { "generate": { "gap": { "exponential": "1s" }, "by_role": "0%", "menu": [
    { "kind": "node_restart", "weight": 1, "mode": "graceful",
      "for": { "uniform": ["100ms", "2s"] } } ] } })");
  const Scenario scenario = loaded(source);
  std::size_t generated = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const Plan plan = draw(scenario, seed);
    for (std::size_t i = 0; i < plan.faults.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const fault::Fault &one = plan.faults[i], &other = plan.faults[j];
        if (one.at >= other.at + other.length) continue;
        EXPECT_NE(one.nodes, other.nodes) << seed;
      }
      generated += plan.facts.faults[i].cause.empty() ? 1 : 0;
    }
  }
  EXPECT_GT(generated, 500u);
}

}  // namespace
}  // namespace blackout::scenario
