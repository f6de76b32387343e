// Every fault of the disk, from the Plan to what the platform makes of it.
#include <gtest/gtest.h>

#include "harness/world/handlers.hpp"
#include "tests/harness/world/fault_runs.hpp"

namespace blackout::world {
namespace {

using fault::Fault;
using fault::Kind;
using testing::between;
using testing::events;
using testing::fault_end;
using testing::fault_on;
using testing::fault_start;
using testing::last_index;
using testing::longest;
using testing::power_cut;
using testing::run_with;

constexpr NodeId victim{2};
constexpr Instant never = Instant::never();

std::uint64_t effect(const Result& result) { return result.faults.at(0).effect; }

// Failures of the victim's disk with this error.
std::vector<Event> failures(const Result& result, env::DiskError error) {
  std::vector<Event> found = events(result, EventKind::disk_failed, victim);
  std::erase_if(
      found, [error](const Event& event) { return event.c != static_cast<std::uint64_t>(error); });
  return found;
}

bool stores_again(const Result& result, Instant from) {
  return between(events(result, EventKind::log_durable, victim), from, never) > 0;
}

bool recovers(const Result& result, Instant from) {
  return between(events(result, EventKind::log_recovered, victim), from, never) > 0;
}

TEST(Fault, DiskSlowStretchesEverySync) {
  Fault fault = fault_on(Kind::disk_slow, 2);
  fault.factor_permille = 20'000;
  const Result result = run_with({fault});
  const auto syncs = events(result, EventKind::disk_synced, victim);
  const Duration usual = longest(syncs, Instant(0), fault_start);
  EXPECT_GT(effect(result), 0u);
  EXPECT_GT(longest(syncs, fault_start + seconds(1), fault_end), usual * 3);
  EXPECT_LT(longest(syncs, fault_end + seconds(1), never), usual * 3);
}

TEST(Fault, DiskStallHoldsUpWhatIsUnderWayAndLosesNothing) {
  const auto slowest = [](const Result& result) {
    return longest(events(result, EventKind::disk_synced, victim), fault_start, never);
  };
  const Result result = run_with({fault_on(Kind::disk_stall, 2)});
  EXPECT_GT(effect(result), 0u);
  EXPECT_GT(slowest(result), milliseconds(3'500));
  EXPECT_LT(slowest(run_with({})), milliseconds(100));
  const auto syncs = events(result, EventKind::disk_synced, victim);
  EXPECT_EQ(between(syncs, fault_start + milliseconds(100), fault_end), 0u);
  EXPECT_TRUE(events(result, EventKind::disk_failed, victim).empty());
  EXPECT_TRUE(stores_again(result, fault_end + seconds(1)));
}

TEST(Fault, DiskErrorEndsTheProcessUntilTheDiskWorksAgain) {
  const Result result = run_with({fault_on(Kind::disk_error, 2)});
  EXPECT_GT(effect(result), 0u);
  EXPECT_GT(failures(result, env::DiskError::input_output).size(), 0u);
  EXPECT_GE(events(result, EventKind::node_started, victim).size(), 2u);
  EXPECT_TRUE(stores_again(result, fault_end + seconds(2)));
}

TEST(Fault, DiskErrorStrikesTheOperationsThatItNamesAsOftenAsItSays) {
  Fault fault = fault_on(Kind::disk_error, 2);
  fault.operations = fault::Operations::sync;
  fault.probability = {50'000'000};
  const Result result = run_with({fault});
  const auto failed = failures(result, env::DiskError::input_output);
  ASSERT_FALSE(failed.empty());
  for (const Event& event : failed) {
    EXPECT_EQ(event.b, static_cast<std::uint64_t>(disk::Operation::sync));
  }
  const auto syncs = events(result, EventKind::disk_synced, victim);
  EXPECT_GT(between(syncs, fault_start, fault_end), failed.size());
}

TEST(Fault, DiskErrorOfReadsIsFoundByAColdStart) {
  Fault fault = fault_on(Kind::disk_error, 2);
  fault.operations = fault::Operations::read;
  const Fault cut = power_cut(2, seconds(7), seconds(1));
  const Result result = run_with({fault, cut});
  EXPECT_GT(failures(result, env::DiskError::input_output).size(), 0u);
  EXPECT_EQ(between(events(result, EventKind::log_recovered, victim), fault_start, fault_end), 0u);
  EXPECT_TRUE(recovers(result, fault_end));
}

TEST(Fault, DiskFullRefusesWhatDoesNotFitUntilItIsDrained) {
  Fault fault = fault_on(Kind::disk_full, 2);
  fault.free_bytes = 4096;
  const Result result = run_with({fault});
  const auto refused = failures(result, env::DiskError::no_space);
  EXPECT_GT(effect(result), 0u);
  ASSERT_FALSE(refused.empty());
  EXPECT_GT(refused.front().at, fault_start + milliseconds(50)) << "4 KiB last for a while";
  EXPECT_LT(refused.back().at, fault_end);
  EXPECT_TRUE(failures(run_with({}), env::DiskError::no_space).empty());
  EXPECT_TRUE(stores_again(result, fault_end + seconds(2)));
}

TEST(Fault, DiskReadOnlyRefusesEveryChangeUntilItIsWritable) {
  const Result result = run_with({fault_on(Kind::disk_read_only, 2)});
  const auto refused = failures(result, env::DiskError::read_only);
  EXPECT_GT(effect(result), 0u);
  ASSERT_FALSE(refused.empty());
  EXPECT_LT(refused.back().at, fault_end);
  EXPECT_EQ(between(events(result, EventKind::disk_written, victim), fault_start, fault_end), 0u);
  EXPECT_TRUE(failures(run_with({}), env::DiskError::read_only).empty());
  EXPECT_TRUE(stores_again(result, fault_end + seconds(2)));
}

// How many entries that the victim called durable before 9 s it did not recover after it.
std::int64_t forgotten(const Result& result) {
  const Instant cut = Instant(0) + seconds(9);
  const auto recovered = events(result, EventKind::log_recovered, victim);
  const auto durable = last_index(events(result, EventKind::log_durable, victim), cut);
  return static_cast<std::int64_t>(durable - last_index(recovered, never));
}

TEST(Fault, DiskLyingLosesWhatWasSynced) {
  const Fault cut = power_cut(2, seconds(9), seconds(2));
  const Result result = run_with({fault_on(Kind::disk_lying, 2), cut});
  EXPECT_GT(effect(result), 0u);
  EXPECT_GT(events(result, EventKind::disk_sync_ignored, victim).size(), 0u);
  // Either the node recovers less than it had called durable, or its log has holes and is refused.
  const bool refused = !recovers(result, cut.at);
  EXPECT_TRUE(refused || forgotten(result) > 10) << forgotten(result);
  EXPECT_LE(forgotten(run_with({cut})), 0);
}

TEST(Fault, DiskLyingEndsWithItsFaultAndTheNextSyncMakesAllDurable) {
  const Fault cut = power_cut(2, seconds(12), seconds(1));
  const Result result = run_with({fault_on(Kind::disk_lying, 2), cut});
  const auto ignored = events(result, EventKind::disk_sync_ignored, victim);
  ASSERT_FALSE(ignored.empty());
  EXPECT_EQ(between(ignored, fault_start, fault_end), ignored.size());
  const auto durable = last_index(events(result, EventKind::log_durable, victim), cut.at);
  EXPECT_GE(last_index(events(result, EventKind::log_recovered, victim), never), durable);
}

TEST(Fault, DiskMisdirectedSpoilsTheLogThatAColdStartReads) {
  Fault fault = fault_on(Kind::disk_misdirected, 2);
  fault.probability = {300'000'000};
  fault.length = seconds(2);
  const Fault cut = power_cut(2, seconds(9), seconds(1));
  const Result result = run_with({fault, cut});
  EXPECT_GT(effect(result), 0u);
  const auto astray = events(result, EventKind::disk_write_misdirected, victim);
  EXPECT_EQ(astray.size(), effect(result));
  EXPECT_EQ(between(astray, fault_start, fault_start + fault.length), astray.size());
  EXPECT_FALSE(recovers(result, cut.at)) << "a log with holes must be refused";
  EXPECT_TRUE(recovers(run_with({cut}), cut.at));
}

TEST(Fault, DiskBadSectorKeepsANodeDownUntilItIsMended) {
  Fault fault = fault_on(Kind::disk_bad_sector, 2);
  fault.sectors = 1'000;
  const Fault cut = power_cut(2, seconds(7), seconds(1));
  const Result result = run_with({fault, cut});
  EXPECT_GT(effect(result), 0u);
  EXPECT_GT(failures(result, env::DiskError::input_output).size(), 0u);
  EXPECT_EQ(between(events(result, EventKind::log_recovered, victim), cut.at, fault_end), 0u);
  EXPECT_TRUE(recovers(result, fault_end));
  EXPECT_EQ(between(events(run_with({cut}), EventKind::log_recovered, victim), cut.at, fault_end),
            1u);
}

TEST(Fault, DiskBitRotIsRefusedAtTheNextStartAndNeverCutOff) {
  Fault rot = fault_on(Kind::disk_bit_rot, 2);
  rot.bits = 200;
  rot.length = {};
  const Fault cut = power_cut(2, seconds(8), seconds(1));
  const Result result = run_with({rot, cut});
  EXPECT_EQ(effect(result), 200u);
  EXPECT_EQ(result.faults.at(0).end, record::FaultEnd::moment);
  EXPECT_EQ(events(result, EventKind::disk_bit_flipped, victim).size(), 200u);
  EXPECT_TRUE(stores_again(result, fault_start)) << "the page cache hides it";
  EXPECT_FALSE(recovers(result, cut.at));
  EXPECT_TRUE(recovers(run_with({cut}), cut.at));
}

// What a server that appends and syncs a byte every 100 ms finds at each of its starts.
std::vector<std::uint64_t> found_at_starts(const std::vector<Fault>& faults,
                                           record::Ledger& ledger) {
  std::vector<std::uint64_t> found;
  testing::Servers system([&found](NodeId node, env::Environment& environment) {
    const auto file = environment.disk.open("log", true);
    if (!file) environment.tasks.exit();
    std::uint64_t size = environment.disk.size(file.value());
    if (node == victim) found.push_back(size);
    while (true) {
      const Bytes byte(1);
      if (!environment.disk.write(file.value(), size++, byte)) environment.tasks.exit();
      if (!environment.disk.sync(file.value())) environment.tasks.exit();
      environment.tasks.sleep(milliseconds(100));
    }
  });
  const scenario::Plan plan = testing::plan_with(faults);
  World world(plan, system);
  ledger = world.run().faults;
  return found;
}

TEST(Fault, DiskReplacedComesBackEmpty) {
  record::Ledger ledger;
  const auto with = found_at_starts({fault_on(Kind::disk_replaced, 2)}, ledger);
  EXPECT_EQ(ledger.at(0).effect, 1u) << "one file is gone";
  EXPECT_EQ(with, (std::vector<std::uint64_t>{0, 0}));
  const auto without = found_at_starts({power_cut(2, seconds(6), seconds(4))}, ledger);
  ASSERT_EQ(without.size(), 2u);
  EXPECT_GT(without[1], 50u);
}

TEST(Fault, DiskRestoredComesBackWithWhatWasDurableThen) {
  record::Ledger ledger;
  Fault fault = fault_on(Kind::disk_restored, 2);
  fault.taken = seconds(3);
  const auto with = found_at_starts({fault}, ledger);
  EXPECT_EQ(ledger.at(0).effect, 1u);
  ASSERT_EQ(with.size(), 2u);
  EXPECT_GT(with[1], 25u);
  EXPECT_LE(with[1], 31u);
}

}  // namespace
}  // namespace blackout::world
