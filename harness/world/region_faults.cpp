#include "harness/world/handlers.hpp"
#include "models/region/region.hpp"

namespace blackout::world {
namespace {

using fault::Fault;
using fault::Kind;
using node::Cluster;

void stop(Cluster& cluster, const Fault& fault, FaultTag tag) {
  region::stop(cluster, fault.nodes, stop_mode(fault.mode), tag);
}

void start(Cluster& cluster, const Fault& fault, FaultTag tag) {
  region::start(cluster, fault.nodes, tag);
}

Handler brownout() {
  return {Kind::region_brownout,
          [](Cluster& cluster, const Fault& fault, FaultTag tag) {
            if (fault.factor_permille > 1000) {
              for (const NodeId id : fault.nodes) {
                cluster.node(id).slow(fault.factor_permille, tag);
                cluster.node(id).disk().slow(fault.factor_permille, tag);
              }
            }
            region::degrade(cluster, fault.links,
                            {.delay_permille = fault.rtt_permille, .loss = fault.loss}, tag);
          },
          [](Cluster& cluster, const Fault& fault, FaultTag tag) {
            if (fault.factor_permille > 1000) {
              for (const NodeId id : fault.nodes) {
                cluster.node(id).restore(tag);
                cluster.node(id).disk().restore(tag);
              }
            }
            region::restore(cluster, fault.links, tag);
          },
          [](Cluster& cluster, const Fault& fault, FaultTag tag) {
            return node_effect(cluster, fault, tag) + disk_effect(cluster, fault, tag) +
                   network_effect(cluster, fault, tag);
          }};
}

Handler control_plane_down() {
  return {Kind::control_plane_down,
          [](Cluster& cluster, const Fault& fault, FaultTag tag) {
            for (const NodeId id : fault.nodes) cluster.node(id).bar_starts(tag);
          },
          [](Cluster& cluster, const Fault& fault, FaultTag tag) {
            for (const NodeId id : fault.nodes) cluster.node(id).allow_starts(tag);
          },
          node_effect};
}

Handler drained() {
  return {
      Kind::region_drained,
      [](const Stage& stage, const Fault& fault, FaultTag tag) { stage.runbook.drain(fault, tag); },
      [](const Stage& stage, const Fault& fault, FaultTag tag) {
        stage.runbook.restore(fault, tag);
      },
      [](const Stage& stage, const Fault&, FaultTag tag) { return stage.runbook.effect(tag); }};
}

}  // namespace

Handlers region_handlers() {
  return {{Kind::zone_down, stop, start, node_effect},
          {Kind::region_down, stop, start, node_effect},
          brownout(),
          control_plane_down(),
          drained()};
}

}  // namespace blackout::world
