// What carries out each kind of fault: its verb, the inverse, and the count of what it did.
//
// One handler for each row of the catalogue, in the file of its group. A handler says what befalls
// the world and leaves how to models/; it may not ask the world anything that decides whether the
// fault takes place.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "harness/workload/runbook.hpp"
#include "harness/workload/workload.hpp"
#include "models/fault/catalogue.hpp"
#include "models/node/cluster.hpp"

namespace blackout::world {

// A fault's index in the Plan: its tag in every model.
using FaultTag = std::uint32_t;

class Corruption;

// What faults befall: the machines, the clients, what the operator does, what servers run and what
// is in their memory. Most handlers take the machines alone.
struct Stage {
  node::Cluster& cluster;
  workload::Workload& workload;
  workload::Runbook& runbook;
  std::function<node::Program(NodeId server, fault::Release release)> program;
  Corruption& corruption;
  operator node::Cluster&() const { return cluster; }  // NOLINT(google-explicit-constructor)
};

struct Handler {
  fault::Kind kind{};
  std::function<void(const Stage& stage, const fault::Fault& fault, FaultTag tag)> begin;
  // Empty for a kind that the catalogue calls momentary.
  std::function<void(const Stage& stage, const fault::Fault& fault, FaultTag tag)> end;
  // In the catalogue's unit, from the start of the run to now.
  std::function<std::uint64_t(const Stage& stage, const fault::Fault& fault, FaultTag tag)> effect;
  // Before the first node starts, if the world must be made ready for it.
  void (*prepare)(node::Cluster& cluster, const fault::Fault& fault) = nullptr;
  // What the fault needs from Fault::taken before its start; null for most.
  void (*ahead)(node::Cluster& cluster, const fault::Fault& fault, FaultTag tag) = nullptr;
};

using Handlers = std::vector<Handler>;
Handlers network_handlers();
Handlers clock_handlers();
Handlers disk_handlers();
Handlers node_handlers();
Handlers region_handlers();
Handlers load_handlers();

const Handler& handler_of(fault::Kind kind);

node::StopMode stop_mode(fault::Mode mode);

// What the network counted; the sum over the fault's nodes of what their processes and clocks, or
// their disks, counted.
std::uint64_t network_effect(node::Cluster& cluster, const fault::Fault& fault, FaultTag tag);
std::uint64_t node_effect(node::Cluster& cluster, const fault::Fault& fault, FaultTag tag);
std::uint64_t disk_effect(node::Cluster& cluster, const fault::Fault& fault, FaultTag tag);

}  // namespace blackout::world
