#include "models/region/region.hpp"

namespace blackout::region {

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

void cut(node::Cluster& cluster, const Links& links, network::FaultTag tag) {
  for (const fault::Link link : links) cluster.network().cut(link.from, link.to, tag);
}
void heal(node::Cluster& cluster, const Links& links, network::FaultTag tag) {
  for (const fault::Link link : links) cluster.network().heal(link.from, link.to, tag);
}
void degrade(node::Cluster& cluster, const Links& links, network::Degradation degradation,
             network::FaultTag tag) {
  for (const fault::Link link : links) {
    cluster.network().degrade(link.from, link.to, degradation, tag);
  }
}
void restore(node::Cluster& cluster, const Links& links, network::FaultTag tag) {
  for (const fault::Link link : links) cluster.network().restore(link.from, link.to, tag);
}

}  // namespace blackout::region
