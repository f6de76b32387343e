#include "platform/audit/audit.hpp"

#include <algorithm>
#include <utility>

namespace blackout::audit {

std::uint64_t ranges_that_differ(const Checksums& a, const Checksums& b) {
  std::uint64_t bits = 0;
  const std::size_t ranges = std::max(a.ranges.size(), b.ranges.size());
  for (std::size_t r = 0; r < ranges; ++r) {
    const bool both = r < a.ranges.size() && r < b.ranges.size();
    if (!both || a.ranges[r] != b.ranges[r]) bits |= std::uint64_t{1} << r;
  }
  return bits;
}

std::vector<Divergence> Audit::report(std::uint64_t index, NodeId replica, Checksums checksums,
                                      std::span<const NodeId> voters) {
  std::vector<Report>& reports = points_[index];
  const auto same = [&](const Report& one) { return one.replica == replica; };
  if (std::none_of(reports.begin(), reports.end(), same)) {
    reports.push_back({replica, std::move(checksums)});
  }
  const auto agree = [&](const Report& one) {
    return std::count_if(reports.begin(), reports.end(), [&](const Report& other) {
      return other.checksums == one.checksums &&
             std::find(voters.begin(), voters.end(), other.replica) != voters.end();
    });
  };
  std::vector<Divergence> found;
  const auto right = std::find_if(reports.begin(), reports.end(), [&](const Report& one) {
    return 2 * static_cast<std::size_t>(agree(one)) > voters.size();
  });
  for (Report& one : reports) {
    if (right == reports.end() || one.accused || one.checksums == right->checksums) continue;
    one.accused = true;
    found.push_back({one.replica, index, right->checksums.root,
                     ranges_that_differ(one.checksums, right->checksums)});
  }
  if (points_.size() > points_max) points_.erase(points_.begin());
  return found;
}

}  // namespace blackout::audit
