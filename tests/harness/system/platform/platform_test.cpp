// The platform as the harness starts it: what a Plan becomes, and what its sessions answer.
#include "harness/system/platform/platform.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/world/world.hpp"
#include "tests/harness/world/small_plan.hpp"

namespace blackout::system::platform {
namespace {

using record::Operation;
using record::OperationKind;
using record::Outcome;
using testing::small_plan;

world::Result run(const scenario::Plan& plan) {
  PlatformSystem system;
  world::World world(plan, system);
  world::Result result = world.run();
  EXPECT_FALSE(result.failure) << result.failure->text;
  return result;
}

std::vector<Event> events(const world::Result& result, EventKind kind, NodeId node = no_node) {
  std::vector<Event> found;
  trace::Cursor cursor(result.trace);
  for (Event event; cursor.next(event);) {
    if (event.kind == kind && (node == no_node || event.node == node)) found.push_back(event);
  }
  return found;
}

fault::Fault down_for_ever(std::vector<NodeId> nodes) {
  fault::Fault fault;
  fault.kind = fault::Kind::node_restart;
  fault.at = Instant(0) + seconds(5);
  fault.nodes = std::move(nodes);
  fault.mode = fault::Mode::power_loss;
  return fault;
}

TEST(Platform, TicksFourTimesAHeartbeatOfItsFastestGroup) {
  scenario::Plan plan = small_plan(2);
  plan.clients[0].rate_per_s = 1;
  plan.groups.push_back(plan.groups[0]);
  plan.groups[1].heartbeat = milliseconds(60);
  plan.facts.shards.push_back(plan.facts.shards[0]);
  const auto timeouts = events(run(plan), EventKind::election_timeout);
  ASSERT_GE(timeouts.size(), 2u);
  for (const Event& timeout : timeouts) EXPECT_EQ(timeout.b % 15'000'000, 0u) << timeout.b;
}

TEST(Platform, SuspectsALeaderWithinTheElectionTimeoutOfThePlan) {
  scenario::Plan plan = small_plan(2);
  testing::add_fault(plan, down_for_ever({NodeId(0)}));
  const auto timeouts = events(run(plan), EventKind::election_timeout);
  ASSERT_GE(timeouts.size(), 2u);
  for (const Event& timeout : timeouts) {
    EXPECT_GE(timeout.b, 600'000'000u);
    EXPECT_LE(timeout.b, 1'200'000'000u);
  }
}

TEST(Platform, ElectsWhereTheTimeoutsDifferByLessThanATick) {
  scenario::Plan plan = small_plan(2);
  plan.groups[0].election_timeout_max = plan.groups[0].election_timeout_min + milliseconds(5);
  const world::Result result = run(plan);
  EXPECT_GT(events(result, EventKind::write_acknowledged).size(), 100u);
}

TEST(Platform, HeartbeatsComeAsOftenAsThePlanSays) {
  scenario::Plan plan = small_plan(2);
  plan.clients.clear();
  plan.facts.groups.clear();
  std::set<Instant> sent;  // by the preferred leader, to one of its followers
  for (const Event& event : events(run(plan), EventKind::message_sent, NodeId(0))) {
    const bool settled = event.at > Instant(0) + seconds(5) && event.at < Instant(0) + seconds(15);
    if (settled && event.a == node_word(NodeId(1))) sent.insert(event.at);
  }
  ASSERT_GT(sent.size(), 90u);
  std::size_t beats = 0;
  for (Instant beat = *sent.begin(); beat <= *sent.rbegin(); beat = beat + milliseconds(100)) {
    EXPECT_TRUE(sent.contains(beat)) << beats;
    ++beats;
  }
  EXPECT_LE(sent.size() - beats, 6u) << "what lies between is an audit point every two seconds";
}

// Region a is 10 ms from c and 40 ms from b.
scenario::Plan uneven_plan() {
  scenario::Plan plan = small_plan(3);
  const std::int64_t ms[] = {1, 40, 10, 40, 1, 60, 10, 60, 1};
  for (std::size_t i = 0; i < 9; ++i) plan.links.region_rtt[i] = milliseconds(ms[i]);
  plan.clients[0].from = {RegionId(0)};
  return plan;
}

TEST(Platform, ClientsUseTheGatewayOfTheirRegionFirst) {
  const world::Result result = run(uneven_plan());
  for (const Event& sent : events(result, EventKind::message_sent, NodeId(3))) {
    EXPECT_EQ(sent.a, node_word(NodeId(0)));
  }
  EXPECT_GT(result.history.operations.size(), 800u);
}

TEST(Platform, ClientsTurnToTheNearestGatewayThatIsLeft) {
  scenario::Plan plan = uneven_plan();
  testing::add_fault(plan, down_for_ever({NodeId(0)}));
  const world::Result result = run(plan);
  const auto retries = events(result, EventKind::operation_retried, NodeId(3));
  ASSERT_GT(retries.size(), 20u);
  std::size_t second = 0;
  for (const Event& retry : retries) {
    if (retry.b != 2) continue;  // the first retry of an operation
    EXPECT_EQ(retry.c, node_word(NodeId(2)));
    ++second;
  }
  EXPECT_GT(second, 20u);
}

TEST(Platform, GatewaysAskTheNearestVoterFirst) {
  scenario::Plan plan = uneven_plan();
  plan.groups[0].voters = {NodeId(1), NodeId(2)};
  plan.groups[0].preferred = {NodeId(1), NodeId(2)};
  const auto forwards = events(run(plan), EventKind::request_forwarded, NodeId(0));
  ASSERT_FALSE(forwards.empty());
  EXPECT_EQ(forwards.front().b, node_word(NodeId(2)));
  EXPECT_EQ(forwards.back().b, node_word(NodeId(1)));
}

TEST(Platform, AnAuditReadsAllAccountsOverManyPages) {
  scenario::Plan plan = small_plan(4);
  scenario::ClientGroupPlan& clients = plan.clients[0];
  clients.rate_per_s = 100;
  clients.put_ppm = 1'000'000;
  clients.get_ppm = clients.cas_ppm = clients.transfer_ppm = 0;
  clients.pick = scenario::KeyPick::sequential;
  clients.key_count = 512;  // two full pages: the third is empty
  const world::Result result = run(plan);
  ASSERT_GT(result.history.operations.size(), 1'024u);
  ASSERT_EQ(result.history.audits.size(), 3u);
  for (const record::Audit& audit : result.history.audits) {
    ASSERT_TRUE(audit.complete);
    ASSERT_EQ(audit.accounts.size(), 512u);
    std::size_t entries = 0;
    for (std::size_t i = 0; i < audit.accounts.size(); ++i) {
      if (i > 0) {
        EXPECT_LT(audit.accounts[i - 1].key, audit.accounts[i].key);
      }
      entries += audit.accounts[i].entries.size();
    }
    EXPECT_EQ(entries, result.history.operations.size());
  }
}

TEST(Platform, AnswersEachKindAsTheModelSays) {
  const world::Result result = run(small_plan(5));
  std::size_t refused[4] = {}, applied[4] = {};
  for (const Operation& operation : result.history.operations) {
    ASSERT_EQ(operation.outcome, Outcome::ok);
    ++(operation.applied ? applied : refused)[static_cast<std::size_t>(operation.kind)];
    EXPECT_GE(operation.attempts, 1u);
    if (operation.kind == OperationKind::put ||
        (operation.kind == OperationKind::cas && operation.applied)) {
      EXPECT_EQ(operation.last_operation, operation.id);
    }
    if (operation.kind == OperationKind::cas && operation.applied) {
      EXPECT_EQ(operation.version, operation.expected_version + 1);
    }
  }
  for (const OperationKind kind :
       {OperationKind::put, OperationKind::get, OperationKind::cas, OperationKind::transfer}) {
    EXPECT_GT(applied[static_cast<std::size_t>(kind)], 0u);
  }
  EXPECT_EQ(refused[static_cast<std::size_t>(OperationKind::put)], 0u);
  EXPECT_EQ(refused[static_cast<std::size_t>(OperationKind::get)], 0u);
  EXPECT_GT(refused[static_cast<std::size_t>(OperationKind::cas)], 0u);
}

TEST(Platform, JoinsWritesToRecordsByTheirRulesAndAuditsThem) {
  scenario::Plan plan = small_plan(6);
  plan.groups[0].records = true;
  plan.groups[0].statuses = {"pending", "approved", "revoked"};
  scenario::ClientGroupPlan& clients = plan.clients[0];
  clients.rate_per_s = 100;
  clients.put_ppm = clients.get_ppm = clients.cas_ppm = clients.transfer_ppm = 0;
  clients.status_ppm = clients.profile_ppm = 500'000;
  clients.key_count = 300;  // their records fill more than two pages
  const world::Result result = run(plan);
  std::map<std::pair<OperationKind, std::string>, const Operation*> highest;
  std::size_t superseded = 0;
  for (const Operation& operation : result.history.operations) {
    ASSERT_EQ(operation.outcome, Outcome::ok);
    superseded += !operation.applied;
    const Operation*& stands = highest[{operation.kind, operation.key}];
    if (stands == nullptr || stands_above(operation, *stands)) stands = &operation;
  }
  EXPECT_GT(superseded, 50U);
  ASSERT_GT(highest.size(), 512U);
  ASSERT_EQ(result.history.audits.size(), 3U);
  for (const record::Audit& audit : result.history.audits) {
    ASSERT_TRUE(audit.complete);
    ASSERT_EQ(audit.records.size(), highest.size());
    for (const record::AuditedRecord& record : audit.records) {
      const Operation& stands = *highest.at({record.kind, record.key});
      EXPECT_EQ(record.operation, stands.id);
      EXPECT_EQ(record.value, stands.value);
    }
  }
}

TEST(Platform, ATimeOutIsUnknownAndNeverAFailure) {
  for (const scenario::Retry retry : {scenario::Retry::same_request_id, scenario::Retry::none}) {
    scenario::Plan plan = small_plan(6);
    plan.clients[0].retry = retry;
    testing::add_fault(plan, down_for_ever({NodeId(0), NodeId(1)}));
    plan.faults.back().length = seconds(6);
    std::size_t unknown = 0;
    for (const Operation& operation : run(plan).history.operations) {
      EXPECT_NE(operation.outcome, Outcome::fail);
      EXPECT_LE(operation.completed, operation.deadline);
      EXPECT_TRUE(retry == scenario::Retry::same_request_id || operation.attempts == 1);
      if (operation.outcome == Outcome::info) {
        EXPECT_GT(operation.completed, Instant(0) + seconds(5));
        ++unknown;
      }
    }
    EXPECT_GT(unknown, 50u);
  }
}

TEST(Platform, NamesThePlantedBugsOfTheBuildAlone) {
  const auto planted = PlatformSystem().planted();
#ifdef BLACKOUT_PLANTED_BUGS
  EXPECT_TRUE(std::is_sorted(planted.begin(), planted.end()));
  EXPECT_TRUE(std::binary_search(planted.begin(), planted.end(), "forget_vote"));
#else
  EXPECT_TRUE(planted.empty());
#endif
}

}  // namespace
}  // namespace blackout::system::platform
