#include "harness/explore/twin.hpp"

#include <algorithm>

namespace blackout::explore {
namespace {

Duration round_trip(const scenario::Plan& plan, RegionId a, RegionId b) {
  return plan.links.region_rtt[a.value() * plan.facts.regions.size() + b.value()];
}

Duration floor_of(const scenario::Plan& plan, RegionId client, ShardId shard) {
  const scenario::GroupPlan& group = plan.groups[shard.value()];
  const auto region_of = [&](NodeId node) { return plan.facts.nodes[node.value()].region; };
  const NodeId leader = group.preferred.empty() ? group.voters.front() : group.preferred.front();
  std::vector<Duration> others;
  for (const NodeId voter : group.voters) {
    if (voter != leader) others.push_back(round_trip(plan, region_of(leader), region_of(voter)));
  }
  std::sort(others.begin(), others.end());
  const std::size_t needed = group.voters.size() / 2;  // beside the leader
  const Duration majority = needed == 0 ? Duration() : others[needed - 1];
  return majority + round_trip(plan, client, region_of(leader));
}

}  // namespace

scenario::Plan in_one_region(const scenario::Plan& plan) {
  scenario::Plan twin = plan;
  std::fill(twin.links.region_rtt.begin(), twin.links.region_rtt.end(), twin.links.zone_rtt);
  return twin;
}

std::vector<check::Paired> pair_with(const scenario::Plan& plan, const record::History& twin) {
  std::vector<check::Paired> paired;
  for (const record::Operation& operation : twin.operations) {
    if (operation.outcome != record::Outcome::ok) continue;
    paired.push_back({operation.id, operation.completed - operation.invoked,
                      floor_of(plan, operation.region, operation.shard)});
  }
  return paired;
}

}  // namespace blackout::explore
