#include "platform/director/health.hpp"

#include <gtest/gtest.h>

namespace blackout::director {
namespace {

constexpr RegionId a{0}, b{1};

// Two regions and two shards; fails after 3 rounds, recovers after 5.
class Judge : public Health {
 public:
  Judge() : Health(2, 2, {.fail_after = 3, .recover_after = 5}) {}

  // Region b commits everything; region a what is said.
  void round(bool first, bool second) {
    probed(a, 0, first);
    probed(a, 1, second);
    probed(b, 0, true);
    probed(b, 1, true);
    end_round();
  }
  void rounds(int count, bool good) {
    for (int i = 0; i < count; ++i) round(good, good);
  }
};

TEST(Health, IsUndecidedUntilItSawEnough) {
  Judge judge;
  judge.rounds(4, true);
  EXPECT_TRUE(judge.undecided(a));
  judge.rounds(1, true);
  EXPECT_FALSE(judge.undecided(a));
  EXPECT_FALSE(judge.failing(a));
}

TEST(Health, FindsARegionFailingAfterBadRoundsInARow) {
  Judge judge;
  judge.rounds(5, true);
  judge.rounds(2, false);
  EXPECT_FALSE(judge.failing(a));
  judge.rounds(1, false);
  EXPECT_TRUE(judge.failing(a));
  EXPECT_FALSE(judge.failing(b));
}

TEST(Health, OneShardThatARegionCannotServeIsEnough) {
  Judge judge;
  for (int i = 0; i < 3; ++i) judge.round(true, false);
  EXPECT_TRUE(judge.failing(a));
}

TEST(Health, TakesARegionBackOnlyAfterGoodRoundsInARow) {
  Judge judge;
  judge.rounds(3, false);
  judge.rounds(4, true);
  judge.rounds(1, false);
  judge.rounds(4, true);
  EXPECT_TRUE(judge.failing(a));
  judge.rounds(1, true);
  EXPECT_FALSE(judge.failing(a));
}

TEST(Health, ARegionThatComesAndGoesIsNeverMoved) {
  Judge judge;
  judge.rounds(5, true);
  for (int i = 0; i < 20; ++i) {
    judge.rounds(2, false);
    judge.rounds(2, true);
    EXPECT_FALSE(judge.failing(a));
  }
}

TEST(Health, AShardThatNobodyReachesSpeaksAgainstNoRegion) {
  Judge judge;
  judge.rounds(5, true);
  for (int i = 0; i < 10; ++i) {
    for (const RegionId region : {a, b}) {
      judge.probed(region, 0, false);
      judge.probed(region, 1, true);
    }
    judge.end_round();
  }
  EXPECT_FALSE(judge.failing(a));
  EXPECT_FALSE(judge.failing(b));
}

TEST(Health, ARegionThatWasNotProbedIsNotJudged) {
  Judge judge;
  judge.rounds(3, false);
  for (int i = 0; i < 10; ++i) {
    judge.probed(b, 0, true);
    judge.end_round();
  }
  EXPECT_TRUE(judge.failing(a));
}

TEST(Health, ForgetsEverything) {
  Judge judge;
  judge.rounds(3, false);
  judge.forget();
  EXPECT_TRUE(judge.undecided(a));
  EXPECT_FALSE(judge.failing(a));
}

}  // namespace
}  // namespace blackout::director
