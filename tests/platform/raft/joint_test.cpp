// What needs which majority while the members change: Ongaro's dissertation 4.3, and 4.2.2 for
// those who are voted out.
#include <gtest/gtest.h>

#include <set>

#include "tests/platform/raft/membership.hpp"

namespace blackout::raft {
namespace {

TEST(Configuration, AChangeGoesThroughThreeSteps) {
  const Configuration now({NodeId(0), NodeId(1)});
  const Configuration pending = now.towards({{NodeId(1)}, {NodeId(2)}});
  EXPECT_TRUE(now.stable() && !pending.stable() && !pending.joint());
  EXPECT_EQ(pending.members(), (std::vector<Member>{{{NodeId(0)}, true, false},
                                                    {{NodeId(1)}, true, true},
                                                    {{NodeId(2)}, false, true}}));
  EXPECT_TRUE(pending.entered().joint());
  EXPECT_EQ(pending.entered().members(), pending.members());
  EXPECT_EQ(pending.entered().left(), Configuration({NodeId(1), NodeId(2)}));
  EXPECT_EQ(pending.called_off(), now);
}

TEST(Configuration, AJointMajorityIsOneOfEach) {
  const Configuration pending =
      Configuration({NodeId(0), NodeId(1), NodeId(2)}).towards({{NodeId(2)}, {NodeId(3)}});
  const auto reached = [](const Configuration& configuration, std::set<std::uint32_t> nodes) {
    return configuration.majority_value(
        [&](const MemberId& id) { return nodes.contains(id.node.value()); });
  };
  EXPECT_TRUE(reached(pending, {0, 1}));
  EXPECT_FALSE(reached(pending, {2, 3}));
  EXPECT_FALSE(reached(pending.entered(), {0, 1}));
  EXPECT_FALSE(reached(pending.entered(), {0, 1, 3})) << "two of two come after";
  EXPECT_FALSE(reached(pending.entered(), {2, 3})) << "and two of three were before";
  EXPECT_TRUE(reached(pending.entered(), {1, 2, 3}));
}

TEST(Configuration, ANodeVotesWithOneDiskAtATime) {
  const std::vector<Member> replaced{
      {{NodeId(0)}}, {{NodeId(1)}, true, false}, {{NodeId(1), DiskId(5)}, false, true}};
  EXPECT_TRUE(Configuration::valid(replaced, true));
  EXPECT_FALSE(Configuration::valid({{{NodeId(1)}}, {{NodeId(1), DiskId(5)}, false, true}}, false));
  EXPECT_FALSE(Configuration::valid({{{NodeId(1)}, true, false}, {{NodeId(1)}, false, true}}, true))
      << "one member twice";
  EXPECT_FALSE(Configuration::valid({{{NodeId(0)}}, {{NodeId(1)}, false, false}}, false))
      << "one that never votes";
  EXPECT_FALSE(Configuration::valid({{{NodeId(0)}}}, true)) << "joint with itself";
}

// Nodes 0 to 2 vote, 3 to 5 are to; the joint configuration is in the log of leader 0, and under
// way to the others.
class Joint : public ::testing::Test {
 protected:
  explicit Joint(Config config = Cluster::default_config()) : cluster_(led(3, 3, config)) {
    EXPECT_TRUE(reconfigure(cluster_, 0, {3, 4, 5}).ok());
    deliver_until(cluster_, [this] { return cluster_[0].configuration().joint(); });
    joint_ = cluster_[0].log().last_index();
  }
  void cut_from_leader(const std::vector<std::size_t>& nodes) {
    for (const std::size_t node : nodes) cluster_.cut(0, node);
  }
  // It is in every log, and the leader does not hear so.
  void spread() {
    for (std::size_t i = 1; i < cluster_.size(); ++i) cluster_.cut_one_way(i, 0);
    cluster_.deliver_all();
    cluster_.heal();
    for (std::size_t i = 1; i < cluster_.size(); ++i) {
      ASSERT_TRUE(cluster_[i].configuration().joint()) << i;
    }
  }

