// The bytes of a segment: a header, then records end to end.
//
// clang-format off
//   segment  magic u64 | version u32 | number u32 | first sequence u64 | crc32c u32
//   record   body length u32 | crc32c u32 | sequence u64 | synced sequence u64 | body
//   body     shard u32 | type u8 | hard_state: term, vote u32, its disk but for the founding one
//                                | entry: term, index, kind u8, operation u64, payload to the end
//                                | truncate: index
//                                | base: term, index, chain hash u64, last index
// clang-format on
//
// Terms, indexes and disks are varints. The header is the same in every version.
//
// A record's checksum covers its segment's number and its own offset, then everything of it but the
// checksum: a copy of a record anywhere else (in a payload, say, or by a misdirected write) does
// not verify.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/bytes.hpp"
#include "host/base/ids.hpp"
#include "platform/raft/types.hpp"

namespace blackout::log {

inline constexpr std::uint32_t format_version = 3;
// 1 knew no base, 2 no disk of a vote and no joint configuration.
inline constexpr std::size_t segment_header_bytes = 28;
inline constexpr std::size_t record_header_bytes = 24;

// The number in so many digits at least, for names that sort by it.
std::string padded(std::uint64_t number, std::size_t digits);

// "wal-00000001"; and back, nothing for any other name.
std::string segment_name(std::uint32_t number);
std::optional<std::uint32_t> segment_number(std::string_view name);

struct SegmentHeader {
  std::uint32_t version = format_version;
  std::uint32_t number = 0;
  std::uint64_t first_sequence = 0;
};
void encode(const SegmentHeader& header, Bytes& out);
// Nothing unless it verifies; the version may be another than format_version.
std::optional<SegmentHeader> decode_segment_header(BytesView segment);

enum class RecordType : std::uint8_t { hard_state = 1, entry, truncate, base };

// The span of a shard's log: everything up to `position` stands in a snapshot, and entries follow
// up to `last`; others are void.
struct Base {
  raft::Position position;
  raft::Index last;
};

// Appends records to a buffer that will stand at `offset` of segment `number`.
class RecordWriter {
 public:
  RecordWriter(Bytes& out, std::uint32_t number, std::uint64_t offset, std::uint64_t next_sequence,
               std::uint64_t synced_sequence)
      : out_(out),
        base_(offset - out.size()),
        next_sequence_(next_sequence),
        synced_sequence_(synced_sequence),
        number_(number) {}

  void hard_state(ShardId shard, const raft::HardState& state);
  void entry(ShardId shard, const raft::Entry& entry);
  void truncate(ShardId shard, raft::Index from);
  void base(ShardId shard, const Base& base);
  [[nodiscard]] std::uint64_t next_sequence() const { return next_sequence_; }

 private:
  std::size_t begin(ShardId shard, RecordType type);
  void end(std::size_t start);

  Bytes& out_;
  std::uint64_t base_;  // offset in the segment of the buffer's first byte
  std::uint64_t next_sequence_, synced_sequence_;
  std::uint32_t number_;
};

// A record in place; `body` is valid as long as the segment's bytes are.
struct RecordView {
  std::uint64_t sequence = 0;
  std::uint64_t synced_sequence = 0;  // less than sequence
  BytesView body;
  [[nodiscard]] std::size_t bytes() const { return record_header_bytes + body.size(); }
};
// Nothing unless a record that verifies stands at `offset`, with at most this sequence.
std::optional<RecordView> read_record(BytesView segment, std::uint32_t number, std::size_t offset,
                                      std::uint64_t sequence_max);

// A decoded body; the fields of its type are set.
struct Body {
  ShardId shard;
  RecordType type{};
  raft::HardState hard_state;
  raft::Entry entry;
  raft::Index truncate_from;
  Base base;
};
std::optional<Body> decode_body(BytesView bytes);

}  // namespace blackout::log
