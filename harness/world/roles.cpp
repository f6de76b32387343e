#include "harness/world/roles.hpp"

#include <algorithm>
#include <tuple>

namespace blackout::world {
namespace {

constexpr trace::KindSet read_kinds = [] {
  trace::KindSet kinds{};
  for (const EventKind kind : {EventKind::role_changed, EventKind::log_durable,
                               EventKind::log_recovered, EventKind::log_truncated}) {
    kinds[static_cast<std::size_t>(kind)] = true;
  }
  return kinds;
}();

}  // namespace

Roles::Roles(const scenario::Plan& plan, const trace::Trace& trace, node::Cluster& cluster)
    : plan_(plan), cluster_(cluster), cursor_(trace) {
  for (const scenario::GroupPlan& group : plan.groups) {
    Shard& shard = shards_.emplace_back();
    for (const NodeId node : group.voters) shard.voters.push_back({node, 0, EventId()});
    std::sort(shard.voters.begin(), shard.voters.end(),
              [](const Voter& a, const Voter& b) { return a.node < b.node; });
  }
}

void Roles::catch_up() {
  Event event;
  while (cursor_.next_of(read_kinds, event)) see(event, cursor_.id());
}

void Roles::see(const Event& event, EventId id) {
  if (event.shard.value() >= shards_.size()) return;
  Shard& shard = shards_[event.shard.value()];
  if (event.kind == EventKind::role_changed) {
    if (static_cast<Role>(event.a) != Role::leader || event.b < shard.term) return;
    shard.leader = event.node;
    shard.term = event.b;
    return;
  }
  const auto voter = std::find_if(shard.voters.begin(), shard.voters.end(),
                                  [&](const Voter& one) { return one.node == event.node; });
  if (voter == shard.voters.end()) return;
  if (event.kind == EventKind::log_truncated) {
    voter->durable = std::min(voter->durable, event.a - std::min<std::uint64_t>(event.a, 1));
  } else {
    voter->durable = event.a;
    voter->reached = id;
  }
}

NodeId Roles::filler(const fault::Aim& aim) {
  catch_up();
  if (aim.role == fault::TargetRole::most_leaders) return most_leaders();
  const Shard& shard = shards_[aim.shard.value()];
  switch (aim.role) {
    case fault::TargetRole::follower_most_behind:
      return most_behind(shard);
    case fault::TargetRole::slowest_in_quorum:
      return slowest_in_quorum(shard);
    case fault::TargetRole::bridge:
      return bridge(shard);
    default:
      return shard.leader;
  }
}

NodeId Roles::most_behind(const Shard& shard) const {
  const Voter* found = nullptr;
  for (const Voter& voter : shard.voters) {
    if (voter.node == shard.leader || !cluster_.node(voter.node).running()) continue;
    if (found == nullptr || voter.durable < found->durable) found = &voter;
  }
  return found == nullptr ? no_node : found->node;
}

NodeId Roles::slowest_in_quorum(const Shard& shard) {
  std::vector<Voter> voters = shard.voters;
  std::sort(voters.begin(), voters.end(), [](const Voter& a, const Voter& b) {
    return std::tuple(b.durable, a.reached, a.node) < std::tuple(a.durable, b.reached, b.node);
  });
  const Voter& last = voters[voters.size() / 2];
  return last.durable == 0 ? no_node : last.node;
}

bool Roles::connected(NodeId a, NodeId b) const {
  const network::Network& network = cluster_.network();
  return !network.is_cut(a, b) && !network.is_cut(b, a);
}

NodeId Roles::bridge(const Shard& shard) const {
  NodeId found = no_node;
  std::size_t most = 0;
  for (const Voter& middle : shard.voters) {
    std::vector<NodeId> near;
    for (const Voter& other : shard.voters) {
      if (other.node != middle.node && connected(middle.node, other.node)) {
        near.push_back(other.node);
      }
    }
    std::size_t pairs = 0;
    for (const NodeId a : near) {
      for (const NodeId b : near) pairs += a < b && !connected(a, b);
    }
    if (pairs > most) {
      most = pairs;
      found = middle.node;
    }
  }
  return found;
}

NodeId Roles::most_leaders() const {
  std::vector<std::size_t> leaders(plan_.facts.regions.size());
  const auto region = [&](const Shard& shard) {
    return plan_.facts.nodes[shard.leader.value()].region.value();
  };
  for (const Shard& shard : shards_) {
    if (shard.leader != no_node) ++leaders[region(shard)];
  }
  const auto most = std::max_element(leaders.begin(), leaders.end());
  for (const Shard& shard : shards_) {
    if (shard.leader != no_node && region(shard) == most - leaders.begin()) return shard.leader;
  }
  return no_node;
}

}  // namespace blackout::world
