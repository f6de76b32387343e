#include "sim/trace/trace.hpp"

#include <algorithm>
#include <limits>

#include "host/base/crc32c.hpp"
#include "host/base/hash.hpp"
#include "sim/trace/encoding.hpp"

namespace blackout::trace {
namespace {

constexpr std::uint64_t magic = 0x65636172742D6B62;  // "bk-trace"
constexpr std::uint32_t file_version = 2;

}  // namespace

std::string format_hash(Hash hash) {
  std::string text;
  for (const std::uint64_t word : {hash.high, hash.low}) {
    for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[word >> shift & 15];
  }
  return text;
}

void Trace::new_chunk() {
  if (!chunks_.empty()) {
    fold();
    std::memcpy(chunks_.back().data.get() + tip_, &end_of_chunk, 4);
    sealed_bytes_ += tip_;
    tip_ = folded_ = 0;
  }
  // A short trace stays small, a long one stands on huge pages.
  room_ = chunks_.size() < 16 ? huge_page_bytes / 32 : huge_page_bytes;
  chunks_.push_back(Chunk{make_large_array<std::uint8_t>(room_), sealed_bytes_});
  last_ = chunks_.back().data.get();
}

void Trace::checkpoint() {
  fold();
  checkpoints_.push_back(Checkpoint{size_, bytes(), Instant(at_ns_), hash()});
}

// Each word steps by a bijection of its state, so that two runs that differ once do not fall
// together again by the mixing of what follows.
Hash Trace::folded_state() const {
  if (folded_ == tip_) return Hash{low_, high_};
  const BytesView fresh{last_ + folded_, tip_ - folded_};
  return Hash{combine64(low_, hash64(fresh, 0xA4093822299F31D0)),
              combine64(high_, hash64(fresh, 0x082EFA98EC4E6C89))};
}

void Trace::fold() {
  const Hash folded = folded_state();
  low_ = folded.low;
  high_ = folded.high;
  folded_ = tip_;
}

Hash Trace::hash() const {
  const Hash state = folded_state();
  const std::uint64_t high = combine64(state.high, state.low);
  return Hash{mix64(state.low + size_ + high), high};  // a bijection of the state
}

BytesView Trace::encoding(std::size_t index) const {
  const std::uint64_t end = index + 1 < chunks_.size() ? chunks_[index + 1].start : bytes();
  return {chunks_[index].data.get(), static_cast<std::size_t>(end - chunks_[index].start)};
}

void Trace::swap(Trace& other) noexcept {
  std::swap(chunks_, other.chunks_);
  std::swap(sealed_bytes_, other.sealed_bytes_);
  std::swap(last_, other.last_);
  std::swap(tip_, other.tip_);
  std::swap(room_, other.room_);
  std::swap(size_, other.size_);
  std::swap(at_ns_, other.at_ns_);
  std::swap(folded_, other.folded_);
  std::swap(low_, other.low_);
  std::swap(high_, other.high_);
  std::swap(checkpoints_, other.checkpoints_);
}

Bytes Trace::encode() const {
  std::uint32_t crc = 0;
  for (std::size_t i = 0; i < chunks_.size(); ++i) crc = crc32c(encoding(i), crc);
  Bytes file;
  file.reserve(64 + bytes());
  Writer out(file);
  const Hash whole = hash();
  out.u64(magic);
  out.u32(file_version);
  out.u64(size_);
  out.u64(whole.low);
  out.u64(whole.high);
  out.u64(bytes());
  out.u32(crc);
  for (std::size_t i = 0; i < chunks_.size(); ++i) out.raw(encoding(i));
  return file;
}

Result<Trace, Trace::Error> Trace::decode(BytesView file) {
  Reader in(file);
  if (in.u64() != magic) return failure(Error::not_a_trace);
  if (in.u32() != file_version) return failure(in.ok() ? Error::version : Error::damaged);
  const std::uint64_t events = in.u64();
  Hash whole;
  whole.low = in.u64();
  whole.high = in.u64();
  const std::uint64_t length = in.u64();
  const std::uint32_t crc = in.u32();
  BytesView left = in.raw(length);
  if (!in.ok() || in.left() != 0 || crc32c(left) != crc) return failure(Error::damaged);

  // Appending again rebuilds chunks and checkpoints, and its hash proves that nothing was lost.
  Trace trace;
  while (!left.empty()) {
    std::array<std::uint8_t, event_room> room{};
    std::memcpy(room.data(), left.data(), std::min(left.size(), room.size()));
    const std::uint32_t word = word_at(room.data());
    if (!well_formed(word)) return failure(Error::damaged);
    Coded coded;
    const auto used = static_cast<std::size_t>(read_coded(room.data(), word, coded) - room.data());
    const std::uint64_t id = trace.size_ + 1;
    const auto time_left =
        static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() - trace.at_ns_);
    if (used > left.size() || coded.cause >= id || coded.at > time_left) {
      return failure(Error::damaged);
    }
    trace.append(decoded(coded, id, trace.at_ns_));
    left = left.subspan(used);
  }
  if (trace.size_ != events || trace.hash() != whole || trace.bytes() != length) {
    return failure(Error::damaged);
  }
  return trace;
}

