#include "models/region/region.hpp"

#include <algorithm>
#include <set>
#include <type_traits>
#include <utility>

namespace blackout::region {
namespace {

template <class... Parameters>
using LinkVerb = void (network::Network::*)(NodeId from, NodeId to, Parameters...);

template <class... Parameters>
void on_each(node::Cluster& cluster, const Links& links, LinkVerb<Parameters...> verb,
             const std::type_identity_t<Parameters>&... arguments) {
  for (const fault::Link link : links) {
    (cluster.network().*verb)(link.from, link.to, arguments...);
  }
}

}  // namespace

void stop(node::Cluster& cluster, const Nodes& nodes, node::StopMode mode, node::FaultTag tag) {
  for (const NodeId node : nodes) cluster.node(node).stop(mode, tag);
}
void start(node::Cluster& cluster, const Nodes& nodes, node::FaultTag tag) {
  for (const NodeId node : nodes) cluster.node(node).start(tag);
}
void pause(node::Cluster& cluster, const Nodes& nodes, node::FaultTag tag) {
  for (const NodeId node : nodes) cluster.node(node).pause(tag);
}
void resume(node::Cluster& cluster, const Nodes& nodes, node::FaultTag tag) {
  for (const NodeId node : nodes) cluster.node(node).resume(tag);
}

using network::Network;

void cut(node::Cluster& cluster, const Links& links, network::FaultTag tag) {
  on_each(cluster, links, &Network::cut, tag);
}
void heal(node::Cluster& cluster, const Links& links, network::FaultTag tag) {
  on_each(cluster, links, &Network::heal, tag);
}
void degrade(node::Cluster& cluster, const Links& links, const network::Degradation& degradation,
             network::FaultTag tag) {
  on_each(cluster, links, &Network::degrade, degradation, tag);
}
void restore(node::Cluster& cluster, const Links& links, network::FaultTag tag) {
  on_each(cluster, links, &Network::restore, tag);
}
void hold(node::Cluster& cluster, const Links& links, network::FaultTag tag) {
  on_each(cluster, links, &Network::hold, tag);
}
void release(node::Cluster& cluster, const Links& links, network::FaultTag tag) {
  on_each(cluster, links, &Network::release, tag);
}
void flap(node::Cluster& cluster, const Links& links, network::Flapping rhythm,
          network::FaultTag tag) {
  on_each(cluster, links, &Network::flap, rhythm, tag);
}
void settle(node::Cluster& cluster, const Links& links, network::FaultTag tag) {
  on_each(cluster, links, &Network::settle, tag);
}
void reset(node::Cluster& cluster, const Links& links, network::FaultTag tag) {
  std::set<std::pair<NodeId, NodeId>> done;
  for (const fault::Link link : links) {
    if (!done.insert(std::minmax(link.from, link.to)).second) continue;
    cluster.network().reset(link.from, link.to, tag);
  }
}

}  // namespace blackout::region
