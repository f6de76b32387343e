#include "host/base/crc32c.hpp"

#include <gtest/gtest.h>

#include <string_view>

#include "host/base/hash.hpp"

namespace blackout {
namespace {

BytesView view(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// One bit at a time, from the polynomial alone: an oracle for both implementations.
std::uint32_t by_bits(BytesView bytes) {
  std::uint32_t crc = 0xFFFF'FFFF;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78U : 0);
  }
  return ~crc;
}

Bytes random_bytes(std::size_t size) {
  Bytes bytes;
  for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(mix64(i)));
  return bytes;
}

TEST(Crc32c, GivesTheAnswersOfRfc3720) {
  Bytes ascending, descending;
  for (std::uint8_t i = 0; i < 32; ++i) {
    ascending.push_back(i);
    descending.push_back(static_cast<std::uint8_t>(31 - i));
  }
  EXPECT_EQ(crc32c(Bytes(32, 0x00)), 0x8A9136AAU);
  EXPECT_EQ(crc32c(Bytes(32, 0xFF)), 0x62A8AB43U);
  EXPECT_EQ(crc32c(ascending), 0x46DD794EU);
  EXPECT_EQ(crc32c(descending), 0x113FDB5CU);
  EXPECT_EQ(crc32c(view("123456789")), 0xE3069283U);
  EXPECT_EQ(crc32c({}), 0U);
}

TEST(Crc32c, IsTheSameByInstructionByTableAndByBits) {
  const Bytes bytes = random_bytes(300);
  for (std::size_t start = 0; start < 9; ++start) {
    for (std::size_t size = 0; size + start <= bytes.size(); ++size) {
      const BytesView part = BytesView(bytes).subspan(start, size);
      ASSERT_EQ(crc32c(part), by_bits(part));
      ASSERT_EQ(crc32c_by_table(part), by_bits(part));
    }
  }
}

TEST(Crc32c, ContinuesFromAnEarlierChecksum) {
  const Bytes bytes = random_bytes(100);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const BytesView all(bytes);
    ASSERT_EQ(crc32c(all.subspan(cut), crc32c(all.first(cut))), crc32c(all));
  }
}

TEST(Hashing, IsTheSameInEveryBuild) {
  EXPECT_EQ(mix64(0), 0U);
  EXPECT_EQ(mix64(0x9E3779B97F4A7C15), 0xE220A8397B1DCDAFU);  // splitmix64's first output of seed 0
  EXPECT_EQ(hash64({}), 0x2D06800538D394C2U);                 // XXH3-64 of nothing
  EXPECT_NE(combine64(1, 2), combine64(2, 1));
  EXPECT_EQ(hash_name("link"), 0xC3A8FDC7176DE313U);
}

}  // namespace
}  // namespace blackout
