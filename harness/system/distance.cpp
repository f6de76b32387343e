#include "harness/system/distance.hpp"

#include <algorithm>

namespace blackout::system {
namespace {

std::int64_t round_trip_ns(const scenario::Plan& plan, RegionId a, RegionId b) {
  if (a == b) return 0;
  return plan.links.region_rtt[a.value() * plan.facts.regions.size() + b.value()].ns();
}

}  // namespace

std::vector<NodeId> by_distance(const scenario::Plan& plan, RegionId from,
                                std::vector<NodeId> nodes) {
  std::stable_sort(nodes.begin(), nodes.end(), [&](NodeId a, NodeId b) {
    return round_trip_ns(plan, from, plan.facts.nodes[a.value()].region) <
           round_trip_ns(plan, from, plan.facts.nodes[b.value()].region);
  });
  return nodes;
}

}  // namespace blackout::system
