// Verbs on sets: what befalls a region, a zone, or the links between two sides as a whole.
//
// Each applies the verb of the single node or link to every member at the same instant, in the
// order of the set, and nests as that verb does. Every verb has its inverse, with the same
// arguments.
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
void degrade(node::Cluster& cluster, const Links& links, network::Degradation degradation,
             network::FaultTag tag);
void restore(node::Cluster& cluster, const Links& links, network::FaultTag tag);

}  // namespace blackout::region
