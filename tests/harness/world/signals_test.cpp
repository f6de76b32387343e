// Roles as they are filled in a run, and faults that begin at an event.
#include <gtest/gtest.h>

#include "harness/check/mark_count.hpp"
#include "tests/harness/world/fault_runs.hpp"

namespace blackout::world {
namespace {

using fault::Fault;
using fault::Kind;
using fault::Signal;
using fault::TargetRole;
using testing::events;
using testing::plan_with;
using testing::run_plan;
using testing::run_with;

constexpr ShardId orders(0);
constexpr std::uint32_t voters = 3;

// On whichever voter has the role.
Fault aimed(Kind kind, TargetRole role, Duration at, Duration length) {
  Fault fault;
  fault.kind = kind;
  fault.mode = fault::Mode::process_crash;
  fault.at = Instant(0) + at;
  fault.length = length;
  fault.aims = {{role, orders}};
  for (std::uint32_t n = 0; n < voters; ++n) {
    fault.choices.push_back({{NodeId(n)}, "n" + std::to_string(n), {{NodeId(n)}, {}, {}}});
  }
  return fault;
}

Fault cut_between(std::uint32_t a, std::uint32_t b, Duration at, Duration length) {
  Fault fault;
  fault.kind = Kind::partition;
  fault.at = Instant(0) + at;
  fault.length = length;
  fault.links = {{NodeId(a), NodeId(b)}, {NodeId(b), NodeId(a)}};
  return fault;
}

NodeId leader_at(const Result& result, Instant when) {
  NodeId leader = no_node;
  for (const Event& event : events(result, EventKind::role_changed)) {
    if (event.at < when && static_cast<Role>(event.a) == Role::leader) leader = event.node;
  }
  return leader;
}

NodeId other_than(NodeId a, NodeId b = no_node) {
  for (std::uint32_t n = 0; n < voters; ++n) {
    if (NodeId(n) != a && NodeId(n) != b) return NodeId(n);
  }
  return no_node;
}

TEST(Roles, TheLeaderIsTheOneElectedLast) {
  const Result result =
      run_with({aimed(Kind::node_restart, TargetRole::leader, seconds(6), seconds(3)),
                aimed(Kind::node_restart, TargetRole::leader, seconds(11), seconds(2))});
  const auto stops = events(result, EventKind::node_stopped);
  ASSERT_EQ(stops.size(), 2u);
  EXPECT_EQ(stops[0].node, leader_at(result, stops[0].at));
  EXPECT_EQ(stops[1].node, leader_at(result, stops[1].at));
  EXPECT_EQ(events(result, EventKind::fault_started)[0].node, stops[0].node);
  EXPECT_EQ(result.faults[0].nodes, std::vector{stops[0].node});
  EXPECT_EQ(result.faults[0].target, "n" + std::to_string(stops[0].node.value()) + " (target)");
}

TEST(Roles, TheFollowerMostBehindIsTheOneThatWasCutOff) {
  const NodeId leader = leader_at(run_with({}), Instant(0) + seconds(5));
  const NodeId behind = other_than(leader);
  const Result result =
      run_with({cut_between(leader.value(), behind.value(), seconds(6), seconds(2)),
                aimed(Kind::node_pause, TargetRole::follower_most_behind, seconds(7), seconds(1))});
  EXPECT_EQ(result.faults[1].nodes, std::vector{behind});
}

TEST(Roles, TheSlowestInTheQuorumIsTheFasterFollowerOfThree) {
  const NodeId leader = leader_at(run_with({}), Instant(0) + seconds(5));
  const NodeId slow = other_than(leader), fast = other_than(leader, slow);
  Fault slowed;
  slowed.kind = Kind::link_degraded;
  slowed.at = Instant(0) + seconds(6);
  slowed.length = seconds(6);
  slowed.links = {{leader, slow}, {slow, leader}};
  slowed.rtt_permille = 8'000;
  const Result result = run_with(
      {slowed, aimed(Kind::node_slow, TargetRole::slowest_in_quorum, seconds(9), seconds(1))});
  EXPECT_EQ(result.faults[1].nodes, std::vector{fast});
}

TEST(Roles, TheBridgeIsWhoHearsBothThatDoNotHearEachOther) {
  const Result result =
      run_with({cut_between(0, 2, seconds(6), seconds(4)),
                aimed(Kind::node_pause, TargetRole::bridge, seconds(7), seconds(1)),
                aimed(Kind::node_pause, TargetRole::bridge, seconds(12), seconds(1))});
  EXPECT_EQ(result.faults[1].nodes, std::vector{NodeId(1)});
  EXPECT_FALSE(result.faults[2].began);
  EXPECT_EQ(result.faults[2].unmet, "nobody was target");
  EXPECT_EQ(result.faults[2].effect, 0u);
}

TEST(Roles, TheRegionWithMostLeadersHoldsOne) {
  Fault fault = aimed(Kind::node_pause, TargetRole::most_leaders, seconds(7), seconds(1));
  fault.aims[0].shard = no_shard;
  const Result result = run_with({fault});
  EXPECT_EQ(result.faults[0].nodes, std::vector{leader_at(result, fault.at)});
}

TEST(Roles, AFaultThatCannotTakeWhoHasTheRoleDoesNotBegin) {
  Fault fault = aimed(Kind::node_pause, TargetRole::leader, seconds(7), seconds(1));
  const NodeId leader = leader_at(run_with({}), fault.at);
  std::erase_if(fault.choices, [&](const auto& one) { return one.fillers[0] == leader; });
  const Result result = run_with({fault});
  EXPECT_TRUE(events(result, EventKind::node_paused).empty());
  EXPECT_NE(result.faults[0].unmet.find("cannot take"), std::string::npos);
}

TEST(Roles, AMachineThatAnotherFaultHoldsIsNotTakenTwice) {
  const Result result =
      run_with({aimed(Kind::node_pause, TargetRole::leader, seconds(6), seconds(1)),
                aimed(Kind::node_restart, TargetRole::leader, seconds(6), seconds(1))});
  EXPECT_TRUE(events(result, EventKind::node_stopped).empty());
  EXPECT_FALSE(result.faults[1].began);
  EXPECT_EQ(result.faults[1].unmet.substr(0, 6), "A held");
}

TEST(Signals, AnElectionIsCountedFromWhenTheFaultBeginsToWait) {
  Fault second = testing::fault_on(Kind::node_pause, 0);
  second.length = milliseconds(100);
  second.anchor = {{Signal::election, orders, "", 2, milliseconds(30)}};
  Fault never = second;
  never.anchor->nth = 50;
  const Result result = run_with(
      {aimed(Kind::node_restart, TargetRole::leader, seconds(7), seconds(1)),
       aimed(Kind::node_restart, TargetRole::leader, seconds(11), seconds(1)), second, never});
  std::vector<Instant> elections;
  for (const Event& event : events(result, EventKind::role_changed)) {
    const bool counted = event.at >= testing::fault_start;
    if (counted && static_cast<Role>(event.a) == Role::leader) elections.push_back(event.at);
  }
  ASSERT_GE(elections.size(), 2u);
  ASSERT_TRUE(result.faults[2].began);
  EXPECT_EQ(*result.faults[2].began, elections[1] + milliseconds(30));
  EXPECT_EQ(*result.faults[2].ended, *result.faults[2].began + milliseconds(100));
  EXPECT_EQ(result.faults[2].end, record::FaultEnd::healed);
  EXPECT_GT(result.faults[2].effect, 0u);
  EXPECT_FALSE(result.faults[3].began);
  EXPECT_EQ(result.faults[3].unmet, "what it waited for did not come before calm");
}

TEST(Signals, AFailoverBeginsWhereAVoterSuspectsItsLeader) {
  Fault pause = aimed(Kind::node_pause, TargetRole::signaller, seconds(6), milliseconds(500));
  pause.anchor = {{Signal::failover, orders, "", 1, Duration()}};
  const Result result =
      run_with({aimed(Kind::node_restart, TargetRole::leader, seconds(7), seconds(3)), pause});
  const auto suspicions = events(result, EventKind::election_timeout);
  const auto first = std::find_if(suspicions.begin(), suspicions.end(), [](const Event& event) {
    return event.at >= testing::fault_start;
  });
  ASSERT_NE(first, suspicions.end());
  EXPECT_EQ(result.faults[1].nodes, std::vector{first->node});
  EXPECT_EQ(*result.faults[1].began, first->at);
}

// The vote is on disk and was never given: the answer of the undisturbed run does not leave.
TEST(Signals, AVoterThatFallsBetweenItsVoteAndItsAnswerDoesNotAnswer) {
  const Fault loss = aimed(Kind::node_restart, TargetRole::leader, seconds(7), seconds(6));
  Fault crash = aimed(Kind::node_restart, TargetRole::signaller, seconds(6), seconds(1));
  crash.mode = fault::Mode::process_crash;
  crash.anchor = {{Signal::vote, orders, "", 1, Duration()}};
  const auto answers = [](const Result& result) {
    std::optional<Event> vote;
    std::size_t sent = 0;
    for (const Event& event : events(result, EventKind::term_persisted)) {
      const bool given = event.b != 0 && event.b != node_word(event.node);
      if (!vote && event.at >= Instant(0) + seconds(7) && given) vote = event;
    }
    EXPECT_TRUE(vote);
    for (const Event& event : events(result, EventKind::message_sent, vote->node)) {
      sent += event.at == vote->at;
    }
    return std::pair(*vote, sent);
  };
  const auto [undisturbed, answered] = answers(run_with({loss}));
  const Result result = run_with({loss, crash});
  const auto [vote, sent] = answers(result);
  EXPECT_EQ(vote.node, undisturbed.node);
  EXPECT_EQ(vote.at, undisturbed.at);
  EXPECT_EQ(answered, 1u);
  EXPECT_EQ(sent, 0u);
  EXPECT_EQ(*result.faults[1].began, vote.at);
  EXPECT_EQ(result.faults[1].nodes, std::vector{vote.node});
  // The fault is traced as what the vote led to.
  const auto starts = events(result, EventKind::fault_started);
  ASSERT_EQ(starts.size(), 2u);
  EXPECT_EQ(starts[0].cause, EventId(0));
  EXPECT_NE(starts[1].cause, EventId(0));
  EXPECT_EQ(starts[1].node, vote.node);
}

TEST(Signals, ASnapshotIsHeardOfWhenItsFirstPartLeaves) {
  Fault away = aimed(Kind::node_restart, TargetRole::follower_most_behind, seconds(5), seconds(6));
  Fault pause = aimed(Kind::node_pause, TargetRole::signaller, seconds(6), milliseconds(100));
  pause.anchor = {{Signal::snapshot, orders, "", 1, Duration()}};
  scenario::Plan plan = plan_with({away, pause});
  plan.groups[0].snapshot_every = 10;
  const Result result = run_plan(plan);
  const auto offered = events(result, EventKind::snapshot_offered);
  ASSERT_FALSE(offered.empty());
  EXPECT_EQ(std::vector{node_of_word(offered[0].a)}, result.faults[0].nodes);
  EXPECT_EQ(result.faults[1].nodes, std::vector{offered[0].node});
  EXPECT_EQ(*result.faults[1].began, offered[0].at);
}

TEST(Signals, AMarkIsCountedAsTheRunGoes) {
  Fault pause = aimed(Kind::node_pause, TargetRole::leader, seconds(6), milliseconds(100));
  pause.anchor = {{Signal::mark, no_shard, "failover.leader_changed", 1, milliseconds(5)}};
  const scenario::Plan plan =
      plan_with({aimed(Kind::node_restart, TargetRole::leader, seconds(7), seconds(3)), pause});
  const auto system = system::make_system();
  check::MarkCount marks(plan.facts);
  World world(plan, *system,
              {[&](const Event& event, EventId id) { marks.see(event, id); },
               [&](const std::string& mark) { return marks.count(mark); }});
  const Result result = world.run();
  Instant changed = Instant::never();
  for (const Event& event : events(result, EventKind::role_changed)) {
    const bool leads = static_cast<Role>(event.a) == Role::leader;
    if (leads && event.at > Instant(0) + seconds(7)) changed = std::min(changed, event.at);
  }
  ASSERT_TRUE(result.faults[1].began);
  EXPECT_EQ(*result.faults[1].began, changed + milliseconds(5));
}

}  // namespace
}  // namespace blackout::world
