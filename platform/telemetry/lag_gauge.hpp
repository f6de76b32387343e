// How long what is committed has waited to be received, on the disk, or applied by a voter, as the
// shard's leader knows it.
//
// Less than the truth by no more than its tolerance: an answer that is under way makes the gauge
// read more, not less, and what a later leader may have committed meanwhile is younger than the
// last round of heartbeats that a majority answered. Times are the most that may have passed
// (host/env/reading.hpp; by the monotonic clock where the wall clock claims no bound). Without such
// a round for half the tolerance there is no reading; the other half is for a clock that runs slow.
// What was committed before this node led was committed at a time that it does not know; a voter
// that lacks some of that has no reading. What is on a disk stays there; what a voter received or
// applied may go with its process, so that it is known only if the voter itself answered a round of
// late.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

#include "host/env/reading.hpp"
#include "platform/raft/types.hpp"

namespace blackout::telemetry {

using env::Reading;

class LagGauge {
 public:
  // Of a node that began to lead when its log ended at `start`.
  LagGauge(raft::Index start, Duration tolerance) : start_(start), tolerance_(tolerance) {}

  // A round of heartbeats leaves; rounds grow.
  void asked(std::uint64_t round, const Reading& now);
  // A majority answered it, or a later one.
  void answered(std::uint64_t round) { answered_ = std::max(answered_, round); }

  // The leader knows everything up to `index` to be committed since `now`.
  void committed(raft::Index index, const Reading& now);

  // Of a voter that is known to be as far as `reached`. Empty before the leader committed anything
  // itself, and where it may lead no more.
  [[nodiscard]] std::optional<Duration> read(raft::Index reached, const Reading& now) const;
  // Of one that said so when it answered this round.
  [[nodiscard]] std::optional<Duration> read(raft::Index reached, std::uint64_t round,
                                             const Reading& now) const;

 private:
  struct Commit {
    raft::Index index;
    Reading at;
  };
  struct Round {
    std::uint64_t number;
    Reading at;
  };

  // Whether it left within half the tolerance.
  [[nodiscard]] bool recent(std::uint64_t round, const Reading& now) const;

  raft::Index start_;
  Duration tolerance_;
  std::deque<Round> rounds_;  // that left within half the tolerance, oldest first
  std::uint64_t answered_ = 0;
  // By index. Once they are many, each second one is taken for as old as the one before it.
  std::vector<Commit> commits_;
};

}  // namespace blackout::telemetry
