// What clients make of each operation while faults of load are in force, question by question.
#include "harness/workload/conduct.hpp"

#include <gtest/gtest.h>

#include "tests/harness/world/small_plan.hpp"

namespace blackout::workload {
namespace {

using fault::Fault;
using fault::Kind;

Fault fault_of(Kind kind, std::vector<fault::Clients> clients) {
  Fault fault;
  fault.kind = kind;
  fault.clients = std::move(clients);
  return fault;
}

record::Operation operation_in(std::uint16_t region, bool probe = false) {
  record::Operation operation;
  operation.region = RegionId(region);
  operation.probe = probe;
  return operation;
}

struct Clients {
  scenario::Plan plan = testing::small_plan(1);
  Conduct conduct{plan};
};

TEST(Conduct, SpeaksOfTheFaultsClientsAlone) {
  Clients clients;
  const Fault herd = fault_of(Kind::thundering_herd, {{0, RegionId(1)}});
  clients.conduct.begin(herd, 7);
  EXPECT_EQ(clients.conduct.herd_of(operation_in(1)), 7u);
  EXPECT_FALSE(clients.conduct.herd_of(operation_in(2)));
  EXPECT_FALSE(clients.conduct.hurry_of(operation_in(1)));
  clients.conduct.end(7);
  EXPECT_FALSE(clients.conduct.herd_of(operation_in(1)));
}

TEST(Conduct, LeavesProbesAlone) {
  Clients clients;
  const Fault herd = fault_of(Kind::thundering_herd, {{0, RegionId(1)}});
  Fault storm = fault_of(Kind::retry_storm, {{0, RegionId(1)}});
  storm.retries = 3;
  Fault hot = fault_of(Kind::hot_key, {{0, RegionId(1)}});
  hot.share.ppb = 1'000'000'000;
  clients.conduct.begin(herd, 0);
  clients.conduct.begin(storm, 1);
  clients.conduct.begin(hot, 2);
  const record::Operation probe = operation_in(1, true);
  EXPECT_FALSE(clients.conduct.herd_of(probe));
  EXPECT_FALSE(clients.conduct.hurry_of(probe));
  for (std::uint32_t rank = 0; rank < 20; ++rank) {
    EXPECT_EQ(clients.conduct.rank_of(probe, rank, random::Key(rank)), rank);
  }
}

TEST(Conduct, OfTwoStormsTheOneThatBeganLaterDecidesUntilItsEnd) {
  Clients clients;
  Fault first = fault_of(Kind::retry_storm, {{0, RegionId(1)}}), second = first;
  first.retries = 1;
  second.retries = 2;
  clients.conduct.begin(first, 0);
  clients.conduct.begin(second, 1);
  EXPECT_EQ(clients.conduct.hurry_of(operation_in(1))->haste.retries, 2u);
  clients.conduct.end(1);
  EXPECT_EQ(clients.conduct.hurry_of(operation_in(1))->haste.retries, 1u);
}

TEST(Conduct, OfAHotKeyAllOfAWholeShareGoesThere) {
  Clients clients;
  Fault hot = fault_of(Kind::hot_key, {{0, RegionId(1)}});
  hot.share.ppb = 1'000'000'000;
  clients.conduct.begin(hot, 3);
  const std::uint32_t wanted = clients.conduct.rank_of(operation_in(1), 0, random::Key(0));
  for (std::uint32_t rank = 0; rank < 20; ++rank) {
    EXPECT_EQ(clients.conduct.rank_of(operation_in(1), rank, random::Key(rank)), wanted);
  }
  EXPECT_EQ(clients.conduct.effect(3), wanted == 0 ? 19u : 20u);
}

TEST(Conduct, TimesOfSlowClientsAddUpAndCountForEach) {
  Clients clients;
  Fault slow;
  slow.kind = Kind::slow_client;
  slow.nodes = {NodeId(4)};
  slow.per_reply = milliseconds(3);
  Fault slower = slow;
  slower.nodes = {NodeId(4), NodeId(5)};
  slower.per_reply = milliseconds(5);
  clients.conduct.begin(slow, 0);
  clients.conduct.begin(slower, 1);
  EXPECT_EQ(clients.conduct.reply_time(RegionId(0)), Duration());
  EXPECT_EQ(clients.conduct.reply_time(RegionId(1)), milliseconds(8));
  EXPECT_EQ(clients.conduct.reply_time(RegionId(2)), milliseconds(5));
  EXPECT_EQ(clients.conduct.effect(0), 1u);
  EXPECT_EQ(clients.conduct.effect(1), 2u);
  clients.conduct.end(0);
  EXPECT_EQ(clients.conduct.reply_time(RegionId(1)), milliseconds(5));
}

}  // namespace
}  // namespace blackout::workload
