// A hash index from keys to positions in a vector that someone else keeps.
//
// Open addressing with linear probing, at most half full; it never removes and is never iterated,
// so its layout cannot reach an answer. Positions are below 2^32 - 1.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "host/base/check.hpp"
#include "host/base/hash.hpp"

namespace blackout::ledger {

inline std::uint64_t hash_key(std::string_view key) {
  return hash64({reinterpret_cast<const std::uint8_t*>(key.data()), key.size()});
}

class Index {
 public:
  static constexpr std::uint32_t none = 0xFFFF'FFFF;

  // The position stored under `hash` for which matches(position) holds, or none.
  template <class Matches>
  [[nodiscard]] std::uint32_t find(std::uint64_t hash, Matches matches) const {
    if (slots_.empty()) return none;
    const std::uint32_t tag = tag_of(hash);
    for (std::size_t at = tag & mask_;; at = (at + 1) & mask_) {
      const Slot slot = slots_[at];
      if (slot.position == none) return none;
      if (slot.tag == tag && matches(slot.position)) return slot.position;
    }
  }

  // `position` must not be in the index yet.
  void insert(std::uint64_t hash, std::uint32_t position) {
    CHECK(position != none);
    if ((used_ + 1) * 2 > slots_.size()) grow();
    place({tag_of(hash), position});
    ++used_;
  }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t position = none;
  };

  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

  void place(Slot slot) {
    std::size_t at = slot.tag & mask_;
    while (slots_[at].position != none) at = (at + 1) & mask_;
    slots_[at] = slot;
  }
  void grow() {
    const std::vector<Slot> before = std::move(slots_);
    slots_.assign(before.empty() ? 16 : before.size() * 2, Slot{});
    mask_ = slots_.size() - 1;
    for (const Slot slot : before) {
      if (slot.position != none) place(slot);
    }
  }

  std::vector<Slot> slots_;
  std::size_t mask_ = 0;
  std::size_t used_ = 0;
};

}  // namespace blackout::ledger
