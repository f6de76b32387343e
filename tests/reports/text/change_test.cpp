#include "reports/text/change.hpp"

#include <gtest/gtest.h>

namespace blackout::text {
namespace {

using record::Held;

record::RunRecord run_with(std::vector<record::ObjectiveRow> rows) {
  record::RunRecord run;
  run.plan.scenario = "region-loss";
  run.build.commit = "4f1c9a2";
  run.verdict.objectives = std::move(rows);
  return run;
}

record::ObjectiveRow rto(Held held, std::int64_t ms) {
  return {"rto", "orders-eu", held,           "≤ 12 s",       format_duration(milliseconds(ms)),
          "",    "",          12'000'000'000, ms * 1'000'000, "ns"};
}

record::ObjectiveRow availability(std::int64_t ppm) {
  return {"availability", "orders-eu", Held::yes, "≥ 90 %", std::to_string(ppm) + " ppm", "", "",
          900'000,        ppm,         "ppm"};
}

TEST(Changes, SayWhatIsWorseAndWhetherThePromiseStillHolds) {
  EXPECT_EQ(changes(run_with({rto(Held::yes, 4310), availability(950'000)}),
                    run_with({rto(Held::yes, 9870), availability(940'000)}), {}),
            "\n"
            "                                         a           b\n"
            "  rto           orders-eu           4.31 s      9.87 s   5.56 s worse, still within ≤ "
            "12 s\n"
            "  availability  orders-eu       950000 ppm  940000 ppm   same within 10 %\n");
  const std::string broken =
      changes(run_with({rto(Held::yes, 4310)}), run_with({rto(Held::no, 20'000)}), {});
  EXPECT_NE(broken.find("15.7 s worse, now broken\n"), std::string::npos) << broken;
}

TEST(Changes, OfAPromiseOfAtLeastSomethingMoreIsBetter) {
  const std::string text =
      changes(run_with({availability(500'000)}), run_with({availability(950'000)}), {});
  EXPECT_NE(text.find("45.00 pt better, still within ≥ 90 %\n"), std::string::npos) << text;
}

TEST(Changes, EqualRowsFoldIntoACountUnlessVerbose) {
  const record::RunRecord run = run_with({availability(950'000)});
  EXPECT_EQ(changes(run, run, {}), "\n  … 1 equal\n");
  const std::string all = changes(run, run, {.verbose = true});
  EXPECT_NE(all.find("950000 ppm  950000 ppm   equal\n"), std::string::npos) << all;
}

TEST(Changes, APromiseOfOneRunOnlyIsNamed) {
  const std::string text = changes(run_with({rto(Held::yes, 1)}), run_with({}), {});
  EXPECT_NE(text.find("1 ms           -   only promised in a\n"), std::string::npos) << text;
}

TEST(Changes, FaultsThatOneRunHasNotAreListedEachAsOftenAsItIsThere) {
  record::RunRecord a = run_with({}), b = run_with({});
  const record::FaultFact cut{
      "A", "partition", "eu-de", "halves, 1 s", Instant(0) + seconds(2), seconds(1), ""};
  record::FaultFact never = cut;
  never.letter = "B";
  never.at = Instant::never();
  a.plan.faults = {cut, never};
  b.plan.faults = {cut, cut};
  EXPECT_EQ(changes(a, b, {}),
            "\n"
            "  faults only in a\n"
            "    B         never  partition eu-de, halves, 1 s\n"
            "  faults only in b\n"
            "    A       2.000 s  partition eu-de, halves, 1 s\n");
  EXPECT_EQ(changes(a, a, {}), "\n  the same 2 faults\n");
}

TEST(Changes, TheHeadingNamesWhatIsTheSameAndWhatWasOverridden) {
  record::RunRecord a = run_with({}), b = run_with({});
  b.plan.seed = 1;
  b.build.commit = "91be07d";
  b.overrides = {"groups.0.acknowledge=leader"};
  EXPECT_EQ(same_words(a, b),
            "same scenario, seeds 0x0000000000000000 and 0x0000000000000001, builds 4f1c9a2 and "
            "91be07d\n"
            "  b with groups.0.acknowledge=leader\n");
}

}  // namespace
}  // namespace blackout::text
