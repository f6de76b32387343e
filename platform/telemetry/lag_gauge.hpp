// How long what is committed has waited to be on a voter's disk, as the shard's leader knows it.
//
// Never less than the truth: an answer that is under way makes the gauge read more, not less. What
// was committed before this node led was committed at a time that it does not know; a voter that
// lacks some of that has no reading.
#pragma once

#include <optional>
#include <vector>

#include "host/base/time.hpp"
#include "platform/raft/types.hpp"

namespace blackout::telemetry {

class LagGauge {
 public:
  // Of a node that began to lead when its log ended at `start`.
  explicit LagGauge(raft::Index start) : start_(start) {}

  // The leader knows everything up to `index` to be committed since `now`, of a monotonic clock.
  void committed(raft::Index index, Instant now);

  // Of a voter that is known to have the log up to `match` on its disk. Empty where that is not
  // known, and before the leader committed anything itself.
  [[nodiscard]] std::optional<Duration> read(raft::Index match, Instant now) const;

 private:
  struct Commit {
    raft::Index index;
    Instant at;
  };

  raft::Index start_;
  // By index. Once they are many, each second one is taken for as old as the one before it.
  std::vector<Commit> commits_;
};

}  // namespace blackout::telemetry
