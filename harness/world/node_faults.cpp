#include "harness/world/handlers.hpp"
#include "models/region/region.hpp"

namespace blackout::world {
namespace {

using fault::Fault;
using fault::Kind;
using node::Cluster;

node::StopMode stop_mode(fault::Mode mode) {
  switch (mode) {
    case fault::Mode::graceful:
      return node::StopMode::graceful;
    case fault::Mode::process_crash:
      return node::StopMode::process_crash;
    case fault::Mode::power_loss:
      break;
  }
  return node::StopMode::power_loss;
}

void stop(Cluster& cluster, const Fault& fault, FaultTag tag) {
  region::stop(cluster, fault.nodes, stop_mode(fault.mode), tag);
}

void start(Cluster& cluster, const Fault& fault, FaultTag tag) {
  region::start(cluster, fault.nodes, tag);
}

}  // namespace

std::uint64_t node_effect(Cluster& cluster, const Fault& fault, FaultTag tag) {
  std::uint64_t sum = 0;
  for (const NodeId id : fault.nodes) sum += cluster.node(id).effect(tag);
  return sum;
}

Handlers node_handlers() {
  return {
      {Kind::node_restart, stop, start, node_effect},
      {Kind::node_pause,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         region::pause(cluster, fault.nodes, tag);
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         region::resume(cluster, fault.nodes, tag);
       },
       node_effect},
  };
}

Handlers region_handlers() {
  return {
      {Kind::zone_down, stop, start, node_effect},
      {Kind::region_down, stop, start, node_effect},
  };
}

}  // namespace blackout::world