  Cluster cluster_;
  Index joint_;
};

TEST_F(Joint, CommitsNothingWithTheVotersOfBeforeAlone) {
  cut_from_leader({3, 4, 5});
  beat(cluster_, 0, 3);
  EXPECT_EQ(cluster_[1].log().last_index(), joint_);
  EXPECT_EQ(cluster_[2].log().last_index(), joint_);
  EXPECT_LT(cluster_[0].commit(), joint_);
  cluster_.heal();
  beat(cluster_, 0, 3);
  EXPECT_GE(cluster_[0].commit(), joint_);
}

TEST_F(Joint, CommitsNothingWithTheVotersToComeAlone) {
  cut_from_leader({1, 2});
  beat(cluster_, 0, 3);
  for (const std::size_t node : {3, 4, 5}) EXPECT_EQ(cluster_[node].log().last_index(), joint_);
  EXPECT_LT(cluster_[0].commit(), joint_);
  cluster_.heal();
  beat(cluster_, 0, 3);
  EXPECT_GE(cluster_[0].commit(), joint_);
}

TEST_F(Joint, CommitsWithAMajorityOfEach) {
  cut_from_leader({2, 5});
  beat(cluster_, 0, 3);
  EXPECT_GE(cluster_[0].commit(), joint_);
}

TEST_F(Joint, ElectsNobodyByTheVotersOfBeforeAlone) {
  spread();
  cluster_.isolate(0);
  for (const std::size_t node : {3, 4, 5}) cluster_.isolate(node);
  forget_leader(cluster_);
  cluster_.elect(1);
  EXPECT_FALSE(has_led(cluster_, 1));
  cluster_.heal();
  cluster_.isolate(0);
  forget_leader(cluster_);
  cluster_.elect(1);
  EXPECT_TRUE(has_led(cluster_, 1));
}

TEST_F(Joint, ElectsNobodyByTheVotersToComeAlone) {
  spread();
  for (const std::size_t node : {0, 1, 2}) cluster_.isolate(node);
  forget_leader(cluster_);
  cluster_.elect(3);
  EXPECT_FALSE(has_led(cluster_, 3));
  cluster_.heal();
  cluster_.isolate(0);
  forget_leader(cluster_);
  cluster_.elect(3);
  EXPECT_TRUE(has_led(cluster_, 3));
}

TEST_F(Joint, ACampaignIsLostWhereEitherMajorityRefuses) {
  const Configuration joint = cluster_[0].configuration();
  for (const std::vector<std::uint32_t>& refusing : {std::vector{1u, 2u}, std::vector{4u, 5u}}) {
    Ballot ballot;
    ballot.record({NodeId(0)}, true);
    ballot.record({NodeId(refusing[0])}, false);
    EXPECT_FALSE(ballot.lost(joint));
    ballot.record({NodeId(refusing[1])}, false);
    EXPECT_TRUE(ballot.lost(joint));
  }
}

TEST_F(Joint, ALeaderThatDoesNotHearTheVotersToComeStepsDown) {
  cut_from_leader({3, 4, 5});
  beat(cluster_, 0, 6);
  EXPECT_EQ(cluster_[0].role(), Role::follower);
}

TEST_F(Joint, ALeaderThatDoesNotHearTheVotersOfBeforeStepsDown) {
  cut_from_leader({1, 2});
  beat(cluster_, 0, 6);
  EXPECT_EQ(cluster_[0].role(), Role::follower);
}

TEST_F(Joint, AReadIsConfirmedByBothMajorities) {
  cut_from_leader({3, 4, 5});
  ASSERT_TRUE(cluster_[0].read(7).ok());
  beat(cluster_, 0, 2);
  EXPECT_TRUE(cluster_.at(0).reads.empty());
  cluster_.heal();
  cut_from_leader({2, 5});
  beat(cluster_, 0, 2);
  ASSERT_EQ(cluster_.at(0).reads.size(), 1u);
}

class JointLease : public Joint {
 protected:
  JointLease() : Joint(with_leases()) {}
  static Config with_leases() {
    Config config = Cluster::default_config();
    config.leases = true;
    return config;
  }
};

TEST_F(JointLease, BothMajoritiesPromise) {
  const std::uint64_t before = cluster_[0].promised_round().value();
  cut_from_leader({3, 4, 5});
  beat(cluster_, 0, 2);
  EXPECT_EQ(cluster_[0].promised_round(), before);
  cluster_.heal();
  cut_from_leader({2, 5});
  beat(cluster_, 0, 1);
  EXPECT_GT(cluster_[0].promised_round(), before);
}

TEST_F(Joint, WhatIsNotCommittedIsRolledBackToThePendingOneWhichTheNextLeaderTakesUp) {
  const Configuration pending = cluster_[1].configuration();
  for (const std::size_t node : {0, 3, 4, 5}) cluster_.isolate(node);
  forget_leader(cluster_);
  cluster_.elect(1);
  ASSERT_EQ(cluster_[1].role(), Role::leader);
  EXPECT_TRUE(cluster_[0].configuration().joint());
  EXPECT_EQ(cluster_[1].configuration(), pending);
  cluster_.heal();
  for (const std::size_t node : {3, 4, 5}) cluster_.isolate(node);
  beat(cluster_, 1, 3);
  EXPECT_EQ(cluster_[0].configuration(), pending);
  cluster_.heal();
  EXPECT_NE(settled(cluster_), no_node);
  EXPECT_EQ(voters(cluster_[3]), (std::vector<std::uint32_t>{3, 4, 5}));
}

TEST_F(Joint, WhatOneLeaderCommittedTheNextFinishes) {
  spread();
  while (cluster_[0].commit() < joint_) {
    cluster_.tick(0, 2);
    deliver_until(cluster_, [this] { return cluster_[0].commit() >= joint_; });
  }
  ASSERT_TRUE(cluster_[0].configuration().stable()) << "the last step is in its log alone";
  cluster_.network.clear();
  cluster_.isolate(0);
  forget_leader(cluster_);
  cluster_.elect(4);
  ASSERT_EQ(cluster_[4].role(), Role::leader);
  EXPECT_EQ(settled(cluster_), NodeId(4));
  EXPECT_EQ(voters(cluster_[4]), (std::vector<std::uint32_t>{3, 4, 5}));
}

TEST_F(Joint, TheNextLeaderGoesOnOnlyOnceItsTermIsCommitted) {
  deliver_until(cluster_, [this] { return cluster_[0].commit() >= joint_; });
  // Node 3 hears that it is committed, and not of what follows.
  cluster_.network.clear();
  beat(cluster_, 0, 1);
  ASSERT_EQ(cluster_[3].log().last_index(), joint_);
  ASSERT_EQ(cluster_[3].commit(), joint_);
  Message campaign;
  campaign.kind = MessageKind::timeout_now;
  campaign.from = NodeId(0);
  campaign.to = NodeId(3);
  campaign.term = cluster_[3].term();
  cluster_.network.push_back(campaign);
  deliver_until(cluster_, [this] { return cluster_[3].role() == Role::leader; });
  EXPECT_EQ(cluster_[3].log().entry(cluster_[3].log().last_index()).kind, EntryKind::no_op);
  EXPECT_TRUE(cluster_[3].configuration().joint());
}

// The leader has changed to nodes that it is not among; the last step is in its log alone.
class VotedOut : public ::testing::Test {
 protected:
  void out_of(const std::vector<std::uint32_t>& next) {
    ASSERT_TRUE(reconfigure(cluster_, 0, next).ok());
    deliver_until(cluster_, [this] { return !cluster_[0].configuration().has({NodeId(0)}); });
    cluster_.network.clear();
    ASSERT_EQ(voters(cluster_[0]), next);
    final_ = cluster_[0].log().last_index();
  }

