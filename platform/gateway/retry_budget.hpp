// How much a process may ask for again: over any ten seconds a tenth of what it asked for the
// first time, and a few more.
//
// A retry is work more for those who are late already. Without a bound, what a short overload lets
// time out comes back as an overload that lasts (Bronson et al., "Metastable Failures in
// Distributed Systems", HotOS 2021; Beyer et al., "Site Reliability Engineering", chapter 22).
// Whoever may not ask again waits on for the answer.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "host/base/time.hpp"

namespace blackout::gateway {

class RetryBudget {
 public:
  static constexpr Duration window = seconds(10);
  static constexpr std::uint64_t firsts_per_retry = 10;
  // Enough to find out whom to ask where little is asked.
  static constexpr std::uint64_t floor = 100;
  // How long to wait before asking for a retry again.
  static constexpr Duration pause = milliseconds(100);

  // Instants are of one monotonic clock. Something is asked for the first time.
  void first(Instant now) {
    turn(now);
    ++firsts_[slot_];
    ++firsts_sum_;
  }
  // True if there may be a retry now, which then counts as made.
  bool take(Instant now) {
    turn(now);
    if (retries_sum_ >= floor + firsts_sum_ / firsts_per_retry) return false;
    ++retries_[slot_];
    ++retries_sum_;
    return true;
  }

 private:
  static constexpr std::size_t slots = 10;

  // Forgets what left the window.
  void turn(Instant now) {
    const std::int64_t number = now.ns() / (window.ns() / static_cast<std::int64_t>(slots));
    for (std::size_t i = 0; i < slots && number_ < number; ++i, ++number_) {
      slot_ = (slot_ + 1) % slots;
      firsts_sum_ -= std::exchange(firsts_[slot_], 0);
      retries_sum_ -= std::exchange(retries_[slot_], 0);
    }
    number_ = std::max(number_, number);
  }

  std::array<std::uint64_t, slots> firsts_{}, retries_{};
  std::uint64_t firsts_sum_ = 0, retries_sum_ = 0;
  std::size_t slot_ = 0;
  std::int64_t number_ = 0;  // of the present slot, since the clock's beginning
};

}  // namespace blackout::gateway
