#include "host/base/result.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace blackout {
namespace {

enum class Trouble { none, late, torn };

Result<std::string, Trouble> answer(bool well) {
  if (!well) return failure(Trouble::torn);
  return std::string("yes");
}

TEST(ResultOfAValue, HoldsTheValueOrTheError) {
  EXPECT_TRUE(answer(true).ok());
  EXPECT_EQ(answer(true).value(), "yes");
  EXPECT_FALSE(answer(false).ok());
  EXPECT_EQ(answer(false).error(), Trouble::torn);
}

TEST(ResultOfAValue, FailsACheckWhenTheWrongSideIsRead) {
  EXPECT_THROW((void)answer(false).value(), CheckFailed);
  EXPECT_THROW((void)answer(true).error(), CheckFailed);
}

TEST(ResultOfAValue, GivesUpAMoveOnlyValue) {
  Result<std::unique_ptr<int>, Trouble> result(std::make_unique<int>(5));
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 5);
}

TEST(ResultOfAValue, TellsAValueFromAnErrorOfTheSameType) {
  const Result<int, int> good(3);
  const Result<int, int> bad(failure(3));
  EXPECT_TRUE(good.ok());
  EXPECT_FALSE(bad.ok());
}

TEST(ResultOfNothing, IsWellUnlessItFailed) {
  const Result<void, Trouble> well;
  const Result<void, Trouble> late(failure(Trouble::late));
  EXPECT_TRUE(well.ok());
  EXPECT_THROW((void)well.error(), CheckFailed);
  EXPECT_EQ(late.error(), Trouble::late);
}

TEST(Check, ThrowsTheConditionTheMessageAndThePlace) {
  try {
    CHECK(1 + 1 == 3, "arithmetic " + std::to_string(2));
    FAIL();
  } catch (const CheckFailed& failed) {
    EXPECT_EQ(failed.what, "1 + 1 == 3: arithmetic 2");
    EXPECT_NE(failed.where.find("result_test.cpp:"), std::string::npos);
  }
}

TEST(Check, EvaluatesItsMessageOnlyOnFailure) {
  int evaluated = 0;
  const auto message = [&evaluated] {
    ++evaluated;
    return std::string();
  };
  CHECK(true, message());
  EXPECT_EQ(evaluated, 0);
  EXPECT_THROW(CHECK(false, message()), CheckFailed);
  EXPECT_EQ(evaluated, 1);
}

}  // namespace
}  // namespace blackout
