#include <algorithm>

#include "tests/models/disk/machine.hpp"

namespace blackout::disk {
namespace {

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

TEST(Disk, ADetachedDiskRefusesEverythingAtOnce) {
  Machine machine;
  FileId file;
  machine.run([&] { file = machine.disk.open("log", true).value(); });
  machine.disk.detach();
  EXPECT_EQ(machine.disk.write(file, 0, Bytes{1}).error(), DiskError::input_output);
  EXPECT_EQ(machine.disk.sync(file).error(), DiskError::input_output);
  EXPECT_EQ(machine.disk.size(file), 0u);
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
