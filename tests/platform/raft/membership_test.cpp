// How members come and go, one test per sentence of raft.hpp; what needs which majority meanwhile
// is joint_test's.
#include <gtest/gtest.h>

#include "platform/raft/codec.hpp"
#include "tests/platform/raft/membership.hpp"

namespace blackout::raft {
namespace {

using Nodes = std::vector<std::uint32_t>;

// Both by the configuration of the leader, in a change that is over.
void expect_voters(Cluster& cluster, const Nodes& nodes) {
  const NodeId leader = settled(cluster);
  ASSERT_NE(leader, no_node) << "the change goes on";
  EXPECT_EQ(voters(cluster[leader.value()]), nodes);
  EXPECT_TRUE(cluster.propose(leader.value(), "x"));
  cluster.deliver_all();
  EXPECT_EQ(cluster[leader.value()].commit(), cluster[leader.value()].log().last_index());
}

struct Change {
  std::size_t before;
  Nodes after;
};

class Reconfigure : public ::testing::TestWithParam<Change> {};

TEST_P(Reconfigure, MakesTheseTheVoters) {
  Cluster cluster = led(GetParam().before, 6 - GetParam().before);
  EXPECT_TRUE(cluster.propose(0, "a"));
  ASSERT_TRUE(reconfigure(cluster, 0, GetParam().after).ok());
  expect_voters(cluster, GetParam().after);
  EXPECT_EQ(cluster.ghost().wrong(), "");
}

TEST_P(Reconfigure, SurvivesTheLeaderAtAnyMessage) {
  for (std::size_t messages = 0; messages < 60; ++messages) {
    Cluster cluster = led(GetParam().before, 6 - GetParam().before);
    ASSERT_TRUE(reconfigure(cluster, 0, GetParam().after).ok());
    std::size_t delivered = 0;
    deliver_until(cluster, [&] { return delivered++ == messages; });
    cluster.network.clear();
    cluster.restart(0);
    const NodeId leader = settled(cluster);
    ASSERT_NE(leader, no_node) << messages;
    const Nodes reached = voters(cluster[leader.value()]);
    const bool nobody_knew = reached.size() == GetParam().before && reached.front() == 0;
    EXPECT_TRUE(reached == GetParam().after || nobody_knew) << messages;
    EXPECT_EQ(cluster.ghost().wrong(), "") << messages;
  }
}

INSTANTIATE_TEST_SUITE_P(Raft, Reconfigure,
                         ::testing::Values(Change{3, {0, 1, 2, 3}},     // one comes
                                           Change{3, {0, 1}},           // one goes
                                           Change{3, {1, 2}},           // the leader goes
                                           Change{3, {0, 1, 3}},        // one takes another's place
                                           Change{3, {0, 1, 2, 3, 4}},  // two come
                                           Change{4, {0, 4}},           // three go and one comes
                                           Change{3, {3, 4, 5}},        // all
                                           Change{1, {0, 1, 2}}, Change{3, {0}}, Change{1, {5}}));

TEST(Reconfiguration, ToThoseWhoVoteIsDoneAtOnce) {
  Cluster cluster = led(3, 0);
  const Index last = cluster[0].log().last_index();
  EXPECT_TRUE(reconfigure(cluster, 0, {2, 0, 1}).ok());
  EXPECT_EQ(cluster[0].log().last_index(), last);
}

TEST(Reconfiguration, IsRefusedWhereItCannotBegin) {
  Cluster cluster = led(3, 2);
  EXPECT_EQ(reconfigure(cluster, 1, {0, 1}).error(), ReconfigureError::not_leader);
  for (const Nodes& nodes : {Nodes{}, Nodes{1, 1}}) {
    EXPECT_EQ(reconfigure(cluster, 0, nodes).error(), ReconfigureError::invalid);
  }
  std::vector<MemberId> many;
  for (std::uint32_t i = 0; i <= Configuration::voters_max; ++i) many.push_back({NodeId(i)});
  EXPECT_EQ(cluster[0].reconfigure(many).error(), ReconfigureError::invalid);
  EXPECT_EQ(cluster[0].reconfigure({{NodeId(0), DiskId(9)}, {NodeId(1)}}).error(),
            ReconfigureError::invalid)
      << "this node has another disk";
  ASSERT_TRUE(cluster[0].transfer(NodeId(1)).ok());
  EXPECT_EQ(reconfigure(cluster, 0, {0, 1}).error(), ReconfigureError::transferring);
}

TEST(Reconfiguration, WaitsForTheLeadersTermToBeCommitted) {
  Cluster cluster(3);
  while (cluster[0].role() == Role::follower) cluster.tick(0);
  deliver_until(cluster, [&] { return cluster[0].role() == Role::leader; });
  ASSERT_EQ(cluster[0].role(), Role::leader);
  EXPECT_EQ(reconfigure(cluster, 0, {0, 1}).error(), ReconfigureError::term_not_committed);
}

TEST(Reconfiguration, IsOneAtATime) {
  Cluster cluster = led(3, 2);
  cluster.isolate(3);
  ASSERT_TRUE(reconfigure(cluster, 0, {0, 1, 2, 3}).ok());
  EXPECT_EQ(reconfigure(cluster, 0, {0, 1}).error(), ReconfigureError::changing);
  cluster.deliver_all();
  EXPECT_EQ(reconfigure(cluster, 0, {0, 1}).error(), ReconfigureError::changing)
      << "the first step is committed, and the change is not over";
}

TEST(Reconfiguration, EndsWhereNoMajorityToComeIsHeard) {
  // Joint, nothing could be committed any more, nor taken back.
  Cluster cluster = led(3, 0);
  cluster.isolate(1);
  ASSERT_TRUE(reconfigure(cluster, 0, {0, 1}).ok());
  beat(cluster, 0, 3);
  EXPECT_EQ(cluster[0].commit(), cluster[0].log().last_index());
  EXPECT_FALSE(cluster[0].configuration().stable() || cluster[0].configuration().joint());
  beat(cluster, 0, 4);
  EXPECT_EQ(cluster[0].configuration(), Configuration({NodeId(0), NodeId(1), NodeId(2)}));
  EXPECT_EQ(cluster[0].role(), Role::leader);
}

TEST(Newcomer, HasNoPartInWhatIsDecided) {
  Cluster cluster = led(3, 2);
  ASSERT_TRUE(reconfigure(cluster, 0, {0, 1, 2, 3, 4}).ok());
  cluster.isolate(1);
  cluster.isolate(2);
  beat(cluster, 0, 3);
  for (const std::size_t newcomer : {3, 4}) {
    EXPECT_EQ(cluster[newcomer].log().last_index(), cluster[0].log().last_index());
  }
  EXPECT_LT(cluster[0].commit(), cluster[0].log().last_index());
  beat(cluster, 0, 3);
  EXPECT_EQ(cluster[0].role(), Role::follower) << "it hears no majority";
}

TEST(Newcomer, DoesNotCampaign) {
  Cluster cluster = led(1, 1);
  ASSERT_TRUE(reconfigure(cluster, 0, {0, 1}).ok());
  deliver_until(cluster, [&] { return !cluster[1].configuration().stable(); });
  ASSERT_FALSE(cluster[1].configuration().joint());
  cluster.network.clear();
  cluster.tick(1, 200);
  EXPECT_EQ(cluster[1].role(), Role::follower);
  Message campaign;
  campaign.kind = MessageKind::timeout_now;
  campaign.from = NodeId(0);
  campaign.to = NodeId(1);
  campaign.term = cluster[1].term();
  cluster.deliver(campaign);
  EXPECT_EQ(cluster[1].role(), Role::follower);
}

TEST(Newcomer, ThatIsNotHeardIsGivenUpAndItsPredecessorStays) {
  Cluster cluster = led(3, 0);
  cluster.replace_disk(2);
  ASSERT_TRUE(run_until(cluster, [&] { return !cluster[0].configuration().stable(); }));
  cluster.isolate(2);
  beat(cluster, 0, 7);
  EXPECT_TRUE(cluster[0].configuration() == Configuration({NodeId(0), NodeId(1), NodeId(2)}));
  // Back, it asks again.
  cluster.heal();
  expect_voters(cluster, {0, 1, 2});
  EXPECT_TRUE(cluster[0].configuration().votes(cluster.at(2).id()));
}

TEST(Newcomer, WithoutAPredecessorThatIsNotHeardEndsTheWholeChange) {
  Cluster cluster = led(3, 3);
  cluster.isolate(5);
  ASSERT_TRUE(reconfigure(cluster, 0, {3, 4, 5}).ok());
  beat(cluster, 0, 8);
  EXPECT_TRUE(cluster[0].configuration() == Configuration({NodeId(0), NodeId(1), NodeId(2)}))
      << "nobody asked for a group of two";
  EXPECT_EQ(cluster[0].role(), Role::leader);
}

TEST(Newcomer, ThatNeverKeepsPaceIsGivenUp) {
  for (const int ticks_behind : {5, 12}) {
    Cluster cluster = led(3, 1);
    ASSERT_TRUE(reconfigure(cluster, 0, {0, 1, 2, 3}).ok());
    std::deque<std::pair<int, Message>> late;
    for (int tick = 0; tick < 200 && !cluster[0].configuration().stable(); ++tick) {
      cluster.propose(0, "a");
      cluster.tick(0);
      for (; !late.empty() && late.front().first <= tick; late.pop_front()) {
        cluster.deliver(late.front().second);
      }
      while (!cluster.network.empty()) {
        Message message = std::move(cluster.network.front());
        cluster.network.pop_front();
        if (message.from == NodeId(3) && message.kind == MessageKind::append_response) {
          late.emplace_back(tick + ticks_behind, std::move(message));
        } else {
          cluster.deliver(std::move(message));
        }
      }
    }
    EXPECT_TRUE(cluster[0].configuration().stable());
    EXPECT_EQ(voters(cluster[0]), ticks_behind == 5 ? (Nodes{0, 1, 2, 3}) : (Nodes{0, 1, 2}));
  }
}

TEST(Join, TwoMachinesAreReplacedAtOnce) {
  Cluster cluster = led(5, 0);
  cluster.replace_disk(3);
  cluster.replace_disk(4);
  const auto joins = [&](std::size_t node) {
    return cluster[0].configuration().has(cluster.at(node).id());
  };
  ASSERT_TRUE(run_until(cluster, [&] { return joins(3) || joins(4); }));
  // The first is slow, and the second need not wait for it.
  cluster.isolate(joins(3) ? 3 : 4);
  ASSERT_TRUE(run_until(cluster, [&] { return joins(3) && joins(4); }));
  EXPECT_FALSE(cluster[0].configuration().stable());
  cluster.heal();
  expect_voters(cluster, {0, 1, 2, 3, 4});
}

TEST(Join, ADeadNewcomerBlocksNobody) {
  Cluster cluster = led(5, 0);
  cluster.replace_disk(3);
  cluster.replace_disk(4);
  ASSERT_TRUE(
      run_until(cluster, [&] { return cluster[0].configuration().has(cluster.at(4).id()); }));
  cluster.isolate(4);
  for (int i = 0; i < 40; ++i) {
    for (std::size_t node = 0; node < 4; ++node) cluster.tick(node);
    cluster.deliver_all();
  }
  EXPECT_TRUE(cluster[0].configuration().stable());
  EXPECT_TRUE(cluster[0].configuration().votes(cluster.at(3).id()));
  EXPECT_TRUE(cluster[0].configuration().votes({NodeId(4)})) << "the one before stays";
  cluster.heal();
  expect_voters(cluster, {0, 1, 2, 3, 4});
}

TEST(Join, AGroupOfFourTakesAMachineBack) {
  Cluster cluster = led(4, 0);
  cluster.replace_disk(3);
  expect_voters(cluster, {0, 1, 2, 3});
  // Three of four are needed, and this one is good for it.
  cluster.isolate(2);
  EXPECT_TRUE(cluster.propose(0, "a"));
  beat(cluster, 0, 2);
  EXPECT_EQ(cluster[0].commit(), cluster[0].log().last_index());
}

TEST(Join, TheMajorityThatCommitsNeverShrinks) {
  Cluster cluster = led(4, 0);
  cluster.replace_disk(3);
  ASSERT_TRUE(run_until(cluster, [&] { return !cluster[0].configuration().stable(); }));
  cluster.isolate(2);
  const Index last = cluster[0].log().last_index();
  beat(cluster, 0, 3);
  EXPECT_LT(cluster[0].commit(), last) << "two of four";
}

Message join_request(const Cluster& cluster, std::uint32_t from, std::uint64_t disk) {
  Message request;
  request.kind = MessageKind::join_request;
  request.from = NodeId(from);
  request.from_disk = DiskId(disk);
  request.to = NodeId(0);
  request.to_disk = cluster.at(0).config.disk;
  return request;
}

TEST(Join, ALateRequestDrivesNoHealthyDiskOut) {
  Cluster cluster = led(3, 0);
  const Configuration founders = cluster[0].configuration();
  cluster.deliver(join_request(cluster, 2, 9));
  EXPECT_EQ(cluster[0].configuration(), founders);
  // Not heard for a while, it is still the one that comes back.
  cluster.isolate(2);
  beat(cluster, 0, 6);
  cluster.heal();
  cluster.deliver(join_request(cluster, 2, 9));
  EXPECT_NE(cluster[0].configuration(), founders);
  expect_voters(cluster, {0, 1, 2});
  EXPECT_EQ(cluster[0].configuration(), founders);
}

TEST(Join, OneThatWasVotedOutDoesNotComeBackByItself) {
  Cluster cluster = led(3, 0);
  ASSERT_TRUE(reconfigure(cluster, 0, {0, 1}).ok());
  expect_voters(cluster, {0, 1});
  cluster.replace_disk(2);
  for (int i = 0; i < 60; ++i) {
    for (std::size_t node = 0; node < 3; ++node) cluster.tick(node);
    cluster.deliver_all();
  }
  expect_voters(cluster, {0, 1});
}

TEST(Join, AVoteIsForOneDiskOfANode) {
  Cluster cluster(3);
  Message request;
  request.kind = MessageKind::vote_request;
  request.from = NodeId(1);
  request.to = NodeId(0);
  request.term = Term(5);
  cluster.deliver(request);
  EXPECT_EQ(cluster[0].hard_state(), (HardState{Term(5), NodeId(1)}));
  cluster.restart(0);
  request.from_disk = DiskId(7);
  cluster.network.clear();
  cluster.deliver(request);
  ASSERT_EQ(cluster.network.size(), 1u);
  EXPECT_TRUE(cluster.network[0].reject);
}

TEST(Removed, AServerThatDoesNotKnowItDisturbsNobody) {
  Cluster cluster = led(3, 0);
  cluster.isolate(2);
  ASSERT_TRUE(reconfigure(cluster, 0, {0, 1}).ok());
  while (!cluster.whole(0)) beat(cluster, 0, 1);
  ASSERT_EQ(voters(cluster[0]), (Nodes{0, 1}));
  const Term term = cluster[0].term();
  cluster.heal();
  // What it hears of the others is that they refuse.
  cluster.cut_one_way(0, 2);
  for (int i = 0; i < 200; ++i) {
    for (std::size_t node = 0; node < 3; ++node) cluster.tick(node);
    while (!cluster.network.empty()) {
      Message message = std::move(cluster.network.front());
      cluster.network.pop_front();
      const bool tells_it = message.kind == MessageKind::committed_response ||
                            message.kind == MessageKind::committed_snapshot;
      if (!tells_it && !cluster.is_cut(message)) cluster.deliver(std::move(message));
    }
  }
  EXPECT_EQ(cluster[0].role(), Role::leader);
  EXPECT_EQ(cluster[0].term(), term);
  EXPECT_TRUE(cluster[2].configuration().votes({NodeId(2)}));
}

TEST(Transfer, GoesToTheVoterOfANodeThatStays) {
  Cluster cluster = led(3, 1);
  ASSERT_TRUE(reconfigure(cluster, 0, {0, 1, 3}).ok());
  EXPECT_EQ(cluster[0].transfer(NodeId(2)).error(), TransferError::not_a_follower);
  EXPECT_EQ(cluster[0].transfer(NodeId(3)).error(), TransferError::not_a_follower);
  deliver_until(cluster, [&] { return cluster[0].configuration().joint(); });
  EXPECT_EQ(cluster[0].transfer(NodeId(2)).error(), TransferError::not_a_follower);
  ASSERT_TRUE(cluster[0].transfer(NodeId(3)).ok());
  cluster.settle(0);
  cluster.deliver_all();
  EXPECT_EQ(settled(cluster), NodeId(3));
  EXPECT_EQ(voters(cluster[3]), (Nodes{0, 1, 3}));
}

TEST(Transfer, APreferredNodeLeadsOnlyWhereItStays) {
  for (const bool stays : {false, true}) {
    Config config = Cluster::default_config();
    config.preference = {NodeId(2), NodeId(0)};
    config.transfer_interval_ticks = 5;
    Cluster cluster(3, config, 1);
    cluster[2].stand_aside(true);
    cluster.elect(0);
    cluster.isolate(3);
    ASSERT_TRUE(reconfigure(cluster, 0, stays ? Nodes{0, 2, 3} : Nodes{0, 1, 3}).ok());
    for (int i = 0; i < 3; ++i) beat(cluster, 0, 1);
    const auto& facts = cluster.at(0).facts;
    const bool wanted = std::any_of(facts.begin(), facts.end(), [](const Fact& fact) {
      return fact.kind == EventKind::leadership_transfer;
    });
    EXPECT_EQ(wanted, stays);
  }
}

TEST(Snapshot, CarriesAPendingConfiguration) {
  Cluster cluster = led(3, 1);
  cluster.isolate(2);
  ASSERT_TRUE(reconfigure(cluster, 0, {0, 1, 3}).ok());
  deliver_until(cluster, [&] { return cluster[0].commit() == cluster[0].log().last_index(); });
  const Configuration pending = cluster[0].configuration();
  ASSERT_FALSE(pending.stable() || pending.joint());
  cluster.compact(0);
  beat(cluster, 0, 1);
  const auto unpacked = unpack(view_of(cluster.at(0).disk.snapshot.state));
  ASSERT_TRUE(unpacked.has_value());
  EXPECT_EQ(unpacked->configuration, pending);
  cluster.heal();
  expect_voters(cluster, {0, 1, 3});
  EXPECT_GT(cluster.at(3).restored, 0u) << "the newcomer began with it";
}

TEST(Snapshot, CarriesAJointConfiguration) {
  Cluster cluster = led(3, 1);
  ASSERT_TRUE(reconfigure(cluster, 0, {0, 1, 3}).ok());
  const auto committed = [&] { return cluster[1].log().entry(cluster[1].commit()); };
  ASSERT_TRUE(run_until(cluster, [&] {
    return committed().kind == EntryKind::configuration && configuration_of(committed()).joint();
  }));
  const Configuration joint = configuration_of(committed());
  cluster.compact(1);
  cluster.at(1).disk.entries.clear();  // the last step, if it is there
  cluster.restart(1);
  EXPECT_EQ(cluster[1].configuration(), joint);
  expect_voters(cluster, {0, 1, 3});
}

}  // namespace
}  // namespace blackout::raft
