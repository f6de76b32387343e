#include "reports/html/report.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "tests/reports/html/sample.hpp"

namespace blackout::html {
namespace {

const std::string directory = "blackout-out/orders/0x07";

std::size_t count(const std::string& page, const std::string& words) {
  std::size_t found = 0;
  for (std::size_t i = page.find(words); i != std::string::npos; i = page.find(words, i + 1)) {
    ++found;
  }
  return found;
}

// What stands between each `before` and the next `after`.
std::vector<std::string> between(const std::string& page, const std::string& before,
                                 const std::string& after) {
  std::vector<std::string> found;
  for (std::size_t i = page.find(before); i != std::string::npos; i = page.find(before, i + 1)) {
    const std::size_t from = i + before.size();
    found.push_back(page.substr(from, page.find(after, from) - from));
  }
  return found;
}

TEST(Report, ARecordGivesTheSameBytesTwice) {
  EXPECT_EQ(report(sample(), directory), report(sample(), directory));
}

TEST(Report, NothingIsFetched) {
  const std::string page = report(sample(), directory);
  for (const char* words :
       {"http://", "https://", "//cdn", "src=", "@import", "url(\"", "fetch("}) {
    EXPECT_EQ(count(page, words), 0U) << words;
  }
  for (const std::string& target : between(page, "href=\"", "\"")) {
    EXPECT_TRUE(target.starts_with("#")) << target;
  }
  EXPECT_EQ(count(page, "default-src 'none'"), 1U);
}

TEST(Report, AHostileNameIsHarmlessWhereverItStands) {
  const std::string name = "</script></style></title><img src=x onerror=\"alert('1')\">";
  std::string harmless = name;
  std::replace_if(
      harmless.begin(), harmless.end(), [](char c) { return std::ispunct(c) != 0; }, 'x');
  const std::string plain = report(sample(harmless), directory);
  const std::string page = report(sample(name), directory);
  EXPECT_EQ(count(page, "<img"), 0U);
  EXPECT_EQ(count(page, "onerror=\""), 0U);
  EXPECT_EQ(count(page, "alert('"), 0U);
  for (const char* tag : {"</script", "</style", "</title", "<script", "</text", "</tr"}) {
    EXPECT_EQ(count(page, tag), count(plain, tag)) << tag;
  }
}

TEST(Report, EveryPanelIsThere) {
  const std::string page = report(sample(), directory);
  for (const char* id : {"verdict", "timeline", "clients", "why", "events", "run"}) {
    EXPECT_EQ(count(page, std::string("id=\"") + id + "\""), 1U) << id;
  }
  for (const char* words :
       {"VIOLATED", "1 of 49 acknowledged writes is gone",
        "blackout replay blackout-out/orders/0x07", ">term 1</text>", ">term 2</text>",
        "rto 1.5 s after A", "rpo 38 ms before A", "detect 1 s", "decide 500 ms", "8 tasks ended",
        "put orders is absent", "raft.election_safety", "promised p99 ≤ 250 ms"}) {
    EXPECT_GE(count(page, words), 1U) << words;
  }
}

TEST(Report, TheGraphOfCausesIsDrawnAndListed) {
  const std::string page = report(sample(), directory);
  const std::string graph = between(page, "<svg class=\"graph\"", "</svg>").at(0);
  for (const char* words :
       {">eu-gb-1</text>", ">becomes leader in term 2", "<path class=\"edge end\"",
        "class=\"box conclusion\"", "class=\"place-1\"", "href=\"#e11\""}) {
    EXPECT_GE(count(graph, words), 1U) << words;
  }
  const std::string list = between(page, "<details class=\"causes\">", "</details>").at(0);
  EXPECT_EQ(count(list, "<li>"), 4U);
  EXPECT_GE(count(list, "eu-gb-1 becomes leader in term 2"), 1U);
}

TEST(Report, OfARunThatPassedTheGraphIsThatOfItsFailover) {
  record::RunRecord run = sample();
  EXPECT_EQ(count(report(run, directory), "<h3>The failover</h3>"), 0U);
  run.verdict.findings.clear();
  const std::string page = report(run, directory);
  EXPECT_EQ(count(page, "<h3>The failover</h3>"), 1U);
  EXPECT_EQ(count(page, "<svg class=\"graph\""), 1U);
  EXPECT_EQ(count(page, "marker-end=\"url(#tip-cause)\""), 1U);
  run.plan.faults.clear();
  run.faults.clear();
  run.trace = trace::Trace();
  EXPECT_EQ(count(report(run, directory), "<svg class=\"graph\""), 0U);
}

// A partition began before the old leader stopped; no event names it as a cause.
record::RunRecord with_partition(record::RunRecord run) {
  run.verdict.findings.clear();
  run.plan.faults.push_back(
      {"B", "partition", "eu-gb", "", Instant(0) + seconds(20), seconds(5), ""});
  run.faults.push_back(run.faults.front());
  run.faults.back().nodes.clear();
  trace::Trace trace;
  trace::Cursor cursor(run.trace);
  for (Event event; cursor.next(event);) {
    if (event.kind == EventKind::node_stopped) {
      trace.append({event.at, {}, EventKind::fault_started, no_node, no_shard, 1, 0, 0});
      trace.append({event.at, {}, EventKind::link_cut, NodeId(1), no_shard, 1, 1, 0});
    }
    trace.append(event);
  }
  run.trace = std::move(trace);
  return run;
}

TEST(Report, AFaultThatNoEventNamesAsItsCauseHeldMeanwhile) {
  EXPECT_EQ(count(report(sample(), directory), ">meanwhile</text>"), 0U);
  const std::string page = report(with_partition(sample()), directory);
  EXPECT_EQ(count(page, ">meanwhile</text>"), 1U);
  EXPECT_EQ(count(page, ">B begins: partition eu-gb</text>"), 1U);
}

TEST(Report, EveryLinkHasATargetAndEveryIdIsOne) {
  const std::string page = report(sample(), directory);
  std::set<std::string> ids;
  for (const std::string& id : between(page, " id=\"", "\"")) {
    EXPECT_TRUE(ids.insert(id).second) << id;
  }
  for (const std::string& target : between(page, "href=\"#", "\"")) {
    EXPECT_TRUE(ids.contains(target)) << target;
  }
  for (const std::string& target : between(page, "url(#", ")")) {
    EXPECT_TRUE(ids.contains(target)) << target;
  }
}

TEST(Report, WhatIsLeftOutIsCounted) {
  record::RunRecord run = sample();
  for (int i = 0; i < 2000; ++i) {
    run.trace.append({Instant(0) + seconds(50),
                      {},
                      EventKind::election_timeout,
                      NodeId(1),
                      ShardId(0),
                      2,
                      1,
                      0});
  }
  const std::string page = report(run, directory);
  EXPECT_EQ(count(page, "1,000 listed, 1,012 more of these kinds left out"), 1U);
  EXPECT_GE(count(page, "starts, incarnation 2"), 1U);  // what is not minor stays
}

TEST(Report, OfAThousandFaultsTheRestIsCounted) {
  record::RunRecord run = sample();
  run.faults.clear();
  run.plan.faults.assign(1000, run.plan.faults.front());
  const std::string page = report(run, directory);
  EXPECT_GE(count(page, ">990 more<"), 1U);
  EXPECT_EQ(count(page, "100 of 1,000 faults"), 1U);
}

TEST(Report, ARecordWithoutAnythingIsAPage) {
  const std::string page = report(record::RunRecord(), directory);
  EXPECT_EQ(count(page, "</html>"), 1U);
  EXPECT_GE(count(page, "Nothing was found broken."), 1U);
}

TEST(Report, TheCodesOwnEndIsTold) {
  record::RunRecord run = sample();
  run.failure = record::CodeFailure{"check", "eu-de-1", "raft", "raft.cpp:1: a < b", Instant(5)};
  EXPECT_GE(count(report(run, directory), "raft.cpp:1: a &lt; b"), 1U);
}

}  // namespace
}  // namespace blackout::html
