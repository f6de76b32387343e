#include "platform/telemetry/lag_gauge.hpp"

#include <algorithm>
#include <iterator>

namespace blackout::telemetry {
namespace {

constexpr std::size_t commits_max = 1024;  // even

Duration elapsed(const Reading& from, const Reading& to) {
  return Reading::bounded(from, to) ? at_most_between(from, to) : to.monotonic - from.monotonic;
}

}  // namespace

void LagGauge::asked(std::uint64_t round, const Reading& now) {
  while (!rounds_.empty() && elapsed(rounds_.front().at, now) > tolerance_ / 2) rounds_.pop_front();
  rounds_.push_back({round, now});
}

bool LagGauge::recent(std::uint64_t round, const Reading& now) const {
  const auto later =
      std::upper_bound(rounds_.begin(), rounds_.end(), round,
                       [](std::uint64_t number, const Round& r) { return number < r.number; });
  return later != rounds_.begin() && elapsed(std::prev(later)->at, now) <= tolerance_ / 2;
}

void LagGauge::committed(raft::Index index, const Reading& now) {
  if (index < start_ || (!commits_.empty() && index <= commits_.back().index)) return;
  if (commits_.size() == commits_max) {
    for (std::size_t i = 0; i < commits_max / 2; ++i) {
      commits_[i] = {commits_[2 * i + 1].index, commits_[2 * i].at};
    }
    commits_.resize(commits_max / 2);
  }
  commits_.push_back({index, now});
}

std::optional<Duration> LagGauge::read(raft::Index reached, const Reading& now) const {
  if (commits_.empty() || reached + 1 < start_ || !recent(answered_, now)) return std::nullopt;
  const auto missing =
      std::upper_bound(commits_.begin(), commits_.end(), reached,
                       [](raft::Index held, const Commit& commit) { return held < commit.index; });
  return missing == commits_.end() ? Duration() : elapsed(missing->at, now);
}

std::optional<Duration> LagGauge::read(raft::Index reached, std::uint64_t round,
                                       const Reading& now) const {
  return recent(round, now) ? read(reached, now) : std::nullopt;
}

}  // namespace blackout::telemetry
