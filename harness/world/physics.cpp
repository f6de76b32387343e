#include "harness/world/physics.hpp"

#include <algorithm>

#include "sim/random/distributions.hpp"
#include "sim/random/stream.hpp"

namespace blackout::world {
namespace {

// Physics that no scenario changes: a host's own network stack, and machines in one hall.
constexpr Duration loopback_delay = microseconds(10);
constexpr Duration hall_delay = microseconds(100);

network::LinkProfile profile(const scenario::LinkPlan& links, Duration one_way, RegionId from,
                             RegionId to) {
  network::LinkProfile profile;
  profile.delay = one_way;
  profile.bits_per_second = links.bandwidth_bits_per_s;
  if (links.still.contains({from, to})) return profile;
  profile.jitter_ppm = links.jitter_ppm;
  profile.loss = links.loss;
  return profile;
}

network::Settings network_settings(const scenario::Plan& plan) {
  network::Settings settings;
  for (const record::NodeFact& node : plan.facts.nodes) {
    settings.nodes.push_back({node.region, node.zone});
  }
  settings.within_node.delay = loopback_delay;
  const std::size_t regions = plan.facts.regions.size();
  for (std::size_t i = 0; i < regions * regions; ++i) {
    const RegionId from(static_cast<std::uint16_t>(i / regions));
    const RegionId to(static_cast<std::uint16_t>(i % regions));
    const Duration rtt = from == to ? plan.links.zone_rtt : plan.links.region_rtt[i];
    settings.between_regions.push_back(profile(plan.links, rtt / 2, from, to));
    if (from == to) settings.within_zones.push_back(profile(plan.links, hall_delay, from, to));
  }
  return settings;
}

std::vector<clock::Settings> clock_settings(const scenario::Plan& plan, random::Key key) {
  std::vector<clock::Settings> clocks;
  for (std::size_t i = 0; i < plan.facts.nodes.size(); ++i) {
    const random::Key node = key.child(i);
    const std::int64_t offset_max = plan.clock_offset_max.ns();
    clock::Settings settings;
    if (!plan.still_clocks.contains(NodeId(static_cast<std::uint32_t>(i)))) {
      settings.offset = Duration(random::uniform(node.draw(0), -offset_max, offset_max));
      settings.drift_ppm = random::uniform(node.draw(1), -std::int64_t{plan.clock_drift_max_ppm},
                                           plan.clock_drift_max_ppm);
    }
    settings.error_min = std::max(plan.clock_offset_max, settings.error_min);
    clocks.push_back(settings);
  }
  return clocks;
}

}  // namespace

node::Settings physics_of(const scenario::Plan& plan) {
  node::Settings settings;
  settings.network = network_settings(plan);
  settings.disk.sync_median = plan.fsync_median;
  settings.disk.sync_p99 = plan.fsync_p99;
  // A copy in memory is processor time, which costs nothing here.
  settings.disk.cached = Duration();
  settings.still_disks = plan.still_disks;
  settings.clocks = clock_settings(plan, random::Key(plan.facts.seed).child("clock"));
  return settings;
}

}  // namespace blackout::world
