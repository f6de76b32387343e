#include "reports/graph/causality.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "reports/graph/dot.hpp"
#include "tests/reports/html/sample.hpp"
#include "tests/reports/text/two_votes.hpp"

namespace blackout::graph {
namespace {

using text::TwoVotes;

// "e6 -> e8 order", by the graph's own order.
std::vector<std::string> arrows(const Causality& causality) {
  constexpr std::array<const char*, 5> names{"message", "step", "order", "fault", "conclusion"};
  std::vector<std::string> lines;
  for (const Edge& edge : causality.edges) {
    lines.push_back(causality.nodes[edge.from].id + " -> " + causality.nodes[edge.to].id + " " +
                    names[static_cast<std::size_t>(edge.kind)]);
  }
  return lines;
}

TEST(Causality, ArrowsAreCausesAndWhatCameBeforeAndBothVotesLeadToTheConclusion) {
  const TwoVotes votes(false);
  const auto causality = causality_of(votes.run());
  ASSERT_TRUE(causality);
  EXPECT_EQ(arrows(*causality),
            (std::vector<std::string>{"e2 -> e4 message", "e4 -> e5 step", "e5 -> e6 step",
                                      "e6 -> e8 order", "e6 -> conclusion conclusion",
                                      "e7 -> e8 fault", "e8 -> e10 order", "e10 -> e13 order",
                                      "e11 -> e13 message", "e13 -> e14 step", "e14 -> e15 step",
                                      "e15 -> conclusion conclusion"}));
}

TEST(Causality, WhatTheFindingSpeaksOfStandsOut) {
  const TwoVotes votes(false);
  const auto causality = causality_of(votes.run());
  for (const Node& node : causality->nodes) {
    EXPECT_EQ(node.root, node.id == "e6" || node.id == "e15") << node.id;
    EXPECT_EQ(node.gap, node.root) << node.id;
  }
  EXPECT_EQ(causality->nodes.back().what, "es-1 voted twice.");
  EXPECT_EQ(causality->depended_on, 13U);
  EXPECT_EQ(causality->stood_for, 11U);
  EXPECT_TRUE(left_out_text(*causality).starts_with("11 of the 13 events"))
      << left_out_text(*causality);
}

TEST(Causality, OfManyEventsAtMostFortyStandInTheGraph) {
  record::RunRecord run = html::sample();
  EventId last;
  for (std::int64_t i = 0; i < 100; ++i) {
    const NodeId node(static_cast<std::uint32_t>(i % 2));
    last = run.trace.append({Instant(0) + seconds(50) + milliseconds(i), last,
                             EventKind::message_delivered, node, no_shard, 1, 9, 0});
  }
  run.verdict.findings = {
      {"raft.x", "A rule.", run.verdict.sentence, Instant(0) + seconds(51), last, {}}};
  const auto causality = causality_of(run);
  ASSERT_TRUE(causality);
  EXPECT_EQ(causality->nodes.size(), 41U);
  EXPECT_EQ(causality->edges.size(), 40U);  // what was left out is bridged
  EXPECT_TRUE(left_out_text(*causality).starts_with("40 of the 100 events"));
}

TEST(Causality, OfARunThatPassedItIsTheFailover) {
  record::RunRecord run = html::sample();
  run.verdict.findings.clear();
  const auto causality = causality_of(run);
  ASSERT_TRUE(causality);
  EXPECT_EQ(causality->name, "failover");
  EXPECT_EQ(causality->nodes.back().what, "eu-gb-1 becomes leader in term 2, 1.5 s after A began.");
  const auto arrows_of = arrows(*causality);
  for (const char* arrow :
       {"e7 -> e8 fault", "e8 -> conclusion conclusion", "e11 -> conclusion conclusion"}) {
    EXPECT_EQ(std::count(arrows_of.begin(), arrows_of.end(), arrow), 1) << arrow;
  }
}

TEST(Causality, WithoutAFindingAndWithoutAFailoverThereIsNone) {
  EXPECT_FALSE(causality_of(record::RunRecord()));
  record::RunRecord run = html::sample();
  run.verdict.findings = {{"lag", "A rule.", run.verdict.sentence, Instant(0), EventId(0), {}}};
  EXPECT_FALSE(causality_of(run));
}

TEST(Dot, IsTheGraphAsText) {
  const TwoVotes votes(false);
  EXPECT_EQ(dot(causality_of(votes.run())),
            R"(digraph "raft.vote_uniqueness" {
  node [fontname="sans-serif"];
  label="11 of the 13 events that it depended on are here; )"
            R"(sends and disk writes are left out, and beyond 40 lines what says least.";
  "e2" [shape=box, class=event, label="0.010 s  de-1
becomes candidate in term 7"];
  "e4" [shape=box, class=event, label="0.012 s  es-1
receives 16 bytes from de-1 after 0 s"];
  "e5" [shape=box, class=event, label="0.013 s  es-1
has term 7 on disk, with its vote for nobody"];
  "e6" [shape=box, style=bold, class=root, label="0.013 s  es-1
votes for de-1 in term 7; that vote is not on its disk"];
  "e7" [shape=hexagon, class=fault, label="0.030 s  A
begins: node_restart es-1, power_loss, 1 s"];
  "e8" [shape=box, class=event, label="0.030 s  es-1
stops: power_loss"];
  "e10" [shape=box, class=event, label="0.040 s  es-1
starts, incarnation 2"];
  "e11" [shape=box, class=event, label="0.050 s  gb-1
becomes candidate in term 7"];
  "e13" [shape=box, class=event, label="0.052 s  es-1
receives 16 bytes from gb-1 after 0 s"];
  "e14" [shape=box, class=event, label="0.053 s  es-1
has term 7 on disk, with its vote for nobody"];
  "e15" [shape=box, style=bold, class=root, label="0.053 s  es-1
votes for gb-1 in term 7; that vote is not on its disk"];
  "conclusion" [shape=box, style=bold, peripheries=2, class=conclusion, )"
            R"(label="0.053 s  raft.vote_uniqueness
es-1 voted twice."];
  "e2" -> "e4" [class=message];
  "e4" -> "e5" [class=step, arrowhead=vee];
  "e5" -> "e6" [class=step, arrowhead=vee];
  "e6" -> "e8" [class=order, style=dotted, arrowhead=vee];
  "e6" -> "conclusion" [class=conclusion, style=bold];
  "e7" -> "e8" [class=fault, style=dashed];
  "e8" -> "e10" [class=order, style=dotted, arrowhead=vee];
  "e10" -> "e13" [class=order, style=dotted, arrowhead=vee];
  "e11" -> "e13" [class=message];
  "e13" -> "e14" [class=step, arrowhead=vee];
  "e14" -> "e15" [class=step, arrowhead=vee];
  "e15" -> "conclusion" [class=conclusion, style=bold];
}
)");
}

TEST(Dot, WithoutAGraphItIsOneWithoutNodes) {
  EXPECT_EQ(dot(causality_of(record::RunRecord())), "digraph {\n}\n");
}

TEST(Dot, AHostileNameStaysInItsQuotationMarks) {
  const std::string text = dot(causality_of(html::sample("\"]; evil [label=\"\\")));
  EXPECT_NE(text.find(R"(\"]; evil [label=\"\\)"), std::string::npos) << text;
  EXPECT_EQ(text.find("\n\"]"), std::string::npos);
  EXPECT_EQ(text.find(" \"]; evil"), std::string::npos);
}

}  // namespace
}  // namespace blackout::graph
