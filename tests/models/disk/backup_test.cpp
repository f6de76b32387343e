#include "host/base/check.hpp"
#include "tests/models/disk/machine.hpp"

namespace blackout::disk {
namespace {

// In a task: a file that is these bytes, durable if `sync`.
void put(Disk& disk, std::string_view name, const Bytes& bytes, bool sync) {
  const FileId file = disk.open(name, true).value();
  ASSERT_TRUE(disk.truncate(file, 0));
  ASSERT_TRUE(disk.write(file, 0, bytes));
  if (sync) {
    ASSERT_TRUE(disk.sync(file));
  }
}

TEST(Replacement, IsAnEmptyDisk) {
  Machine machine;
  machine.run([&] {
    put(machine.disk, "a", Bytes{1}, true);
    put(machine.disk, "b", Bytes{2}, true);
  });
  machine.crash();
  machine.disk.replace(1);
  machine.restart();
  EXPECT_EQ(machine.disk.used_bytes(), 0u);
  EXPECT_EQ(machine.disk.effect(1), 2u);
  EXPECT_EQ(machine.events(EventKind::disk_replaced), 1u);
  machine.run([&] {
    EXPECT_TRUE(machine.disk.list().value().empty());
    put(machine.disk, "a", Bytes{3}, true);
  });
  machine.cycle_power();
  EXPECT_EQ(machine.content("a"), Bytes{3});
}

TEST(Replacement, LeavesTheFaultsThatAreOnTheDisk) {
  Machine machine;
  machine.disk.remount_read_only(2);
  machine.crash();
  machine.disk.replace(1);
  machine.restart();
  machine.run([&] {
    EXPECT_EQ(machine.disk.open("a", true).error(), DiskError::read_only);
    machine.disk.remount_writable(2);
    EXPECT_TRUE(machine.disk.open("a", true));
  });
}

TEST(Replacement, OfARunningNodeIsRefused) {
  Machine machine;
  machine.disk.take_backup(1);
  EXPECT_THROW(machine.disk.replace(1), CheckFailed);
  EXPECT_THROW(machine.disk.return_to_backup(1), CheckFailed);
}

TEST(Backup, BringsBackWhatWasDurableWhenItWasTaken) {
  Machine machine;
  machine.run([&] {
    put(machine.disk, "same", Bytes{5}, true);
    put(machine.disk, "changed", Bytes{1, 1}, true);
    put(machine.disk, "removed", Bytes{7}, true);
    const FileId file = machine.disk.open("changed", false).value();
    ASSERT_TRUE(machine.disk.write(file, 1, Bytes{9, 9}));
    ASSERT_TRUE(machine.disk.truncate(file, 2));
    put(machine.disk, "unsynced", Bytes{8}, false);
    machine.disk.take_backup(1);
    ASSERT_TRUE(machine.disk.sync(file));
    ASSERT_TRUE(machine.disk.remove("removed"));
    put(machine.disk, "added", Bytes{6}, true);
  });
  EXPECT_EQ(machine.content("changed"), (Bytes{1, 9})) << "a running node sees no backup";
  machine.crash();
  machine.disk.write_back();
  machine.disk.return_to_backup(1);
  machine.restart();
  machine.run([&] {
    EXPECT_EQ(machine.disk.list().value(),
              (std::vector<std::string>{"changed", "removed", "same"}));
  });
  EXPECT_EQ(machine.content("changed"), (Bytes{1, 1}));
  EXPECT_EQ(machine.content("removed"), Bytes{7});
  EXPECT_EQ(machine.content("same"), Bytes{5});
  EXPECT_EQ(machine.disk.used_bytes(), 4u);
  EXPECT_EQ(machine.disk.effect(1), 4u) << "changed, removed, added, unsynced";
}

TEST(Backup, OfEachFaultIsItsOwnAndUsedOnce) {
  Machine machine;
  machine.run([&] {
    put(machine.disk, "a", Bytes{1}, true);
    machine.disk.take_backup(1);
    put(machine.disk, "a", Bytes{2}, true);
    machine.disk.take_backup(2);
    put(machine.disk, "a", Bytes{3}, true);
  });
  machine.crash();
  machine.disk.return_to_backup(1);
  machine.restart();
  EXPECT_EQ(machine.content("a"), Bytes{1});
  machine.crash();
  EXPECT_THROW(machine.disk.return_to_backup(1), CheckFailed);
  machine.disk.return_to_backup(2);
  machine.restart();
  EXPECT_EQ(machine.content("a"), Bytes{2});
}

TEST(Backup, HoldsWhatTheMediumHeldAndNotThePageCache) {
  Machine machine;
  machine.run([&] { put(machine.disk, "a", Bytes{0}, true); });
  machine.disk.rot(8, 1);
  machine.disk.take_backup(2);
  machine.run([&] { put(machine.disk, "a", Bytes{0}, true); });
  machine.crash();
  machine.disk.return_to_backup(2);
  machine.restart();
  EXPECT_EQ(machine.content("a"), Bytes{0xFF});
}

}  // namespace
}  // namespace blackout::disk
