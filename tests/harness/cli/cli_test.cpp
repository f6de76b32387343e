#include <gtest/gtest.h>

#include <algorithm>

#include "harness/cli/compare.hpp"
#include "harness/cli/exit_codes.hpp"
#include "harness/cli/loading.hpp"
#include "harness/cli/options.hpp"
#include "harness/scenario/lint.hpp"
#include "models/fault/catalogue.hpp"
#include "platform/ledger/command.hpp"
#include "platform/raft/configuration.hpp"
#include "reports/record/build.hpp"

namespace blackout::cli {
namespace {

using Seeds = std::vector<std::uint64_t>;

TEST(ExitCodes, TheWorstOfSeveralRunsWins) {
  const std::vector<int> worst_first = {exit_internal, exit_differs, exit_broken, exit_inconclusive,
                                        exit_held};
  for (std::size_t i = 0; i < worst_first.size(); ++i) {
    for (std::size_t j = i; j < worst_first.size(); ++j) {
      EXPECT_EQ(worse(worst_first[i], worst_first[j]), worst_first[i]);
      EXPECT_EQ(worse(worst_first[j], worst_first[i]), worst_first[i]);
    }
  }
}

TEST(ExitCodes, AnExpectedViolationIsASuccessAndAMissingOneIsNot) {
  EXPECT_EQ(exit_code_of(text::Conclusion::passed), 0);
  EXPECT_EQ(exit_code_of(text::Conclusion::expected), 0);
  EXPECT_EQ(exit_code_of(text::Conclusion::violated), 1);
  EXPECT_EQ(exit_code_of(text::Conclusion::crashed), 1);
  EXPECT_EQ(exit_code_of(text::Conclusion::missed), 1);
  EXPECT_EQ(exit_code_of(text::Conclusion::unknown), 3);
}

TEST(List, SaysOfEachFaultWhatItTakesWhatUndoesItAndWhatIsCounted) {
  testing::internal::CaptureStdout();
  ListOptions options;
  options.what = "faults";
  EXPECT_EQ(list(options, {}), exit_held);
  const std::string text = testing::internal::GetCapturedStdout();
  for (const fault::KindRow& row : fault::catalogue()) {
    const std::size_t at = text.find("\n  " + std::string(row.name) + " ");
    ASSERT_NE(at, std::string::npos) << row.name;
    const std::string entry = text.substr(at, text.find("\n  ", text.find('\n', at + 1) + 3) - at);
    EXPECT_NE(entry.find(row.sentence), std::string::npos) << entry;
    EXPECT_NE(entry.find(row.inverse), std::string::npos) << entry;
    EXPECT_NE(entry.find("counts " + std::string(row.effect)), std::string::npos) << entry;
    for (const fault::Use& use : row.uses) {
      EXPECT_NE(entry.find(row_of(use.parameter).name), std::string::npos) << entry;
    }
  }
  EXPECT_NE(text.find("takes shape, direction (both)   undone by heal"), std::string::npos) << text;
  EXPECT_NE(text.find("takes share, factor or rtt or loss"), std::string::npos) << text;
  EXPECT_NE(text.find("or loss or duplication or reordering with reordering_by or bandwidth or "
                      "queue with bandwidth   undone"),
            std::string::npos)
      << text;
}

TEST(Seeds, AreHexadecimalDecimalARangeOrTheCommit) {
  EXPECT_EQ(parse_seeds({"0x51c9e0a77d3b2f14", "7"}), (Seeds{0x51c9e0a77d3b2f14, 7}));
  EXPECT_EQ(parse_seeds({"3..5"}), (Seeds{3, 4, 5}));
  EXPECT_EQ(parse_seeds({"18446744073709551614..18446744073709551615"}),
            (Seeds{18446744073709551614ULL, 18446744073709551615ULL}));
  EXPECT_EQ(parse_seeds({"commit"}), Seeds{record::commit_seed()});
}

TEST(Seeds, AnythingElseIsRefused) {
  for (const char* word : {"", "0x", "0x1g", "-1", "1.5", "5..3", "1..", "..3",
                           "18446744073709551616", "0..1000000", "Commit"}) {
    EXPECT_FALSE(parse_seeds({word}).has_value()) << word;
  }
}

TEST(Limits, OfScenariosAreThoseOfThePlatform) {
  EXPECT_EQ(scenario::key_bytes_max, ledger::account_bytes_max);
  EXPECT_EQ(static_cast<std::size_t>(scenario::value_bytes_max), ledger::memo_bytes_max);
  EXPECT_EQ(static_cast<std::size_t>(scenario::voters_max), raft::Configuration::voters_max);
}

TEST(Vocabulary, HasMarksPromisesAndThePlantedBugsThatAreNamed) {
  const scenario::Vocabulary known = vocabulary();
  const auto has = [](const std::vector<std::string>& words, const char* word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  EXPECT_TRUE(has(known.marks, "failover.leader_changed"));
  EXPECT_TRUE(has(known.promises, "raft.vote_uniqueness"));
  EXPECT_TRUE(has(known.promises, "rpo"));
  EXPECT_FALSE(has(known.planted, "acknowledge_leader"));
  EXPECT_TRUE(known.unused_keys.at("platform").empty());
  EXPECT_EQ(known.unused_keys.size(), known.systems.size());
#ifdef BLACKOUT_PLANTED_BUGS
  EXPECT_TRUE(has(known.planted, "forget_vote"));
#endif
}

TEST(Overrides, ArePathAndValueAtTheFirstEqualsSign) {
  const auto overrides = parse_overrides({"groups.0.name=a=b"});
  ASSERT_TRUE(overrides.has_value());
  EXPECT_EQ(overrides->front().path, "groups.0.name");
  EXPECT_EQ(overrides->front().value, "a=b");
  EXPECT_FALSE(parse_overrides({"groups"}).has_value());
  EXPECT_FALSE(parse_overrides({"=x"}).has_value());
}

record::RunRecord run_with_events(std::uint64_t events, std::uint64_t last_word) {
  record::RunRecord run;
  run.build = {"4f1c9a2", "gcc 12.2.0", "Release"};
  run.plan.nodes = {{"eu-gb-1", RegionId(0), 0, false}};
  for (std::uint64_t i = 1; i <= events; ++i) {
    run.trace.append({Instant(0) + milliseconds(static_cast<std::int64_t>(i)), EventId(0),
                      EventKind::node_started, NodeId(0), no_shard, i == events ? last_word : i});
  }
  return run;
}

TEST(Compare, EqualRunsHaveNoDifference) {
  EXPECT_EQ(difference(run_with_events(3, 3), run_with_events(3, 3)), "");
}

TEST(Compare, TheFirstDifferentEventIsShownFromBothRunsWithTheirBuilds) {
  record::RunRecord now = run_with_events(3, 9);
  now.build.compiler = "clang 14.0.6";
  EXPECT_EQ(difference(run_with_events(3, 3), now),
            "DIFFERENT  first at event 3 of 3 (0.003000 s)\n"
            "  recorded  eu-gb-1   node_started   incarnation 3   caused by e0   0.003000 s\n"
            "  now       eu-gb-1   node_started   incarnation 9   caused by e0   0.003000 s\n"
            "  builds    recorded 4f1c9a2 gcc 12.2.0 Release   now 4f1c9a2 clang 14.0.6 Release\n"
            "  usual causes   unordered iteration, <random>, floating point, uninitialised "
            "bytes\n");
}

TEST(Compare, ARunThatEndsEarlierDiffersWhereItEnds) {
  const std::string text = difference(run_with_events(3, 3), run_with_events(2, 2));
  EXPECT_TRUE(text.starts_with("DIFFERENT  first at event 3 of 3")) << text;
  EXPECT_NE(text.find("  now       nothing: the run had ended\n"), std::string::npos);
}

TEST(Compare, EqualEventsWithAnotherEndDiffer) {
  record::RunRecord now = run_with_events(2, 2);
  now.failure = record::CodeFailure{"signal", "", "", "SIGSEGV", Instant(0)};
  const std::string text = difference(run_with_events(2, 2), now);
  EXPECT_NE(text.find("  now       signal: SIGSEGV\n"), std::string::npos) << text;
}

TEST(Compare, TwoRunsPartAtTheFirstEventThatDiffers) {
  const record::RunRecord a = run_with_events(3, 3), b = run_with_events(3, 9);
  const std::string text = parting(a, b);
  EXPECT_TRUE(text.starts_with("  a   3 events, hash " + trace::format_hash(a.trace.hash())))
      << text;
  EXPECT_NE(text.find("\n  equal until  0.003000 s, event 3\n"
                      "  then    a    eu-gb-1   node_started   incarnation 3   caused by e0   "
                      "0.003000 s\n"
                      "          b    eu-gb-1   node_started   incarnation 9   caused by e0   "
                      "0.003000 s\n"),
            std::string::npos)
      << text;
  EXPECT_NE(parting(a, run_with_events(3, 3)).find("\n  equal in every event\n"),
            std::string::npos);
}

}  // namespace
}  // namespace blackout::cli
