#include "platform/telemetry/lag_gauge.hpp"

#include <algorithm>

namespace blackout::telemetry {
namespace {

constexpr std::size_t commits_max = 1024;  // even

}  // namespace

void LagGauge::asked(std::uint64_t round, Instant now) { rounds_.push_back({round, now}); }

void LagGauge::answered(std::uint64_t round) {
  while (!rounds_.empty() && rounds_.front().number <= round) {
    confirmed_ = rounds_.front().at;
    rounds_.pop_front();
  }
}

void LagGauge::committed(raft::Index index, Instant now) {
  if (index < start_ || (!commits_.empty() && index <= commits_.back().index)) return;
  if (commits_.size() == commits_max) {
    for (std::size_t i = 0; i < commits_max / 2; ++i) {
      commits_[i] = {commits_[2 * i + 1].index, commits_[2 * i].at};
    }
    commits_.resize(commits_max / 2);
  }
  commits_.push_back({index, now});
}

std::optional<Duration> LagGauge::read(raft::Index match, Instant now) const {
  if (commits_.empty() || match + 1 < start_) return std::nullopt;
  if (!confirmed_ || now - *confirmed_ > tolerance_ / 2) return std::nullopt;
  const auto missing =
      std::upper_bound(commits_.begin(), commits_.end(), match,
                       [](raft::Index held, const Commit& commit) { return held < commit.index; });
  return missing == commits_.end() ? Duration() : now - missing->at;
}

}  // namespace blackout::telemetry
