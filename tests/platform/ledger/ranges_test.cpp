// Checksums by range of keys, and the walk that keeps them honest.
#include <gtest/gtest.h>

#include "host/base/hash.hpp"
#include "platform/ledger/ledger.hpp"

namespace blackout::ledger {
namespace {

Command command(std::uint64_t operation, std::uint64_t account) {
  Command command;
  command.operation = OperationId(operation);
  command.kind = CommandKind::post;
  command.account = "eu/accounts/" + std::to_string(account);
  command.amount = 10;
  return command;
}

Ledger ledger_of(std::uint64_t operations, std::uint64_t accounts) {
  Ledger ledger;
  for (std::uint64_t i = 1; i <= operations; ++i) ledger.apply(command(i, mix64(i) % accounts));
  return ledger;
}

std::vector<std::size_t> differing(const Ledger& a, const Ledger& b) {
  std::vector<std::size_t> ranges;
  for (std::size_t r = 0; r < a.range_checksums().size(); ++r) {
    if (a.range_checksums()[r] != b.range_checksums()[r]) ranges.push_back(r);
  }
  return ranges;
}

void walk(Ledger& ledger) { ledger.scrub(ledger.accounts() + ledger.operations() + 1); }

TEST(LedgerRanges, ChangeWithTheAccountAndTheOperationTheyHold) {
  Ledger a = ledger_of(100, 20), b = ledger_of(100, 20);
  EXPECT_TRUE(differing(a, b).empty());
  b.apply(command(101, 3));
  const auto ranges = differing(a, b);
  ASSERT_EQ(ranges.size(), 2u);
  EXPECT_LT(ranges[0], account_ranges);
  EXPECT_GE(ranges[1], account_ranges);
  a.apply(command(101, 3));
  EXPECT_TRUE(differing(a, b).empty());
}

TEST(LedgerRanges, AllHoldSomethingOfALargeLedger) {
  const Ledger ledger = ledger_of(2'000, 500);
  for (const std::uint64_t range : ledger.range_checksums()) EXPECT_NE(range, 0u);
}

TEST(LedgerRanges, AreTheSameAfterASnapshot) {
  const Ledger ledger = ledger_of(500, 40);
  Bytes bytes;
  ledger.encode(bytes);
  EXPECT_TRUE(differing(ledger, *Ledger::decode(bytes)).empty());
}

// Every field of every account and operation is in the encoding.
TEST(LedgerRanges, TellEveryStateFromOneThatDiffersInABit) {
  const Ledger ledger = ledger_of(12, 3);
  Bytes bytes;
  ledger.encode(bytes);
  int read = 0;
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    Bytes other = bytes;
    other[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    const auto decoded = Ledger::decode(other);
    if (!decoded) continue;
    ++read;
    EXPECT_NE(decoded->checksum(), ledger.checksum()) << bit;
  }
  EXPECT_GT(read, 100);
}

TEST(LedgerScrub, ChangesNothingOfWhatIsRight) {
  const Ledger untouched = ledger_of(300, 30);
  Ledger walked = ledger_of(300, 30);
  for (int i = 0; i < 3; ++i) walk(walked);
  EXPECT_EQ(walked.checksum(), untouched.checksum());
  EXPECT_TRUE(differing(walked, untouched).empty());
}

TEST(LedgerScrub, GoesOnWhereItWasWhileTheLedgerGrows) {
  Ledger walked = ledger_of(100, 30);
  const std::uint64_t end = 400;
  for (std::uint64_t i = 101; i <= end; ++i) {
    walked.apply(command(i, mix64(i) % 30));
    walked.scrub(3);
  }
  const Ledger untouched = ledger_of(end, 30);
  EXPECT_EQ(walked.checksum(), untouched.checksum());
  EXPECT_TRUE(differing(walked, untouched).empty());
}

#ifdef BLACKOUT_PLANTED_BUGS
TEST(LedgerScrub, FindsAFlippedBitOfABalanceInOneRangeOfAccounts) {
  const Ledger right = ledger_of(300, 30);
  Ledger spoilt = ledger_of(300, 30);
  ASSERT_TRUE(spoilt.spoil(Spoilt::account, 77));
  EXPECT_EQ(spoilt.checksum(), right.checksum());  // which was kept up with what was applied
  walk(spoilt);
  EXPECT_NE(spoilt.checksum(), right.checksum());
  const auto ranges = differing(spoilt, right);
  ASSERT_EQ(ranges.size(), 1u);
  EXPECT_LT(ranges[0], account_ranges);
}

TEST(LedgerScrub, FindsAFlippedBitOfTheIdempotencyTable) {
  const Ledger right = ledger_of(300, 30);
  Ledger spoilt = ledger_of(300, 30);
  ASSERT_TRUE(spoilt.spoil(Spoilt::operation, 4'321));
  walk(spoilt);
  const auto ranges = differing(spoilt, right);
  ASSERT_EQ(ranges.size(), 1u);
  EXPECT_GE(ranges[0], account_ranges);
  EXPECT_NE(spoilt.checksum(), right.checksum());
}

TEST(LedgerScrub, FindsEveryFlippedBit) {
  const Ledger right = ledger_of(60, 7);
  for (std::uint64_t draw = 0; draw < 16 * 60; ++draw) {
    Ledger spoilt = ledger_of(60, 7);
    spoilt.spoil(draw % 2 == 0 ? Spoilt::account : Spoilt::operation, draw);
    walk(spoilt);
    EXPECT_NE(spoilt.checksum(), right.checksum()) << draw;
  }
}

TEST(LedgerScrub, AnEmptyLedgerHasNothingToSpoil) {
  Ledger ledger;
  EXPECT_FALSE(ledger.spoil(Spoilt::account, 1));
  EXPECT_FALSE(ledger.spoil(Spoilt::operation, 1));
  walk(ledger);
  EXPECT_EQ(ledger.checksum(), Ledger().checksum());
}
#endif

}  // namespace
}  // namespace blackout::ledger
