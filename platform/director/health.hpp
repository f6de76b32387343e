// From probes to a judgement of regions, with hysteresis.
//
// A probe is a write through a region's gateway that a shard commits; a region that answers and
// cannot do that is as good as gone. A shard that no region reaches is the shard's trouble and
// speaks against none of them. A region is found failing after so many bad rounds in a row, and
// able again after so many good ones in a row: one that comes and goes does not move its clients to
// and fro.
#pragma once

#include <cstdint>
#include <vector>

#include "host/base/ids.hpp"

namespace blackout::director {

struct HealthRules {
  std::uint32_t fail_after = 3;     // bad rounds in a row
  std::uint32_t recover_after = 8;  // good rounds in a row
};

class Health {
 public:
  // Region r of `regions` is probed for each of `shards`.
  Health(std::size_t regions, std::size_t shards, HealthRules rules);

  // The outcome of a probe of the round under way. A region of which none is told in a round was
  // not probed, and is not judged by it.
  void probed(RegionId region, std::size_t shard, bool committed);
  void end_round();
  // Whoever judged before, and what was seen, counts no more.
  void forget();

  // Neither failing nor able: too little was seen yet.
  [[nodiscard]] bool undecided(RegionId region) const { return !seen_[region.value()].decided; }
  [[nodiscard]] bool failing(RegionId region) const { return seen_[region.value()].failing; }

 private:
  struct Seen {
    bool decided = false, failing = false;
    std::uint32_t bad = 0, good = 0;  // rounds in a row
  };
  enum class Outcome : std::uint8_t { none, committed, failed };

  [[nodiscard]] Outcome& outcome(std::size_t region, std::size_t shard) {
    return round_[region * shards_ + shard];
  }
  [[nodiscard]] bool reached(std::size_t shard);
  void judge(Seen& seen, bool good) const;

  std::size_t shards_;
  HealthRules rules_;
  std::vector<Seen> seen_;
  std::vector<Outcome> round_;  // by region, then shard
};

}  // namespace blackout::director
