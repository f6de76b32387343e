// Shrinking on the real platform with a planted bug.
#include "harness/explore/shrink.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "harness/explore/coverage.hpp"
#include "harness/explore/run_one.hpp"
#include "harness/scenario/scenario.hpp"

namespace blackout::explore {
namespace {

scenario::Scenario shipped(const std::string& name,
                           const std::vector<scenario::Override>& overrides = {}) {
  const std::string folder = std::string(BLACKOUT_SOURCE_DIR) + "/scenarios";
  std::ifstream file(folder + "/" + name + ".json", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto loaded = scenario::load({name, text, folder}, overrides);
  EXPECT_TRUE(loaded.ok());
  return std::move(loaded).value();
}

TEST(Shrink, GivesNothingOfAPlanThatHolds) {
  const scenario::Plan plan = scenario::draw(shipped("node/vote-then-crash"), 1);
  EXPECT_FALSE(shrink(plan.document, 1, 1));
}

#ifdef BLACKOUT_PLANTED_BUGS
TEST(PlantedBugs, AreFoundInAFewRunsOfTheGeneralScenarioOfNodes) {
  for (const auto& [bug, finding] :
       {std::pair("vote_for_stale_log", "raft.leader_completeness"),
        std::pair("answer_before_disk", "platform.acknowledged_durable")}) {
    const scenario::Scenario scenario =
        shipped("node/fuzz-nodes", {{"planted", "[\"" + std::string(bug) + "\"]"}});
    std::set<std::string> found;
    for (std::uint64_t seed = 1; seed <= 60 && !found.contains(finding); ++seed) {
      const Summary summary = probe(scenario::draw(scenario, seed), {}, "");
      if (summary.broken) found.insert(summary.broken->finding);
    }
    EXPECT_TRUE(found.contains(finding)) << bug;
  }
}

TEST(Shrink, TakesWhatOneCauseBroughtAwayAtOnce) {
  const scenario::Scenario scenario =
      shipped("planted-acknowledge-leader",
              {{"timeline.chaos", "8s"}, {"causes", R"([{ "name": "hall", "at": "11s", "faults": [
          { "kind": "node_slow", "target": "eu-es-1", "factor": "x3", "for": "2s" },
          { "after": "1s", "kind": "node_pause", "target": "eu-es-1", "for": "1s" } ] }])"}});
  const std::uint64_t seed = 1;
  const auto shrunk = shrink(scenario::draw(scenario, seed).document, seed, 1);
  ASSERT_TRUE(shrunk);
  const auto step = std::find_if(shrunk->steps.begin(), shrunk->steps.end(),
                                 [](const ShrinkStep& one) { return one.pass == "fewer causes"; });
  ASSERT_NE(step, shrunk->steps.end());
  EXPECT_EQ(step->size.faults, 1u);
  EXPECT_EQ(step->tries, 1u);
}

TEST(Shrink, LeavesFewFaultsThatFailInTheSameWayWhateverTheNumberOfJobs) {
  const scenario::Scenario scenario =
      shipped("planted-vote-not-persisted", {{"timeline.chaos", "5s"}});
  std::uint64_t seed = 40;
  const auto draw = [&] { return scenario::draw(scenario, seed, scenario::Strategy::targeted); };
  scenario::Plan plan = draw();
  for (; !probe(plan, {}, "").broken && seed < 200; plan = draw()) ++seed;
  const auto one = shrink(plan.document, seed, 1);
  ASSERT_TRUE(one);
  const Size before = one->steps.front().size, after = one->steps.back().size;
  EXPECT_GT(before.faults, 20u);
  EXPECT_LE(after.faults, 10u);
  EXPECT_LE(after.nodes, before.nodes);
  EXPECT_LT(after.length, before.length);
  EXPECT_EQ(one->shape.finding, "raft.vote_uniqueness");
  EXPECT_EQ(one->name, "raft-vote-uniqueness");
  EXPECT_NE(one->document.find("\"still\""), std::string::npos);

  const auto two = shrink(plan.document, seed, 2);
  ASSERT_TRUE(two);
  EXPECT_EQ(one->document, two->document);
  EXPECT_EQ(one->seed, two->seed);
  EXPECT_EQ(one->tries, two->tries);

  const auto loaded = scenario::load({"found", one->document, ""});
  ASSERT_TRUE(loaded.ok());
  const Summary again = probe(scenario::draw(loaded.value(), one->seed), {}, "");
  ASSERT_TRUE(again.broken);
  EXPECT_EQ(again.broken->finding, one->shape.finding);
  EXPECT_EQ(again.broken->role, one->shape.role);
  EXPECT_EQ(again.conclusion, record::Conclusion::violated);
}
#endif

TEST(States, AreTheSameForVotersOfOtherNames) {
  record::PlanFacts plan;
  plan.shards.push_back({"orders", "", {NodeId(0), NodeId(1), NodeId(2)}});
  const auto states = [&](std::uint32_t leader, std::uint32_t behind) {
    trace::Trace trace;
    const auto report = [&](EventKind kind, std::uint32_t node, std::uint64_t a, std::uint64_t b) {
      trace.append({Instant(0), EventId(), kind, NodeId(node), ShardId(0), a, b, 0});
    };
    report(EventKind::role_changed, leader, static_cast<std::uint64_t>(Role::leader), 1);
    report(EventKind::log_durable, leader, 20, 1);
    report(EventKind::commit_advanced, leader, 20, 1);
    report(EventKind::log_recovered, behind, 4, 1);
    return abstract_states(plan, trace);
  };
  EXPECT_EQ(states(0, 1), states(2, 0));
  EXPECT_EQ(states(0, 1).size(), 2u);
  EXPECT_NE(states(0, 1), states(0, 0));
}

}  // namespace
}  // namespace blackout::explore
