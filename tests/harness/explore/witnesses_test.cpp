// Each planted bug has a scenario of few faults that shows it, and that holds without the bug.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "harness/explore/run_one.hpp"
#include "harness/system/registry/registry.hpp"
#include "tests/harness/scenario/support.hpp"

namespace blackout::explore {
namespace {

#ifdef BLACKOUT_PLANTED_BUGS
constexpr std::uint64_t seed = 0x51c9'e0a7'7d3b'2f14;

std::vector<std::filesystem::path> witnesses() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(scenario::source_path("scenarios/planted"))) {
    files.push_back(entry.path());
  }
  return files;
}

TEST(Witnesses, BreakWhatTheyNameWithTheirBugAndNothingWithoutIt) {
  for (const auto& file : witnesses()) {
    const scenario::Source source = scenario::source_of(file);
    const scenario::Plan plan = scenario::draw(scenario::loaded(source), seed);
    EXPECT_EQ(plan.planted.size(), 1U) << file;
    EXPECT_LE(plan.faults.size(), 3U) << file;
    const record::Verdict shown = run_here(plan, {}).verdict;
    EXPECT_TRUE(shown.expectation_met) << file << ": " << shown.sentence;
    const scenario::Plan sound = scenario::draw(
        scenario::loaded(source, {{"planted", "[]"}, {"expect", R"({ "verdict": "pass" })"}}),
        seed);
    const record::Verdict held = run_here(sound, {}).verdict;
    EXPECT_EQ(held.conclusion, record::Conclusion::pass) << file << ": " << held.sentence;
  }
}

TEST(Witnesses, AreThereForEveryBugThatBreaksAPromise) {
  std::set<std::string> without{"acknowledge_leader", "crash", "hoard", "spin"};
  for (const auto& file : witnesses()) {
    for (const std::string& bug :
         scenario::draw(scenario::loaded(scenario::source_of(file)), seed).planted) {
      EXPECT_TRUE(without.insert(bug).second) << bug << " has two";
    }
  }
  const std::vector<std::string> known = system::make_system()->planted();
  EXPECT_EQ(without, std::set<std::string>(known.begin(), known.end()));
}
#endif

}  // namespace
}  // namespace blackout::explore