  Cluster cluster_ = led(3, 1);
  Index final_;
};

TEST_F(VotedOut, TheLeaderLeadsUntilThatIsCommittedAndDoesNotCountItself) {
  out_of({1, 2, 3});
  cluster_.cut(0, 2);
  cluster_.cut(0, 3);
  beat(cluster_, 0, 3);
  EXPECT_EQ(cluster_[1].log().last_index(), final_);
  EXPECT_LT(cluster_[0].commit(), final_) << "one of three has it";
  EXPECT_EQ(cluster_[0].role(), Role::leader);
  cluster_.heal();
  beat(cluster_, 0, 2);
  EXPECT_GE(cluster_[0].commit(), final_);
  EXPECT_EQ(cluster_[0].role(), Role::follower);
}

TEST_F(VotedOut, TheLeaderHasTheOneThatHasMostCampaignBeforeAnyoneTimesOut) {
  out_of({1, 2, 3});
  cluster_.cut(0, 1);
  beat(cluster_, 0, 3);
  ASSERT_EQ(cluster_[0].role(), Role::follower);
  EXPECT_TRUE(cluster_[2].role() == Role::leader || cluster_[3].role() == Role::leader);
  EXPECT_TRUE(cluster_.propose(cluster_[2].role() == Role::leader ? 2 : 3, "a"));
}

TEST_F(VotedOut, TheLeaderTakesNoOtherChange) {
  out_of({1, 2, 3});
  EXPECT_EQ(reconfigure(cluster_, 0, {0, 1, 2}).error(), ReconfigureError::changing);
}

TEST_F(VotedOut, ANodeCampaignsAsLongAsThatMayBeRolledBack) {
  out_of({3});
  // Without node 1 a majority of before needs node 0, whose log is longer.
  cluster_.isolate(1);
  cluster_.restart(0);
  forget_leader(cluster_);
  cluster_.elect(2);
  EXPECT_NE(cluster_[2].role(), Role::leader);
  cluster_.tick(0, 20);
  cluster_.deliver_all();
  EXPECT_EQ(cluster_[3].role(), Role::leader) << "elected by node 3, node 0 commits it and leaves";
  EXPECT_GE(cluster_[3].commit(), final_);
  EXPECT_EQ(cluster_[0].role(), Role::follower);
  cluster_.tick(0, 100);
  EXPECT_EQ(cluster_[0].role(), Role::follower);
}

}  // namespace
}  // namespace blackout::raft
