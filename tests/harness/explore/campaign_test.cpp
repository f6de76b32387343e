// Campaigns: what each run is, what is kept of it, and that a journal forgets and repeats nothing.
#include "harness/explore/campaign.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace blackout::explore {
namespace {

namespace fs = std::filesystem;

CampaignPlan plan() { return {{"small", "large"}, {1, 2}, 7, "mixed", "commit gcc Release"}; }

Summary passed(std::uint64_t seed) {
  Summary summary;
  summary.seed = seed;
  summary.trace_hash = "00";
  summary.simulated = Instant(0) + seconds(60);
  summary.faults = 3;
  summary.marks = {"client.retried"};
  summary.states = {seed, seed + 1};
  return summary;
}

Summary broken(std::uint64_t seed, const std::string& kind) {
  Summary summary = passed(seed);
  summary.conclusion = record::Conclusion::violated;
  summary.broken = Shape{"rpo", "leader", {kind}};
  summary.sentence = "gone with " + std::to_string(seed);
  return summary;
}

class Journal : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string file() const { return (folder_ / "journal.jsonl").string(); }
  [[nodiscard]] std::string read() const {
    std::ifstream in(file(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& text) const {
    std::ofstream(file(), std::ios::binary | std::ios::trunc) << text;
  }

  fs::path folder_;
};

TEST(Campaign, ARunIsKnownByItsNumberAndTheBaseAlone) {
  const Campaign one(plan()), same(plan());
  CampaignPlan changed = plan();
  changed.base = 8;
  const Campaign other(changed);
  std::set<std::uint64_t> seeds;
  std::set<scenario::Strategy> strategies;
  std::size_t twice = 0;
  for (std::uint64_t run = 0; run < 200; ++run) {
    const Assignment made = one.assignment(run);
    EXPECT_EQ(made.seed, same.assignment(run).seed);
    EXPECT_NE(made.seed, other.assignment(run).seed);
    EXPECT_EQ(made.scenario, run % 2);
    seeds.insert(made.seed);
    strategies.insert(made.strategy);
    twice += made.twice;
  }
  EXPECT_EQ(seeds.size(), 200u);
  EXPECT_EQ(strategies.size(), 4u);
  EXPECT_EQ(twice, 10u);
}

TEST(Campaign, ANamedStrategyIsThatOfEveryRun) {
  for (const auto& [name, strategy] : {std::pair("uniform", scenario::Strategy::uniform),
                                       {"swarm", scenario::Strategy::swarm},
                                       {"targeted", scenario::Strategy::targeted}}) {
    CampaignPlan named = plan();
    named.strategy = name;
    const Campaign campaign(named);
    for (std::uint64_t run = 0; run < 20; ++run) {
      EXPECT_EQ(campaign.assignment(run).strategy, strategy);
    }
  }
}

TEST(Campaign, KeepsOfEachClusterTheFirstRunWhicheverEndsFirst) {
  Campaign campaign(plan());
  EXPECT_EQ(campaign.take(5, broken(50, "partition")), std::nullopt);
  EXPECT_EQ(campaign.take(3, broken(30, "partition")), 5u);
  EXPECT_EQ(campaign.take(9, broken(90, "partition")), 9u);
  EXPECT_EQ(campaign.take(4, broken(40, "node_pause")), std::nullopt);
  EXPECT_EQ(campaign.take(6, passed(60)), std::nullopt);
  const auto clusters = campaign.clusters();
  ASSERT_EQ(clusters.size(), 2u);
  EXPECT_EQ(clusters[0].first, 3u);
  EXPECT_EQ(clusters[0].seed, 30u);
  EXPECT_EQ(clusters[0].runs, 3u);
  EXPECT_EQ(clusters[0].sentence, "gone with 30");
  EXPECT_EQ(clusters[1].shape.text(), "rpo   leader   node_pause");
  EXPECT_EQ(campaign.runs(), 5u);
  EXPECT_EQ(campaign.states(), 10u);
}

TEST_F(Journal, GoesOnWithWhatWasFinished) {
  {
    Campaign campaign(plan());
    ASSERT_TRUE(campaign.keep_journal(file(), false).ok());
    campaign.take(0, passed(10));
    campaign.take(2, broken(20, "partition"));
    campaign.take(1, passed(10));
  }
  Campaign again(plan());
  ASSERT_TRUE(again.keep_journal(file(), true).ok());
  EXPECT_EQ(again.runs(), 3u);
  EXPECT_EQ(again.states(), 4u);
  EXPECT_EQ(again.faults(), 9u);
  ASSERT_EQ(again.clusters().size(), 1u);
  EXPECT_EQ(again.clusters()[0].seed, 20u);
  for (const std::uint64_t run : {0, 1, 2}) EXPECT_TRUE(again.finished(run));
  EXPECT_FALSE(again.finished(3));
}

// Wherever the process was killed: whole lines count once, a torn one not at all, and what is
// appended later is read.
TEST_F(Journal, CutAnywhereLosesNoWholeLine) {
  {
    Campaign campaign(plan());
    ASSERT_TRUE(campaign.keep_journal(file(), false).ok());
    for (std::uint64_t run = 0; run < 4; ++run) campaign.take(run, passed(run));
  }
  const std::string whole = read();
  const std::size_t header = whole.find('\n') + 1;
  for (std::size_t size = header; size <= whole.size(); size += 7) {
    write(whole.substr(0, size));
    const auto lines = static_cast<std::uint64_t>(
        std::count(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size), '\n') - 1);
    {
      Campaign campaign(plan());
      ASSERT_TRUE(campaign.keep_journal(file(), true).ok());
      EXPECT_EQ(campaign.runs(), lines);
      campaign.take(lines, passed(99));
    }
    Campaign campaign(plan());
    ASSERT_TRUE(campaign.keep_journal(file(), true).ok());
    EXPECT_EQ(campaign.runs(), lines + 1);
  }
}

TEST_F(Journal, OfAnotherCampaignOrDamagedIsRefused) {
  {
    Campaign campaign(plan());
    ASSERT_TRUE(campaign.keep_journal(file(), false).ok());
    campaign.take(0, passed(1));
  }
  CampaignPlan changed = plan();
  changed.documents = {1, 3};
  Campaign other(changed);
  const auto refused = other.keep_journal(file(), true);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().find("another campaign"), std::string::npos);
  write(read() + "{\"run\": 1}\n");
  Campaign same(plan());
  const auto damaged = same.keep_journal(file(), true);
  ASSERT_FALSE(damaged.ok());
  EXPECT_NE(damaged.error().find("damaged"), std::string::npos);
}

TEST_F(Journal, BegunAnewKeepsTheOldOneBesideIt) {
  {
    Campaign campaign(plan());
    ASSERT_TRUE(campaign.keep_journal(file(), false).ok());
    campaign.take(0, passed(1));
  }
  const std::string before = read();
  Campaign anew(plan());
  ASSERT_TRUE(anew.keep_journal(file(), false).ok());
  EXPECT_EQ(anew.runs(), 0u);
  std::ifstream old(file() + ".old", std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(old), {}), before);
}

TEST(Summary, IsReadBackFromItsLine) {
  const Summary summary = broken(5, "partition");
  const auto again = summary_from(to_line(summary));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->seed, summary.seed);
  EXPECT_EQ(again->broken, summary.broken);
  EXPECT_EQ(again->states, summary.states);
  EXPECT_EQ(again->simulated, summary.simulated);
  EXPECT_EQ(to_line(*again), to_line(summary));
  for (const char* text : {"", "{}", "[1]", "{\"seed\": \"x\"}", "nothing"}) {
    EXPECT_FALSE(summary_from(text)) << text;
  }
}

}  // namespace
}  // namespace blackout::explore
