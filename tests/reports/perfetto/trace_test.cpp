#include "reports/perfetto/trace.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "reports/record/json.hpp"
#include "tests/reports/html/sample.hpp"
#include "tests/reports/text/two_votes.hpp"

namespace blackout::perfetto {
namespace {

using record::Json;

std::vector<Json> events_of(const std::string& text, const std::string& kind) {
  std::vector<Json> events;
  const Json document = Json::parse(text);
  for (const Json& event : document.at("traceEvents")) {
    if (event.at("ph") == kind) events.push_back(event);
  }
  return events;
}

const Json& named(const std::vector<Json>& events, const std::string& name) {
  const auto found = std::find_if(events.begin(), events.end(),
                                  [&](const Json& event) { return event.at("name") == name; });
  EXPECT_NE(found, events.end()) << name;
  return found == events.end() ? events.at(0) : *found;
}

TEST(Perfetto, EveryNodeIsAProcessWithItsTerms) {
  const std::string text = trace(html::sample());
  std::map<std::string, std::uint64_t> processes;
  for (const Json& event : events_of(text, "M")) {
    if (event.at("name") == "process_name") {
      processes[event.at("args").at("name")] = event.at("pid");
    }
  }
  EXPECT_EQ(processes, (std::map<std::string, std::uint64_t>{
                           {"run", 1}, {"eu-de-1", 2}, {"eu-gb-1", 3}, {"clients-eu-gb", 4}}));
  const std::vector<Json> slices = events_of(text, "X");
  const Json& leader = named(slices, "leader, term 1");
  EXPECT_EQ(leader.at("pid"), 2);
  EXPECT_EQ(leader.at("ts"), 1'000'000.0);
  EXPECT_EQ(leader.at("dur"), 19'000'000.0);
  EXPECT_EQ(named(slices, "leader, term 2").at("pid"), 3);
  EXPECT_EQ(named(slices, "down").at("dur"), 20'000'000.0);
}

TEST(Perfetto, ThePhasesStandOverTheRun) {
  const std::vector<Json> slices = events_of(trace(html::sample()), "X");
  EXPECT_EQ(named(slices, "chaos").at("pid"), 1);
  EXPECT_EQ(named(slices, "chaos").at("ts"), 10'000'000.0);
  EXPECT_EQ(named(slices, "calm").at("dur"), 20'000'000.0);
}

TEST(Perfetto, AFaultBeginsAndEnds) {
  const std::string text = trace(html::sample());
  const std::vector<Json> begin = events_of(text, "b"), end = events_of(text, "e");
  ASSERT_EQ(begin.size(), 1U);
  ASSERT_EQ(end.size(), 1U);
  EXPECT_EQ(begin[0].at("name"), "A  region_down orders, power_loss, 20 s");
  EXPECT_EQ(begin[0].at("ts"), 20'000'000.0);
  EXPECT_EQ(end[0].at("ts"), 40'000'000.0);
  EXPECT_EQ(begin[0].at("id"), end[0].at("id"));
}

TEST(Perfetto, AnArrowGoesFromSenderToReceiverWhereThereIsASlice) {
  const std::string text = trace(text::TwoVotes(false).run());
  const std::vector<Json> from = events_of(text, "s"), to = events_of(text, "f");
  const std::vector<Json> slices = events_of(text, "X");
  ASSERT_EQ(from.size(), 2U);
  ASSERT_EQ(to.size(), 2U);
  EXPECT_NE(from[0].at("id"), from[1].at("id"));
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(from[i].at("id"), to[i].at("id"));
    EXPECT_EQ(from[i].at("pid"), i == 0 ? 2 : 3);  // de-1, gb-1
    EXPECT_EQ(to[i].at("pid"), 4);                 // es-1
    EXPECT_EQ(to[i].at("ts").get<double>() - from[i].at("ts").get<double>(), 2000.0);
    for (const Json& end : {from[i], to[i]}) {
      EXPECT_TRUE(std::any_of(slices.begin(), slices.end(), [&](const Json& slice) {
        return slice.at("pid") == end.at("pid") && slice.at("tid") == end.at("tid") &&
               slice.at("ts") == end.at("ts");
      }));
    }
  }
}

TEST(Perfetto, MomentsStandOnTheirNodes) {
  const std::vector<Json> instants = events_of(trace(html::sample()), "i");
  EXPECT_EQ(named(instants, "eu-gb-1 becomes leader in term 2").at("pid"), 3);
  EXPECT_EQ(named(instants, "rpo put orders is absent").at("pid"), 1);
}

TEST(Perfetto, BytesThatAreNoTextAndARecordWithoutAnythingAreDocuments) {
  EXPECT_TRUE(Json::accept(trace(html::sample("\xFF\"\\</script>"))));
  EXPECT_EQ(trace(html::sample()), trace(html::sample()));
  EXPECT_TRUE(Json::accept(trace(record::RunRecord())));
}

}  // namespace
}  // namespace blackout::perfetto
