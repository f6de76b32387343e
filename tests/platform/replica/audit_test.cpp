// Audits of real servers: a wrong state is found, takes itself out of service, and is repaired.
#include <gtest/gtest.h>

#include "tests/platform/replica/servers.hpp"

#ifdef BLACKOUT_PLANTED_BUGS
namespace blackout::replica {
namespace {

using testing::at_ms;
using testing::Servers;
using testing::writer;

constexpr Instant spoilt_at = at_ms(4'200);
constexpr Duration audits_twice = seconds(5);

// 200 writes, from 2 s to 10 s.
struct Writes {
  explicit Writes(testing::Options options = {}) : servers(options) {
    servers.start_client(3, 0, writer(1, 200, done));
  }
  void spoil(std::uint32_t id, ledger::Spoilt what) {
    servers.at(spoilt_at, [this, id, what] { servers.spoil(id, what); });
  }
  [[nodiscard]] std::vector<Event> found() const {
    return servers.events(EventKind::divergence_found);
  }
  // In this order, each once, in time, and by the end everything is as it should be.
  void expect_repaired(std::uint32_t id) {
    ASSERT_GE(found().size(), 1u);
    EXPECT_EQ(node_of_word(found()[0].a), NodeId(id));
    EXPECT_LE(found()[0].at, spoilt_at + audits_twice);
    const auto quarantined = servers.events(EventKind::replica_quarantined);
    const auto repaired = servers.events(EventKind::replica_repaired);
    ASSERT_EQ(quarantined.size(), 1u);
    ASSERT_EQ(repaired.size(), 1u);
    EXPECT_EQ(quarantined[0].node, NodeId(id));
    EXPECT_EQ(repaired[0].node, NodeId(id));
    EXPECT_GE(quarantined[0].at, found()[0].at);
    EXPECT_GT(repaired[0].at, quarantined[0].at);
    servers.expect_converged();
    EXPECT_EQ(done.size(), 200u);
  }

  std::vector<std::uint64_t> done;
  Servers servers;
};

class SpoiltFollower : public ::testing::TestWithParam<ledger::Spoilt> {};

TEST_P(SpoiltFollower, IsFoundAndRepairedFromTheLeaderWhileClientsWrite) {
  Writes run;
  run.spoil(2, GetParam());
  run.servers.run_until(at_ms(13'000));
  run.expect_repaired(2);
  EXPECT_EQ(run.found()[0].node, NodeId(0)) << "the leader says so";
  EXPECT_EQ(run.servers.last(EventKind::replica_repaired, 2).b, node_word(NodeId(0)));
}

TEST_P(SpoiltFollower, IsFoundWhileNobodyWrites) {
  Writes run;
  run.servers.at(at_ms(10'500), [&] { run.servers.spoil(1, GetParam()); });
  run.servers.run_until(at_ms(17'000));
  const auto repaired = run.servers.events(EventKind::replica_repaired, NodeId(1));
  ASSERT_EQ(repaired.size(), 1u);
  EXPECT_LE(repaired[0].at, at_ms(15'500));
  run.servers.expect_converged();
}

INSTANTIATE_TEST_SUITE_P(ByRecord, SpoiltFollower,
                         ::testing::Values(ledger::Spoilt::account, ledger::Spoilt::operation));

TEST(SpoiltLeader, HandsOverServesNobodyAndIsRepairedByItsSuccessor) {
  Writes run;
  run.spoil(0, ledger::Spoilt::operation);
  run.servers.run_until(at_ms(13'000));
  run.expect_repaired(0);
  const Event quarantined = run.servers.last(EventKind::replica_quarantined, 0);
  const Event repaired = run.servers.last(EventKind::replica_repaired, 0);
  EXPECT_NE(node_of_word(repaired.b), NodeId(0));
  for (const EventKind kind : {EventKind::write_acknowledged, EventKind::read_served}) {
    for (const Event& answer : run.servers.events(kind, NodeId(0))) {
      EXPECT_TRUE(answer.at < quarantined.at || answer.at > repaired.at) << words_of(kind).kind;
    }
  }
}

TEST(SpoiltReplica, OfTwoThatAreLeftIsNotNamedForNobodyKnowsWhoIsRight) {
  Writes run;
  run.servers.at(at_ms(3'500), [&] { run.servers.node(1).stop(node::StopMode::power_loss); });
  run.spoil(2, ledger::Spoilt::account);
  run.servers.at(at_ms(10'000), [&] {
    EXPECT_TRUE(run.found().empty());
    run.servers.node(1).start();
  });
  run.servers.run_until(at_ms(16'000));
  ASSERT_GE(run.found().size(), 1u);
  EXPECT_EQ(node_of_word(run.found()[0].a), NodeId(2));
  run.servers.expect_converged();
}

TEST(SpoiltReplica, ThatRestartsFromItsOwnWrongSnapshotIsFoundAgain) {
  Writes run({.snapshot_entries = 20});
  run.spoil(2, ledger::Spoilt::account);
  // Between two audits.
  run.servers.at(at_ms(5'200), [&] { run.servers.node(2).stop(node::StopMode::process_crash); });
  run.servers.at(at_ms(5'300), [&] { run.servers.node(2).start(); });
  run.servers.run_until(at_ms(14'000));
  const auto started = run.servers.events(EventKind::log_recovered, NodeId(2));
  ASSERT_EQ(started.size(), 2u);
  const auto repaired = run.servers.events(EventKind::replica_repaired, NodeId(2));
  ASSERT_GE(repaired.size(), 1u);
  EXPECT_GT(repaired.back().at, started[1].at);
  EXPECT_LE(repaired.back().at, started[1].at + audits_twice);
  run.servers.expect_converged();
}

TEST(SpoiltReplica, StartsFromARightSnapshotOnceItWasRepaired) {
  Writes run({.snapshot_entries = 20});
  run.spoil(2, ledger::Spoilt::account);
  run.servers.at(at_ms(11'000), [&] { run.servers.node(2).stop(node::StopMode::power_loss); });
  run.servers.at(at_ms(11'100), [&] { run.servers.node(2).start(); });
  run.servers.run_until(at_ms(18'000));
  run.expect_repaired(2);
}

TEST(SpoiltReplica, ThatTrustsItselfGoesOnBeingWrong) {
  Writes run({.audit_trusts_itself = true});
  run.spoil(2, ledger::Spoilt::account);
  run.servers.run_until(at_ms(14'000));
  EXPECT_GE(run.found().size(), 2u) << "at every audit anew";
  EXPECT_TRUE(run.servers.events(EventKind::replica_quarantined).empty());
  EXPECT_NE(run.servers.last(EventKind::entry_applied, 2).c,
            run.servers.last(EventKind::entry_applied, 0).c);
}

TEST(Audits, AccuseNobodyWhileServersStopAndStart) {
  Writes run({.snapshot_entries = 20});
  for (std::uint32_t id = 0; id < 3; ++id) {
    const std::int64_t ms = 2'500 + 2'000 * id;
    run.servers.at(at_ms(ms),
                   [&run, id] { run.servers.node(id).stop(node::StopMode::power_loss); });
    run.servers.at(at_ms(ms + 700), [&run, id] { run.servers.node(id).start(); });
  }
  run.servers.run_until(at_ms(25'000));
  EXPECT_TRUE(run.found().empty());
  EXPECT_TRUE(run.servers.events(EventKind::replica_quarantined).empty());
  run.servers.expect_converged();
}

}  // namespace
}  // namespace blackout::replica
#endif
