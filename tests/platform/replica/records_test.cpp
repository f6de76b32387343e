// Records over the wire: their rules on every replica, across snapshot and restart, and whose
// stamps are believed.
#include <gtest/gtest.h>

#include "tests/platform/replica/servers.hpp"

namespace blackout::replica {
namespace {

using testing::at_ms;
using testing::Options;
using testing::Servers;

constexpr std::uint8_t verification = 0, profile = 1;

ledger::Rules rules() {
  ledger::Rules rules;
  rules.types = {{"verification", ledger::Rule::lattice, {"pending", "approved", "revoked"}},
                 {"profile", ledger::Rule::newest}};
  return rules;
}

ledger::Command merge(std::uint64_t operation, std::uint8_t type, std::string value,
                      ledger::Stamp stamp = {}) {
  ledger::Command command;
  command.operation = OperationId(operation);
  command.kind = ledger::CommandKind::merge;
  command.account = "m/1";
  command.type = type;
  command.value = std::move(value);
  command.stamp = stamp;
  return command;
}

Result<ledger::Answer, client::Error> send(env::Environment& environment, client::Client& client,
                                           const ledger::Command& command) {
  client::Call call{.deadline = environment.clock.monotonic() + seconds(2)};
  return client.write(ShardId(0), command, call);
}

std::vector<ledger::Record> all_records(env::Environment& environment, client::Client& client) {
  client::Call call{.deadline = environment.clock.monotonic() + seconds(2)};
  const auto records = client.records(ShardId(0), {}, 100, call);
  return records ? records.value() : std::vector<ledger::Record>();
}

TEST(Records, StandOnEveryReplicaAndComeBackWithASnapshot) {
  Servers servers({.clients = 1, .snapshot_entries = 10, .rules = rules()});
  std::vector<ledger::Record> before, after;
  servers.start_client(3, 1, [&](env::Environment& environment, client::Client& client) {
    environment.tasks.sleep(Servers::settled - Instant(0));
    std::uint64_t operation = 0;
    for (int round = 0; round < 10; ++round) {
      for (const char* status : {"approved", "revoked", "pending"}) {
        ASSERT_TRUE(send(environment, client, merge(++operation, verification, status)));
      }
      ASSERT_TRUE(send(environment, client,
                       merge(operation + 100, profile, std::to_string(round), client.stamp())));
    }
    before = all_records(environment, client);
    environment.tasks.sleep(seconds(6));
    after = all_records(environment, client);
  });
  for (std::uint32_t id = 0; id < 3; ++id) {
    servers.at(at_ms(5'000), [&servers, id] { servers.node(id).stop(node::StopMode::power_loss); });
    servers.at(at_ms(5'500), [&servers, id] { servers.node(id).start(); });
  }
  servers.run_until(at_ms(12'000));
  ASSERT_EQ(before.size(), 2U);
  EXPECT_EQ(before[0].value, "revoked");
  EXPECT_EQ(before[1].value, "9");
  EXPECT_EQ(after, before);
  EXPECT_FALSE(servers.events(EventKind::snapshot_restored).empty());
  servers.expect_converged();
}

TEST(Records, AWriteWhoseStampIsTooFarAheadOfTheLeadersClockIsRefused) {
  Servers servers({.rules = rules()});
  std::vector<bool> accepted;
  std::vector<ledger::Record> records;
  servers.start_client(3, 0, [&](env::Environment& environment, client::Client& client) {
    environment.tasks.sleep(Servers::settled - Instant(0));
    std::uint64_t operation = 0;
    for (const Duration ahead : {milliseconds(0), milliseconds(400), milliseconds(700)}) {
      ledger::HybridClock clock(5);
      const ledger::Stamp stamp = clock.now(environment.clock.wall().unix_ns + ahead.ns());
      ++operation;
      const auto answer =
          send(environment, client, merge(operation, profile, std::to_string(operation), stamp));
      accepted.push_back(static_cast<bool>(answer));
      if (!answer) {
        EXPECT_EQ(answer.error(), client::Error::refused);
      }
    }
    records = all_records(environment, client);
  });
  servers.run_until(at_ms(6'000));
  EXPECT_EQ(accepted, (std::vector<bool>{true, true, false}));
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].value, "2");
}

// Two clients whose clocks agree on nothing but what answers show.
TEST(Records, AClientsNextStampIsAboveWhatItsAnswersShowed) {
  Servers servers({.rules = rules()});
  std::vector<std::string> values;
  servers.start_client(3, 0, [&](env::Environment& environment, client::Client& client) {
    environment.tasks.sleep(Servers::settled - Instant(0));
    ledger::HybridClock fast(9);
    const ledger::Stamp ahead = fast.now(environment.clock.wall().unix_ns + milliseconds(450).ns());
    ASSERT_TRUE(send(environment, client, merge(1, profile, "by the fast clock", ahead)));
    EXPECT_GT(client.stamp(), ahead);
    ASSERT_TRUE(send(environment, client, merge(2, profile, "later", client.stamp())));
    values.push_back(all_records(environment, client).at(0).value);
  });
  servers.run_until(at_ms(6'000));
  EXPECT_EQ(values, std::vector<std::string>{"later"});
}

}  // namespace
}  // namespace blackout::replica
