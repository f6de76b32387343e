// A hybrid logical clock: stamps that follow physical time and never contradict what their author
// had seen.
//
// Kulkarni, Demirbas, Madappa, Avva, Leone: "Logical Physical Clocks" (OPODIS 2014). A stamp's time
// packs 48 bits of physical milliseconds and 16 of the logical counter, which carries into them, so
// that one comparison orders both. Pure: readings of the physical clock are handed in. A stamp says
// which of two concurrent writes is called the newer one; it proves nothing about true time.
#pragma once

#include <compare>
#include <cstdint>

#include "host/base/bytes.hpp"
#include "host/base/time.hpp"

namespace blackout::ledger {

struct Stamp {
  std::uint64_t time = 0;    // 0: none
  std::uint32_t author = 0;  // decides between equal times

  friend auto operator<=>(const Stamp&, const Stamp&) = default;
};

void encode(const Stamp& stamp, Writer& writer);
Stamp decode_stamp(Reader& reader);

// Nobody believes a stamp that is further ahead of the own physical clock.
inline constexpr Duration stamp_ahead_max = milliseconds(500);
bool too_far_ahead(std::uint64_t time, std::int64_t unix_ns);

class HybridClock {
 public:
  // Authors are told apart by this number.
  explicit HybridClock(std::uint32_t author) : author_(author) {}

  // Above every stamp that was given or observed before. Only where the physical clock went back by
  // more than stamp_ahead_max it begins anew: what it gave before is refused everywhere.
  Stamp now(std::int64_t unix_ns);

  // A stamp's time that an answer showed; false, and nothing is learnt, if it is too far ahead.
  bool observe(std::uint64_t time, std::int64_t unix_ns);

 private:
  std::uint32_t author_;
  std::uint64_t last_ = 0;
};

}  // namespace blackout::ledger
