#include "models/fault/fault.hpp"

#include <gtest/gtest.h>

namespace blackout::fault {
namespace {

TEST(Fault, KindsAndModesAreNamedAsInScenarioFiles) {
  EXPECT_EQ(name_of(Kind::region_down), "region_down");
  EXPECT_EQ(name_of(Kind::disk_error), "disk_error");
  EXPECT_EQ(name_of(Mode::graceful), "graceful");
  EXPECT_EQ(name_of(Mode::power_loss), "power_loss");
}

TEST(Fault, LinksAreOrderedBySenderThenReceiver) {
  const Link first{NodeId(1), NodeId(9)}, second{NodeId(2), NodeId(0)};
  EXPECT_LT(first, second);
}

}  // namespace
}  // namespace blackout::fault
