// How an event stands in a trace: one word of lengths, then the bytes of its fields that are not
// zero. Events that differ, differ in their bytes.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "host/base/event.hpp"

namespace blackout::trace {

static_assert(std::endian::native == std::endian::little,
              "fields are stored as they stand in memory");

// The word of lengths, from its lowest bits: 8 kind, then 4 each for the number of bytes (0 to 8)
// of time, cause, place, a, b, c.
inline constexpr std::uint32_t end_of_chunk = 0xFFFF'FFFF;
inline constexpr std::size_t event_bytes_max = 4 + 6 * 8;
// Fields are stored and loaded eight bytes at a time whatever their length.
inline constexpr std::size_t event_room = event_bytes_max + 8;
static_assert(event_kinds <= 255, "255 ends a chunk");

// Time and cause are distances from the event before and from the event itself (0: no cause).
struct Coded {
  std::uint32_t kind;
  std::uint64_t at, cause, place, a, b, c;
};

// Node and shard in one number that has few bytes where both are small: each is one more than it is
// (0: none), and the node's upper bits stand above the shard.
constexpr std::uint64_t place_of(NodeId node, ShardId shard) {
  const std::uint64_t n = node.value() + 1U, s = shard.value() + 1U;
  return (n & 0xFFF) | s << 12 | n >> 12 << 44;
}
constexpr NodeId node_of_place(std::uint64_t place) {
  return NodeId(static_cast<std::uint32_t>((place & 0xFFF) | place >> 44 << 12) - 1);
}
constexpr ShardId shard_of_place(std::uint64_t place) {
  return ShardId(static_cast<std::uint32_t>(place >> 12) - 1);
}

constexpr std::uint64_t byte_length(std::uint64_t value) {
  const auto highest = static_cast<std::uint32_t>(63 ^ std::countl_zero(value | 1));
  return std::uint64_t{highest >> 3} + (value != 0 ? 1 : 0);
}

// `to` has event_room bytes; the end of the event is returned.
inline std::uint8_t* write_coded(std::uint8_t* to, const Coded& event) {
  std::uint8_t* field = to + 4;
  std::uint64_t word = event.kind;
  const auto put = [&](std::uint64_t value, unsigned shift) {
    const std::uint64_t length = byte_length(value);
    std::memcpy(field, &value, 8);
    field += length;
    word |= length << shift;
  };
  put(event.at, 8);
  put(event.cause, 12);
  put(event.place, 16);
  put(event.a, 20);
  put(event.b, 24);
  put(event.c, 28);
  std::memcpy(to, &word, 4);
  return field;
}

inline std::uint32_t word_at(const std::uint8_t* at) {
  std::uint32_t word;
  std::memcpy(&word, at, 4);
  return word;
}

constexpr bool well_formed(std::uint32_t word) {
  if ((word & 255) >= event_kinds) return false;
  for (unsigned shift = 8; shift < 32; shift += 4) {
    if ((word >> shift & 15) > 8) return false;
  }
  return true;
}

inline constexpr std::array<std::uint64_t, 9> length_masks{0,
                                                           0xFF,
                                                           0xFFFF,
                                                           0xFF'FFFF,
                                                           0xFFFF'FFFF,
                                                           0xFF'FFFF'FFFF,
                                                           0xFFFF'FFFF'FFFF,
                                                           0xFF'FFFF'FFFF'FFFF,
                                                           0xFFFF'FFFF'FFFF'FFFF};

// `from` has event_room bytes and `word` is its word of lengths, well formed.
inline const std::uint8_t* read_coded(const std::uint8_t* from, std::uint32_t word, Coded& event) {
  from += 4;
  const auto take = [&](unsigned shift) {
    const std::uint64_t length = word >> shift & 15;
    std::uint64_t value;
    std::memcpy(&value, from, 8);
    from += length;
    return value & length_masks[length];
  };
  event.kind = word & 255;
  event.at = take(8);
  event.cause = take(12);
  event.place = take(16);
  event.a = take(20);
  event.b = take(24);
  event.c = take(28);
  return from;
}

// Length of the event after its word of lengths.
constexpr std::uint32_t fields_length(std::uint32_t word) {
  const std::uint32_t pairs = (word >> 8 & 0x0F0F0F) + (word >> 12 & 0x0F0F0F);
  return pairs * 0x010101 >> 16 & 0xFF;
}
// Its distance in time from the event before.
inline std::uint64_t time_distance(const std::uint8_t* from, std::uint32_t word) {
  std::uint64_t value;
  std::memcpy(&value, from + 4, 8);
  return value & length_masks[word >> 8 & 15];
}

// The whole event; `id` is the event's own, `before_ns` the time of the one before.
inline Event decoded(const Coded& coded, std::uint64_t id, std::int64_t before_ns) {
  Event event;
  event.at = Instant(before_ns + static_cast<std::int64_t>(coded.at));
  event.cause = EventId(coded.cause == 0 ? 0 : id - coded.cause);
  event.kind = static_cast<EventKind>(coded.kind);
  event.node = node_of_place(coded.place);
  event.shard = shard_of_place(coded.place);
  event.a = coded.a;
  event.b = coded.b;
  event.c = coded.c;
  return event;
}

}  // namespace blackout::trace
