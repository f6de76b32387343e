#include "platform/raft/log.hpp"

#include <algorithm>

#include "host/base/check.hpp"
#include "host/base/hash.hpp"

namespace blackout::raft {

namespace {

std::uint64_t chain(std::uint64_t before, const Entry& entry) {
  const std::uint64_t head = combine64(before, entry.term.value());
  const std::uint64_t tag = combine64(static_cast<std::uint64_t>(entry.kind), entry.operation);
  return hash64(view_of(entry.payload), combine64(head, tag));
}

std::uint64_t cost(const Entry& entry) {
  return view_of(entry.payload).size() + Log::entry_overhead_bytes;
}

}  // namespace

Index Log::last_not_after(Index index, Term term) const {
  if (index <= base_.index) return base_.index;
  const auto end =
      slots_.begin() + static_cast<std::ptrdiff_t>(std::min(index, last_index()) - base_.index);
  const auto first_after = std::partition_point(
      slots_.begin(), end, [term](const Slot& slot) { return slot.entry.term <= term; });
  return base_.index + static_cast<std::uint64_t>(first_after - slots_.begin());
}

std::uint64_t Log::bytes_until(Index index) const {
  return index == base_.index ? base_bytes_until_ : slot(index).bytes_until;
}

std::uint64_t Log::bytes_between(Index from, Index to) const {
  return bytes_until(to) - bytes_until(from);
}

Index Log::fitting(Index from, std::uint64_t bytes_max) const {
  if (from == last_index()) return from;
  const std::uint64_t limit = bytes_until(from) + bytes_max;
  if (slots_.back().bytes_until <= limit) return last_index();
  const auto begin = slots_.begin() + static_cast<std::ptrdiff_t>(from - base_.index);
  const auto end = std::partition_point(
      begin + 1, slots_.end(), [limit](const Slot& slot) { return slot.bytes_until <= limit; });
  return from + static_cast<std::uint64_t>(end - begin);
}

const Entry& Log::append(Entry entry) {
  const Position before = last();
  CHECK(entry.index == before.index + 1 && entry.term >= before.term);
  entry.chain_hash = chain(before.chain_hash, entry);
  const std::uint64_t bytes = bytes_until(before.index) + cost(entry);
  return slots_.emplace_back(std::move(entry), bytes).entry;
}

void Log::truncate(Index from) {
  CHECK(from > base_.index);
  if (from > last_index()) return;
  slots_.resize(from - base_.index - 1);
}

void Log::release(Index to) {
  if (to <= base_.index) return;
  const Position base = *at(to);
  base_bytes_until_ = bytes_until(to);
  slots_.erase(slots_.begin(), slots_.begin() + static_cast<std::ptrdiff_t>(to - base_.index));
  base_ = base;
}

void Log::restart(Position base) {
  base_ = base;
  base_bytes_until_ = 0;
  slots_.clear();
}

}  // namespace blackout::raft
