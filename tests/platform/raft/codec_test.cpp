#include "platform/raft/codec.hpp"

#include <gtest/gtest.h>

#include "sim/random/stream.hpp"
#include "tests/platform/raft/cluster.hpp"

namespace blackout::raft {
namespace {

Payload configuration_payload() {
  Bytes bytes;
  Writer out(bytes);
  encode(out, Configuration({NodeId(0), NodeId(1), NodeId(2)}));
  return Payload(bytes);
}

Message full_message() {
  Message message;
  message.kind = MessageKind::append_request;
  message.from = NodeId(3);
  message.to = NodeId(0);
  message.term = Term(~0ULL);
  message.log_index = Index(300);
  message.log_term = Term(7);
  message.commit = Index(299);
  message.reject = true;
  message.transfer = true;
  message.hint_index = Index(12);
  message.hint_term = Term(6);
  message.context = 1ULL << 40;
  message.from_disk = DiskId(1ULL << 63);
  message.to_disk = DiskId(5);
  message.chunk = std::make_shared<const SnapshotChunk>(
      SnapshotChunk{0xC4A1, 100, 400, 7, payload_of(std::string(300, 's'))});
  for (std::uint64_t i = 1; i <= 3; ++i) {
    Entry entry;
    entry.term = Term(7 + i);
    entry.index = Index(300 + i);
    entry.kind = static_cast<EntryKind>(i - 1);
    entry.operation = i * 1000;
    if (entry.kind == EntryKind::command) entry.payload = payload_of(std::string(i * 100, 'p'));
    if (entry.kind == EntryKind::configuration) entry.payload = configuration_payload();
    message.entries.push_back(entry);
  }
  return message;
}

Bytes encoded(const Message& message, Encoding encoding) {
  Bytes bytes;
  Writer out(bytes);
  encode(out, message, encoding);
  return bytes;
}

class Codec : public ::testing::TestWithParam<Encoding> {
 protected:
  static Bytes encoded(const Message& message) { return raft::encoded(message, GetParam()); }
  static std::optional<Message> decode_message(Reader& in) {
    return raft::decode_message(in, GetParam());
  }
};

INSTANTIATE_TEST_SUITE_P(Encodings, Codec, ::testing::Values(Encoding::plain, Encoding::sparse),
                         [](const auto& tested) {
                           return tested.param == Encoding::plain ? "Plain" : "Sparse";
                         });

Bytes encoded_payload(const Entry& entry) {
  const BytesView view = view_of(entry.payload);
  return {view.begin(), view.end()};
}

TEST_P(Codec, AMessageReturnsWithEveryField) {
  const Message sent = full_message();
  const Bytes bytes = encoded(sent);
  Reader in(bytes);
  const auto got = decode_message(in);
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(in.left(), 0u);
  EXPECT_EQ(encoded(*got), bytes);
  EXPECT_EQ(got->from, sent.from);
  EXPECT_EQ(got->to, sent.to);
  EXPECT_EQ(got->from_disk, sent.from_disk);
  EXPECT_EQ(got->to_disk, sent.to_disk);
  EXPECT_EQ(got->term, sent.term);
  EXPECT_EQ(got->hint_term, sent.hint_term);
  EXPECT_EQ(got->context, sent.context);
  EXPECT_TRUE(got->reject && got->transfer);
  ASSERT_EQ(got->entries.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(got->entries[i].index, sent.entries[i].index);
    EXPECT_EQ(got->entries[i].term, sent.entries[i].term);
    EXPECT_EQ(got->entries[i].kind, sent.entries[i].kind);
    EXPECT_EQ(got->entries[i].operation, sent.entries[i].operation);
    EXPECT_TRUE(encoded_payload(got->entries[i]) == encoded_payload(sent.entries[i]));
  }
}

// One bit, which an older release reads as the other.
TEST_P(Codec, APromiseReturnsWithAHeartbeatsAnswerAndATransferWithTheRest) {
  for (const MessageKind kind : {MessageKind::heartbeat_response, MessageKind::vote_request}) {
    Message message;
    message.kind = kind;
    const bool promises = kind == MessageKind::heartbeat_response;
    for (const bool said : {false, true}) {
      (promises ? message.promises : message.transfer) = said;
      const Bytes bytes = encoded(message);
      Reader in(bytes);
      const auto got = decode_message(in);
      ASSERT_TRUE(got.has_value());
      EXPECT_EQ(got->promises, promises && said);
      EXPECT_EQ(got->transfer, !promises && said);
    }
  }
}

TEST_P(Codec, EveryKindReturnsAndNoOtherDoes) {
  for (std::uint8_t kind = 0; kind <= message_kinds; ++kind) {
    Message message = full_message();
    message.kind = static_cast<MessageKind>(kind);
    const Bytes bytes = encoded(message);
    Reader in(bytes);
    const auto got = decode_message(in);
    ASSERT_EQ(got.has_value(), kind < message_kinds);
    if (got.has_value()) {
      EXPECT_EQ(got->kind, message.kind);
    }
  }
  static_assert(static_cast<std::uint8_t>(MessageKind::committed_snapshot) + 1 == message_kinds);
}

TEST_P(Codec, EveryPrefixOfAMessageIsRefused) {
  for (const MessageKind kind : {MessageKind::append_request, MessageKind::snapshot_request}) {
    Message message = full_message();
    message.kind = kind;
    const Bytes bytes = encoded(message);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      Reader in(BytesView(bytes).first(size));
      EXPECT_FALSE(decode_message(in).has_value()) << size;
    }
  }
}

TEST_P(Codec, AChunkReturnsAndOnlyWithASnapshot) {
  Message message = full_message();
  for (const MessageKind kind : {MessageKind::append_request, MessageKind::snapshot_request,
                                 MessageKind::committed_snapshot}) {
    message.kind = kind;
    const Bytes bytes = encoded(message);
    Reader in(bytes);
    const auto got = decode_message(in);
    ASSERT_TRUE(got.has_value());
    ASSERT_EQ(got->chunk != nullptr, kind != MessageKind::append_request);
    if (got->chunk == nullptr) continue;
    EXPECT_EQ(got->chunk->chain_hash, message.chunk->chain_hash);
    EXPECT_EQ(got->chunk->offset, message.chunk->offset);
    EXPECT_EQ(got->chunk->size, message.chunk->size);
    EXPECT_EQ(view_of(got->chunk->bytes).size(), view_of(message.chunk->bytes).size());
  }
}

TEST_P(Codec, AChunkThatReachesBehindItsSnapshotIsRefused) {
  Message message = full_message();
  message.kind = MessageKind::snapshot_request;
  for (const std::uint64_t offset : {101ULL, 401ULL, ~0ULL}) {
    message.chunk = std::make_shared<const SnapshotChunk>(
        SnapshotChunk{0, offset, 400, 0, payload_of(std::string(300, 's'))});
    const Bytes bytes = encoded(message);
    Reader in(bytes);
    EXPECT_FALSE(decode_message(in).has_value()) << offset;
  }
}

TEST_P(Codec, AnEntryCountBeyondTheBytesIsRefusedBeforeItIsAllocated) {
  Message message = full_message();
  message.entries.clear();
  Bytes bytes = encoded(message);
  bytes.pop_back();
  Writer(bytes).varint(1ULL << 60);
  Reader in(bytes);
  EXPECT_FALSE(decode_message(in).has_value());
}

TEST_P(Codec, GarbageIsRefusedOrIsAMessageThatEncodesAgain) {
  const Bytes good = encoded(full_message());
  random::Stream stream(random::Key(1));
  for (int i = 0; i < 20'000; ++i) {
    Bytes bytes = good;
    for (std::uint64_t flips = 1 + stream.next() % 4; flips > 0; --flips) {
      bytes[stream.next() % bytes.size()] = static_cast<std::uint8_t>(stream.next());
    }
    if (i % 2 == 0) bytes.resize(stream.next() % bytes.size());
    Reader in(bytes);
    const auto message = decode_message(in);
    if (!message.has_value()) continue;
    const Bytes again = encoded(*message);
    Reader second(again);
    EXPECT_TRUE(decode_message(second).has_value());
  }
}

TEST_P(Codec, TermsOfEntriesReturnInAnyOrder) {
  Message message = full_message();
  message.entries[1].term = Term(3);
  const Bytes bytes = encoded(message);
  Reader in(bytes);
  const auto got = decode_message(in);
  ASSERT_TRUE(got.has_value());
  for (std::size_t i = 0; i < message.entries.size(); ++i) {
    EXPECT_EQ(got->entries[i].term, message.entries[i].term);
  }
}

TEST(CodecSparse, TellsNothingOfWhatIsZeroAndLittleOfAnEntrysTerm) {
  Message heartbeat;
  heartbeat.kind = MessageKind::heartbeat_request;
  heartbeat.from = NodeId(0);
  heartbeat.to = NodeId(1);
  heartbeat.term = Term(1'000);
  heartbeat.commit = Index(70'000);
  EXPECT_EQ(encoded(heartbeat, Encoding::plain).size(), 16u);
  EXPECT_EQ(encoded(heartbeat, Encoding::sparse).size(), 11u);
  Message append = heartbeat;
  append.kind = MessageKind::append_request;
  append.log_term = append.term;
  const std::size_t empty = encoded(append, Encoding::sparse).size();
  append.entries.resize(1);
  append.entries[0].term = append.term;
  EXPECT_EQ(encoded(append, Encoding::sparse).size(), empty + 4);
}

TEST(CodecOfRecords, AConfigurationReturnsAndNothingElseIsOne) {
  const Configuration configuration(std::vector<Member>{
      {{NodeId(2), DiskId(7)}, false}, {{NodeId(0)}}, {{NodeId(1), DiskId(1ULL << 63)}}});
  const Payload packed = pack(configuration, Bytes{1, 2, 3});
  const auto unpacked = unpack(view_of(packed));
  ASSERT_TRUE(unpacked.has_value());
  EXPECT_TRUE(unpacked->configuration == configuration);
  EXPECT_EQ(Bytes(unpacked->state.begin(), unpacked->state.end()), (Bytes{1, 2, 3}));
  const std::size_t form = view_of(packed).size() - 3;
  for (std::size_t size = 0; size < form; ++size) {
    EXPECT_FALSE(unpack(view_of(packed).first(size)).has_value()) << size;
  }
  for (const auto& members : std::vector<std::vector<Member>>{
           {}, {{{NodeId(1)}}, {{NodeId(1)}}}, {{{NodeId(1)}, false}}, {{{no_node}}}}) {
    EXPECT_FALSE(Configuration::valid(members, false));
  }
}

TEST(CodecOfRecords, EachStepOfAChangeReturnsAsWhatItIs) {
  const Configuration now({NodeId(0), NodeId(1)});
  const Configuration pending = now.towards({{NodeId(1), DiskId(4)}, {NodeId(2)}});
  for (const Configuration& step : {now, pending, pending.entered(), pending.entered().left()}) {
    Bytes bytes;
    Writer out(bytes);
    encode(out, step);
    Reader in(bytes);
    const auto got = decode_configuration(in);
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(*got, step);
    EXPECT_EQ(in.left(), 0u);
  }
}

TEST(CodecOfRecords, AConfigurationOfBeforeThereWereJointOnesMeansWhatItDid) {
  // Two members by their words and disks; the first votes, the second learns.
  const Bytes bytes{2, 1, 0, 1, 2, 9, 0};
  Reader in(bytes);
  const auto got = decode_configuration(in);
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(*got, Configuration(
                      std::vector<Member>{{{NodeId(0)}}, {{NodeId(1), DiskId(9)}, false, true}}));
}

TEST(CodecOfRecords, EntriesAndHardStatesReturn) {
  Bytes bytes;
  Writer out(bytes);
  const Entry entry = full_message().entries[2];
  encode(out, entry);
  encode(out, HardState{Term(9), NodeId(2), DiskId(5)});
  encode(out, HardState{Term(10), no_node});
  Reader in(bytes);
  const auto got = decode_entry(in);
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->index, entry.index);
  EXPECT_EQ(got->operation, entry.operation);
  EXPECT_TRUE(encoded_payload(*got) == encoded_payload(entry));
  EXPECT_EQ(decode_hard_state(in), (HardState{Term(9), NodeId(2), DiskId(5)}));
  EXPECT_EQ(decode_hard_state(in), (HardState{Term(10), no_node}));
  EXPECT_EQ(decode_hard_state(in), std::nullopt);
}

}  // namespace
}  // namespace blackout::raft
