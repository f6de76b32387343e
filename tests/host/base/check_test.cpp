#include "host/base/check.hpp"

#include <gtest/gtest.h>

namespace blackout {
namespace {

CheckFailed failure_at(const char* file) {
  try {
    check_failed(file, 7, "a == b", "they differ");
  } catch (const CheckFailed& failed) {
    return failed;
  }
}

TEST(Check, NamesItsPlaceInTheProjectHoweverTheCompilerWasCalled) {
  for (const char* file :
       {"host/base/bytes.hpp", "../../host/base/bytes.hpp", "../../../host/base/bytes.hpp"}) {
    EXPECT_EQ(failure_at(file).where, "host/base/bytes.hpp:7");
  }
  EXPECT_EQ(failure_at("x.cpp").what, "a == b: they differ");
}

}  // namespace
}  // namespace blackout
