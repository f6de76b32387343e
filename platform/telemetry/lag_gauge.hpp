// How long what is committed has waited to be on a voter's disk, as the shard's leader knows it.
//
// Less than the truth by no more than its tolerance: an answer that is under way makes the gauge
// read more, not less, and what a later leader may have committed meanwhile is younger than the
// last round of heartbeats that a majority answered. Without such a round for half the tolerance
// there is no reading; the other half is for a clock that runs slow. What was committed before this
// node led was committed at a time that it does not know; a voter that lacks some of that has no
// reading.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "host/base/time.hpp"
#include "platform/raft/types.hpp"

namespace blackout::telemetry {

class LagGauge {
 public:
  // Of a node that began to lead when its log ended at `start`.
  LagGauge(raft::Index start, Duration tolerance) : start_(start), tolerance_(tolerance) {}

  // A round of heartbeats leaves at `now`, of a monotonic clock; rounds grow.
  void asked(std::uint64_t round, Instant now);
  // A majority answered it, or a later one that was asked.
  void answered(std::uint64_t round);

  // The leader knows everything up to `index` to be committed since `now`.
  void committed(raft::Index index, Instant now);

  // Of a voter that is known to have the log up to `match` on its disk. Empty where that is not
  // known, before the leader committed anything itself, and where it may lead no more.
  [[nodiscard]] std::optional<Duration> read(raft::Index match, Instant now) const;

 private:
  struct Commit {
    raft::Index index;
    Instant at;
  };
  struct Round {
    std::uint64_t number;
    Instant at;
  };

  raft::Index start_;
  Duration tolerance_;
  std::deque<Round> rounds_;          // that no majority answered yet
  std::optional<Instant> confirmed_;  // when the newest left that one did answer
  // By index. Once they are many, each second one is taken for as old as the one before it.
  std::vector<Commit> commits_;
};

}  // namespace blackout::telemetry
