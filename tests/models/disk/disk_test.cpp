#include "models/disk/disk.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

namespace blackout::disk {
namespace {

using env::DiskError;
using env::FileId;

Profile exact() {
  Profile profile;
  profile.sync_median = profile.sync_p99 = milliseconds(1);
  profile.read_median = profile.read_p99 = microseconds(100);
  profile.bytes_per_second = 0;
  return profile;
}

using Values = std::vector<int>;
Values values(const Bytes& bytes) { return Values(bytes.begin(), bytes.end()); }

Bytes filled(std::size_t size, std::uint8_t value) { return Bytes(size, value); }

// A machine that is nothing but its disk; tasks run in its fibers.
class Machine final : private Host {
 public:
  explicit Machine(Profile chosen = exact(), std::uint64_t seed = 1)
      : profile(chosen), disk(kernel, recorder, random::Key(seed), NodeId(0), profile, *this) {
    disk.attach(1);
  }
  void spawn(Callback body) {
    const fiber::FiberId fiber = kernel.fibers().create(std::move(body), 0, "test");
    kernel.resume_at(kernel.now(), fiber);
    fibers.push_back(fiber);
  }
  void finish() { kernel.run_until(kernel.now() + seconds(1'000)); }
  void run(Callback body) {
    spawn(std::move(body));
    finish();
  }
  void crash() {
    disk.detach();
    for (const fiber::FiberId fiber : fibers) kernel.fibers().kill(fiber);
  }
  void restart() { disk.attach(++incarnation); }
  void cycle_power() {
    crash();
    disk.lose_power();
    restart();
  }
  Bytes content(std::string_view name) {
    Bytes bytes;
    run([&] {
      const auto file = disk.open(name, false);
      if (file) bytes = disk.read(file.value(), 0, 1 << 30).value();
    });
    return bytes;
  }
  std::size_t events(EventKind kind) const {
    trace::Cursor cursor(recorder.trace());
    std::size_t count = 0;
    for (Event event; cursor.next(event);) count += event.kind == kind;
    return count;
  }

  Profile profile;
  kernel::Kernel kernel;
  trace::Recorder recorder{kernel};
  Disk disk;

 private:
  void suspend_until(Instant when) override {
    kernel.resume_at(when, kernel.fibers().current());
    kernel.fibers().suspend();
  }
  std::uint32_t incarnation = 1;
  std::vector<fiber::FiberId> fibers;
};

TEST(Disk, ReadsWhatWasWrittenAndFillsGapsWithZeros) {
  Machine machine;
  machine.run([&] {
    Disk& disk = machine.disk;
    EXPECT_EQ(disk.open("log", false).error(), DiskError::not_found);
    const FileId file = disk.open("log", true).value();
    ASSERT_TRUE(disk.write(file, 4, filled(2, 7)));
    EXPECT_EQ(disk.size(file), 6u);
    EXPECT_EQ(disk.read(file, 2, 100).value(), (Bytes{0, 0, 7, 7}));
    EXPECT_EQ(disk.read(file, 6, 100).value(), Bytes{});
    ASSERT_TRUE(disk.truncate(file, 5));
    EXPECT_EQ(disk.read(file, 0, 100).value(), (Bytes{0, 0, 0, 0, 7}));
    ASSERT_TRUE(disk.open("a", true));
    EXPECT_EQ(disk.list().value(), (std::vector<std::string>{"a", "log"}));
    ASSERT_TRUE(disk.remove("log"));
    EXPECT_EQ(disk.remove("log").error(), DiskError::not_found);
    EXPECT_EQ(disk.list().value(), std::vector<std::string>{"a"});
    EXPECT_THROW((void)disk.size(file), CheckFailed);
    EXPECT_EQ(disk.used_bytes(), 0u);
  });
}

TEST(Disk, SyncTakesTheTimeOfItsDistribution) {
  Profile profile = exact();
  profile.sync_median = microseconds(500);
  profile.sync_p99 = milliseconds(3);
  Machine machine(profile);
  constexpr int count = 50'000;
  std::vector<std::int64_t> delays;
  machine.run([&] {
    const FileId file = machine.disk.open("log", true).value();
    for (int i = 0; i < count; ++i) {
      const Instant before = machine.kernel.now();
      ASSERT_TRUE(machine.disk.sync(file));
      delays.push_back((machine.kernel.now() - before).ns());
    }
  });
  ASSERT_EQ(delays.size(), static_cast<std::size_t>(count));
  std::sort(delays.begin(), delays.end());
  EXPECT_NEAR(static_cast<double>(delays[count / 2]), 500'000, 10'000);
  EXPECT_NEAR(static_cast<double>(delays[count / 100 * 99]), 3'000'000, 90'000);
}

TEST(Disk, SyncsOfOneDeviceQueueBehindEachOtherAndWritesDoNot) {
  Machine machine;
  Instant first, second, write;
  machine.spawn([&] {
    const FileId file = machine.disk.open("x", true).value();
    (void)machine.disk.sync(file);
    first = machine.kernel.now();
  });
  machine.spawn([&] {
    const FileId file = machine.disk.open("y", true).value();
    (void)machine.disk.sync(file);
    second = machine.kernel.now();
  });
  machine.spawn([&] {
    const FileId file = machine.disk.open("z", true).value();
    (void)machine.disk.write(file, 0, filled(10, 1));
    write = machine.kernel.now();
  });
  machine.finish();
  EXPECT_EQ(first, Instant() + microseconds(1'003));
  EXPECT_EQ(second, Instant() + microseconds(2'003));
  EXPECT_EQ(write, Instant() + microseconds(6));
}

TEST(Disk, ASyncTransfersItsBytesAtTheRateOfTheDevice) {
  Profile profile = exact();
  profile.bytes_per_second = 1'000'000;
  Machine machine(profile);
  machine.run([&] {
    const FileId file = machine.disk.open("x", true).value();
    (void)machine.disk.write(file, 0, filled(5'000, 1));
    const Instant before = machine.kernel.now();
    (void)machine.disk.sync(file);
    EXPECT_EQ(machine.kernel.now() - before, milliseconds(6));
  });
}

TEST(Disk, APowerLossTakesNothingThatWasSynced) {
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

TEST(Disk, APowerLossTakesAnySubsetOfTheUnsyncedWrites) {
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

TEST(Disk, SurvivingWritesThatOverlapKeepTheirOrder) {
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

TEST(Disk, TheLastSurvivingWriteMayBeTornAtASector) {
  std::set<std::size_t> sizes;
  std::size_t torn = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Profile profile = exact();
    profile.survival = {1'000'000'000};
    Machine machine(profile, seed);
    machine.run([&] {
      const FileId file = machine.disk.open("log", true).value();
      (void)machine.disk.write(file, 0, filled(700, 1));
      (void)machine.disk.write(file, 700, filled(1'300, 2));
    });
    machine.cycle_power();
    const Bytes left = machine.content("log");
    ASSERT_TRUE(std::all_of(left.begin(), left.begin() + 700, [](int byte) { return byte == 1; }));
    ASSERT_TRUE(std::all_of(left.begin() + 700, left.end(), [](int byte) { return byte == 2; }));
    sizes.insert(left.size());
    torn += machine.events(EventKind::disk_write_torn);
  }
  EXPECT_EQ(sizes, (std::set<std::size_t>{1'024, 1'536, 2'000}));
  EXPECT_NEAR(static_cast<double>(torn), 100, 25);
}

TEST(Disk, AFileWhoseNameWasNeverSyncedMayVanish) {
  std::set<bool> exists;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Machine machine(exact(), seed);
    machine.run([&] { (void)machine.disk.open("log", true); });
    machine.cycle_power();
    machine.run([&] { exists.insert(machine.disk.open("log", false).ok()); });
  }
  EXPECT_EQ(exists, (std::set<bool>{false, true}));
}

TEST(Disk, WhatASyncHadNotFinishedAtThePowerLossIsNotDurable) {
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

TEST(Disk, AWriteDuringASyncIsNotDurableByIt) {
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

TEST(Disk, AProcessCrashLeavesThePageCache) {
  Machine machine;
  machine.run([&] {
    const FileId file = machine.disk.open("log", true).value();
    (void)machine.disk.write(file, 0, filled(100, 9));
  });
  machine.crash();
  machine.restart();
  EXPECT_EQ(machine.content("log"), filled(100, 9));
}

TEST(Disk, ACleanShutdownWritesThePageCacheBack) {
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

TEST(Disk, ADetachedDiskRefusesEverythingAtOnce) {
  Machine machine;
  FileId file;
  machine.run([&] { file = machine.disk.open("log", true).value(); });
  machine.disk.detach();
  EXPECT_EQ(machine.disk.write(file, 0, Bytes{1}).error(), DiskError::input_output);
  EXPECT_EQ(machine.disk.sync(file).error(), DiskError::input_output);
  EXPECT_EQ(machine.disk.size(file), 0u);
}

TEST(Disk, AFailedSyncDropsWhatWasNotDurable) {
  Machine machine;
  machine.run([&] {
    Disk& disk = machine.disk;
    const FileId file = disk.open("log", true).value();
    (void)disk.write(file, 0, Bytes{1, 2});
    ASSERT_TRUE(disk.sync(file));
    (void)disk.write(file, 1, Bytes{3, 3});
    disk.fail({1'000'000'000}, 5);
    EXPECT_EQ(disk.sync(file).error(), DiskError::input_output);
    EXPECT_EQ(disk.write(file, 0, Bytes{9}).error(), DiskError::input_output);
    disk.repair(5);
    ASSERT_TRUE(disk.sync(file));
    EXPECT_EQ(disk.read(file, 0, 10).value(), (Bytes{1, 2}));
    EXPECT_EQ(disk.effect(5), 2u);
  });
  EXPECT_EQ(machine.events(EventKind::disk_failed), 2u);
}

TEST(Disk, FailsWithTheProbabilityOfTheFault) {
  Machine machine;
  int failures = 0;
  machine.run([&] {
    const FileId file = machine.disk.open("log", true).value();
    machine.disk.fail({200'000'000}, 0);
    for (int i = 0; i < 20'000; ++i) failures += !machine.disk.write(file, 0, Bytes{1}).ok();
  });
  EXPECT_NEAR(failures, 4'000, 120);
}

TEST(Disk, SlownessOfTwoFaultsMultipliesAndIsTakenBackOneByOne) {
  Machine machine;
  machine.run([&] {
    Disk& disk = machine.disk;
    const FileId file = disk.open("log", true).value();
    const auto sync_time = [&] {
      const Instant before = machine.kernel.now();
      (void)disk.sync(file);
      return machine.kernel.now() - before;
    };
    disk.slow(10'000, 0);
    disk.slow(2'000, 1);
    EXPECT_EQ(sync_time(), milliseconds(20));
    disk.restore(0);
    EXPECT_EQ(sync_time(), milliseconds(2));
    disk.restore(1);
    EXPECT_EQ(sync_time(), milliseconds(1));
    EXPECT_EQ(disk.effect(0), 1u);
    EXPECT_EQ(disk.effect(1), 2u);
    EXPECT_THROW(disk.restore(1), CheckFailed);
  });
}

TEST(Disk, RefusesWhatExceedsItsCapacity) {
  Profile profile = exact();
  profile.capacity_bytes = 100;
  Machine machine(profile);
  machine.run([&] {
    const FileId file = machine.disk.open("log", true).value();
    ASSERT_TRUE(machine.disk.write(file, 0, filled(100, 1)));
    EXPECT_EQ(machine.disk.write(file, 99, filled(2, 1)).error(), DiskError::no_space);
    ASSERT_TRUE(machine.disk.write(file, 99, filled(1, 1)));
    ASSERT_TRUE(machine.disk.truncate(file, 50));
    ASSERT_TRUE(machine.disk.write(file, 50, filled(50, 1)));
  });
}

TEST(Disk, ReadsFromTheDeviceOnlyUntilTheFileIsCached) {
  Machine machine;
  machine.run([&] {
    const FileId file = machine.disk.open("log", true).value();
    (void)machine.disk.write(file, 0, filled(100, 1));
    (void)machine.disk.sync(file);
  });
  machine.cycle_power();
  machine.run([&] {
    const FileId file = machine.disk.open("log", false).value();
    const auto read_time = [&] {
      const Instant before = machine.kernel.now();
      (void)machine.disk.read(file, 0, 100);
      return machine.kernel.now() - before;
    };
    EXPECT_EQ(read_time(), microseconds(100));
    EXPECT_EQ(read_time(), microseconds(3));
  });
}

}  // namespace
}  // namespace blackout::disk
