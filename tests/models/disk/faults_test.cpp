#include "host/base/check.hpp"
#include "tests/models/disk/machine.hpp"

namespace blackout::disk {
namespace {

constexpr random::Probability always{1'000'000'000};

// How long a sync takes; in a task.
Duration sync_time(Machine& machine, FileId file) {
  const Instant before = machine.kernel.now();
  EXPECT_TRUE(machine.disk.sync(file));
  return machine.kernel.now() - before;
}

TEST(DiskFaults, AFailedSyncDropsWhatWasNotDurable) {
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

TEST(DiskFaults, FailsWithTheProbabilityOfTheFault) {
  Machine machine;
  int failures = 0;
  machine.run([&] {
    const FileId file = machine.disk.open("log", true).value();
    machine.disk.fail({200'000'000}, 0);
    for (int i = 0; i < 20'000; ++i) failures += !machine.disk.write(file, 0, Bytes{1}).ok();
  });
  EXPECT_NEAR(failures, 4'000, 120);
}

TEST(DiskFaults, SlownessOfTwoFaultsMultipliesAndIsTakenBackOneByOne) {
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

TEST(DiskFaults, AfterAFailedSyncTheNextSucceedsAndTheDataIsGone) {
  Profile profile = exact();
  profile.survival = always;
  Machine machine(profile);
  machine.run([&] {
    Disk& disk = machine.disk;
    const FileId file = disk.open("log", true).value();
    ASSERT_TRUE(disk.sync(file));
    ASSERT_TRUE(disk.write(file, 0, Bytes{1}));
    disk.fail(always, 5, {Operation::sync});
    EXPECT_EQ(disk.sync(file).error(), DiskError::input_output);
    disk.repair(5);
    ASSERT_TRUE(disk.sync(file));
  });
  machine.cycle_power();
  EXPECT_EQ(machine.content("log"), Bytes{});
}

TEST(DiskFaults, FailsOnlyTheOperationsOfTheFault) {
  for (const Operation operation : {Operation::open, Operation::write, Operation::sync,
                                    Operation::truncate, Operation::remove}) {
    Machine machine;
    machine.run([&] {
      Disk& disk = machine.disk;
      const FileId file = disk.open("log", true).value();
      disk.fail(always, 5, {operation});
      EXPECT_EQ(disk.write(file, 0, Bytes{1}).ok(), operation != Operation::write);
      EXPECT_EQ(disk.truncate(file, 0).ok(), operation != Operation::truncate);
      EXPECT_EQ(disk.sync(file).ok(), operation != Operation::sync);
      EXPECT_EQ(disk.open("other", true).ok(), operation != Operation::open);
      EXPECT_EQ(disk.remove("log").ok(), operation != Operation::remove);
      EXPECT_EQ(disk.effect(5), 1u);
    });
  }
}

TEST(DiskFaults, AReadFailsWhereItReachesTheDeviceAndNotInTheCache) {
  Machine machine;
  machine.run([&] {
    const FileId file = machine.disk.open("log", true).value();
    (void)machine.disk.write(file, 0, Bytes{1});
    (void)machine.disk.sync(file);
  });
  machine.disk.fail(always, 5, {Operation::read});
  EXPECT_EQ(machine.content("log"), Bytes{1});
  EXPECT_EQ(machine.disk.effect(5), 0u);
  machine.cycle_power();
  machine.run([&] {
    const FileId file = machine.disk.open("log", false).value();
    EXPECT_EQ(machine.disk.read(file, 0, 1).error(), DiskError::input_output);
    EXPECT_EQ(machine.disk.read(file, 0, 1).error(), DiskError::input_output);
    EXPECT_TRUE(machine.disk.write(file, 0, Bytes{1}));
    EXPECT_EQ(machine.disk.effect(5), 2u);
    machine.disk.repair(5);
    EXPECT_EQ(machine.disk.read(file, 0, 1).value(), Bytes{1});
  });
}

TEST(DiskFaults, ReadsFailWithTheProbabilityOfTheFault) {
  Machine machine;
  machine.run([&] {
    const FileId file = machine.disk.open("log", true).value();
    (void)machine.disk.write(file, 0, Bytes{1, 2});
    (void)machine.disk.sync(file);
  });
  machine.cycle_power();
  machine.disk.fail({200'000'000}, 0, {Operation::read});
  int failures = 0;
  machine.run([&] {
    const FileId file = machine.disk.open("log", false).value();
    for (int i = 0; i < 20'000; ++i) failures += !machine.disk.read(file, 0, 1).ok();
  });
  EXPECT_NEAR(failures, 4'000, 120);
  EXPECT_EQ(machine.disk.effect(0), static_cast<std::uint64_t>(failures));
}

TEST(DiskFaults, AStallHoldsUpTheDeviceForItsLengthAndLosesNothing) {
  Machine machine;
  Instant in_flight, queued, during, write;
  FileId file;
  machine.run([&] { file = machine.disk.open("log", true).value(); });
  const Instant start = machine.kernel.now();
  machine.spawn([&] {
    ASSERT_TRUE(machine.disk.write(file, 0, Bytes{1}));
    ASSERT_TRUE(machine.disk.sync(file));
    in_flight = machine.kernel.now();
  });
  machine.spawn([&] {
    ASSERT_TRUE(machine.disk.sync(file));
    queued = machine.kernel.now();
  });
  machine.kernel.run_until(start + microseconds(500));
  machine.disk.stall(7);
  machine.kernel.run_until(start + milliseconds(5));
  machine.spawn([&] {
    ASSERT_TRUE(machine.disk.write(file, 1, Bytes{2}));
    write = machine.kernel.now();
    ASSERT_TRUE(machine.disk.sync(file));
    during = machine.kernel.now();
  });
  machine.kernel.run_until(start + microseconds(10'500));
  EXPECT_EQ(in_flight, Instant());
  machine.disk.release(7);
  machine.finish();
  // The second task found the device free: it did not write first.
  EXPECT_EQ(write, start + microseconds(5'003));
  EXPECT_EQ(queued, start + milliseconds(11));
  EXPECT_EQ(in_flight, start + milliseconds(12));
  EXPECT_EQ(during, start + milliseconds(13));
  EXPECT_EQ(machine.disk.effect(7), 3u);
  machine.cycle_power();
  EXPECT_EQ(machine.content("log"), (Bytes{1, 2}));
}

TEST(DiskFaults, AStallEndsWithTheLastOfThoseThatOverlap) {
  Machine machine;
  Instant done;
  FileId file;
  machine.run([&] { file = machine.disk.open("log", true).value(); });
  const Instant start = machine.kernel.now();
  machine.disk.stall(1);
  machine.spawn([&] {
    ASSERT_TRUE(machine.disk.sync(file));
    done = machine.kernel.now();
  });
  machine.kernel.run_until(start + milliseconds(1));
  machine.disk.stall(2);
  machine.disk.release(1);
  machine.kernel.run_until(start + milliseconds(4));
  EXPECT_EQ(done, Instant());
  machine.disk.release(2);
  machine.finish();
  EXPECT_EQ(done, start + milliseconds(5));
  EXPECT_EQ(machine.disk.effect(1), 1u);
  EXPECT_EQ(machine.disk.effect(2), 1u);
  EXPECT_THROW(machine.disk.release(2), CheckFailed);
  machine.run([&] { EXPECT_EQ(sync_time(machine, file), milliseconds(1)); });
}

TEST(DiskFaults, AStallThatEndsBeforeAnOperationIsDueDelaysItAllTheSame) {
  Machine machine;
  FileId file;
  machine.run([&] { file = machine.disk.open("log", true).value(); });
  const Instant start = machine.kernel.now();
  machine.spawn([&] { EXPECT_EQ(sync_time(machine, file), microseconds(1'300)); });
  machine.kernel.run_until(start + microseconds(100));
  machine.disk.stall(1);
  machine.kernel.run_until(start + microseconds(200));
  machine.disk.release(1);
  machine.kernel.run_until(start + microseconds(300));
  machine.disk.stall(2);
  machine.kernel.run_until(start + microseconds(500));
  machine.disk.release(2);
  machine.finish();
  EXPECT_EQ(machine.disk.effect(1), 1u);
  EXPECT_EQ(machine.disk.effect(2), 1u);
}

TEST(DiskFaults, AStallOutlivesThePowerOfItsNode) {
  Machine machine;
  machine.disk.stall(1);
  machine.spawn([&] {
    const FileId file = machine.disk.open("log", true).value();
    (void)machine.disk.sync(file);
    ADD_FAILURE() << "the power was lost before";
  });
  machine.kernel.run_until(Instant() + milliseconds(1));
  machine.cycle_power();
  machine.disk.release(1);
  machine.run([&] {
    const FileId file = machine.disk.open("log", true).value();
    EXPECT_EQ(sync_time(machine, file), milliseconds(1));
  });
}

TEST(DiskFaults, AFullDiskTakesNoMoreThanWasFreeUntilItIsDrained) {
  Machine machine;
  machine.run([&] {
    Disk& disk = machine.disk;
    const FileId file = disk.open("log", true).value();
    ASSERT_TRUE(disk.write(file, 0, filled(100, 1)));
    disk.fill(10, 1);
    ASSERT_TRUE(disk.write(file, 100, filled(10, 1)));
    EXPECT_EQ(disk.write(file, 110, filled(1, 1)).error(), DiskError::no_space);
    EXPECT_EQ(disk.open("other", true).error(), DiskError::no_space);
    ASSERT_TRUE(disk.write(file, 50, filled(60, 2))) << "in place";
    ASSERT_TRUE(disk.sync(file));
    EXPECT_EQ(disk.size(file), 110u);
    ASSERT_TRUE(disk.truncate(file, 109));
    ASSERT_TRUE(disk.write(file, 109, filled(1, 1))) << "what is removed makes room";
    disk.fill(0, 2);
    disk.drain(1);
    EXPECT_EQ(disk.write(file, 110, filled(1, 1)).error(), DiskError::no_space);
    disk.drain(2);
    ASSERT_TRUE(disk.write(file, 110, filled(1'000, 1)));
    ASSERT_TRUE(disk.open("other", true));
    EXPECT_EQ(disk.effect(1), 2u);
    EXPECT_EQ(disk.effect(2), 1u);
    EXPECT_THROW(disk.drain(2), CheckFailed);
  });
}

TEST(DiskFaults, AReadOnlyDiskRefusesEveryChangeAndLosesNothing) {
  Profile profile = exact();
  profile.survival = {0};
  Machine machine(profile);
  machine.run([&] {
    Disk& disk = machine.disk;
    const FileId file = disk.open("log", true).value();
    ASSERT_TRUE(disk.write(file, 0, Bytes{1}));
    disk.remount_read_only(3);
    const Instant before = machine.kernel.now();
    EXPECT_EQ(disk.write(file, 1, Bytes{2}).error(), DiskError::read_only);
    EXPECT_EQ(disk.truncate(file, 0).error(), DiskError::read_only);
    EXPECT_EQ(disk.sync(file).error(), DiskError::read_only);
    EXPECT_EQ(disk.open("other", true).error(), DiskError::read_only);
    EXPECT_EQ(disk.remove("log").error(), DiskError::read_only);
    EXPECT_EQ(machine.kernel.now() - before, microseconds(15)) << "at once";
    EXPECT_EQ(disk.read(file, 0, 10).value(), Bytes{1});
    EXPECT_TRUE(disk.open("log", false));
    EXPECT_EQ(disk.effect(3), 5u);
    disk.remount_writable(3);
    ASSERT_TRUE(disk.sync(file));
    EXPECT_THROW(disk.remount_writable(3), CheckFailed);
  });
  machine.cycle_power();
  EXPECT_EQ(machine.content("log"), Bytes{1});
}

TEST(DiskFaults, ALyingDiskAcknowledgesASyncAtOnceAndLosesItsDataAtThePowerLoss) {
  Profile profile = exact();
  profile.survival = {0};
  Machine machine(profile);
  machine.run([&] {
    Disk& disk = machine.disk;
    const FileId file = disk.open("log", true).value();
    ASSERT_TRUE(disk.sync(file));
    disk.ignore_syncs(3);
    ASSERT_TRUE(disk.write(file, 0, Bytes{1}));
    EXPECT_EQ(sync_time(machine, file), microseconds(3));
    EXPECT_EQ(disk.read(file, 0, 10).value(), Bytes{1});
  });
  machine.cycle_power();
  EXPECT_EQ(machine.content("log"), Bytes{});
  EXPECT_EQ(machine.disk.effect(3), 1u);
  EXPECT_EQ(machine.events(EventKind::disk_sync_ignored), 1u);
}

TEST(DiskFaults, AfterALieTheNextSyncMakesAllOfItDurable) {
  Profile profile = exact();
  profile.survival = {0};
  Machine machine(profile);
  machine.run([&] {
    Disk& disk = machine.disk;
    const FileId file = disk.open("log", true).value();
    disk.ignore_syncs(3);
    ASSERT_TRUE(disk.write(file, 0, Bytes{1}));
    ASSERT_TRUE(disk.sync(file));
    disk.honour_syncs(3);
    EXPECT_EQ(sync_time(machine, file), milliseconds(1));
    EXPECT_EQ(disk.effect(3), 1u);
    disk.ignore_syncs(4);
    ASSERT_TRUE(disk.sync(file));
    EXPECT_EQ(disk.effect(4), 0u) << "there was nothing to lose";
    EXPECT_THROW(disk.honour_syncs(3), CheckFailed);
  });
  machine.cycle_power();
  EXPECT_EQ(machine.content("log"), Bytes{1});
}

TEST(DiskFaults, TheStateOfTheDiskIsReported) {
  Machine machine;
  Disk& disk = machine.disk;
  disk.stall(1);
  disk.fill(0, 1);
  disk.remount_read_only(1);
  disk.ignore_syncs(1);
  disk.misdirect(always, 1);
  disk.damage(1, 1);
  disk.slow(3'000, 1);
  trace::Cursor cursor(machine.recorder.trace());
  Event last;
  for (Event event; cursor.next(event);) last = event;
  EXPECT_EQ(last.kind, EventKind::disk_state_set);
  EXPECT_EQ(last.a, 4u);
  EXPECT_EQ(last.b, 3'000u);
  EXPECT_EQ(last.c, 63u);
}

}  // namespace
}  // namespace blackout::disk
