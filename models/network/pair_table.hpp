// Entries of directed links in an open-addressing table, by the number of the pair of nodes.
//
// Never iterated: the order of its slots reaches nothing. A random mesh of 1'000 nodes has a
// million links, visited at random: entries are small, and a large table stands on huge pages.
#pragma once

#include <bit>
#include <cstdint>
#include <utility>

#include "host/base/hash.hpp"
#include "host/base/large_array.hpp"

namespace blackout::network {

// Entry has a member `std::uint32_t pair`, is trivially copyable, and empty by default.
template <class Entry>
class PairTable {
 public:
  static constexpr std::uint32_t no_pair = 0xFFFF'FFFF;

  PairTable() { allocate(6); }

  // Starts loading the entry's cache line.
  void prefetch(std::uint32_t pair) const { __builtin_prefetch(&slots_[home(pair)], 1); }

  // Valid until the next call.
  Entry& find_or_add(std::uint32_t pair) {
    for (std::size_t slot = home(pair);; slot = next(slot)) {
      Entry& entry = slots_[slot];
      if (entry.pair == pair) return entry;
      if (entry.pair == no_pair) return add(pair);
    }
  }

  // Null where there is none.
  [[nodiscard]] const Entry* find(std::uint32_t pair) const {
    for (std::size_t slot = home(pair);; slot = next(slot)) {
      const Entry& entry = slots_[slot];
      if (entry.pair == pair) return &entry;
      if (entry.pair == no_pair) return nullptr;
    }
  }

 private:
  using Slots = LargeArray<Entry>;

  // The high bits of the hash: when the table doubles, entries keep their order, so that growing it
  // is one sequential pass.
  [[nodiscard]] std::size_t home(std::uint32_t pair) const { return mix64(pair) >> shift_; }
  [[nodiscard]] std::size_t next(std::size_t slot) const { return (slot + 1) & (capacity_ - 1); }

  void allocate(unsigned bits) {
    capacity_ = std::size_t{1} << bits;
    shift_ = 64 - bits;
    slots_ = make_large_array<Entry>(capacity_);
  }

  Entry& place(const Entry& entry) {
    std::size_t slot = home(entry.pair);
    while (slots_[slot].pair != no_pair) slot = next(slot);
    return slots_[slot] = entry;
  }

  [[gnu::noinline]] Entry& add(std::uint32_t pair) {
    if (++used_ * 2 > capacity_) {
      const std::size_t old_capacity = capacity_;
      const Slots old = std::move(slots_);
      allocate(static_cast<unsigned>(std::countr_zero(old_capacity)) + 1);
      for (std::size_t slot = 0; slot < old_capacity; ++slot) {
        if (old[slot].pair != no_pair) place(old[slot]);
      }
    }
    Entry entry;
    entry.pair = pair;
    return place(entry);
  }

  Slots slots_;  // a power of two, at most half full
  std::size_t capacity_ = 0;
  unsigned shift_ = 0;
  std::size_t used_ = 0;
};

}  // namespace blackout::network
