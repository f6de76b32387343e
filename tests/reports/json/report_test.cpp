#include "reports/json/report.hpp"

#include <gtest/gtest.h>

#include "reports/record/document.hpp"
#include "tests/reports/html/sample.hpp"

namespace blackout::json {
namespace {

using record::Json;

TEST(Report, HoldsTheVerdictDocumentAsItIs) {
  const record::RunRecord run = html::sample();
  const Json json = report(run, "out/x");
  EXPECT_EQ(json.at("version"), "report.v1");
  EXPECT_EQ(json.at("verdict"), Json::parse(record::verdict_json(run, "out/x")));
  EXPECT_EQ(json.at("verdict").at("objectives").size(), 2U);
}

TEST(Report, TheTimelineHasPhasesNodesAndEvents) {
  const Json timeline = report(html::sample(), "out/x").at("timeline");
  EXPECT_EQ(timeline.at("phases").dump(),
            R"([{"phase":"warmup","from":"0.000000 s","from_ns":0,"to":"10.000000 s",)"
            R"("to_ns":10000000000},{"phase":"chaos","from":"10.000000 s","from_ns":10000000000,)"
            R"("to":"40.000000 s","to_ns":40000000000},{"phase":"calm","from":"40.000000 s",)"
            R"("from_ns":40000000000,"to":"60.000000 s","to_ns":60000000000}])");
  EXPECT_EQ(timeline.at("nodes").at(0).dump(),
            R"({"node":"eu-de-1","region":"eu-de","client_host":false,"roles":[{"group":"orders",)"
            R"("role":"leader","term":1,"from":"1.000000 s","from_ns":1000000000,)"
            R"("to":"20.000000 s","to_ns":20000000000}],"absent":[{"state":"down",)"
            R"("from":"20.000000 s","from_ns":20000000000,"to":"40.000000 s",)"
            R"("to_ns":40000000000}]})");
  EXPECT_EQ(timeline.at("nodes").size(), 3U);
  EXPECT_EQ(timeline.at("events").at(4).dump(),
            R"({"at":"20.000000 s","at_ns":20000000000,"event":7,"cause":0,"kind":"fault",)"
            R"("who":"A","region":"","what":"begins: region_down orders, power_loss, 20 s"})");
}

TEST(Report, ACrashedRunEndsItsPhasesWhereItEnded) {
  record::RunRecord run = html::sample();
  run.simulated = Instant(0) + seconds(12);
  const Json phases = report(run, "out/x").at("timeline").at("phases");
  ASSERT_EQ(phases.size(), 2U);
  EXPECT_EQ(phases.at(1).at("to_ns"), 12'000'000'000);
}

TEST(Report, BytesThatAreNoTextAndARecordWithoutAnythingAreDocuments) {
  const Json json = report(html::sample("\xFF\"\\</script>"), "out/x");
  EXPECT_TRUE(Json::accept(record::dump(json)));
  EXPECT_TRUE(report(record::RunRecord(), "out/x").at("timeline").at("nodes").empty());
}

}  // namespace
}  // namespace blackout::json
