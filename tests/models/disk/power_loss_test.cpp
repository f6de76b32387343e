#include <algorithm>

#include "tests/models/disk/machine.hpp"

namespace blackout::disk {
namespace {

TEST(PowerLoss, TakesNothingThatWasSynced) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Machine machine(exact(), seed);
    machine.run([&] {
      const FileId file = machine.disk.open("log", true).value();
      (void)machine.disk.write(file, 0, filled(3'000, 1));
      (void)machine.disk.sync(file);
      (void)machine.disk.write(file, 1'000, filled(1'000, 2));
      (void)machine.disk.truncate(file, 1'500);
      (void)machine.disk.sync(file);
    });
    machine.cycle_power();
    Bytes expected = filled(1'500, 1);
    std::fill(expected.begin() + 1'000, expected.end(), std::uint8_t{2});
    ASSERT_EQ(machine.content("log"), expected);
    ASSERT_EQ(machine.events(EventKind::disk_unsynced_lost), 0u);
  }
}

TEST(PowerLoss, TakesAnySubsetOfTheUnsyncedWrites) {
  std::set<Values> outcomes;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Machine machine(exact(), seed);
    machine.run([&] {
      const FileId file = machine.disk.open("log", true).value();
      (void)machine.disk.write(file, 0, Bytes{1, 1, 1});
      (void)machine.disk.sync(file);
      (void)machine.disk.write(file, 0, Bytes{2});
      (void)machine.disk.write(file, 1, Bytes{3});
      (void)machine.disk.write(file, 3, Bytes{4});
    });
    machine.cycle_power();
    const Bytes left = machine.content("log");
    outcomes.insert(values(left));
    ASSERT_EQ(machine.disk.used_bytes(), left.size());
  }
  std::set<Values> possible;
  for (int subset = 0; subset < 8; ++subset) {
    Values bytes{1, 1, 1};
    if (subset & 1) bytes[0] = 2;
    if (subset & 2) bytes[1] = 3;
    if (subset & 4) bytes.push_back(4);
    possible.insert(bytes);
  }
  EXPECT_EQ(outcomes, possible);
}

TEST(PowerLoss, SurvivingWritesThatOverlapKeepTheirOrder) {
  std::set<Values> outcomes;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Machine machine(exact(), seed);
    machine.run([&] {
      const FileId file = machine.disk.open("log", true).value();
      (void)machine.disk.sync(file);
      (void)machine.disk.write(file, 0, Bytes{1, 1});
      (void)machine.disk.truncate(file, 1);
      (void)machine.disk.write(file, 1, Bytes{2, 2});
    });
    machine.cycle_power();
    outcomes.insert(values(machine.content("log")));
  }
  EXPECT_EQ(outcomes, (std::set<Values>{{}, {1, 1}, {1}, {0, 2, 2}, {1, 2, 2}}));
}

TEST(PowerLoss, AFileWhoseNameWasNeverSyncedMayVanish) {
  std::set<bool> exists;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Machine machine(exact(), seed);
    machine.run([&] { (void)machine.disk.open("log", true); });
    machine.cycle_power();
    machine.run([&] { exists.insert(machine.disk.open("log", false).ok()); });
  }
  EXPECT_EQ(exists, (std::set<bool>{false, true}));
}

TEST(PowerLoss, WhatASyncHadNotFinishedAtThePowerLossIsNotDurable) {
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Machine machine(exact(), seed);
    machine.run([&] {
      const FileId file = machine.disk.open("log", true).value();
      (void)machine.disk.sync(file);
    });
    machine.spawn([&] {
      const FileId file = machine.disk.open("log", false).value();
      (void)machine.disk.write(file, 0, Bytes{1});
      (void)machine.disk.sync(file);
      ADD_FAILURE() << "the power was lost before";
    });
    machine.kernel.run_until(machine.kernel.now() + microseconds(900));
    machine.cycle_power();
    sizes.insert(machine.content("log").size());
  }
  EXPECT_EQ(sizes, (std::set<std::size_t>{0, 1}));
}

TEST(PowerLoss, AWriteDuringASyncIsNotDurableByIt) {
  std::set<Values> outcomes;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Machine machine(exact(), seed);
    FileId file;
    machine.spawn([&] {
      file = machine.disk.open("log", true).value();
      (void)machine.disk.write(file, 0, Bytes{1});
      (void)machine.disk.sync(file);
    });
    machine.kernel.run_until(Instant() + microseconds(500));
    machine.run([&] { (void)machine.disk.write(file, 1, Bytes{2}); });
    machine.cycle_power();
    outcomes.insert(values(machine.content("log")));
  }
  EXPECT_EQ(outcomes, (std::set<Values>{{1}, {1, 2}}));
}

