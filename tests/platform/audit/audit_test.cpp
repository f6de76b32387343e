#include "platform/audit/audit.hpp"

#include <gtest/gtest.h>

namespace blackout::audit {
namespace {

const std::vector<NodeId> three{NodeId(0), NodeId(1), NodeId(2)};
const std::vector<NodeId> five{NodeId(0), NodeId(1), NodeId(2), NodeId(3), NodeId(4)};

const Checksums right{7, {1, 2, 4}};
const Checksums wrong{8, {1, 3, 4}};
const Checksums otherwise_wrong{9, {1, 2, 5}};

TEST(Audit, AReplicaThatDiffersFromAMajorityIsFoundWithItsRanges) {
  Audit audit;
  EXPECT_TRUE(audit.report(40, NodeId(0), right, three).empty());
  EXPECT_TRUE(audit.report(40, NodeId(2), wrong, three).empty());
  const auto found = audit.report(40, NodeId(1), right, three);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0], (Divergence{NodeId(2), 40, 7, 0b010}));
}

TEST(Audit, ALateReportIsComparedToo) {
  Audit audit;
  audit.report(40, NodeId(0), right, three);
  audit.report(40, NodeId(1), right, three);
  const auto found = audit.report(40, NodeId(2), wrong, three);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].replica, NodeId(2));
}

TEST(Audit, EqualStatesAccuseNobody) {
  Audit audit;
  for (const NodeId node : three) EXPECT_TRUE(audit.report(40, node, right, three).empty());
}

TEST(Audit, WithoutAMajorityNobodyIsAccused) {
  Audit audit;
  EXPECT_TRUE(audit.report(40, NodeId(0), right, three).empty());
  EXPECT_TRUE(audit.report(40, NodeId(1), wrong, three).empty());
  EXPECT_TRUE(audit.report(40, NodeId(2), otherwise_wrong, three).empty());
  // Two against two of five.
  EXPECT_TRUE(audit.report(41, NodeId(0), right, five).empty());
  EXPECT_TRUE(audit.report(41, NodeId(1), right, five).empty());
  EXPECT_TRUE(audit.report(41, NodeId(2), wrong, five).empty());
  EXPECT_TRUE(audit.report(41, NodeId(3), wrong, five).empty());
  EXPECT_EQ(audit.report(41, NodeId(4), wrong, five).size(), 2u);
}

TEST(Audit, OneVoterOfOneIsItsOwnMajority) {
  Audit audit;
  EXPECT_TRUE(audit.report(40, NodeId(0), wrong, std::vector{NodeId(0)}).empty());
}

TEST(Audit, OnlyVotersMakeAMajority) {
  Audit audit;
  audit.report(40, NodeId(0), right, three);
  EXPECT_TRUE(audit.report(40, NodeId(7), right, three).empty());
  EXPECT_TRUE(audit.report(40, NodeId(8), wrong, three).empty());
  const auto found = audit.report(40, NodeId(1), right, three);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].replica, NodeId(8));
}

TEST(Audit, StatesOfDifferentIndexesAreNotCompared) {
  Audit audit;
  audit.report(40, NodeId(0), right, three);
  audit.report(40, NodeId(1), right, three);
  EXPECT_TRUE(audit.report(41, NodeId(2), wrong, three).empty());
}

TEST(Audit, EachIsAccusedOnceForAnIndexAndAgainForTheNext) {
  Audit audit;
  for (const std::uint64_t index : {40, 41}) {
    audit.report(index, NodeId(0), right, five);
    audit.report(index, NodeId(1), right, five);
    audit.report(index, NodeId(2), wrong, five);
    EXPECT_EQ(audit.report(index, NodeId(3), right, five).size(), 1u);
    EXPECT_TRUE(audit.report(index, NodeId(4), right, five).empty());
  }
}

TEST(Audit, AReplicaIsHeardOnceForAnIndex) {
  Audit audit;
  audit.report(40, NodeId(0), right, three);
  EXPECT_TRUE(audit.report(40, NodeId(0), right, three).empty());
  EXPECT_TRUE(audit.report(40, NodeId(2), wrong, three).empty());
  EXPECT_TRUE(audit.report(40, NodeId(2), right, three).empty());
}

TEST(Audit, OldPointsAreForgottenAndWhatIsOlderStillIsNotKept) {
  Audit audit;
  audit.report(40, NodeId(0), right, three);
  for (std::uint64_t index = 41; index <= 40 + Audit::points_max; ++index) {
    audit.report(index, NodeId(0), right, three);
  }
  audit.report(40, NodeId(1), right, three);
  EXPECT_TRUE(audit.report(40, NodeId(2), wrong, three).empty());
}

TEST(Audit, AClearedOneKnowsNothing) {
  Audit audit;
  audit.report(40, NodeId(0), right, three);
  audit.report(40, NodeId(1), right, three);
  audit.clear();
  EXPECT_TRUE(audit.report(40, NodeId(2), wrong, three).empty());
}

TEST(Audit, ADifferenceInTheRootAloneIsOne) {
  Audit audit;
  audit.report(40, NodeId(0), right, three);
  audit.report(40, NodeId(1), right, three);
  const auto found = audit.report(40, NodeId(2), {8, right.ranges}, three);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].ranges, 0u);
}

}  // namespace
}  // namespace blackout::audit
