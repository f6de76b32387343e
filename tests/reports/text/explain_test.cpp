#include "reports/text/explain.hpp"

#include <gtest/gtest.h>

#include "reports/text/cone.hpp"
#include "reports/text/event_text.hpp"
#include "tests/reports/text/two_votes.hpp"

namespace blackout::text {
namespace {

TEST(Explain, TellsOnlyWhatTheFindingDependedOnAndWhatIsMissing) {
  const TwoVotes votes(false);
  EXPECT_EQ(explanation(votes.run(), "out/x", {}),
            "raft.vote_uniqueness\n"
            "  rule     A node votes once in a term.\n"
            "  broken   0.053 s  es-1 voted twice.\n"
            "  missing  0.013 s  es-1 votes for de-1 in term 7; that vote is not on its disk\n"
            "  missing  0.053 s  es-1 votes for gb-1 in term 7; that vote is not on its disk\n"
            "\n"
            "  what it depended on (13 of 15 events, 1 fault)\n"
            "       0.010 s  de-1  becomes candidate in term 7                              e2\n"
            "       0.012 s  es-1  receives 16 bytes from de-1 after 0 s                    e4\n"
            "       0.013 s  es-1  has term 7 on disk, with its vote for nobody             e5\n"
            "       0.013 s  es-1  votes for de-1 in term 7; that vote is not on its disk   e6\n"
            "       0.030 s  A     begins: node_restart es-1, power_loss, 1 s               e7\n"
            "       0.030 s  es-1  stops: power_loss                                        e8\n"
            "       0.040 s  es-1  starts, incarnation 2                                    e10\n"
            "       0.050 s  gb-1  becomes candidate in term 7                              e11\n"
            "       0.052 s  es-1  receives 16 bytes from gb-1 after 0 s                    e13\n"
            "       0.053 s  es-1  has term 7 on disk, with its vote for nobody             e14\n"
            "       0.053 s  es-1  votes for gb-1 in term 7; that vote is not on its disk   e15\n"
            "\n"
            "  replay   blackout replay out/x\n");
}

TEST(Explain, OfAVoteThatIsOnDiskNothingIsMissing) {
  const TwoVotes votes(true);
  const std::string text = explanation(votes.run(), "out/x", {});
  EXPECT_EQ(text.find("missing"), std::string::npos) << text;
  EXPECT_NE(text.find("has term 7 on disk, with its vote for gb-1"), std::string::npos) << text;
}

TEST(Explain, OfMoreThanFortyEventsTheMessagesGoFirst) {
  record::RunRecord run;
  run.plan.nodes = {{"de-1", RegionId(0)}, {"gb-1", RegionId(0)}};
  run.plan.shards = {{"orders", "", {one, two}}};
  EventId last;
  for (std::uint64_t i = 0; i < 60; ++i) {
    const NodeId node = i % 2 == 0 ? one : two;
    const Instant at = Instant(0) + milliseconds(static_cast<std::int64_t>(i));
    last = run.trace.append({at, last, EventKind::message_delivered, node, no_shard, 1, 9, 0});
  }
  last = run.trace.append(
      {Instant(0) + seconds(1), last, EventKind::commit_advanced, one, orders, 9, 1, 0});
  run.verdict.findings = {{"raft.x", "A rule.", "It broke.", Instant(0) + seconds(1), last, {}}};
  const std::string text = explanation(run, "out/x", {});
  EXPECT_NE(text.find("(61 of 61 events, 0 faults)"), std::string::npos) << text;
  EXPECT_NE(text.find("\n  … 21 more   (--verbose shows them)\n"), std::string::npos) << text;
  EXPECT_NE(text.find("commits 9 (term 1)"), std::string::npos) << text;
  const std::string all = explanation(run, "out/x", {.verbose = true});
  EXPECT_EQ(all.find("more   (--verbose"), std::string::npos) << all;
}

TEST(Explain, ARunOfOneKindFoldsIntoItsLast) {
  record::RunRecord run;
  run.plan.nodes = {{"de-1", RegionId(0)}};
  run.plan.shards = {{"orders", "", {one}}};
  EventId last;
  for (std::uint64_t i = 1; i <= 5; ++i) {
    last = run.trace.append({Instant(0), last, EventKind::entry_appended, one, orders, i, 1, i});
  }
  last = run.trace.append({Instant(0), last, EventKind::write_acknowledged, one, orders, 0, 5, 1});
  record::Finding finding;
  finding.event = last;
  const Cone cone = cone_of(finding, run);
  ASSERT_EQ(cone.events.size(), 2U);
  EXPECT_EQ(cone.depended_on.size(), 6U);
  EXPECT_EQ(cone.events[0].what, "appends 5 (term 1)   (and 4 before it)");
  EXPECT_EQ(cone.events[1].what,
            "answers success for an entry of the protocol (entry 5, term 1); on disk at 0 of 1 "
            "voters");
  EXPECT_TRUE(cone.events[1].gap);
}

TEST(Explain, APassAndAnEndedRunAreASentence) {
  record::RunRecord run;
  run.verdict.conclusion = record::Conclusion::pass;
  EXPECT_EQ(explanation(run, "out/x", {}), "Nothing to explain: every promise held.\n");
  run.failure = record::CodeFailure{"signal", "", "", "SIGSEGV", Instant(0) + seconds(2)};
  EXPECT_EQ(explanation(run, "out/x", {}),
            "The code under test ended the run at 2.000 s: signal, SIGSEGV\n");
}

TEST(EventText, EveryKindHasASentenceWithoutHoles) {
  const record::RunRecord run;
  for (std::size_t kind = 0; kind < event_kinds; ++kind) {
    const Event event{Instant(0), EventId(0), static_cast<EventKind>(kind), one, orders, 1, 2, 3};
    const std::string text = event_sentence(event, run);
    EXPECT_FALSE(text.empty());
    EXPECT_EQ(text.find('{'), std::string::npos) << text;
  }
}

TEST(FaultText, NamesTheCauseThatBroughtItWithOthers) {
  record::FaultFact fault{"A", "zone_down", "eu-de/z1", "power_loss", Instant(0), seconds(1), ""};
  EXPECT_EQ(fault_text(fault), "zone_down eu-de/z1, power_loss");
  fault.cause = "feed";
  EXPECT_EQ(fault_text(fault), "zone_down eu-de/z1, power_loss (feed)");
}

}  // namespace
}  // namespace blackout::text
