// A group's files: what comes back after a stop, after a failure, and after any power loss.
#include "harness/system/libraft/storage.hpp"

#include <gtest/gtest.h>

#include "tests/platform/log/memory_disk.hpp"

namespace blackout::system::libraft {
namespace {

using blackout::log::MemoryDisk;

constexpr ShardId group{3};

std::vector<Entry> entries(std::uint64_t first, std::uint64_t last, std::uint64_t term) {
  std::vector<Entry> made;
  for (std::uint64_t i = first; i <= last; ++i) {
    made.push_back({term, 1, Bytes(10, static_cast<std::uint8_t>(i))});
  }
  return made;
}

std::optional<Recovered> reopen(const MemoryDisk::Files& files) {
  MemoryDisk disk(files);
  return Storage(disk, group).open();
}

std::vector<std::uint64_t> terms(const Recovered& recovered) {
  std::vector<std::uint64_t> terms;
  for (const Entry& entry : recovered.entries) terms.push_back(entry.term);
  return terms;
}

using Terms = std::vector<std::uint64_t>;

class StorageOfAnEmptyDisk : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(storage.open()); }

  MemoryDisk disk;
  Storage storage{disk, group};
};

TEST(Storage, AnEmptyDiskHoldsNothing) {
  const auto found = reopen({});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->term, 0U);
  EXPECT_EQ(found->snapshot, nullptr);
  EXPECT_TRUE(found->entries.empty());
}

TEST_F(StorageOfAnEmptyDisk, GivesBackTermVoteAndEntries) {
  ASSERT_TRUE(storage.set_state(4, 0));
  ASSERT_TRUE(storage.set_state(4, 2));
  ASSERT_TRUE(storage.append(1, entries(1, 3, 4)));
  ASSERT_TRUE(storage.sync());
  const auto found = reopen(disk.files());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->term, 4U);
  EXPECT_EQ(found->vote, 2U);
  EXPECT_EQ(terms(*found), (Terms{4, 4, 4}));
  EXPECT_EQ(found->entries[2].data, Bytes(10, 3));
}

TEST_F(StorageOfAnEmptyDisk, WhatIsTruncatedStaysSoAfterARestart) {
  ASSERT_TRUE(storage.set_state(2, 0));
  ASSERT_TRUE(storage.append(1, entries(1, 5, 1)) && storage.sync());
  ASSERT_TRUE(storage.truncate(3));
  ASSERT_TRUE(storage.append(3, entries(3, 3, 2)) && storage.sync());
  const auto found = reopen(disk.files());
  ASSERT_TRUE(found);
  EXPECT_EQ(terms(*found), (Terms{1, 1, 2}));
}

TEST_F(StorageOfAnEmptyDisk, AFailedAppendLeavesNoHoleAndTheNextOneCounts) {
  ASSERT_TRUE(storage.set_state(1, 0));
  ASSERT_TRUE(storage.append(1, entries(1, 2, 1)) && storage.sync());
  disk.sync_error = env::DiskError::input_output;
  ASSERT_TRUE(storage.append(3, entries(3, 5, 1)));
  ASSERT_FALSE(storage.sync());
  disk.sync_error.reset();
  EXPECT_EQ(storage.last(), 2U);
  EXPECT_FALSE(storage.append(6, entries(6, 6, 1)));
  ASSERT_TRUE(storage.append(3, entries(3, 3, 9)) && storage.sync());
  const auto found = reopen(disk.files());
  ASSERT_TRUE(found);
  EXPECT_EQ(terms(*found), (Terms{1, 1, 9}));
}

TEST_F(StorageOfAnEmptyDisk, ASnapshotCutsTheLogBeforeItAndKeepsWhatItIsAskedTo) {
  ASSERT_TRUE(storage.set_state(1, 0));
  ASSERT_TRUE(storage.append(1, entries(1, 9, 1)) && storage.sync());
  const auto image = std::make_shared<const Image>(Image{7, 1, 1, {{1, 1}, {2, 1}}, Bytes(50, 7)});
  ASSERT_TRUE(storage.put(image, {5, 1, 55}, true));
  const auto found = reopen(disk.files());
  ASSERT_TRUE(found && found->snapshot);
  EXPECT_EQ(found->snapshot->index, 7U);
  EXPECT_EQ(found->snapshot->peers.size(), 2U);
  EXPECT_EQ(found->snapshot->data, Bytes(50, 7));
  EXPECT_EQ(found->base.index, 5U);
  EXPECT_EQ(found->base.chain, 55U);
  EXPECT_EQ(terms(*found), (Terms{1, 1, 1, 1}));
}

TEST_F(StorageOfAnEmptyDisk, ALeadersSnapshotTakesThePlaceOfTheLog) {
  ASSERT_TRUE(storage.set_state(3, 0));
  ASSERT_TRUE(storage.append(1, entries(1, 9, 1)) && storage.sync());
  const auto image = std::make_shared<const Image>(Image{20, 3, 1, {{1, 1}}, Bytes(5, 1)});
  ASSERT_TRUE(storage.put(image, {20, 3, 99}, false));
  ASSERT_TRUE(storage.append(21, entries(21, 21, 3)) && storage.sync());
  const auto found = reopen(disk.files());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->base.index, 20U);
  EXPECT_EQ(terms(*found), (Terms{3}));
}