Cursor::Cursor(const Trace& trace, EventId first) : trace_(&trace) {
  const std::uint64_t before = std::max<std::uint64_t>(first.value(), 1) - 1;
  const auto& checkpoints = trace.checkpoints();
  const auto passed =
      std::min<std::uint64_t>(before / Trace::checkpoint_events, checkpoints.size());
  if (passed > 0) {
    const Checkpoint& from = checkpoints[passed - 1];
    const auto after = std::upper_bound(
        trace.chunks_.begin(), trace.chunks_.end(), from.bytes,
        [](std::uint64_t bytes, const Trace::Chunk& chunk) { return bytes < chunk.start; });
    chunk_ = static_cast<std::size_t>(after - trace.chunks_.begin()) - 1;
    position_ = trace.chunks_[chunk_].data.get() + (from.bytes - trace.chunks_[chunk_].start);
    id_ = from.events;
    at_ns_ = from.at.ns();
  }
  Event skipped;
  while (id_ < before && next(skipped)) {
  }
}

inline std::uint32_t Cursor::find_word() {
  if (position_ == nullptr) [[unlikely]]
    position_ = trace_->chunks_.front().data.get();
  const std::uint32_t word = word_at(position_);
  if (word != end_of_chunk) [[likely]]
    return word;
  position_ = trace_->chunks_[++chunk_].data.get();
  return word_at(position_);
}

bool Cursor::next(Event& event) {
  if (id_ == trace_->size_) return false;
  Coded coded;
  const std::uint32_t word = find_word();
  position_ = read_coded(position_, word, coded);
  ++id_;
  event = decoded(coded, id_, at_ns_);
  at_ns_ = event.at.ns();
  return true;
}

bool Cursor::next_of(const KindSet& kinds, Event& event) {
  for (const std::uint64_t end = trace_->size_; id_ != end; ++id_) {
    const std::uint32_t word = find_word();
    if (kinds[word & 255]) return next(event);
    at_ns_ += static_cast<std::int64_t>(time_distance(position_, word));
    position_ += 4 + fields_length(word);
  }
  return false;
}

EventId first_difference(const Trace& a, const Trace& b) {
  if (a.size() == b.size() && a.hash() == b.hash()) return EventId(0);
  const auto& left = a.checkpoints();
  const auto& right = b.checkpoints();
  // Hashes roll on: once they differ, they differ to the end.
  std::size_t equal = 0;
  std::size_t end = std::min(left.size(), right.size());
  while (equal < end) {
    const std::size_t middle = equal + (end - equal) / 2;
    if (left[middle].hash == right[middle].hash) {
      equal = middle + 1;
    } else {
      end = middle;
    }
  }
  const EventId from(equal * Trace::checkpoint_events + 1);
  Cursor one(a, from), other(b, from);
  Event x, y;
  for (;;) {
    const bool more = one.next(x);
    const bool other_more = other.next(y);
    if (more && other_more && x == y) continue;
    if (!more && !other_more) return EventId(0);
    return EventId(more ? one.id() : other.id());
  }
}

}  // namespace blackout::trace
