#include "host/base/bytes.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace blackout {
namespace {

constexpr std::uint64_t all_ones = ~0ULL;
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

TEST(ByteCodec, WritesLittleEndian) {
  Bytes bytes;
  Writer out(bytes);
  out.u8(0x01);
  out.u16(0x0302);
  out.u32(0x07060504);
  out.u64(0x0F0E0D0C0B0A0908);
  Bytes expected;
  for (std::uint8_t i = 1; i <= 15; ++i) expected.push_back(i);
  EXPECT_EQ(bytes, expected);
}

TEST(ByteCodec, ReadsWhatItWrote) {
  const Bytes inner{9, 8, 7};
  Bytes bytes;
  Writer out(bytes);
  out.u16(0xFFFE);
  out.u64(all_ones - 1);
  out.blob(inner);
  out.text("caf\xC3\xA9");
  out.raw(inner);
  Reader in(bytes);
  EXPECT_EQ(in.u16(), 0xFFFE);
  EXPECT_EQ(in.u64(), all_ones - 1);
  const BytesView blob = in.blob();
  EXPECT_EQ(Bytes(blob.begin(), blob.end()), inner);
  EXPECT_EQ(in.text(), "caf\xC3\xA9");
  EXPECT_EQ(in.position(), bytes.size() - 3);
  EXPECT_EQ(in.raw(3).size(), 3U);
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.left(), 0U);
}

TEST(Varint, TakesOneByteForEverySevenBits) {
  for (int bit = 0; bit < 64; ++bit) {
    const std::uint64_t value = 1ULL << bit;
    Bytes bytes;
    Writer(bytes).varint(value);
    EXPECT_EQ(bytes.size(), static_cast<std::size_t>(bit / 7 + 1));
    Reader in(bytes);
    EXPECT_EQ(in.varint(), value);
    EXPECT_TRUE(in.ok());
  }
}

TEST(Varint, HoldsTheExtremesSignedAndNot) {
  Bytes bytes;
  Writer out(bytes);
  out.varint(0);
  out.varint(all_ones);
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, least, most}) {
    out.signed_varint(value);
  }
  Reader in(bytes);
  EXPECT_EQ(in.varint(), 0U);
  EXPECT_EQ(in.varint(), all_ones);
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, least, most}) {
    EXPECT_EQ(in.signed_varint(), value);
  }
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.left(), 0U);
}

TEST(Varint, KeepsSmallNegativeNumbersShort) {
  Bytes bytes;
  Writer(bytes).signed_varint(-64);
  EXPECT_EQ(bytes.size(), 1U);
}

TEST(Varint, IsBadBeyondSixtyFourBitsOrCutShort) {
  const Bytes overflow(10, 0xFF), endless(20, 0x80), cut{0x80};
  for (const Bytes& bytes : {overflow, endless, cut}) {
    Reader in(bytes);
    EXPECT_EQ(in.varint(), 0U);
    EXPECT_FALSE(in.ok());
  }
}

TEST(Reader, StaysBadAndReturnsZerosAfterAReadPastTheEnd) {
  const Bytes bytes{1, 2, 3, 4, 5};
  Reader in(bytes);
  EXPECT_EQ(in.u8(), 1);
  EXPECT_EQ(in.u64(), 0U);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.u8(), 0);
  EXPECT_EQ(in.varint(), 0U);
  EXPECT_TRUE(in.raw(0).empty());
  EXPECT_EQ(in.text(), "");
  EXPECT_EQ(in.left(), 0U);
}

TEST(Reader, RefusesABlobLongerThanItsInput) {
  Bytes bytes;
  Writer out(bytes);
  out.varint(all_ones);
  out.u8(7);
  Reader in(bytes);
  EXPECT_TRUE(in.blob().empty());
  EXPECT_FALSE(in.ok());
}

TEST(Reader, ReadsAnEmptyBlobAtTheVeryEnd) {
  Bytes bytes;
  Writer(bytes).blob({});
  Reader in(bytes);
  EXPECT_TRUE(in.blob().empty());
  EXPECT_TRUE(in.ok());
}

}  // namespace
}  // namespace blackout
