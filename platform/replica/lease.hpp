// For how long a leader may answer reads by itself (Ongaro's dissertation, 6.4.1): its lease, and
// the promises of voters that the lease is made of.
//
// A voter promises with each answer to a heartbeat to help elect nobody for a length of time from
// when it heard it. A leader's lease is as long, from when it sent the round that a majority
// answered; so it is over before any of them may vote. Each measures with its own wall clock, and
// never with a reading alone but with the error that the clock claims: the leader by the most that
// may have passed, the voter by the least (host/env/reading.hpp). No two clocks are compared. A
// step, a drift, or a machine that stood still makes the lease shorter; it makes no read stale, but
// where both clocks mislead.
//
// A read is as of the reading of the clock that found the lease to hold: it stays linearizable if
// this process stands still between that and the answer, as the state stands still with it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "host/env/reading.hpp"

namespace blackout::replica {

using env::Reading;

// Of a leader in one term.
class Lease {
 public:
  explicit Lease(Duration length) : length_(length) {}

  // A round of heartbeats leaves after this reading; rounds grow.
  void sent(std::uint64_t round, const Reading& now);
  // Whether it holds, a majority having promised in `round`.
  [[nodiscard]] bool holds(std::uint64_t round, const Reading& now) const;

 private:
  struct Sent {
    std::uint64_t round;
    Reading at;
  };
  Duration length_;
  std::deque<Sent> sent_;  // by round
};

// Of a voter: to withhold its vote.
class Promise {
 public:
  // For `length`, which takes at least `ticks_min` ticks, and without a bound of the wall clock
  // `ticks_max`. A tick is a time-out of the monotonic clock.
  Promise(Duration length, std::uint32_t ticks_min, std::uint32_t ticks_max)
      : length_(length), ticks_min_(ticks_min), ticks_max_(ticks_max) {}

  // From this reading on; replaces one before.
  void make(const Reading& now);
  void tick() { ++ticks_; }
  // One that was kept binds no more, whatever a later reading claims.
  [[nodiscard]] bool binds(const Reading& now);

 private:
  Duration length_;
  std::uint32_t ticks_min_, ticks_max_;
  std::uint64_t ticks_ = 0;
  std::optional<Reading> since_;
};

}  // namespace blackout::replica
