// The comparison of what replicas report of their states as of one applied index: whose state is in
// the minority, and in which ranges of keys it differs.
//
// A pure function of the reports, whoever carries them. Replicas of one shard that applied the same
// entries have equal states, so that two checksums at one index prove that one of the two is wrong;
// which, only a majority of the voters with one and the same checksum can say. Without it nobody is
// accused: two voters of three that are silent, or as many opinions as voters, leave it open.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "host/base/ids.hpp"

namespace blackout::audit {

// A Merkle tree of two levels.
struct Checksums {
  std::uint64_t root = 0;
  std::vector<std::uint64_t> ranges;  // at most 64; of equal states equally many

  friend bool operator==(const Checksums&, const Checksums&) = default;
};

// Bit r: range r differs. None does where the root alone tells the two apart.
std::uint64_t ranges_that_differ(const Checksums& a, const Checksums& b);

struct Divergence {
  NodeId replica;
  std::uint64_t index = 0;
  std::uint64_t root = 0;    // of the majority
  std::uint64_t ranges = 0;  // bit r: range r differs from the majority's

  friend bool operator==(const Divergence&, const Divergence&) = default;
};

class Audit {
 public:
  // Reports of so many indexes are kept, the highest.
  static constexpr std::size_t points_max = 8;

  // What the report proves, alone or with those before it: replicas that differ from a majority of
  // `voters`, each once for an index. A replica that reports an index again is heard the first
  // time; one that is no voter may differ, but does not count.
  std::vector<Divergence> report(std::uint64_t index, NodeId replica, Checksums checksums,
                                 std::span<const NodeId> voters);
  // Forgets every report.
  void clear() { points_.clear(); }

 private:
  struct Report {
    NodeId replica;
    Checksums checksums;
    bool accused = false;
  };

  std::map<std::uint64_t, std::vector<Report>> points_;  // by index
};

}  // namespace blackout::audit
