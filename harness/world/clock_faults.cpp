#include "harness/world/handlers.hpp"

namespace blackout::world {

using fault::Fault;
using fault::Kind;
using node::Cluster;

Handlers clock_handlers() {
  return {
      {Kind::clock_step,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).step_clock(fault.by, tag);
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).step_clock(-fault.by, tag);
       },
       node_effect},
      {Kind::clock_drift,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).drift_clock(fault.drift_ppm, tag);
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).drift_clock(-fault.drift_ppm, tag);
       },
       node_effect},
  };
}

}  // namespace blackout::world
