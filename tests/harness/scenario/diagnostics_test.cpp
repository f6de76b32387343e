#include <cstdlib>
#include <set>

#include "harness/scenario/codes.hpp"
#include "tests/harness/scenario/support.hpp"

namespace blackout::scenario {
namespace {

std::vector<std::filesystem::path> bad_files() {
  std::set<std::filesystem::path> found;
  for (const auto& entry :
       std::filesystem::directory_iterator(source_path("tests/harness/scenario/bad"))) {
    if (entry.path().extension() == ".json") found.insert(entry.path());
  }
  return {found.begin(), found.end()};
}

std::vector<Override> overrides_of(std::filesystem::path path) {
  std::vector<Override> overrides;
  path.replace_extension(".set");
  if (!std::filesystem::exists(path)) return overrides;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t equals = line.find('=');
    overrides.push_back({line.substr(0, equals), line.substr(equals + 1)});
  }
  return overrides;
}

Diagnostics diagnostics_of(const std::filesystem::path& path) {
  Source source = source_of(path);
  const Vocabulary known{{"failover.leader_changed", "client.retried"},
                         {"rpo", "rto", "raft.vote_uniqueness"},
                         {"forget_vote", "crash"},
                         {"platform", "other"},
                         {{"other", {"director", "prefer_leader"}}}};
  const auto scenario = load(source, overrides_of(path), known);
  return scenario.ok() ? scenario.value().warnings() : scenario.error();
}

// The directory of the checkout must not stand in a golden file.
std::string without_root(std::string text) {
  const std::string root = source_path("").string();
  for (std::size_t at = text.find(root); at != std::string::npos; at = text.find(root)) {
    text.erase(at, root.size());
  }
  return text;
}

TEST(Diagnostics, AreAsTheGoldenFileBesideEachBadFileSays) {
  const bool rewrite = std::getenv("BLACKOUT_REWRITE") != nullptr;
  for (const auto& path : bad_files()) {
    const std::string found =
        without_root(format_diagnostics(diagnostics_of(path), read_text(path)));
    auto golden = path;
    golden.replace_extension(".txt");
    if (rewrite) std::ofstream(golden, std::ios::binary) << found;
    EXPECT_EQ(read_text(golden), found) << path.filename();
  }
}

TEST(Diagnostics, EachHasASentenceAndARemedyAndAPlaceInItsFile) {
  for (const auto& path : bad_files()) {
    for (const Diagnostic& diagnostic : diagnostics_of(path)) {
      EXPECT_FALSE(diagnostic.sentence.empty()) << path.filename();
      EXPECT_FALSE(diagnostic.remedies.empty()) << path.filename() << ": " << diagnostic.sentence;
      const bool override_or_place = diagnostic.file.starts_with("--set ") || diagnostic.line > 0;
      EXPECT_TRUE(override_or_place) << path.filename();
    }
  }
}

TEST(Diagnostics, EveryCodeOfTheTableHasABadFile) {
  std::set<std::string> seen;
  for (const auto& path : bad_files()) {
    for (const Diagnostic& diagnostic : diagnostics_of(path)) seen.insert(diagnostic.code);
  }
  for (const CodeFact& fact : code_table) {
    const int number = static_cast<int>(fact.code);
    EXPECT_EQ(seen.count((number < 200 ? "E" : "W") + std::to_string(number)), 1U) << fact.meaning;
  }
  EXPECT_EQ(seen.size(), code_table.size());
}

TEST(Diagnostics, MoreRegionsThanARunHoldsAreNotEvenNumbered) {
  std::string regions;
  for (int i = 0; i < 20'000; ++i) {
    regions += "\"r" + std::to_string(i) + "\": { \"zones\": 6, \"nodes_per_zone\": 16 }, ";
  }
  const auto scenario = load(small_with("\"north\": {", regions + "\"north\": {"));
  ASSERT_FALSE(scenario.ok());
  const Diagnostic& first = scenario.error().front();
  EXPECT_EQ(first.code, "E111");
  EXPECT_EQ(first.sentence, "\"regions\" has 20002 members");
}

TEST(Diagnostics, CountAndCaretsFollowTheTranscriptOfTheDesign) {
  Source source = small_with("\"node_restart\", \"target\": \"south-1\", \"for\": \"5s\"",
                             "\"regon_down\", \"target\": \"north\", \"for\": \"45s\"");
  const auto scenario = load(source);
  ASSERT_FALSE(scenario.ok());
  EXPECT_EQ(
      format_diagnostics(scenario.error(), source.text),
      "small.json:16:5: error E164: group \"orders\" has no quorum without north (1 of 3 voters "
      "left)\n"
      "   16 |     { \"name\": \"orders\", \"keys\": \"o/\", \"voters\": { \"north\": 2, "
      "\"south\": 1 }, "
      "\"prefer_leader\": [\"south\"],\n"
      "      |     ^ fault A takes north down from 20 s to 65 s, so rto \u2264 12 s cannot hold\n"
      "   = give another region a voter, raise objectives.rto.max, or expect \"rto\" to be "
      "violated\n"
      "small.json:26:28: error E104: unknown fault kind \"regon_down\"\n"
      "   26 |     { \"at\": \"20s\", \"kind\": \"regon_down\", \"target\": \"north\", \"for\": "
      "\"45s\", "
      "\"mode\": \"power_loss\" }\n"
      "      |                            ^^^^^^^^^^^^ did you mean \"region_down\"?\n"
      "2 errors\n");
}

TEST(Diagnostics, WarningsDoNotRefuseAScenario) {
  const Scenario scenario = loaded(small_with(R"("rpo": { "max": "0s" },)",
                                              R"("rpo": { "max": "0s" },
         "latency": [ { "op": "cas", "percentile": "p99", "max": "1s", "over": "calm" } ],)"));
  ASSERT_EQ(scenario.warnings().size(), 1U);
  EXPECT_EQ(scenario.warnings()[0].code, "W203");
}

TEST(Quorum, ThatIsGoneForLongerThanTheRtoIsRefusedUnlessThatIsExpected) {
  Source source = small_with("\"node_restart\", \"target\": \"south-1\", \"for\": \"5s\"",
                             "\"region_down\", \"target\": \"north\", \"for\": \"45s\"");
  const auto refused = load(source);
  ASSERT_FALSE(refused.ok());
  ASSERT_EQ(refused.error().size(), 1U);
  EXPECT_EQ(refused.error()[0].code, "E164");
  const std::string pass = R"("verdict": "pass")";
  const std::size_t at = source.text.find(pass);
  ASSERT_NE(at, std::string::npos);
  const auto expecting = [&](const char* what) {
    Source other = source;
    other.text.replace(at, pass.size(), what);
    return load(other);
  };
  EXPECT_FALSE(expecting(R"("verdict": "violates", "violates": ["rpo"])").ok());
  EXPECT_TRUE(expecting(R"("verdict": "violates", "violates": ["rpo", "rto"])").ok());
  EXPECT_TRUE(expecting(R"("verdict": "violates")").ok());
}

TEST(Quorum, ThatIsGoneForLessThanTheRtoIsNoMistake) {
  const Scenario scenario =
      loaded(small_with("\"node_restart\", \"target\": \"south-1\", \"for\": \"5s\"",
                        "\"region_down\", \"target\": \"north\", \"for\": \"5s\""));
  EXPECT_TRUE(scenario.warnings().empty());
}

// 750 ms of a majority are less than the window of the RTO, 1 s is not.
TEST(Quorum, ThatComesBackForAWholeWindowInTimeIsEnough) {
  for (const auto& [period, refused] : {std::pair("1500ms", true), std::pair("2s", false)}) {
    const std::string loop =
        R"("kind": "node_crash_loop", "target": ["north-1", "north-2"], "period": ")" +
        std::string(period) + R"(", "for": "15s", "mode": "process_crash")";
    const auto scenario = load(small_with(
        R"("kind": "node_restart", "target": "south-1", "for": "5s", "mode": "power_loss")", loop));
    ASSERT_EQ(scenario.ok(), !refused) << period;
    if (!scenario.ok()) {
      EXPECT_EQ(scenario.error().front().code, "E164");
    }
  }
}

}  // namespace
}  // namespace blackout::scenario
