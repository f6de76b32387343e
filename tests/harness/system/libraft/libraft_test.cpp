// The library as the harness starts it: what a Plan becomes, what its sessions answer, what is
// reported of it, and that two runs are equal.
#include "harness/system/libraft/libraft.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "harness/check/judge.hpp"
#include "harness/world/world.hpp"
#include "tests/harness/world/small_plan.hpp"

namespace blackout::system::libraft {
namespace {

using record::Operation;
using record::OperationKind;
using record::Outcome;
using testing::small_plan;

world::Result run(const scenario::Plan& plan) {
  LibraftSystem system;
  world::World world(plan, system);
  world::Result result = world.run();
  EXPECT_FALSE(result.failure) << result.failure->text;
  return result;
}

record::Verdict judge(const scenario::Plan& plan, const world::Result& result) {
  return check::judge(plan.facts, result.trace, result.history, result.failure, result.simulated);
}

std::size_t count(const world::Result& result, EventKind kind, NodeId node = no_node) {
  std::size_t found = 0;
  trace::Cursor cursor(result.trace);
  for (Event event; cursor.next(event);) {
    found += event.kind == kind && (node == no_node || event.node == node);
  }
  return found;
}

fault::Fault restart(std::uint32_t node, fault::Mode mode, Duration length) {
  fault::Fault fault;
  fault.kind = fault::Kind::node_restart;
  fault.at = Instant(0) + seconds(7);
  fault.length = length;
  fault.nodes = {NodeId(node)};
  fault.mode = mode;
  return fault;
}

TEST(Libraft, ServesEveryKindOfOperationAsTheModelSays) {
  const scenario::Plan plan = small_plan(1);
  const world::Result result = run(plan);
  std::size_t applied[4] = {}, refused[4] = {};
  for (const Operation& operation : result.history.operations) {
    ASSERT_EQ(operation.outcome, Outcome::ok);
    ++(operation.applied ? applied : refused)[static_cast<std::size_t>(operation.kind)];
  }
  for (const OperationKind kind :
       {OperationKind::put, OperationKind::get, OperationKind::cas, OperationKind::transfer}) {
    EXPECT_GT(applied[static_cast<std::size_t>(kind)], 0U);
  }
  EXPECT_GT(refused[static_cast<std::size_t>(OperationKind::cas)], 0U);
  const record::Verdict verdict = judge(plan, result);
  EXPECT_EQ(verdict.conclusion, record::Conclusion::pass) << verdict.sentence;
  for (const record::InvariantRow& row : verdict.invariants) {
    EXPECT_EQ(row.held, record::Held::yes) << row.id;
    const bool elsewhere = row.id == "addressed" || row.id == "platform.lag_honest";
    EXPECT_TRUE(row.checked > 0 || elsewhere) << row.id;
  }
}

TEST(Libraft, HasNothingForADirectorAPreferredLeaderOrLeases) {
  const std::vector<std::string> unused = LibraftSystem().unused_keys();
  for (const char* key : {"director", "prefer_leader", "reads"}) {
    EXPECT_EQ(std::count(unused.begin(), unused.end(), key), 1) << key;
  }
}

TEST(Libraft, RefusesWritesToRecordsForItsStoreKeepsNone) {
  scenario::Plan plan = small_plan(1);
  plan.groups[0].records = true;
  plan.groups[0].statuses = {"pending", "approved"};
  plan.clients[0].transfer_ppm = 0;
  plan.clients[0].status_ppm = plan.clients[0].profile_ppm = 50'000;
  std::size_t refused = 0;
  for (const Operation& operation : run(plan).history.operations) {
    const bool fails = record::writes_record(operation.kind);
    EXPECT_EQ(operation.outcome, fails ? Outcome::fail : Outcome::ok);
    refused += fails;
  }
  EXPECT_GT(refused, 50U);
}

TEST(Libraft, TwoRunsOfOnePlanAreEqual) {
  scenario::Plan plan = small_plan(2);
  testing::add_fault(plan, restart(0, fault::Mode::power_loss, seconds(2)));
  EXPECT_EQ(run(plan).trace.hash(), run(plan).trace.hash());
}

TEST(Libraft, TakesSnapshotsAndStartsFromThem) {
  scenario::Plan plan = small_plan(3);
  plan.groups[0].snapshot_every = 100;
  for (std::uint32_t node = 0; node < 3; ++node) {
    testing::add_fault(plan, restart(node, fault::Mode::process_crash, milliseconds(200)));
    plan.faults.back().at = Instant(0) + seconds(7 + node);
  }
  const world::Result result = run(plan);
  for (std::uint32_t node = 0; node < 3; ++node) {
    EXPECT_GT(count(result, EventKind::snapshot_taken, NodeId(node)), 1U);
    EXPECT_GT(count(result, EventKind::snapshot_restored, NodeId(node)), 0U);
  }
}

TEST(Libraft, ALeaderSendsASnapshotToAVoterThatNeedsMoreThanItsLogHolds) {
  scenario::Plan plan = small_plan(4);
  plan.groups[0].snapshot_every = 50;
  plan.clients[0].rate_per_s = 100;
  testing::add_fault(plan, restart(2, fault::Mode::power_loss, seconds(5)));
  const world::Result result = run(plan);
  EXPECT_GT(count(result, EventKind::snapshot_offered), 0U);
  EXPECT_EQ(result.history.audits.size(), 3U);
}

TEST(Libraft, AServerThatIsAskedToStopHandsOver) {
  std::size_t handed_over = 0;
  for (std::uint32_t node = 0; node < 3; ++node) {
    scenario::Plan plan = small_plan(5);
    testing::add_fault(plan, restart(node, fault::Mode::graceful, seconds(2)));
    handed_over += count(run(plan), EventKind::leadership_transfer, NodeId(node));
  }
  EXPECT_EQ(handed_over, 1U);
}

TEST(Libraft, CommitsAnEntryOfAnEarlierTermAfterALeaderIsLost) {
  std::size_t found = 0;
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    scenario::Plan plan = small_plan(seed);
    for (std::uint32_t node = 0; node < 3; ++node) {
      testing::add_fault(plan, restart(node, fault::Mode::power_loss, milliseconds(1500)));
      plan.faults.back().at = Instant(0) + seconds(6 + 3 * node);
    }
    const record::Verdict verdict = judge(plan, run(plan));
    found += std::any_of(verdict.findings.begin(), verdict.findings.end(),
                         [](const auto& one) { return one.id == "raft.commit_current_term"; });
  }
  EXPECT_GT(found, 0U);
}

TEST(Libraft, AWriteThatFailsOnTheLeadersDiskLetsTheReplicasDiverge) {
  scenario::Plan plan = small_plan(6);
  fault::Fault fault;
  fault.kind = fault::Kind::disk_error;
  fault.at = Instant(0) + seconds(7);
  fault.length = milliseconds(300);
  fault.nodes = {NodeId(0), NodeId(1), NodeId(2)};
  fault.operations = fault::Operations::write;
  fault.probability = random::Probability{500'000'000};
  testing::add_fault(plan, fault);
  const record::Verdict verdict = judge(plan, run(plan));
  EXPECT_TRUE(std::any_of(verdict.findings.begin(), verdict.findings.end(), [](const auto& one) {
    return one.id == "raft.log_matching";
  })) << verdict.sentence;
}

}  // namespace
}  // namespace blackout::system::libraft
