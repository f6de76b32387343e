#include "harness/world/handlers.hpp"
#include "models/region/region.hpp"

namespace blackout::world {

using fault::Fault;
using fault::Kind;
using node::Cluster;

std::uint64_t network_effect(Cluster& cluster, const Fault&, FaultTag tag) {
  return cluster.network().effect(tag);
}

Handlers network_handlers() {
  return {
      {Kind::partition,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         region::cut(cluster, fault.links, tag);
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         region::heal(cluster, fault.links, tag);
       },
       network_effect},
      {Kind::link_degraded,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         region::degrade(cluster, fault.links,
                         {.delay_permille = fault.rtt_permille, .loss = fault.loss}, tag);
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         region::restore(cluster, fault.links, tag);
       },
       network_effect},
  };
}

}  // namespace blackout::world
