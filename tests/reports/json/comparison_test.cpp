#include "reports/json/comparison.hpp"

#include <gtest/gtest.h>

#include "tests/reports/html/sample.hpp"

namespace blackout::json {
namespace {

using record::Json;

TEST(Comparison, OfARunWithItselfNothingDiffers) {
  const record::RunRecord run = html::sample();
  const Json json = comparison({run, "out/a"}, {run, "out/b"});
  EXPECT_EQ(json.at("version"), "comparison.v1");
  EXPECT_TRUE(json.at("first_difference").is_null());
  EXPECT_EQ(json.at("b").at("record"), "out/b");
  EXPECT_EQ(json.at("a").at("trace_hash"), json.at("b").at("trace_hash"));
  EXPECT_TRUE(json.at("faults_only_in").at("a").empty());
  ASSERT_EQ(json.at("objectives").size(), 2U);
  EXPECT_EQ(json.at("objectives").at(0).at("a"), json.at("objectives").at(0).at("b"));
}

TEST(Comparison, TheFirstDifferenceHasBothVersions) {
  const record::RunRecord a = html::sample();
  record::RunRecord b = html::sample();
  b.trace.append(
      {Instant(0) + seconds(50), {}, EventKind::node_paused, NodeId(1), no_shard, 0, 0, 0});
  const Json first = comparison({a, ""}, {b, ""}).at("first_difference");
  EXPECT_EQ(first.at("event"), 14);
  EXPECT_TRUE(first.at("a").is_null());
  EXPECT_EQ(first.at("b").dump(),
            R"({"at":"50.000000 s","at_ns":50000000000,"who":"eu-gb-1","what":"is paused",)"
            R"("kind":"node_paused","cause":0})");
}

TEST(Comparison, PromisesInvariantsAndFaultsOfOneRunAlone) {
  const record::RunRecord a = html::sample();
  record::RunRecord b = html::sample();
  b.verdict.objectives.erase(b.verdict.objectives.begin());
  b.verdict.invariants.front().held = record::Held::no;
  b.plan.faults.front().at = Instant::never();
  const Json json = comparison({a, ""}, {b, ""});
  EXPECT_EQ(json.at("objectives").at(0).at("a").at("name"), "rpo");
  EXPECT_TRUE(json.at("objectives").at(0).at("b").is_null());
  EXPECT_EQ(json.at("broken_invariants").dump(), R"({"a":[],"b":["raft.election_safety"]})");
  EXPECT_EQ(json.at("faults_only_in").at("a").at(0).at("at_ns"), 20'000'000'000);
  EXPECT_TRUE(json.at("faults_only_in").at("b").at(0).at("at_ns").is_null());
}

}  // namespace
}  // namespace blackout::json
