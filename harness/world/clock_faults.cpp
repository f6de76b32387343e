#include "harness/world/handlers.hpp"
#include "models/region/region.hpp"

namespace blackout::world {
namespace {

using fault::Fault;
using fault::Kind;
using node::Cluster;

clock::CatchUp catch_up(const Fault& fault) {
  return fault.catch_up == fault::CatchUp::jump ? clock::CatchUp::jump : clock::CatchUp::none;
}

void step(Cluster& cluster, const Fault& fault, FaultTag tag) {
  for (const NodeId id : fault.nodes) cluster.node(id).step_clock(fault.by, tag);
}

void step_back(Cluster& cluster, const Fault& fault, FaultTag tag) {
  for (const NodeId id : fault.nodes) cluster.node(id).step_clock(-fault.by, tag);
}

Handlers settings_handlers() {
  return {
      {Kind::clock_step, step, step_back, node_effect},
      {Kind::clock_drift,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).drift_clock(fault.drift_ppm, tag);
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).drift_clock(-fault.drift_ppm, tag);
       },
       node_effect},
      {Kind::clock_frozen,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         region::pause(cluster, fault.nodes, tag);
         for (const NodeId id : fault.nodes) cluster.node(id).freeze_clock(catch_up(fault), tag);
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).thaw_clock(tag);
         region::resume(cluster, fault.nodes, tag);
       },
       node_effect},
  };
}

Handlers time_service_handlers() {
  return {
      {Kind::clock_smear,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) {
           cluster.node(id).smear_clock(fault.by, fault.window, tag);
         }
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).unsmear_clock(tag);
       },
       node_effect},
      {Kind::time_service_lies,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).mislead_clock(fault.by, tag);
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).correct_clock(tag);
       },
       node_effect},
      // The step under no tag of its own: what counts is the readings that claim too little.
      {Kind::clock_bound_violated,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         step(cluster, fault, node::no_fault);
         for (const NodeId id : fault.nodes) cluster.node(id).understate_clock(tag);
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).admit_clock(tag);
         step_back(cluster, fault, node::no_fault);
       },
       node_effect},
  };
}

}  // namespace

Handlers clock_handlers() {
  Handlers all = settings_handlers();
  for (const Handler& handler : time_service_handlers()) all.push_back(handler);
  return all;
}

}  // namespace blackout::world
