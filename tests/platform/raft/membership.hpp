// Changes of the members, as tests make them.
#pragma once

#include <functional>

#include "tests/platform/raft/cluster.hpp"

namespace blackout::raft {

// Heartbeats of the leader, and what they bring.
inline void beat(Cluster& cluster, std::size_t leader, int times) {
  for (int i = 0; i < times; ++i) {
    cluster.tick(leader, cluster.at(leader).config.heartbeat_ticks);
    cluster.deliver_all();
  }
}

// Node 0 leads, and all that it has is committed.
inline Cluster led(std::size_t count, std::size_t spares,
                   Config config = Cluster::default_config()) {
  Cluster cluster(count, std::move(config), spares);
  cluster.elect(0);
  beat(cluster, 0, 1);
  return cluster;
}

inline auto reconfigure(Cluster& cluster, std::size_t leader,
                        const std::vector<std::uint32_t>& nodes) {
  std::vector<MemberId> voters;
  for (const std::uint32_t node : nodes) voters.push_back(cluster.at(node).id());
  auto begun = cluster[leader].reconfigure(voters);
  cluster.settle(leader);
  return begun;
}

// The nodes that vote by a node's configuration.
inline std::vector<std::uint32_t> voters(const Raft& raft) {
  std::vector<std::uint32_t> nodes;
  for (const NodeId node : raft.configuration().voters()) nodes.push_back(node.value());
  return nodes;
}

// Message by message, in order of sending, at most until nothing is under way.
inline void deliver_until(Cluster& cluster, const std::function<bool()>& reached) {
  while (!cluster.network.empty() && !reached()) {
    Message message = std::move(cluster.network.front());
    cluster.network.pop_front();
    cluster.deliver(std::move(message));
  }
}

// Lets time pass for all, and delivers, until this is so; false if it never is.
inline bool run_until(Cluster& cluster, const std::function<bool()>& reached) {
  for (int tick = 0; tick < 200; ++tick) {
    for (std::size_t node = 0; node < cluster.size() && !reached(); ++node) cluster.tick(node);
    deliver_until(cluster, reached);
    if (reached()) return true;
  }
  return false;
}

// ... until no change is under way; the leader then, or no_node.
inline NodeId settled(Cluster& cluster) {
  NodeId leader = no_node;
  run_until(cluster, [&] {
    for (std::size_t node = 0; node < cluster.size(); ++node) {
      if (cluster.whole(node)) leader = cluster.at(node).config.self;
    }
    return leader != no_node;
  });
  return leader;
}

// In its present incarnation.
inline bool has_led(const Cluster& cluster, std::size_t node) {
  const std::vector<Fact>& facts = cluster.at(node).facts;
  return std::any_of(facts.begin(), facts.end(), [](const Fact& fact) {
    return fact.kind == EventKind::role_changed && static_cast<Role>(fact.a) == Role::leader;
  });
}

// All but the leader restart, and vote for whoever comes.
inline void forget_leader(Cluster& cluster) {
  for (std::size_t i = 0; i < cluster.size(); ++i) {
    if (cluster[i].role() != Role::leader) cluster.restart(i);
  }
}

}  // namespace blackout::raft
