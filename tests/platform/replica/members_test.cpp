// Snapshots, and disks that are lost: what a node starts from, what it is sent, when it votes
// again.
#include <gtest/gtest.h>

#include "tests/platform/replica/servers.hpp"

namespace blackout::replica {
namespace {

using testing::at_ms;
using testing::Servers;
using testing::write;
using testing::writer;

// How many files are on the disk of server `id`, which a backup tells.
std::uint64_t files_of(Servers& servers, std::uint32_t id) {
  servers.at(at_ms(19'000), [&servers, id] {
    servers.node(id).stop(node::StopMode::process_crash);
    servers.disk(id).take_backup(0);
    servers.disk(id).return_to_backup(0);
  });
  servers.run_until(at_ms(20'000));
  return servers.last(EventKind::disk_replaced, id).a;
}

// What became of the member, and of no other.
std::vector<Suffrage> steps_of(const std::vector<Event>& changes, std::uint32_t id) {
  std::vector<Suffrage> steps;
  for (const Event& change : changes) {
    EXPECT_EQ(node_of_word(change.a), NodeId(id));
    steps.push_back(static_cast<Suffrage>(change.b));
  }
  return steps;
}

class SnapshotsAfterAStop : public ::testing::TestWithParam<node::StopMode> {};

TEST_P(SnapshotsAfterAStop, ANodeStartsFromItsSnapshotAndTheLogBehindIt) {
  Servers servers({.snapshot_entries = 20});
  std::vector<std::uint64_t> done;
  servers.start_client(3, 0, writer(1, 80, done));
  servers.at(at_ms(3'007), [&] { servers.node(1).stop(GetParam()); });
  servers.at(at_ms(3'100), [&] { servers.node(1).start(); });
  servers.run_until(at_ms(8'000));
  EXPECT_EQ(done.size(), 80u);
  const Event restored = servers.last(EventKind::snapshot_restored, 1);
  const auto taken = servers.events(EventKind::snapshot_taken, NodeId(1));
  EXPECT_GE(taken.size(), 4u);
  EXPECT_TRUE(std::any_of(taken.begin(), taken.end(), [&](const Event& one) {
    return one.a == restored.a && one.at < restored.at;
  })) << "what it starts from is what it took";
  EXPECT_GT(servers.last(EventKind::log_recovered, 1).a, restored.a);
  servers.expect_converged();
  EXPECT_LE(files_of(servers, 1), 5u) << "old snapshots and the beginning of the log are gone";
}

TEST_P(SnapshotsAfterAStop, AFollowerThatMissedMoreThanTheLogHoldsGetsASnapshot) {
  Servers servers({.clients = 2, .snapshot_entries = 20});
  std::vector<std::uint64_t> done;
  servers.start_client(3, 0, writer(1, 80, done));
  servers.at(at_ms(2'107), [&] { servers.node(2).stop(GetParam()); });
  servers.at(at_ms(5'000), [&] { servers.node(2).start(); });
  // The one that got it leads, and still knows who was answered.
  for (std::uint32_t id = 0; id < 2; ++id) {
    servers.at(at_ms(8'000), [&servers, id] { servers.node(id).stop(GetParam()); });
    servers.at(at_ms(8'100 + 3'000 * (1 - id)), [&servers, id] { servers.node(id).start(); });
  }
  std::optional<ledger::Answer> again;
  servers.start_client(4, 2, [&](env::Environment& environment, client::Client& client) {
    environment.tasks.sleep(milliseconds(9'500));
    const auto answer = write(environment, client, ShardId(0), 40, "k");
    if (answer) again = answer.value();
  });
  servers.run_until(at_ms(15'000));
  EXPECT_EQ(done.size(), 80u);
  const auto offered = servers.events(EventKind::snapshot_offered, NodeId(0));
  ASSERT_GE(offered.size(), 1u);
  EXPECT_EQ(node_of_word(offered[0].a), NodeId(2));
  const auto restored = servers.events(EventKind::snapshot_restored, NodeId(2));
  ASSERT_GE(restored.size(), 1u);
  EXPECT_EQ(restored.back().a, offered.back().b);
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->duplicate);
  EXPECT_EQ(again->version, 40u) << "the first answer, as the snapshot had it";
  servers.expect_converged();
}

// Server `lost` comes back with an empty disk at 3 s, server 0 is down from 6 s on: a majority then
// needs that disk and its vote. Until 9.5 s.
void replace_disk_and_need_it(Servers& servers, std::uint32_t lost) {
  servers.at(at_ms(3'000), [&servers, lost] {
    servers.node(lost).stop(node::StopMode::power_loss);
    servers.disk(lost).replace(0);
    servers.node(lost).start();
  });
  servers.at(at_ms(6'000), [&servers] { servers.node(0).stop(node::StopMode::power_loss); });
  servers.run_until(at_ms(9'500));
  EXPECT_EQ(steps_of(servers.events(EventKind::member_changed), lost),
            (std::vector{Suffrage::learner, Suffrage::incoming, Suffrage::voter}));
  servers.at(at_ms(9'500), [&servers] { servers.node(0).start(); });
  servers.run_until(at_ms(14'000));
}

TEST(Members, AVoterWhoseDiskIsReplacedLearnsEverythingAndThenVotesAgain) {
  Servers servers({.snapshot_entries = 20});
  std::vector<std::uint64_t> done;
  servers.start_client(3, 0, writer(1, 120, done));
  replace_disk_and_need_it(servers, 2);
  const auto changes = servers.events(EventKind::member_changed);
  for (const Event& vote : servers.events(EventKind::vote_cast, NodeId(2))) {
    EXPECT_TRUE(vote.at < at_ms(3'000) || vote.at > changes[1].at) << "not before it has the log";
  }
  EXPECT_GE(done.size(), 118u);
  servers.expect_converged();
}

TEST(Members, InAGroupOfFourAVoterWhoseDiskIsReplacedVotesAgain) {
  Servers servers({.servers = 4});
  std::vector<std::uint64_t> done;
  servers.start_client(4, 0, writer(1, 120, done));
  replace_disk_and_need_it(servers, 3);
  EXPECT_GE(done.size(), 118u);
  servers.expect_converged();
}

TEST(Members, AVoterWhoseDiskIsAnOldCopyGivesItUpAndLearnsWhatItForgot) {
  Servers servers;
  std::vector<std::uint64_t> done;
  servers.start_client(3, 0, writer(1, 120, done));
  servers.at(at_ms(2'500), [&] { servers.disk(2).take_backup(0); });
  servers.at(at_ms(3'000), [&] {
    servers.node(2).stop(node::StopMode::power_loss);
    servers.disk(2).return_to_backup(0);
    servers.node(2).start();
  });
  servers.run_until(at_ms(7'000));
  const Event disowned = servers.last(EventKind::disk_disowned, 2);
  EXPECT_LT(disowned.b, disowned.a);
  const auto changes = servers.events(EventKind::member_changed);
  EXPECT_EQ(steps_of(changes, 2),
            (std::vector{Suffrage::learner, Suffrage::incoming, Suffrage::voter}));
  EXPECT_EQ(done.size(), 120u);
  servers.expect_converged();
}

TEST(Snapshots, SnapshotsOfSeveralShardsDoNotTakeEachOthersFiles) {
  for (std::int64_t ms = 0; ms < 40; ms += 2) {
    Servers servers({.shards = 3, .clients = 3, .snapshot_entries = 7});
    std::vector<std::uint64_t> done[3];
    for (std::uint32_t i = 0; i < 3; ++i) {
      servers.start_client(3 + i, i, [&, i](env::Environment& environment, client::Client& client) {
        environment.tasks.sleep(Servers::settled - Instant(0));
        for (std::uint64_t operation = 1; operation <= 60; ++operation) {
          if (write(environment, client, ShardId(i), operation, "k")) done[i].push_back(operation);
          environment.tasks.sleep(milliseconds(7 + i));
        }
      });
    }
    servers.at(at_ms(2'000), [&] { servers.disk(1).slow(2'000'000, 0); });
    servers.at(at_ms(2'800 + ms), [&] {
      servers.node(1).stop(node::StopMode::power_loss);
      servers.disk(1).restore(0);
      servers.node(1).start();
    });
    servers.run_until(at_ms(9'000));
    for (const auto& answered : done) EXPECT_EQ(answered.size(), 60u);
    EXPECT_EQ(servers.events(EventKind::log_recovered, NodeId(1)).size(), 6u) << ms;
    EXPECT_EQ(servers.events(EventKind::node_stopped, NodeId(1)).size(), 1u) << ms;
  }
}

TEST(Snapshots, AFullDiskPutsASnapshotOff) {
  Instant first;
  for (const bool full : {false, true}) {
    Servers servers({.snapshot_entries = 20});
    std::vector<std::uint64_t> done;
    servers.start_client(3, 0, writer(1, 100, done));
    if (full) {
      // There is room for a few entries of the log.
      servers.at(first - milliseconds(5), [&] { servers.disk(2).fill(250, 0); });
      servers.at(first + milliseconds(40), [&] { servers.disk(2).drain(0); });
    }
    servers.run_until(at_ms(9'000));
    const auto taken = servers.events(EventKind::snapshot_taken, NodeId(2));
    ASSERT_GE(taken.size(), 3u);
    if (full) {
      EXPECT_GE(taken.front().at, first + milliseconds(40));
    }
    first = taken.front().at;
    EXPECT_TRUE(servers.events(EventKind::node_stopped, NodeId(2)).empty());
    EXPECT_EQ(done.size(), 100u);
    servers.expect_converged();
  }
}

TEST(Snapshots, SurvivesACrashAtAnyPointOfASnapshot) {
  for (std::int64_t ms = 0; ms < 60; ms += 2) {
    Servers servers({.snapshot_entries = 10});
    std::vector<std::uint64_t> done;
    servers.start_client(3, 1, writer(1, 40, done));
    servers.at(at_ms(2'200), [&] { servers.disk(0).slow(1'000'000, 0); });
    servers.at(at_ms(2'300 + ms), [&] {
      servers.disk(0).restore(0);
      servers.node(0).stop(node::StopMode::power_loss);
      servers.node(0).start();
    });
    servers.run_until(at_ms(12'000));
    EXPECT_EQ(servers.events(EventKind::log_recovered, NodeId(0)).size(), 2u) << ms;
    servers.expect_converged();
  }
}

INSTANTIATE_TEST_SUITE_P(Replica, SnapshotsAfterAStop,
                         ::testing::Values(node::StopMode::process_crash,
                                           node::StopMode::power_loss));

}  // namespace
}  // namespace blackout::replica
