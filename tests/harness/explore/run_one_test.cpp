// The code under test may crash, hang or take all memory: the harness survives and says so.
#include "harness/explore/run_one.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/harness/world/small_plan.hpp"

namespace blackout::explore {
namespace {

class RunIsolated : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::path(::testing::TempDir()) /
                 ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  record::RunRecord run(const char* planted, Limits limits = {}) {
    scenario::Plan plan = testing::small_plan(1);
    plan.document = "{}";
    if (planted != nullptr) plan.planted = {planted};
    return run_isolated(plan, {}, directory_.string(), limits).run;
  }

  std::filesystem::path directory_;
};

TEST_F(RunIsolated, GivesTheTraceThatTheSamePlanGivesInThisProcess) {
  const record::RunRecord isolated = run(nullptr);
  const record::RunRecord here = run_here(testing::small_plan(1), {});
  EXPECT_EQ(isolated.trace.hash(), here.trace.hash());
  EXPECT_EQ(isolated.history.operations.size(), here.history.operations.size());
  EXPECT_FALSE(isolated.failure);
}

TEST_F(RunIsolated, EndsEarlyWithTheBeginningOfTheSameTrace) {
  Limits limits;
  limits.until = Instant(0) + seconds(3);
  const record::RunRecord early = run(nullptr, limits);
  const record::RunRecord here = run_here(testing::small_plan(1), {});
  EXPECT_EQ(early.simulated, limits.until);
  EXPECT_LT(early.trace.size(), here.trace.size());
  EXPECT_EQ(first_difference(early.trace, here.trace), EventId(early.trace.size() + 1));
}

TEST(RunTo, LooksOnceAndRunsOn) {
  const scenario::Plan plan = testing::small_plan(1);
  int looks = 0;
  run_to(plan, EventId(1000), [&] { ++looks; });
  EXPECT_EQ(looks, 1);
}

#ifdef BLACKOUT_PLANTED_BUGS
TEST_F(RunIsolated, ReportsASegmentationFault) {
  const record::RunRecord died = run("crash");
  ASSERT_TRUE(died.failure);
  EXPECT_EQ(died.failure->kind, "signal");
  EXPECT_EQ(died.verdict.conclusion, record::Conclusion::violated);
  ASSERT_FALSE(died.verdict.findings.empty());
  EXPECT_EQ(died.verdict.findings[0].id, "crash.signal");
}

TEST_F(RunIsolated, EndsALoopThatNeverYields) {
  Limits limits;
  limits.silence_seconds = 2;
  const record::RunRecord hung = run("spin", limits);
  ASSERT_TRUE(hung.failure);
  EXPECT_EQ(hung.failure->kind, "hang");
  EXPECT_EQ(hung.verdict.conclusion, record::Conclusion::violated);
}

TEST_F(RunIsolated, EndsAStormOfAllocations) {
  Limits limits;
  limits.memory_bytes = 512u << 20;
  const record::RunRecord hoarder = run("hoard", limits);
  ASSERT_TRUE(hoarder.failure);
  EXPECT_EQ(hoarder.failure->kind, "memory");
  EXPECT_EQ(hoarder.verdict.conclusion, record::Conclusion::violated);
}
#endif

}  // namespace
}  // namespace blackout::explore