TEST_F(StorageOfAnEmptyDisk, AMissingSnapshotMakesALogBehindItUnusable) {
  ASSERT_TRUE(storage.set_state(1, 0));
  ASSERT_TRUE(storage.append(1, entries(1, 9, 1)) && storage.sync());
  const auto image = std::make_shared<const Image>(Image{7, 1, 1, {{1, 1}}, Bytes(5, 1)});
  ASSERT_TRUE(storage.put(image, {7, 1, 55}, true));
  MemoryDisk::Files files = disk.files();
  ASSERT_EQ(files.erase("raft3-snapshot-7"), 1U);
  EXPECT_FALSE(reopen(files));
}

// A log of nine entries begins anew behind a snapshot: after any power loss all nine are known, by
// entry or by the snapshot that stands for them, and what is stored next is found again.
TEST(Storage, APowerLossWhileALogBeginsAnewLosesNothing) {
  MemoryDisk disk;
  Storage first(disk, group), second(disk, group), storage(disk, group);
  ASSERT_TRUE(first.open() && first.set_state(1, 0));
  ASSERT_TRUE(first.append(1, entries(1, 4, 1)) && first.sync());
  ASSERT_TRUE(second.open() && second.append(5, entries(5, 8, 1)) && second.sync());
  ASSERT_TRUE(storage.open() && storage.append(9, entries(9, 9, 1)) && storage.sync());
  const std::size_t before = disk.operations().size();
  const auto image = std::make_shared<const Image>(Image{7, 1, 1, {{1, 1}}, Bytes(5, 1)});
  ASSERT_TRUE(storage.put(image, {5, 1, 55}, true));
  for (std::size_t done = before; done <= disk.operations().size(); ++done) {
    disk.for_each_power_loss(done, 7, [&](const MemoryDisk::Files& files) {
      MemoryDisk after(files);
      Storage again(after, group);
      const auto found = again.open();
      ASSERT_TRUE(found);
      EXPECT_EQ(found->base.index + found->entries.size(), 9U);
      ASSERT_TRUE(again.append(10, entries(10, 10, 1)) && again.sync());
      const auto last = reopen(after.files());
      ASSERT_TRUE(last);
      EXPECT_EQ(last->base.index + last->entries.size(), 10U);
    });
  }
}

TEST_F(StorageOfAnEmptyDisk, ALeadersSnapshotThatIsDurableAloneLetsTheLogBeginBehindIt) {
  ASSERT_TRUE(storage.set_state(3, 0));
  ASSERT_TRUE(storage.append(1, entries(1, 9, 1)) && storage.sync());
  const auto image = std::make_shared<const Image>(Image{20, 3, 1, {{1, 1}}, Bytes(5, 1)});
  const std::size_t before = disk.operations().size();
  ASSERT_TRUE(storage.put(image, {20, 3, 99}, false));
  std::size_t taken = 0;
  for (std::size_t done = before; done <= disk.operations().size(); ++done) {
    disk.for_each_power_loss(done, 7, [&](const MemoryDisk::Files& files) {
      MemoryDisk after(files);
      Storage again(after, group);
      const auto found = again.open();
      ASSERT_TRUE(found);
      const std::uint64_t end = found->base.index + found->entries.size();
      EXPECT_TRUE(end == 9 || end == 20) << end;
      taken += end == 20;
      ASSERT_TRUE(again.append(end + 1, entries(end + 1, end + 1, 3)) && again.sync());
      const auto last = reopen(after.files());
      ASSERT_TRUE(last);
      EXPECT_EQ(last->base.index + last->entries.size(), end + 1);
    });
  }
  EXPECT_GT(taken, 0U);
}

// Durable are two entries and vote 2 of term 4; under way, three more entries and another term.
TEST_F(StorageOfAnEmptyDisk, AfterAnyPowerLossWhatWasDurableIsThereAndTheRestIsAPrefix) {
  ASSERT_TRUE(storage.set_state(4, 2));
  ASSERT_TRUE(storage.append(1, entries(1, 2, 4)) && storage.sync());
  ASSERT_TRUE(storage.append(3, entries(3, 3, 4)));
  ASSERT_TRUE(storage.append(4, entries(4, 5, 4)));
  std::size_t disks = 0, longer = 0;
  disk.for_each_power_loss(disk.operations().size(), 3, [&](const MemoryDisk::Files& files) {
    const auto found = reopen(files);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->term, 4U);
    EXPECT_EQ(found->vote, 2U);
    ASSERT_GE(found->entries.size(), 2U);
    for (std::size_t i = 0; i < found->entries.size(); ++i) {
      EXPECT_EQ(found->entries[i].data, Bytes(10, static_cast<std::uint8_t>(i + 1)));
    }
    ++disks;
    longer += found->entries.size() > 2;
  });
  EXPECT_GT(disks, 10U);
  EXPECT_GT(longer, 0U);
}

}  // namespace
}  // namespace blackout::system::libraft
