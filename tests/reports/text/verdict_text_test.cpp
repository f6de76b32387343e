#include "reports/text/verdict_text.hpp"

#include <gtest/gtest.h>

#include "reports/text/table.hpp"

namespace blackout::text {
namespace {

using record::Held;

constexpr Style plain{};
const std::string directory = "blackout-out/region-loss/0x51c9e0a77d3b2f14";

record::RunRecord passed_run() {
  record::RunRecord run;
  run.plan.scenario = "region-loss";
  run.plan.seed = 0x51c9e0a77d3b2f14;
  run.simulated = Instant(0) + seconds(120);
  record::Verdict& verdict = run.verdict;
  verdict.conclusion = record::Conclusion::pass;
  verdict.objectives = {
      {"rpo", "", Held::yes, "0 s", "0 s", "", "0 of 26,538 acknowledged writes lost", 0, 0, "ns"},
      {"rto", "orders-eu", Held::yes, "≤ 12 s", "4.31 s", "7.69 s", "after A  region_down eu-de",
       12'000'000'000, 4'310'000'000, "ns"},
      {"availability", "orders-eu", Held::yes, "≥ 90 %", "94.61 %", "4.61 pt", "during chaos",
       900'000, 946'100, "ppm"}};
  verdict.invariants = {{"raft.election_safety", Held::yes, 4}, {"exactly_once", Held::yes, 900}};
  verdict.marks = {{"failover.leader_left_region", 1, true}, {"disk.unsynced_write_lost", 3, true}};
  return run;
}

record::RunRecord violated_run() {
  record::RunRecord run = passed_run();
  run.overrides = {"groups.0.acknowledge=leader"};
  record::Verdict& verdict = run.verdict;
  verdict.conclusion = record::Conclusion::violated;
  verdict.sentence = "10 of 26,544 acknowledged writes are gone.";
  verdict.objectives[0].held = Held::no;
  verdict.objectives[0].measured = "38 ms";
  verdict.objectives[0].margin = "-38 ms";
  record::Finding finding;
  finding.id = "rpo";
  finding.rule = "No acknowledged write is lost.";
  finding.sentence = "put eu/orders/1187 = v8841 is absent";
  finding.at = Instant(0) + milliseconds(21802);
  finding.story = {{Instant(0) + milliseconds(19962), "eu-de-1", "answers OK", EventId(7)},
                   {Instant(0) + seconds(20), "A", "region_down eu-de", EventId(9)}};
  verdict.findings = {finding};
  return run;
}

TEST(VerdictText, APassIsAHeadingATableAndTheRecord) {
  EXPECT_EQ(
      verdict_block(passed_run(), directory, milliseconds(2900), plain),
      "PASS  region-loss   seed 0x51c9e0a77d3b2f14   120 s simulated in 2.9 s\n"
      "\n"
      "                                 promised    measured     margin\n"
      "  ✓ rpo                               0 s         0 s          -   0 of 26,538 acknowledged "
      "writes lost\n"
      "  ✓ rto           orders-eu        ≤ 12 s      4.31 s     7.69 s   after A  region_down "
      "eu-de\n"
      "  ✓ availability  orders-eu        ≥ 90 %     94.61 %    4.61 pt   during chaos\n"
      "  ✓ invariants                          2      2 held          -\n"
      "  ✓ marks                               2   2 reached          -\n"
      "\n"
      "  record  blackout-out/region-loss/0x51c9e0a77d3b2f14\n");
}

record::FaultOutcome fault(std::string letter, std::uint64_t effect) {
  record::FaultOutcome outcome;
  outcome.letter = std::move(letter);
  outcome.kind = "disk_slow";
  outcome.target = "eu-gb-1";
  outcome.began = Instant(0) + seconds(20);
  outcome.effect = effect;
  outcome.unit = "operations slowed";
  return outcome;
}

TEST(VerdictText, AFaultWithoutEffectIsNamedAndChangesNoVerdict) {
  record::RunRecord run = passed_run();
  run.faults = {fault("A", 7), fault("B", 0), fault("C", 0)};
  run.faults[2].began.reset();  // the run ended before
  EXPECT_EQ(conclude(run), Conclusion::passed);
  const std::string text = verdict_block(run, directory, seconds(1), plain);
  EXPECT_NE(text.find("\n\n  B disk_slow eu-gb-1 had no effect: 0 operations slowed\n\n  record"),
            std::string::npos)
      << text;
}

TEST(VerdictText, OfManyFaultsWithoutEffectTheFirstFiveAreNamed) {
  record::RunRecord run = passed_run();
  for (char letter = 'A'; letter <= 'H'; ++letter) run.faults.push_back(fault({letter}, 0));
  const std::string text = verdict_block(run, directory, seconds(1), plain);
  EXPECT_NE(text.find("  E disk_slow"), std::string::npos) << text;
  EXPECT_EQ(text.find("  F disk_slow"), std::string::npos) << text;
  EXPECT_NE(text.find("  … 3 more had no effect   (--verbose shows them)\n"), std::string::npos)
      << text;
  const std::string all = verdict_block(run, directory, seconds(1), {.verbose = true});
  EXPECT_NE(all.find("  H disk_slow"), std::string::npos) << all;
}

TEST(VerdictText, AViolationPutsFailuresFirstFoldsTheRestAndTellsTheStory) {
  EXPECT_EQ(
      verdict_block(violated_run(), directory, milliseconds(2800), plain),
      "VIOLATED  region-loss   seed 0x51c9e0a77d3b2f14   120 s simulated in 2.8 s\n"
      "          with groups.0.acknowledge=leader\n"
      "\n"
      "  10 of 26,544 acknowledged writes are gone.\n"
      "\n"
      "                                 promised    measured     margin\n"
      "  ✗ rpo                               0 s       38 ms     -38 ms   0 of 26,538 acknowledged "
      "writes lost\n"
      "  ✓ rto           orders-eu        ≤ 12 s      4.31 s     7.69 s   after A  region_down "
      "eu-de\n"
      "  … 3 more held   (--verbose shows them)\n"
      "\n"
      "  rpo   No acknowledged write is lost.\n"
      "      21.802 s  put eu/orders/1187 = v8841 is absent\n"
      "      19.962 s  eu-de-1  answers OK\n"
      "      20.000 s  A        region_down eu-de\n"
      "\n"
      "  record  blackout-out/region-loss/0x51c9e0a77d3b2f14\n"
      "  replay  blackout replay blackout-out/region-loss/0x51c9e0a77d3b2f14\n");
}

TEST(VerdictText, VerboseFoldsNothing) {
  const std::string text =
      verdict_block(violated_run(), directory, seconds(1), {.color = false, .verbose = true});
  EXPECT_EQ(text.find("more held"), std::string::npos);
  EXPECT_NE(text.find("availability"), std::string::npos);
}

TEST(VerdictText, WithoutUnicodeEveryByteIsAsciiAndColumnsStayAligned) {
  const std::string text =
      verdict_block(violated_run(), directory, seconds(1), {.color = false, .unicode = false});
  for (const char byte : text) EXPECT_LT(static_cast<unsigned char>(byte), 0x80);
  EXPECT_NE(text.find("  FAIL rpo  "), std::string::npos);
  EXPECT_NE(text.find("  ok   rto           orders-eu       <= 12 s"), std::string::npos);
}

TEST(VerdictText, ColoursAreEscapeSequencesAroundTheSameText) {
  std::string text = verdict_block(violated_run(), directory, seconds(1), {.color = true});
  EXPECT_NE(text.find("\x1b[1;31mVIOLATED\x1b[0m"), std::string::npos);
  for (std::size_t at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b')) {
    text.erase(at, text.find('m', at) - at + 1);
  }
  EXPECT_EQ(text, verdict_block(violated_run(), directory, seconds(1), plain));
}

TEST(VerdictText, ACrashNamesTheNodeTheTaskAndTheCheck) {
  record::RunRecord run = violated_run();
  run.failure = record::CodeFailure{"check", "eu-de-1", "raft", "wal.cpp:61: index == next",
                                    Instant(0) + milliseconds(12301)};
  const std::string text = verdict_block(run, directory, seconds(1), plain);
  EXPECT_TRUE(text.starts_with("CRASHED  region-loss"));
  EXPECT_NE(text.find("  check   12.301 s   eu-de-1   task raft\n     wal.cpp:61: index == next\n"),
            std::string::npos);
}

TEST(VerdictText, AnExpectedViolationIsNoFailureAndAMissingOneIs) {
  record::RunRecord run = violated_run();
  run.plan.expect.violates = true;
  EXPECT_EQ(conclude(run), Conclusion::expected);
  run.verdict.expectation_met = false;  // it broke something else
  EXPECT_EQ(conclude(run), Conclusion::violated);
  run = passed_run();
  run.plan.expect.violates = true;
  run.verdict.expectation_met = false;
  EXPECT_EQ(conclude(run), Conclusion::missed);
  EXPECT_NE(verdict_block(run, directory, seconds(1), plain).find("No violation, though"),
            std::string::npos);
}

TEST(VerdictText, AMarkThatWasNotReachedMakesThePassUnknown) {
  record::RunRecord run = passed_run();
  run.verdict.conclusion = record::Conclusion::inconclusive;
  run.verdict.marks[1].count = 0;
  const std::string text = verdict_block(run, directory, seconds(1), plain);
  EXPECT_TRUE(text.starts_with("UNKNOWN  "));
  EXPECT_NE(text.find("? marks                               2   1 reached          -   not "
                      "reached: disk.unsynced_write_lost\n"),
            std::string::npos);
}

TEST(RunLine, APassShowsItsNarrowestMargin) {
  const RunLine line = line_of(passed_run(), directory, milliseconds(2900));
  EXPECT_EQ(run_line(line, 13, plain),
            "PASS      region-loss     0x51c9e0a77d3b2f14     2.9 s   availability 94.61 % of 90 "
            "%\n");
}

TEST(RunLine, AViolationShowsWhatBrokeAndHowToSeeItAgain) {
  const RunLine line = line_of(violated_run(), directory, milliseconds(2900));
  EXPECT_EQ(run_line(line, 11, plain),
            "VIOLATED  region-loss   0x51c9e0a77d3b2f14     2.9 s   rpo: put eu/orders/1187 = "
            "v8841 is absent\n"
            "          replay  blackout replay blackout-out/region-loss/0x51c9e0a77d3b2f14\n");
}

TEST(Summary, CountsConclusionsAndShowsTheWorstValueWithItsSeed) {
  record::RunRecord slow = passed_run();
  slow.plan.seed = 2;
  slow.verdict.objectives[1].measured = "11 s";
  slow.verdict.objectives[1].measured_value = 11'000'000'000;
  slow.verdict.objectives[1].margin = "1 s";
  record::RunRecord third = passed_run();
  third.plan.seed = 3;
  record::RunRecord other = violated_run();
  other.plan.scenario = "zone-loss";
  const std::vector<RunLine> lines = {
      line_of(passed_run(), directory, seconds(1)), line_of(slow, directory, seconds(1)),
      line_of(third, directory, seconds(1)), line_of(other, directory, seconds(1))};
  const std::string text = summary(lines, milliseconds(7700), plain);
  EXPECT_TRUE(text.starts_with("\nworst of 3 runs of region-loss\n")) << text;
  EXPECT_NE(text.find("✓ rto           orders-eu        ≤ 12 s        11 s        1 s   "
                      "0x0000000000000002\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\nSUMMARY   4 runs: 3 passed, 1 violated   7.7 s\n"), std::string::npos);
}

TEST(Style, GroupsDigitsByThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(26538), "26,538");
  EXPECT_EQ(grouped(1412806), "1,412,806");
}

}  // namespace
}  // namespace blackout::text
