#include "platform/director/health.hpp"

#include <algorithm>

namespace blackout::director {

Health::Health(std::size_t regions, std::size_t shards, HealthRules rules)
    : shards_(shards), rules_(rules), seen_(regions), round_(regions * shards) {}

void Health::probed(RegionId region, std::size_t shard, bool committed) {
  outcome(region.value(), shard) = committed ? Outcome::committed : Outcome::failed;
}

void Health::end_round() {
  for (std::size_t r = 0; r < seen_.size(); ++r) {
    bool told = false, good = true;
    for (std::size_t s = 0; s < shards_; ++s) {
      told = told || outcome(r, s) != Outcome::none;
      good = good && (outcome(r, s) != Outcome::failed || !reached(s));
    }
    if (told) judge(seen_[r], good);
  }
  std::fill(round_.begin(), round_.end(), Outcome::none);
}

bool Health::reached(std::size_t shard) {
  for (std::size_t r = 0; r < seen_.size(); ++r) {
    if (outcome(r, shard) == Outcome::committed) return true;
  }
  return false;
}

void Health::judge(Seen& seen, bool good) const {
  seen.good = good ? seen.good + 1 : 0;
  seen.bad = good ? 0 : seen.bad + 1;
  if (seen.bad >= rules_.fail_after) {
    seen.decided = seen.failing = true;
  } else if (seen.good >= rules_.recover_after) {
    seen.decided = true;
    seen.failing = false;
  }
}

void Health::forget() {
  std::fill(seen_.begin(), seen_.end(), Seen());
  std::fill(round_.begin(), round_.end(), Outcome::none);
}

}  // namespace blackout::director
