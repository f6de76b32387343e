#include "platform/log/record.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "host/base/check.hpp"
#include "host/base/crc32c.hpp"

namespace blackout::log {
namespace {

constexpr std::uint64_t magic = 0x0A4C'4157'544B'4C42;  // "BLKTWAL\n"
constexpr std::string_view name_prefix = "wal-";
constexpr std::size_t name_digits = 8;

void put_u32(std::uint8_t* at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

// `record` runs from its length to the end of its body.
std::uint32_t checksum_of(BytesView record, std::uint32_t number, std::uint64_t offset) {
  std::uint8_t place[12];
  put_u32(place, number);
  put_u32(place + 4, static_cast<std::uint32_t>(offset));
  put_u32(place + 8, static_cast<std::uint32_t>(offset >> 32));
  const std::uint32_t length = crc32c(record.first(4), crc32c(place));
  return crc32c(record.subspan(8), length);
}

}  // namespace

std::string padded(std::uint64_t number, std::size_t digits) {
  const std::string text = std::to_string(number);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}

std::string segment_name(std::uint32_t number) {
  std::string name = std::string(name_prefix) + padded(number, name_digits);
  CHECK(name.size() == name_prefix.size() + name_digits);
  return name;
}

std::optional<std::uint32_t> segment_number(std::string_view name) {
  if (name.size() != name_prefix.size() + name_digits || !name.starts_with(name_prefix)) {
    return std::nullopt;
  }
  std::uint32_t number = 0;
  for (const char c : name.substr(name_prefix.size())) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return number;
}

void encode(const SegmentHeader& header, Bytes& out) {
  const std::size_t start = out.size();
  Writer writer(out);
  writer.u64(magic);
  writer.u32(header.version);
  writer.u32(header.number);
  writer.u64(header.first_sequence);
  writer.u32(crc32c(BytesView(out).subspan(start)));
}

std::optional<SegmentHeader> decode_segment_header(BytesView segment) {
  if (segment.size() < segment_header_bytes) return std::nullopt;
  const BytesView covered = segment.first(segment_header_bytes - 4);
  Reader reader(segment);
  SegmentHeader header;
  const std::uint64_t found_magic = reader.u64();
  header.version = reader.u32();
  header.number = reader.u32();
  header.first_sequence = reader.u64();
  const std::uint32_t checksum = reader.u32();
  const bool verifies = found_magic == magic && checksum == crc32c(covered);
  return verifies ? std::optional(header) : std::nullopt;
}

std::size_t RecordWriter::begin(ShardId shard, RecordType type) {
  const std::size_t start = out_.size();
  Writer writer(out_);
  writer.u64(0);  // length and checksum, set by end()
  writer.u64(next_sequence_++);
  writer.u64(synced_sequence_);
  writer.u32(shard.value());
  writer.u8(static_cast<std::uint8_t>(type));
  return start;
}

void RecordWriter::end(std::size_t start) {
  const std::size_t length = out_.size() - start - record_header_bytes;
  CHECK(length <= std::numeric_limits<std::uint32_t>::max());
  put_u32(out_.data() + start, static_cast<std::uint32_t>(length));
  const BytesView record = BytesView(out_).subspan(start);
  put_u32(out_.data() + start + 4, checksum_of(record, number_, base_ + start));
}

void RecordWriter::hard_state(ShardId shard, const raft::HardState& state) {
  const std::size_t start = begin(shard, RecordType::hard_state);
  Writer writer(out_);
  writer.varint(state.term.value());
  writer.u32(state.vote.value());
  if (state.vote_disk != raft::founding_disk) writer.varint(state.vote_disk.value());
  end(start);
}

void RecordWriter::entry(ShardId shard, const raft::Entry& entry) {
  const std::size_t start = begin(shard, RecordType::entry);
  Writer writer(out_);
  writer.varint(entry.term.value());
  writer.varint(entry.index.value());
  writer.u8(static_cast<std::uint8_t>(entry.kind));
  writer.u64(entry.operation);
  writer.raw(raft::view_of(entry.payload));
  end(start);
}

void RecordWriter::truncate(ShardId shard, raft::Index from) {
  const std::size_t start = begin(shard, RecordType::truncate);
  Writer(out_).varint(from.value());
  end(start);
}

void RecordWriter::base(ShardId shard, const Base& base) {
  const std::size_t start = begin(shard, RecordType::base);
  Writer writer(out_);
  writer.varint(base.position.term.value());
  writer.varint(base.position.index.value());
  writer.u64(base.position.chain_hash);
  writer.varint(base.last.value());
  end(start);
}

std::optional<RecordView> read_record(BytesView segment, std::uint32_t number, std::size_t offset,
                                      std::uint64_t sequence_max) {
  Reader reader(segment.subspan(offset));
  const std::uint32_t length = reader.u32();
  const std::uint32_t checksum = reader.u32();
  RecordView record;
  record.sequence = reader.u64();
  record.synced_sequence = reader.u64();
  // Checked before the sum: a scan over garbage then rarely computes one.
  if (!reader.ok() || length > reader.left() || record.sequence > sequence_max ||
      record.synced_sequence >= record.sequence) {
    return std::nullopt;
  }
  const BytesView whole = segment.subspan(offset, record_header_bytes + length);
  if (checksum != checksum_of(whole, number, offset)) return std::nullopt;
  record.body = reader.raw(length);
  return record;
}

std::optional<Body> decode_body(BytesView bytes) {
  Reader reader(bytes);
  Body body;
  body.shard = ShardId(reader.u32());
  body.type = static_cast<RecordType>(reader.u8());
  bool known = true;
  switch (body.type) {
    case RecordType::hard_state:
      body.hard_state.term = raft::Term(reader.varint());
      body.hard_state.vote = NodeId(reader.u32());
      if (reader.left() > 0) {
        body.hard_state.vote_disk = raft::DiskId(reader.varint());
        known = body.hard_state.vote_disk != raft::founding_disk;
      }
      break;
    case RecordType::entry: {
      body.entry.term = raft::Term(reader.varint());
      body.entry.index = raft::Index(reader.varint());
      const std::uint8_t kind = reader.u8();
      known = kind <= static_cast<std::uint8_t>(raft::EntryKind::configuration);
      body.entry.kind = static_cast<raft::EntryKind>(kind);
      body.entry.operation = reader.u64();
      body.entry.payload = raft::Payload(reader.raw(reader.left()));
      break;
    }
    case RecordType::truncate:
      body.truncate_from = raft::Index(reader.varint());
      break;
    case RecordType::base:
      body.base.position.term = raft::Term(reader.varint());
      body.base.position.index = raft::Index(reader.varint());
      body.base.position.chain_hash = reader.u64();
      body.base.last = raft::Index(reader.varint());
      known = body.base.last >= body.base.position.index;
      break;
    default:
      known = false;
  }
  const bool well_formed = known && reader.ok() && reader.left() == 0;
  return well_formed ? std::optional(std::move(body)) : std::nullopt;
}

}  // namespace blackout::log
