#include "reports/json/explanation.hpp"

#include <gtest/gtest.h>

#include "reports/record/document.hpp"
#include "tests/reports/html/sample.hpp"
#include "tests/reports/text/two_votes.hpp"

namespace blackout::json {
namespace {

using record::Json;

TEST(Explanation, HasEachEventWithItsCauseAndWhatIsMissing) {
  const Json json = explanation(text::TwoVotes(false).run(), "out/x");
  EXPECT_EQ(json.at("version"), "explanation.v1");
  EXPECT_EQ(json.at("outcome"), "violated");
  const Json& finding = json.at("findings").at(0);
  EXPECT_EQ(finding.at("id"), "raft.vote_uniqueness");
  EXPECT_EQ(finding.at("depended_on"), 13);
  EXPECT_EQ(finding.at("faults"), 1);
  ASSERT_EQ(finding.at("events").size(), 11U);
  EXPECT_EQ(finding.at("events").at(3).dump(),
            R"({"at":"0.013000 s","at_ns":13000000,"who":"es-1","what":"votes for de-1 in term 7;)"
            R"( that vote is not on its disk","event":6,"cause":5,"kind":"vote_cast",)"
            R"("before_it":0,"named":true,"missing":true})");
  EXPECT_FALSE(finding.at("events").at(0).at("named").get<bool>());
}

TEST(Explanation, WhatAClientSawHasNoEvent) {
  const Json json = explanation(html::sample(), "out/x");
  const Json& seen = json.at("findings").at(0).at("events").back();
  EXPECT_EQ(seen.at("who"), "orders");
  EXPECT_TRUE(seen.at("event").is_null());
  EXPECT_TRUE(seen.at("kind").is_null());
}

TEST(Explanation, OfARunInWhichNothingBrokeThereIsNone) {
  record::RunRecord run = html::sample("\xFF\"");
  run.verdict.findings.clear();
  run.verdict.conclusion = record::Conclusion::pass;
  const Json json = explanation(run, "out/x");
  EXPECT_EQ(json.at("outcome"), "pass");
  EXPECT_TRUE(json.at("findings").empty());
  EXPECT_TRUE(Json::accept(record::dump(json)));
}

}  // namespace
}  // namespace blackout::json
