#include "platform/replica/repair.hpp"

#include <gtest/gtest.h>

#include "host/base/hash.hpp"
#include "platform/replica/protocol.hpp"

namespace blackout::replica {
namespace {

constexpr NodeId leader{0}, other{1};
const std::vector<NodeId> others{leader, other};
constexpr std::uint64_t patience = 3;

Bytes state_of(std::size_t size) {
  Bytes state(size);
  for (std::size_t i = 0; i < size; ++i) state[i] = static_cast<std::uint8_t>(mix64(i));
  return state;
}

// Asks until there is nothing more to ask.
void fetch(Repair& repair, Offer& offer) {
  auto ask = repair.tick(others);
  while (ask) {
    const auto part = offer.part(ask->message.offset);
    ASSERT_TRUE(part.has_value());
    ask = repair.on_part(ask->to, *part);
  }
}

TEST(Repair, FetchesAStatePartByPart) {
  const Bytes state = state_of(1'000'000);
  Offer offer(raft::Index(70), state);
  Repair repair(raft::Index(60), patience);
  fetch(repair, offer);
  ASSERT_TRUE(repair.complete());
  EXPECT_EQ(repair.index(), raft::Index(70));
  EXPECT_EQ(repair.from(), leader);
  EXPECT_TRUE(std::equal(state.begin(), state.end(), repair.state().begin()));
  EXPECT_FALSE(repair.tick(others).has_value());
}

TEST(Repair, AsksAgainAndThenSomebodyElse) {
  Repair repair(raft::Index(60), patience);
  ASSERT_EQ(repair.tick(others)->to, leader);
  std::vector<NodeId> asked;
  for (std::uint64_t tick = 0; tick < 3 * patience; ++tick) {
    if (const auto ask = repair.tick(others)) asked.push_back(ask->to);
  }
  EXPECT_EQ(asked, (std::vector<NodeId>{leader, leader, other}));
}

TEST(Repair, GoesOnBehindThePartThatCameLast) {
  Offer offer(raft::Index(70), state_of(1'000'000));
  Repair repair(raft::Index(60), patience);
  const auto first = repair.tick(others);
  const auto second = repair.on_part(leader, *offer.part(first->message.offset));
  ASSERT_TRUE(second.has_value());
  std::optional<Repair::Ask> again;
  for (std::uint64_t tick = 0; tick < patience; ++tick) again = repair.tick(others);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->message, second->message);
  EXPECT_EQ(again->message.index, raft::Index(70));
  EXPECT_GT(again->message.offset, 0u);
}

TEST(Repair, IgnoresPartsOfSomebodyElseAndPartsThatDoNotFollow) {
  Offer offer(raft::Index(70), state_of(1'000'000));
  Repair repair(raft::Index(60), patience);
  repair.tick(others);
  const AuditMessage part = *offer.part(0);
  EXPECT_FALSE(repair.on_part(other, part).has_value());
  const auto next = repair.on_part(leader, part);
  ASSERT_TRUE(next.has_value());
  AuditMessage later = *offer.part(next->message.offset);
  later.offset += 1;
  EXPECT_FALSE(repair.on_part(leader, later).has_value());
}

TEST(Repair, StartsAnewWhereTheBytesAreNotWhatWasPromised) {
  Offer offer(raft::Index(70), state_of(1'000));
  Repair repair(raft::Index(60), patience);
  repair.tick(others);
  AuditMessage part = *offer.part(0);
  part.bytes[17] ^= 1;
  EXPECT_FALSE(repair.on_part(leader, part).has_value());
  EXPECT_FALSE(repair.complete());
  EXPECT_EQ(repair.tick(others)->to, other);
}

TEST(Repair, HoldsWhatIsCommittedMeanwhile) {
  Repair repair(raft::Index(60), patience);
  for (std::uint64_t index = 61; index <= 60 + Repair::held_max + 2; ++index) {
    raft::Entry entry;
    entry.index = raft::Index(index);
    repair.hold(entry);
  }
  EXPECT_EQ(repair.held().size(), Repair::held_max);
  EXPECT_EQ(repair.held_after(), raft::Index(62));
  EXPECT_EQ(repair.held().front().index, raft::Index(63));
}

TEST(AuditMessages, AreReadAsTheyWereWritten) {
  AuditMessage report;
  report.kind = AuditKind::report;
  report.shard = ShardId(3);
  report.index = raft::Index(1'234);
  report.checksums = {77, {1, 2, 3}};
  EXPECT_EQ(decode_audit_message(encode(report)), report);
  AuditMessage part;
  part.kind = AuditKind::part;
  part.offset = 4;
  part.size = 9;
  part.digest = 5;
  part.bytes = {1, 2, 3, 4, 5};
  EXPECT_EQ(decode_audit_message(encode(part)), part);
  EXPECT_EQ(channel_of(encode(part)), Channel::audit);
  part.size = 8;
  EXPECT_FALSE(decode_audit_message(encode(part)).has_value()) << "it would reach past the end";
}

TEST(AuditMessages, OfAnyOtherBytesAreNone) {
  AuditMessage report;
  report.checksums = {77, {1, 2, 3}};
  const Bytes bytes = encode(report);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_audit_message(BytesView(bytes).first(size)).has_value()) << size;
  }
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(decode_audit_message(longer).has_value());
  Bytes of_no_kind = bytes;
  of_no_kind[1] = 9;
  EXPECT_FALSE(decode_audit_message(of_no_kind).has_value());
}

}  // namespace
}  // namespace blackout::replica
