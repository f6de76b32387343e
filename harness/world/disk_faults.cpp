#include "harness/world/handlers.hpp"

namespace blackout::world {
namespace {

using fault::Fault;
using fault::Kind;
using node::Cluster;

constexpr random::Probability always{1'000'000'000};

}  // namespace

std::uint64_t disk_effect(Cluster& cluster, const Fault& fault, FaultTag tag) {
  std::uint64_t sum = 0;
  for (const NodeId id : fault.nodes) sum += cluster.node(id).disk().effect(tag);
  return sum;
}

Handlers disk_handlers() {
  return {
      {Kind::disk_slow,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) {
           cluster.node(id).disk().slow(fault.factor_permille, tag);
         }
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).disk().restore(tag);
       },
       disk_effect},
      {Kind::disk_error,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).disk().fail(always, tag);
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).disk().repair(tag);
       },
       disk_effect},
  };
}

}  // namespace blackout::world
