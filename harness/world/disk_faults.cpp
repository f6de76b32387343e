#include "harness/world/handlers.hpp"
#include "models/region/region.hpp"

namespace blackout::world {
namespace {

using disk::Operation;
using fault::Fault;
using fault::Kind;
using node::Cluster;

disk::Operations operations_of(fault::Operations operations) {
  switch (operations) {
    case fault::Operations::read:
      return {Operation::read};
    case fault::Operations::write:
      return {Operation::open, Operation::write, Operation::truncate, Operation::remove};
    case fault::Operations::sync:
      return {Operation::sync};
    case fault::Operations::all:
      break;
  }
  return {Operation::open, Operation::write,    Operation::read,
          Operation::sync, Operation::truncate, Operation::remove};
}

void power_off(Cluster& cluster, const Fault& fault, FaultTag tag) {
  region::stop(cluster, fault.nodes, node::StopMode::power_loss, tag);
}

void power_on(Cluster& cluster, const Fault& fault, FaultTag tag) {
  region::start(cluster, fault.nodes, tag);
}

Handlers operation_handlers() {
  return {
      {Kind::disk_slow,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes)
           cluster.node(id).disk().slow(fault.factor_permille, tag);
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).disk().restore(tag);
       },
       disk_effect},
      {Kind::disk_stall,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).disk().stall(tag);
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).disk().release(tag);
       },
       disk_effect},
      {Kind::disk_error,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes)
           cluster.node(id).disk().fail(fault.probability, tag, operations_of(fault.operations));
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).disk().repair(tag);
       },
       disk_effect},
      {Kind::disk_full,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).disk().fill(fault.free_bytes, tag);
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).disk().drain(tag);
       },
       disk_effect},
      {Kind::disk_read_only,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).disk().remount_read_only(tag);
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).disk().remount_writable(tag);
       },
       disk_effect},
      {Kind::disk_lying,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).disk().ignore_syncs(tag);
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).disk().honour_syncs(tag);
       },
       disk_effect},
  };
}

Handlers medium_handlers() {
  return {
      {Kind::disk_misdirected,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes)
           cluster.node(id).disk().misdirect(fault.probability, tag);
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).disk().aim(tag);
       },
       disk_effect},
      {Kind::disk_bad_sector,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).disk().damage(fault.sectors, tag);
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).disk().mend(tag);
       },
       disk_effect},
      {Kind::disk_bit_rot,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).disk().rot(fault.bits, tag);
       },
       nullptr, disk_effect},
      {Kind::disk_replaced,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         power_off(cluster, fault, tag);
         for (const NodeId id : fault.nodes) cluster.node(id).disk().replace(tag);
       },
       power_on, disk_effect},
      {Kind::disk_restored,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         power_off(cluster, fault, tag);
         for (const NodeId id : fault.nodes) cluster.node(id).disk().return_to_backup(tag);
       },
       power_on, disk_effect, nullptr,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         for (const NodeId id : fault.nodes) cluster.node(id).disk().take_backup(tag);
       }},
  };
}

}  // namespace

std::uint64_t disk_effect(Cluster& cluster, const Fault& fault, FaultTag tag) {
  std::uint64_t sum = 0;
  for (const NodeId id : fault.nodes) sum += cluster.node(id).disk().effect(tag);
  return sum;
}

Handlers disk_handlers() {
  Handlers all = operation_handlers();
  for (const Handler& handler : medium_handlers()) all.push_back(handler);
  return all;
}

}  // namespace blackout::world
