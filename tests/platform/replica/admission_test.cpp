// Who joins a queue and who is refused.
#include "platform/replica/admission.hpp"

#include <gtest/gtest.h>

namespace blackout::replica {
namespace {

constexpr Instant begin = Instant(0) + seconds(50);

// One was served every `gap` for the second before `begin`.
Admission busy(Duration gap) {
  Admission admission;
  for (Instant now = begin - seconds(1); now <= begin; now = now + gap) admission.served(now);
  return admission;
}

TEST(Admission, ExpectsTheQueueOverTheRateAtWhichItIsServed) {
  const Admission admission = busy(milliseconds(2));
  const auto expected = admission.expected(100, begin);
  ASSERT_TRUE(expected);
  EXPECT_GE(*expected, milliseconds(190));
  EXPECT_LE(*expected, milliseconds(200));
}

TEST(Admission, RefusesWhoWouldWaitTooLong) {
  const Admission admission = busy(milliseconds(2));
  EXPECT_TRUE(admission.admits(90, begin, seconds(10)));
  EXPECT_FALSE(admission.admits(110, begin, seconds(10)));
}

TEST(Admission, RefusesWhoWouldGiveUpBefore) {
  const Admission admission = busy(milliseconds(2));
  EXPECT_TRUE(admission.admits(70, begin, milliseconds(150)));
  EXPECT_FALSE(admission.admits(70, begin, milliseconds(100)));
}

TEST(Admission, RefusesNobodyFromAShortQueue) {
  const Admission admission = busy(milliseconds(100));
  EXPECT_TRUE(admission.admits(Admission::queue_min - 1, begin, seconds(10)));
  EXPECT_FALSE(admission.admits(Admission::queue_min, begin, seconds(10)));
}

// Whatever arrives while nothing is served, at the rate at which it was served before.
TEST(Admission, RefusesNobodyWhereTheQueueStandsStill) {
  const Admission admission = busy(milliseconds(1));
  for (Duration stood; stood < seconds(5); stood = stood + milliseconds(1)) {
    const auto queue = static_cast<std::size_t>(stood.ns() / milliseconds(1).ns()) + 80;
    EXPECT_TRUE(admission.admits(queue, begin + stood, seconds(10))) << stood.ns();
  }
}

TEST(Admission, RefusesNobodyBeforeAnyoneWasServed) {
  EXPECT_TRUE(Admission().admits(100'000, begin, seconds(10)));
}

TEST(Admission, GoesByTheRateOfLately) {
  Admission admission = busy(milliseconds(1));
  EXPECT_TRUE(admission.admits(150, begin, seconds(10)));
  Instant now = begin;
  for (int i = 0; i < 100; ++i) admission.served(now = now + milliseconds(10));
  EXPECT_FALSE(admission.admits(150, now, seconds(10)));
  for (int i = 0; i < 1'000; ++i) admission.served(now = now + milliseconds(1));
  EXPECT_TRUE(admission.admits(150, now, seconds(10)));
}

}  // namespace
}  // namespace blackout::replica
