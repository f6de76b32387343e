#include "platform/log/identity.hpp"

#include <gtest/gtest.h>

#include "tests/platform/log/memory_disk.hpp"

namespace blackout::log {
namespace {

constexpr raft::DiskId id{0x1234'5678'9ABC};

TEST(Identity, AnEmptyDiskHasNone) {
  MemoryDisk disk;
  const auto found = read_identity(disk);
  ASSERT_TRUE(found.ok());
  EXPECT_FALSE(found.value().has_value());
}

TEST(Identity, ReturnsAfterAPowerLoss) {
  MemoryDisk disk;
  ASSERT_TRUE(write_identity(disk, id).ok());
  disk.for_each_power_loss(disk.operations().size(), 1, [](const MemoryDisk::Files& files) {
    MemoryDisk after(files);
    EXPECT_EQ(read_identity(after).value(), id);
  });
}

TEST(Identity, APowerLossWhileItIsWrittenLeavesItOrNone) {
  MemoryDisk disk;
  ASSERT_TRUE(write_identity(disk, id).ok());
  for (std::size_t done = 0; done < disk.operations().size(); ++done) {
    disk.for_each_power_loss(done, 1, [](const MemoryDisk::Files& files) {
      MemoryDisk after(files);
      const auto found = read_identity(after);
      ASSERT_TRUE(found.ok());
      EXPECT_TRUE(!found.value() || *found.value() == id);
    });
  }
}

TEST(Identity, ALogWithoutItIsCorruption) {
  MemoryDisk disk;
  ASSERT_TRUE(write_identity(disk, id).ok());
  disk.files()["wal-00000001"] = Bytes{1};
  for (std::size_t byte = 0; byte < disk.files().at("identity").size(); ++byte) {
    MemoryDisk flipped(disk.files());
    flipped.files()["identity"][byte] ^= 1;
    EXPECT_EQ(read_identity(flipped).error().kind, LogError::Kind::corrupt) << byte;
  }
  disk.files().erase("identity");
  EXPECT_EQ(read_identity(disk).error().kind, LogError::Kind::corrupt);
}

}  // namespace
}  // namespace blackout::log
