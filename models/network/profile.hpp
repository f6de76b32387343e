// What a link is like when nothing is broken: the physics of a pair of places.
#pragma once

#include <cstdint>
#include <vector>

#include "host/base/ids.hpp"
#include "host/base/time.hpp"
#include "sim/random/distributions.hpp"

namespace blackout::network {

// Where a node stands. Zones are numbered within their region.
struct Place {
  RegionId region;
  std::uint16_t zone = 0;
  friend constexpr auto operator<=>(Place, Place) = default;
};

// One direction of a link. A message's delay is
//   wait in the queue + bytes * 8 / bandwidth + delay * (1 + jitter * E),
// where E is exponential with mean 1,
// so `delay` (half a measured round trip) is the floor, the median lies at 1 + 0.69 jitter and the
// 99th percentile at 1 + 4.6 jitter. E is drawn for each message: a link is not FIFO, a message
// overtakes another that drew a longer delay. Loss and duplication are independent from message to
// message.
struct LinkProfile {
  Duration delay;
  std::uint32_t jitter_ppm = 0;  // 1'000'000 is the delay itself
  random::Probability loss;
  random::Probability duplication;
  std::uint64_t bits_per_second = 0;  // 0: unlimited
  // A message that finds more than this waiting before it is dropped (tail drop).
  std::uint64_t queue_bytes_max = 4u << 20;
};

struct Settings {
  std::vector<Place> nodes;               // by NodeId
  LinkProfile within_node;                // a node to itself
  std::vector<LinkProfile> within_zones;  // by region, machines of one zone; empty: no delay
  // Row-major by [from region][to region], regions * regions entries; the diagonal holds the links
  // between two zones of that region. Directions may differ.
  std::vector<LinkProfile> between_regions;
  std::uint32_t mailbox_messages_max = 4096;
};

}  // namespace blackout::network
