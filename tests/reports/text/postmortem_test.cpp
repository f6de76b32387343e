#include "reports/text/postmortem.hpp"

#include <gtest/gtest.h>

#include "reports/text/chronicle.hpp"

namespace blackout::text {
namespace {

Instant at(std::int64_t ms) { return Instant(0) + milliseconds(ms); }

record::RunRecord sample() {
  record::RunRecord run;
  run.plan.scenario = "region-loss";
  run.plan.seed = 7;
  run.plan.regions = {{"eu-gb"}};
  run.plan.nodes = {{"eu-gb-1", RegionId(0), 0, false}};
  run.plan.shards = {{"orders", "eu/", {NodeId(0)}}};
  run.plan.faults = {{"A", "region_down", "eu-de", "power_loss", at(20'000), seconds(45), "a cut"}};
  run.build = {"4f1c9a2", "gcc 12.2.0", "Release"};
  run.verdict.conclusion = record::Conclusion::violated;
  run.verdict.sentence = "10 writes are gone.";
  run.verdict.objectives = {
      {"rpo", "", record::Held::no, "0 s", "38 ms", "-38 ms", "after A", 0, 0, "ns"}};
  run.verdict.findings = {{"rpo",
                           "No write is lost.",
                           "put k|1 is absent",
                           at(21'000),
                           EventId(0),
                           {{at(19'000), "eu-gb-1", "answers OK", EventId(0)}}}};
  run.trace.append({at(20'000), {}, EventKind::fault_started, no_node, no_shard, 0, 0, 0});
  run.trace.append({at(21'000), EventId(1), EventKind::role_changed, NodeId(0), ShardId(0),
                    static_cast<std::uint64_t>(Role::leader), 4, 1});
  return run;
}

TEST(Postmortem, FillsInWhatTheRecordKnows) {
  const std::string text = postmortem(sample(), "out/region-loss/7");
  for (const char* line :
       {"# region-loss, seed 0x0000000000000007\n", "**VIOLATED**: 10 writes are gone.\n",
        "- **A** 20.000 s: region_down eu-de, power_loss (a cut)\n",
        "| 20.000 s | A | begins: region_down eu-de, power_loss |\n",
        "| 21.000 s | eu-gb-1 | becomes leader in term 4 |\n",
        "| ✗ | rpo |  | 0 s | 38 ms | -38 ms | after A |\n", "### rpo\n",
        "21.000 s: put k\\|1 is absent\n", "| 19.000 s | eu-gb-1 | answers OK |\n",
        "    blackout replay out/region-loss/7\n", "## Root cause\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\nin\n" << text;
  }
}

TEST(Postmortem, ARecordGivesTheSameBytesTwice) {
  EXPECT_EQ(postmortem(sample(), "out"), postmortem(sample(), "out"));
}

TEST(Postmortem, MarkdownAndHtmlInANameAreItsLettersOnly) {
  EXPECT_EQ(markdown("<b>`x`|[a](b)\n# &c"), "\\<b\\>\\`x\\`\\|\\[a\\](b) \\# \\&c");
}

TEST(Chronicle, MinorEventsGoFirstAndAllAreCounted) {
  record::RunRecord run = sample();
  for (int i = 0; i < 10; ++i) {
    run.trace.append(
        {at(22'000 + i), {}, EventKind::election_timeout, NodeId(0), ShardId(0), 4, 1, 0});
  }
  run.trace.append({at(30'000), {}, EventKind::node_stopped, NodeId(0), no_shard, 2, 1, 0});
  const Chronicle chronicle = chronicle_of(run, 6);
  EXPECT_EQ(chronicle.of_kinds, 14U);
  ASSERT_EQ(chronicle.moments.size(), 6U);
  EXPECT_EQ(chronicle.moments.back().what, "stops: power_loss");
  EXPECT_EQ(chronicle.moments.back().region, "eu-gb");
}

TEST(Chronicle, WhatThePlanDoesNotKnowIsTold) {
  record::RunRecord run;
  run.trace.append({at(1), {}, EventKind::node_paused, NodeId(9), no_shard, 0, 0, 0});
  run.trace.append({at(2), {}, EventKind::fault_started, no_node, no_shard, 5, 0, 0});
  const Chronicle chronicle = chronicle_of(run, 10);
  EXPECT_EQ(chronicle.moments[0].who, "node 9");
  EXPECT_EQ(chronicle.moments[1].who, "fault 5");
}

}  // namespace
}  // namespace blackout::text
