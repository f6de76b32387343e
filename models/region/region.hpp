// Verbs on sets: what befalls a region, a zone, or the links between two sides as a whole.
//
// Each applies the verb of the single node or link to every member at the same instant, in the
// order of the set, and nests as that verb does. Every verb but reset has its inverse.
#pragma once

#include <vector>

#include "models/fault/fault.hpp"
#include "models/node/cluster.hpp"

namespace blackout::region {

using Nodes = std::vector<NodeId>;
using Links = std::vector<fault::Link>;

void stop(node::Cluster& cluster, const Nodes& nodes, node::StopMode mode, node::FaultTag tag);
void start(node::Cluster& cluster, const Nodes& nodes, node::FaultTag tag);
void pause(node::Cluster& cluster, const Nodes& nodes, node::FaultTag tag);
void resume(node::Cluster& cluster, const Nodes& nodes, node::FaultTag tag);

void cut(node::Cluster& cluster, const Links& links, network::FaultTag tag);
void heal(node::Cluster& cluster, const Links& links, network::FaultTag tag);
void degrade(node::Cluster& cluster, const Links& links, const network::Degradation& degradation,
             network::FaultTag tag);
void restore(node::Cluster& cluster, const Links& links, network::FaultTag tag);
void hold(node::Cluster& cluster, const Links& links, network::FaultTag tag);
void release(node::Cluster& cluster, const Links& links, network::FaultTag tag);
void flap(node::Cluster& cluster, const Links& links, network::Flapping rhythm,
          network::FaultTag tag);
void settle(node::Cluster& cluster, const Links& links, network::FaultTag tag);
// Each pair of nodes once and both ways, whether the set holds one of its directions or both. No
// inverse.
void reset(node::Cluster& cluster, const Links& links, network::FaultTag tag);

}  // namespace blackout::region
