// What is owed, by the faults in force: harness/check/reach.hpp.
#include "harness/check/reach.hpp"

#include <gtest/gtest.h>

#include "tests/harness/check/scene.hpp"

namespace blackout::check {
namespace {

using record::OperationKind;
using record::Outcome;

class Owed : public testing::Test {
 protected:
  void apply_trace() {
    reach_.emplace(scene_.plan);
    trace::Cursor cursor(scene_.trace);
    Event event;
    while (cursor.next(event)) {
      if (Reach::concerns(event.kind)) reach_->change(event);
    }
    reach_->settle(Instant::never());
  }
  bool owed(RegionId region, Duration t) {
    if (!reach_) apply_trace();
    return reach_->owed(region, orders).at(Instant(0) + t);
  }
  Scene scene_;
  std::optional<Reach> reach_;
};

TEST_F(Owed, FromTheStart) { EXPECT_TRUE(owed(region_a, seconds(1))); }

TEST_F(Owed, NotToAMinorityAndStillToTheOthers) {
  scene_.at(seconds(5));
  for (const NodeId side : {a1, a2, clients_a}) {
    for (const NodeId other : {b1, b2, c1, clients_b, clients_c}) {
      scene_.cut(side, other);
      scene_.cut(other, side);
    }
  }
  scene_.at(seconds(9));
  for (const NodeId side : {a1, a2, clients_a}) {
    for (const NodeId other : {b1, b2, c1, clients_b, clients_c}) {
      scene_.heal(side, other);
      scene_.heal(other, side);
    }
  }
  EXPECT_TRUE(owed(region_a, seconds(4)));
  EXPECT_FALSE(owed(region_a, seconds(5)));
  EXPECT_FALSE(owed(region_a, seconds(8)));
  EXPECT_TRUE(owed(region_b, seconds(8)));
  EXPECT_TRUE(owed(region_a, seconds(9)));
}

TEST_F(Owed, NotWhereEveryWayBackIsCutOneWay) {
  scene_.at(seconds(5));
  for (const NodeId server : {a1, a2, b1, b2, c1}) scene_.cut(server, clients_a);
  EXPECT_FALSE(owed(region_a, seconds(6)));
  EXPECT_TRUE(owed(region_c, seconds(6)));
}

TEST_F(Owed, ThroughAGatewayThatIsNoVoterOfTheMajority) {
  // The clients reach a-1 only; a-1's own disk fails, but it can forward.
  scene_.at(seconds(5));
  for (const NodeId server : {a2, b1, b2, c1}) scene_.cut(clients_a, server);
  scene_.event(EventKind::disk_state_set, a1, 1, 0, 0, no_shard);
  EXPECT_TRUE(owed(region_a, seconds(6)));
}

TEST_F(Owed, NotThroughAGatewayThatOneWayCutsLeaveAlone) {
  scene_.at(seconds(5));
  for (const NodeId server : {a2, b1, b2, c1}) scene_.cut(clients_a, server);
  for (const NodeId server : {b1, b2, c1}) scene_.cut(a1, server);
  EXPECT_FALSE(owed(region_a, seconds(6)));
}

TEST_F(Owed, NotWhereNoMajorityIsConnectedPairwise) {
  // a ring: every voter reaches two others, no three reach each other
  scene_.at(seconds(5));
  const NodeId ring[] = {a1, a2, b1, b2, c1};
  for (int i = 0; i < 5; ++i) scene_.cut(ring[i], ring[(i + 2) % 5]);
  EXPECT_FALSE(owed(region_a, seconds(6)));
}

TEST_F(Owed, DespiteOneCutLinkBetweenTwoVoters) {
  scene_.at(seconds(5)).cut(a1, b1);
  EXPECT_TRUE(owed(region_a, seconds(6)));
}

TEST_F(Owed, NotFromAStoppedClientHostOrAMajorityThatIsDownOrPaused) {
  scene_.at(seconds(5)).stop(clients_a);
  scene_.at(seconds(6)).stop(a1);
  scene_.stop(a2);
  EXPECT_FALSE(owed(region_a, seconds(5)));
  EXPECT_TRUE(owed(region_b, seconds(6)));
  reach_.reset();
  scene_.at(seconds(7)).event(EventKind::node_paused, c1, 0, 0, 0, no_shard);
  scene_.at(seconds(8)).event(EventKind::node_resumed, c1, 0, 0, 0, no_shard);
  EXPECT_FALSE(owed(region_b, seconds(7)));
  EXPECT_TRUE(owed(region_b, seconds(8)));
}

TEST_F(Owed, OnASlowDiskButNotOnFailingOnes) {
  scene_.at(seconds(5));
  for (const NodeId node : {a1, a2, b1}) {
    scene_.event(EventKind::disk_state_set, node, 0, 50'000, 0, no_shard);
  }
  scene_.at(seconds(6));
  for (const NodeId node : {a1, a2, b1}) {
    scene_.event(EventKind::disk_state_set, node, 1, 1000, 0, no_shard);
  }
  EXPECT_TRUE(owed(region_a, seconds(5)));
  EXPECT_FALSE(owed(region_a, seconds(6)));
}

TEST_F(Owed, NotOnDisksThatHoldWhatNobodyWroteUntilOthersTakeTheirPlaceAndVote) {
  scene_.at(seconds(5));
  scene_.event(EventKind::disk_bit_flipped, a1, 0, 0, 0, no_shard);
  scene_.event(EventKind::disk_write_misdirected, a2, 0, 0, 0, no_shard);
  scene_.at(seconds(6)).event(EventKind::disk_bit_flipped, b1, 0, 0, 0, no_shard);
  scene_.at(seconds(7)).event(EventKind::disk_replaced, b1, 0, 0, 0, no_shard);
  const ShardId shard(0);
  scene_.at(seconds(8)).event(EventKind::member_changed, b2, node_word(b1), 0, 5, shard);
  scene_.at(seconds(9)).event(EventKind::commit_advanced, b2, 5, 1, 1, shard);
  scene_.at(seconds(10)).event(EventKind::member_changed, b2, node_word(b1), 1, 6, shard);
  scene_.at(seconds(11)).event(EventKind::commit_advanced, b2, 6, 1, 1, shard);
  EXPECT_TRUE(owed(region_a, seconds(5)));
  for (std::int64_t s = 6; s <= 10; ++s) EXPECT_FALSE(owed(region_a, seconds(s))) << s;
  EXPECT_TRUE(owed(region_a, seconds(11)));
}

// From five voters to a-1, b-1 and b-2: joint by entry 5 at 6 s, over by entry 6 at 12 s.
class OwedWhileVotersGo : public Owed {
 protected:
  void change(NodeId member, Suffrage suffrage, std::uint64_t index) {
    scene_.event(EventKind::member_changed, a1, node_word(member),
                 static_cast<std::uint64_t>(suffrage), index);
  }
  // These are down from 8 s to 15 s.
  void run(const std::vector<NodeId>& down) {
    scene_.at(seconds(6));
    for (const NodeId node : {a2, c1}) change(node, Suffrage::outgoing, 5);
    scene_.at(seconds(8));
    for (const NodeId node : down) scene_.stop(node);
    scene_.at(seconds(10));
    for (const NodeId node : {a2, c1}) change(node, Suffrage::none, 6);
    scene_.at(seconds(12)).event(EventKind::commit_advanced, a1, 6, 1, 1);
    scene_.at(seconds(15));
    for (const NodeId node : down) scene_.start(node);
  }
};

TEST_F(OwedWhileVotersGo, NeedsAMajorityOfThoseToCome) {
  run({b1, b2});
  EXPECT_TRUE(owed(region_a, seconds(7)));
  for (const int s : {9, 11, 14}) EXPECT_FALSE(owed(region_a, seconds(s))) << s;
  EXPECT_TRUE(owed(region_a, seconds(16)));
}

TEST_F(OwedWhileVotersGo, NeedsAMajorityOfThoseBeforeUntilTheChangeIsOver) {
  run({a2, c1, b1});
  EXPECT_TRUE(owed(region_a, seconds(7)));
  for (const int s : {9, 11}) EXPECT_FALSE(owed(region_a, seconds(s))) << s;
  EXPECT_TRUE(owed(region_a, seconds(13)));
}

TEST_F(OwedWhileVotersGo, AMajorityOfEachIsConnected) {
  scene_.cut(b1, b2);
  run({a2});
  EXPECT_TRUE(owed(region_a, seconds(9))) << "a-1, c-1 and b-1 are three of five and two of three";
}

TEST_F(OwedWhileVotersGo, NotWhereOneMajorityIsInPieces) {
  scene_.cut(b1, b2);
  run({a2, c1});
  EXPECT_FALSE(owed(region_a, seconds(9))) << "a-1 and b-1 are two of five";
  EXPECT_TRUE(owed(region_a, seconds(13))) << "and two of three";
}

TEST_F(Owed, OnADiskThatIsAnOldCopyUntilItIsDisowned) {
  scene_.at(seconds(5));
  scene_.event(EventKind::disk_bit_flipped, a1, 0, 0, 0, no_shard);
  scene_.event(EventKind::disk_bit_flipped, a2, 0, 0, 0, no_shard);
  scene_.at(seconds(6)).event(EventKind::disk_replaced, b1, 3, 100, 0, no_shard);
  scene_.at(seconds(7)).event(EventKind::disk_disowned, b1, 9, 4, 0, ShardId(0));
  EXPECT_TRUE(owed(region_a, seconds(6)));
  EXPECT_FALSE(owed(region_a, seconds(7)));
}

TEST_F(Owed, WithinTheDeclaredDriftAndUnderAHonestTimeServiceOnly) {
  scene_.plan.clock_drift_max_ppm = 50;
  const auto word = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
  scene_.at(seconds(5));
  for (const NodeId node : {a1, a2, b1}) {
    scene_.event(EventKind::clock_drift_set, node, word(-50), 0, 0, no_shard);
    scene_.event(EventKind::clock_state_set, node, 4, word(milliseconds(-20).ns()), 0, no_shard);
  }
  scene_.at(seconds(6)).event(EventKind::clock_drift_set, a1, word(-51), 0, 0, no_shard);
  scene_.event(EventKind::clock_state_set, a2, 4, word(milliseconds(21).ns()), 0, no_shard);
  scene_.event(EventKind::clock_state_set, b1, 2, 0, word(milliseconds(21).ns()), no_shard);
  scene_.at(seconds(7)).event(EventKind::clock_drift_set, a1, 0, 0, 0, no_shard);
  EXPECT_TRUE(owed(region_a, seconds(5)));
  EXPECT_FALSE(owed(region_a, seconds(6)));
  EXPECT_TRUE(owed(region_a, seconds(7)));
}

TEST_F(Owed, WithinTheDeclaredClockBoundOnly) {
  const auto step = [this](NodeId node, Duration by) {
    scene_.event(EventKind::clock_stepped, node, static_cast<std::uint64_t>(by.ns()), 0, 0,
                 no_shard);
  };
  scene_.at(seconds(5));
  for (const NodeId node : {a1, a2, b1}) step(node, milliseconds(-20));
  scene_.at(seconds(6));
  for (const NodeId node : {a1, a2, b1}) step(node, milliseconds(-1));
  scene_.at(seconds(7));
  step(a1, milliseconds(21));
  EXPECT_TRUE(owed(region_a, seconds(5)));
  EXPECT_FALSE(owed(region_a, seconds(6)));
  EXPECT_TRUE(owed(region_a, seconds(7)));
}

TEST_F(Owed, UntilTheLastOfTwoFaultsOnALinkHeals) {
  scene_.at(seconds(5)).isolate(clients_a);
  scene_.at(seconds(6)).isolate(clients_a);
  scene_.at(seconds(7)).rejoin(clients_a);
  scene_.at(seconds(8)).rejoin(clients_a);
  EXPECT_FALSE(owed(region_a, seconds(7)));
  EXPECT_TRUE(owed(region_a, seconds(8)));
}

// Clients of region a have these links to all servers, both ways, from 5 s to 8 s.
void link_events(Scene& scene, EventKind begin, EventKind end, std::uint64_t c = 0) {
  for (const NodeId server : {a1, a2, b1, b2, c1}) {
    for (const auto& [from, to] : {std::pair{clients_a, server}, std::pair{server, clients_a}}) {
      scene.at(seconds(5)).event(begin, from, node_word(to), 0, c, no_shard);
    }
  }
  for (const NodeId server : {a1, a2, b1, b2, c1}) {
    for (const auto& [from, to] : {std::pair{clients_a, server}, std::pair{server, clients_a}}) {
      scene.at(seconds(8)).event(end, from, node_word(to), 0, c, no_shard);
    }
  }
}

TEST_F(Owed, NotOverHeldLinksUntilTheyAreReleased) {
  link_events(scene_, EventKind::link_held, EventKind::link_released);
  EXPECT_TRUE(owed(region_a, seconds(4)));
  EXPECT_FALSE(owed(region_a, seconds(5)));
  EXPECT_TRUE(owed(region_b, seconds(6)));
  EXPECT_TRUE(owed(region_a, seconds(8)));
}

TEST_F(Owed, NotOverFlappingLinksUntilTheySettle) {
  link_events(scene_, EventKind::link_flapping, EventKind::link_settled, 400);
  EXPECT_FALSE(owed(region_a, seconds(5)));
  EXPECT_FALSE(owed(region_a, seconds(7)));
  EXPECT_TRUE(owed(region_a, seconds(8)));
}

TEST_F(Owed, NotThroughAnMtuBlackHoleAndStillOverLinksThatAreOtherwiseBad) {
  link_events(scene_, EventKind::link_degraded, EventKind::link_restored, 1400);
  EXPECT_FALSE(owed(region_a, seconds(5)));
  EXPECT_TRUE(owed(region_a, seconds(8)));
}

TEST_F(Owed, OverSlowLossyNarrowAndResetLinks) {
  link_events(scene_, EventKind::link_degraded, EventKind::link_restored);
  for (const NodeId server : {a1, a2, b1, b2, c1}) {
    scene_.event(EventKind::link_reset, clients_a, node_word(server), 0, 0, no_shard);
  }
  EXPECT_TRUE(owed(region_a, seconds(5)));
  EXPECT_TRUE(owed(region_a, seconds(8)));
}

TEST_F(Owed, UntilTheLastOfACutAndAHoldOnALinkEnds) {
  link_events(scene_, EventKind::link_held, EventKind::link_released);
  scene_.at(seconds(8)).isolate(clients_a);
  scene_.at(seconds(9)).rejoin(clients_a);
  EXPECT_FALSE(owed(region_a, seconds(8)));
  EXPECT_TRUE(owed(region_a, seconds(9)));
}

// A held link joins nobody; a flapping or narrow one may.
TEST_F(Owed, ClientsAreApartBehindHeldLinksOnly) {
  const auto apart = [](EventKind begin, EventKind end, std::uint64_t c) {
    Scene scene;
    link_events(scene, begin, end, c);
    Reach reach(scene.plan);
    trace::Cursor cursor(scene.trace);
    for (Event event; cursor.next(event);) {
      if (Reach::concerns(event.kind)) reach.change(event);
    }
    reach.settle(Instant::never());
    return reach.apart(region_a, orders).at(Instant(0) + seconds(6));
  };
  EXPECT_TRUE(apart(EventKind::link_held, EventKind::link_released, 0));
  EXPECT_FALSE(apart(EventKind::link_flapping, EventKind::link_settled, 400));
  EXPECT_FALSE(apart(EventKind::link_degraded, EventKind::link_restored, 1400));
}

// An event that names no node of the plan is no fact about one.
TEST(Judge, PassesOverEventsOfLinksThatNameNoNode) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  scene.event(EventKind::link_held, NodeId(99), node_word(a1), 0, 0, no_shard);
  scene.event(EventKind::link_flapping, no_node, node_word(a1), 0, 400, no_shard);
  scene.event(EventKind::disk_replaced, NodeId(99), 0, 0, 0, no_shard);
  scene.event(EventKind::clock_state_set, no_node, 0, 0, 0, no_shard);
  EXPECT_TRUE(scene.verdict().findings.empty());
}

TEST(Steps, MeasureWhatIsTrueWithinAnInterval) {
  Steps steps;
  steps.set(Instant(0), true);
  steps.set(Instant(10), false);
  steps.set(Instant(20), true);
  EXPECT_EQ(steps.measure(Instant(5), Instant(25)), Duration(10));
  EXPECT_EQ(steps.measure(Instant(12), Instant(18)), Duration(0));
  EXPECT_TRUE(steps.throughout(Instant(0), Instant(9)));
  EXPECT_FALSE(steps.throughout(Instant(0), Instant(10)));
  EXPECT_TRUE(steps.throughout(Instant(20), Instant::never()));
}

}  // namespace
}  // namespace blackout::check
