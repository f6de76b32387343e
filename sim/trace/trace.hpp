// The record of a run: every event in order, encoded as it happens, with a rolling 128-bit hash.
//
// An event is coded as one word of lengths and then the bytes of its fields that are not zero (time
// and cause as distances), 8 to 16 bytes as a rule, into chunks that never move. Every
// checkpoint_events events the state of the hash and the byte position are kept, so that two traces
// can be bisected to their first difference without decoding both. The hash is of
// the encoding, which determines every field of every event and has no padding, folded in at each
// checkpoint and at the end of each chunk; it is not for adversaries.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/base/bytes.hpp"
#include "host/base/check.hpp"
#include "host/base/event.hpp"
#include "host/base/large_array.hpp"
#include "host/base/result.hpp"
#include "sim/trace/encoding.hpp"

namespace blackout::trace {

struct Hash {
  std::uint64_t low = 0, high = 0;
  friend constexpr auto operator<=>(const Hash&, const Hash&) = default;
};
// "7c1e90d455aa0b6f..." 32 hexadecimal digits, high word first.
std::string format_hash(Hash hash);

struct Checkpoint {
  std::uint64_t events;  // number of events before it
  std::uint64_t bytes;   // position of the next event in the encoding
  Instant at;            // time of the last event before it
  Hash hash;
};

// Moves but does not copy: a long run's trace is tens of megabytes. A moved-from trace is empty.
class Trace {
 public:
  static constexpr std::uint64_t checkpoint_events = 4096;

  Trace() = default;
  Trace(Trace&& other) noexcept { swap(other); }
  Trace& operator=(Trace&& other) noexcept {
    Trace taken(std::move(other));
    swap(taken);
    return *this;
  }
  ~Trace() = default;

  // Appends and returns the event's id: 1 for the first. CHECKs that times start at or after 0 and
  // do not decrease, that the cause is an earlier event or none, and that the kind is one of the
  // vocabulary.
  EventId append(const Event& event) {
    const std::uint64_t id = size_ + 1;
    CHECK(event.at.ns() >= at_ns_, "times of a trace do not decrease");
    CHECK(event.cause.value() < id, "a cause is an earlier event");
    CHECK(static_cast<std::size_t>(event.kind) < event_kinds);
    if (tip_ + event_room > room_) [[unlikely]]
      new_chunk();
    std::uint8_t* const from = last_ + tip_;
    const std::uint8_t* const to =
        write_coded(from, Coded{static_cast<std::uint32_t>(event.kind),
                                static_cast<std::uint64_t>(event.at.ns() - at_ns_),
                                event.cause.value() == 0 ? 0 : id - event.cause.value(),
                                place_of(event.node, event.shard), event.a, event.b, event.c});
    tip_ += static_cast<std::size_t>(to - from);
    at_ns_ = event.at.ns();
    size_ = id;
    if (id % checkpoint_events == 0) [[unlikely]]
      checkpoint();
    return EventId(id);
  }

  [[nodiscard]] std::uint64_t size() const { return size_; }
  // Length of the encoding.
  [[nodiscard]] std::uint64_t bytes() const { return sealed_bytes_ + tip_; }
  // Of every event so far; the order of events counts. Reads what came since the last checkpoint.
  [[nodiscard]] Hash hash() const;
  // One after each checkpoint_events events; none at the start.
  [[nodiscard]] const std::vector<Checkpoint>& checkpoints() const { return checkpoints_; }

  // Self-contained file image (magic, version, number of events, hash, CRC32C, encoding) and its
  // inverse, which reads any bytes without harm.
  [[nodiscard]] Bytes encode() const;
  enum class Error : std::uint8_t {
    not_a_trace,
    version,
    damaged,  // cut short, longer than it says, or some byte is not as written
  };
  static Result<Trace, Error> decode(BytesView file);

 private:
  friend class Cursor;
  struct Chunk {
    LargeArray<std::uint8_t> data;
    std::uint64_t start;  // position in the encoding of its first event
  };

  void swap(Trace& other) noexcept;
  void new_chunk();
  void checkpoint();
  // low_ and high_ with the events since the last fold; fold() keeps it.
  [[nodiscard]] Hash folded_state() const;
  void fold();
  // The encoding's bytes in chunk `index`.
  [[nodiscard]] BytesView encoding(std::size_t index) const;

  std::vector<Chunk> chunks_;
  std::uint64_t sealed_bytes_ = 0;  // in all chunks but the last
  std::uint8_t* last_ = nullptr;    // the last chunk
  std::size_t tip_ = 0;             // in it
  std::size_t room_ = 0;            // of the last chunk
  std::uint64_t size_ = 0;
  std::int64_t at_ns_ = 0;
  std::size_t folded_ = 0;  // up to here in the last chunk the hash is in low_ and high_
  std::uint64_t low_ = 0x243F6A8885A308D3, high_ = 0x13198A2E03707344;
  std::vector<Checkpoint> checkpoints_;
};

using KindSet = std::array<bool, event_kinds>;

// Reads a trace from the front, or from an event's id. The trace may grow meanwhile (a next() after
// the end then goes on), but must neither move nor end before the cursor.
class Cursor {
 public:
  // From the first event, or from `first` (beyond the end: from the end).
  explicit Cursor(const Trace& trace, EventId first = EventId(1));
  // The next event; false at the end, which leaves `event` as it was.
  bool next(Event& event);
  // The next event of one of the kinds, as next() otherwise: what it passes over is hardly decoded.
  bool next_of(const KindSet& kinds, Event& event);
  // Id of the event that next() returned last; before that, of the one before the first.
  [[nodiscard]] EventId id() const { return EventId(id_); }

 private:
  // The word of lengths of the next event, which there is.
  std::uint32_t find_word();

  const Trace* trace_;
  std::size_t chunk_ = 0;
  const std::uint8_t* position_ = nullptr;
  std::uint64_t id_ = 0;
  std::int64_t at_ns_ = 0;
};

// The id of the first event that differs (or that only one of them has); 0 if the traces are equal.
EventId first_difference(const Trace& a, const Trace& b);

}  // namespace blackout::trace
