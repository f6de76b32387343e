// The log in memory: entries after a base whose index, term and chain hash are known.
//
// The base is 0 for a log that starts at its beginning, else the last entry that was released or
// that a snapshot stands for. The log knows nothing of durability: raft.hpp keeps that account.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "host/base/check.hpp"
#include "platform/raft/types.hpp"

namespace blackout::raft {

class Log {
 public:
  // What an entry costs in a batch beyond its payload, in bytes.
  static constexpr std::uint64_t entry_overhead_bytes = 32;

  explicit Log(Position base) : base_(base) {}

  [[nodiscard]] const Position& base() const { return base_; }
  [[nodiscard]] Index last_index() const { return base_.index + slots_.size(); }
  [[nodiscard]] Term last_term() const { return last().term; }
  [[nodiscard]] Position last() const { return *at(last_index()); }

  // The position of an entry in [base, last], nullopt outside.
  [[nodiscard]] std::optional<Position> at(Index index) const {
    if (index == base_.index) return base_;
    if (index < base_.index || index > last_index()) return std::nullopt;
    const Entry& found = slots_[index - base_.index - 1].entry;
    return Position{index, found.term, found.chain_hash};
  }
  // Whether the log holds (index, term); the base counts.
  [[nodiscard]] bool matches(Index index, Term term) const {
    const auto position = at(index);
    return position.has_value() && position->term == term;
  }
  // The largest index <= `index` whose term is <= `term`, at least the base's: where a log that
  // ends in `term` at `index` can match this one.
  [[nodiscard]] Index last_not_after(Index index, Term term) const;
  // An entry in (base, last], else CHECK. The reference lives until the next change of the log.
  [[nodiscard]] const Entry& entry(Index index) const { return slot(index).entry; }
  // Payloads and overheads of the entries in (from, to], in bytes; base <= from <= to <= last.
  [[nodiscard]] std::uint64_t bytes_between(Index from, Index to) const;
  // The last index of a batch that starts after `from` and holds at most `bytes_max`, or one entry;
  // `from` itself if it is the last. base <= from <= last.
  [[nodiscard]] Index fitting(Index from, std::uint64_t bytes_max) const;

  // Adds the entry that follows the last; its index must say so and its term not decrease, else
  // CHECK. Computes its chain hash.
  const Entry& append(Entry entry);
  // Drops the entries from `from` on; base < from.
  void truncate(Index from);
  // Forgets the entries up to `to`, which becomes the base; none if that is before it. to <= last.
  void release(Index to);
  // Forgets everything: the log is empty and starts behind `base`.
  void restart(Position base);

 private:
  struct Slot {
    Entry entry;
    std::uint64_t bytes_until = 0;  // from the base up to and with this entry

    Slot() = default;
    Slot(Entry e, std::uint64_t bytes) : entry(std::move(e)), bytes_until(bytes) {}
  };
  [[nodiscard]] const Slot& slot(Index index) const {
    CHECK(index > base_.index && index <= last_index());
    return slots_[index - base_.index - 1];
  }
  [[nodiscard]] std::uint64_t bytes_until(Index index) const;

  Position base_;
  std::uint64_t base_bytes_until_ = 0;
  std::deque<Slot> slots_;
};

}  // namespace blackout::raft
