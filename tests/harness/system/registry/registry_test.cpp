#include "harness/system/registry/registry.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace blackout::system {
namespace {

TEST(Registry, MakesEverySystemByItsName) {
  const std::vector<std::string> names = systems();
  ASSERT_FALSE(names.empty());
  for (const std::string& name : names) EXPECT_EQ(make_system(name)->name(), name);
  EXPECT_EQ(std::count(names.begin(), names.end(), names.front()), 1);
}

TEST(Registry, TestsTheFirstWhereNoneIsNamed) {
  EXPECT_EQ(make_system()->name(), "platform");
  EXPECT_EQ(systems().front(), "platform");
}

TEST(Registry, KnowsNoOther) { EXPECT_THROW((void)make_system("plattform"), CheckFailed); }

}  // namespace
}  // namespace blackout::system