TEST(PowerLoss, ACleanShutdownWritesThePageCacheBack) {
  Machine machine;
  machine.run([&] {
    const FileId file = machine.disk.open("log", true).value();
    (void)machine.disk.write(file, 0, filled(100, 9));
  });
  machine.crash();
  machine.disk.write_back();
  machine.disk.lose_power();
  machine.restart();
  EXPECT_EQ(machine.content("log"), filled(100, 9));
}

// Which of the sectors of one write over four, un-synced at a power loss, are left.
std::set<Values> sectors_left(Profile profile) {
  std::set<Values> outcomes;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Machine machine(profile, seed);
    machine.run([&] {
      const FileId file = machine.disk.open("log", true).value();
      (void)machine.disk.write(file, 0, filled(2'048, 1));
      (void)machine.disk.sync(file);
      (void)machine.disk.write(file, 100, filled(1'800, 2));
    });
    machine.cycle_power();
    const Bytes left = machine.content("log");
    Values sectors;
    for (std::uint64_t sector = 0; sector < 4; ++sector) {
      const std::uint64_t begin = std::max<std::uint64_t>(100, sector * sector_bytes);
      const std::uint64_t end = std::min<std::uint64_t>(1'900, (sector + 1) * sector_bytes);
      const std::uint8_t value = left[begin];
      EXPECT_TRUE(std::all_of(left.begin() + static_cast<std::ptrdiff_t>(begin),
                              left.begin() + static_cast<std::ptrdiff_t>(end),
                              [value](int byte) { return byte == value; }));
      sectors.push_back(value);
    }
    outcomes.insert(sectors);
    const bool torn = sectors != Values{1, 1, 1, 1} && sectors != Values{2, 2, 2, 2};
    if (torn) {
      EXPECT_EQ(machine.events(EventKind::disk_write_torn), 1u);
    }
    if (torn) {
      EXPECT_EQ(machine.events(EventKind::disk_unsynced_lost), 1u);
    }
  }
  return outcomes;
}

TEST(PowerLoss, TearsAWriteAtSectorsAndLeavesAnySubsetOfThem) {
  Profile profile = exact();
  profile.survival = profile.tearing = {1'000'000'000};
  EXPECT_EQ(sectors_left(profile).size(), 16u);
}

TEST(PowerLoss, TearsNoWriteOfADiskThatDoesNotTear) {
  Profile profile = exact();
  profile.tearing = {0};
  EXPECT_EQ(sectors_left(profile), (std::set<Values>{{1, 1, 1, 1}, {2, 2, 2, 2}}));
}

TEST(PowerLoss, TearsEveryWriteThatSurvivesAndNotTheLastAlone) {
  Profile profile = exact();
  profile.survival = profile.tearing = {1'000'000'000};
  std::set<std::size_t> torn;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Machine machine(profile, seed);
    machine.run([&] {
      const FileId file = machine.disk.open("log", true).value();
      (void)machine.disk.write(file, 0, filled(4'096, 1));
      (void)machine.disk.write(file, 4'096, filled(4'096, 2));
    });
    machine.cycle_power();
    torn.insert(machine.events(EventKind::disk_write_torn));
  }
  EXPECT_EQ(torn, (std::set<std::size_t>{1, 2}));
}

TEST(PowerLoss, TearsNoWriteWithinASector) {
  Profile profile = exact();
  profile.survival = profile.tearing = {1'000'000'000};
  Machine machine(profile);
  machine.run([&] {
    const FileId file = machine.disk.open("log", true).value();
    (void)machine.disk.write(file, 512, filled(512, 1));
  });
  machine.cycle_power();
  EXPECT_EQ(machine.events(EventKind::disk_write_torn), 0u);
  EXPECT_EQ(machine.disk.used_bytes(), 1'024u);
}

TEST(PowerLoss, ASyncOfOneFileIsNoBarrierForAnother) {
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Machine machine(exact(), seed);
    machine.run([&] {
      const FileId other = machine.disk.open("other", true).value();
      (void)machine.disk.sync(other);
      (void)machine.disk.write(other, 0, Bytes{1});
      const FileId file = machine.disk.open("log", true).value();
      (void)machine.disk.write(file, 0, Bytes{2});
      (void)machine.disk.sync(file);
    });
    machine.cycle_power();
    EXPECT_EQ(machine.content("log"), Bytes{2});
    sizes.insert(machine.content("other").size());
  }
  EXPECT_EQ(sizes, (std::set<std::size_t>{0, 1}));
}

}  // namespace
}  // namespace blackout::disk
