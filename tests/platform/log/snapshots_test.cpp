#include "platform/log/snapshots.hpp"

#include <gtest/gtest.h>

#include "tests/platform/log/memory_disk.hpp"

namespace blackout::log {
namespace {

constexpr raft::Position position{raft::Index(1200), raft::Term(7), 0xC4A1};

raft::Snapshot snapshot_of(std::string_view state) {
  return {position, raft::Payload(Bytes(state.begin(), state.end()))};
}

Bytes bytes_of(const raft::Payload& payload) {
  const BytesView view = raft::view_of(payload);
  return {view.begin(), view.end()};
}

TEST(Snapshots, ReturnFromADiskThatLostItsPowerAfterTheWrite) {
  MemoryDisk disk;
  ASSERT_TRUE(write_snapshot(disk, ShardId(3), snapshot_of("the state")).ok());
  EXPECT_TRUE(disk.files().contains("snap-00000003-0000000000001200"));
  disk.for_each_power_loss(disk.operations().size(), 1, [](const MemoryDisk::Files& files) {
    MemoryDisk after(files);
    const auto state = read_snapshot(after, ShardId(3), position);
    ASSERT_TRUE(state.ok());
    EXPECT_EQ(bytes_of(state.value()), bytes_of(snapshot_of("the state").state));
  });
}

TEST(Snapshots, AnyFlippedBitAndAnyCutIsCorruption) {
  MemoryDisk disk;
  ASSERT_TRUE(write_snapshot(disk, ShardId(3), snapshot_of("the state")).ok());
  const auto& [name, content] = *disk.files().begin();
  for (std::size_t byte = 0; byte < content.size(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      MemoryDisk flipped(disk.files());
      flipped.files()[name][byte] ^= static_cast<std::uint8_t>(1 << bit);
      const auto state = read_snapshot(flipped, ShardId(3), position);
      ASSERT_FALSE(state.ok()) << byte;
      ASSERT_EQ(state.error(), (LogError{LogError::Kind::corrupt, {}, name, 0}));
    }
    MemoryDisk cut(disk.files());
    cut.files()[name].resize(byte);
    ASSERT_FALSE(read_snapshot(cut, ShardId(3), position).ok()) << byte;
  }
}

TEST(Snapshots, ASnapshotOfAnotherPlaceIsNotTheOneAskedFor) {
  MemoryDisk disk;
  ASSERT_TRUE(write_snapshot(disk, ShardId(3), snapshot_of("the state")).ok());
  disk.files()["snap-00000004-0000000000001200"] =
      disk.files().at("snap-00000003-0000000000001200");
  EXPECT_EQ(read_snapshot(disk, ShardId(4), position).error().kind, LogError::Kind::corrupt);
  raft::Position other = position;
  other.term = raft::Term(8);
  EXPECT_EQ(read_snapshot(disk, ShardId(3), other).error().kind, LogError::Kind::corrupt);
}

TEST(Snapshots, AMissingOneIsNotFound) {
  MemoryDisk disk;
  const auto state = read_snapshot(disk, ShardId(3), position);
  EXPECT_EQ(state.error(), (LogError{LogError::Kind::disk, env::DiskError::not_found,
                                     "snap-00000003-0000000000001200", 0}));
}

TEST(Snapshots, AnEarlierAttemptThatWasLongerLeavesNothingBehind) {
  MemoryDisk disk;
  disk.files()["snap-00000003-0000000000001200"] = Bytes(1000, std::uint8_t{1});
  ASSERT_TRUE(write_snapshot(disk, ShardId(3), snapshot_of("the state")).ok());
  EXPECT_TRUE(read_snapshot(disk, ShardId(3), position).ok());
}

TEST(Snapshots, AFailedWriteOrSyncIsReported) {
  MemoryDisk disk;
  disk.write_error = env::DiskError::no_space;
  EXPECT_EQ(write_snapshot(disk, ShardId(3), snapshot_of("x")).error().disk,
            env::DiskError::no_space);
  disk.write_error.reset();
  disk.sync_error = env::DiskError::input_output;
  EXPECT_EQ(write_snapshot(disk, ShardId(3), snapshot_of("x")).error().disk,
            env::DiskError::input_output);
}

TEST(Snapshots, OnlyUselessOnesAreRemoved) {
  MemoryDisk disk;
  for (const char* name : {"snap-00000003-0000000000001200", "snap-00000003-0000000000000900",
                           "snap-00000004-0000000000000900", "snap-3-1200", "wal-00000001"}) {
    disk.files()[name] = Bytes{1};
  }
  ASSERT_TRUE(remove_snapshots(disk, [](ShardId shard, raft::Index index) {
                return shard == ShardId(3) && index < raft::Index(1200);
              }).ok());
  EXPECT_EQ(disk.files().size(), 4u);
  EXPECT_FALSE(disk.files().contains("snap-00000003-0000000000000900"));
}

}  // namespace
}  // namespace blackout::log
