#include "harness/world/handlers.hpp"
#include "models/region/region.hpp"

namespace blackout::world {
namespace {

using fault::Fault;
using fault::Kind;

void begin(const Stage& stage, const Fault& fault, FaultTag tag) {
  stage.workload.begin(fault, tag);
}

void end(const Stage& stage, const Fault&, FaultTag tag) { stage.workload.end(tag); }

std::uint64_t effect(const Stage& stage, const Fault&, FaultTag tag) {
  return stage.workload.effect(tag);
}

void skew(node::Cluster& cluster, const Fault& fault, Duration by, std::int64_t ppm, FaultTag tag) {
  for (const NodeId host : fault.nodes) {
    if (by != Duration()) cluster.node(host).step_clock(by, tag);
    if (ppm != 0) cluster.node(host).drift_clock(ppm, tag);
  }
}

}  // namespace

Handlers load_handlers() {
  return {
      {Kind::load_surge, begin, end, effect},
      {Kind::hot_key, begin, end, effect},
      {Kind::thundering_herd, begin, end, effect},
      {Kind::retry_storm, begin, end, effect},
      {Kind::slow_client, begin, end, effect},
      {Kind::client_clock_skew,
       [](const Stage& stage, const Fault& fault, FaultTag tag) {
         skew(stage.cluster, fault, fault.by, fault.drift_ppm, tag);
       },
       [](const Stage& stage, const Fault& fault, FaultTag tag) {
         skew(stage.cluster, fault, -fault.by, -fault.drift_ppm, tag);
       },
       node_effect},
      {Kind::client_crash,
       [](const Stage& stage, const Fault& fault, FaultTag tag) {
         for (const NodeId host : fault.nodes) stage.workload.interrupt(host, tag);
         region::stop(stage.cluster, fault.nodes, node::StopMode::process_crash, tag);
       },
       [](const Stage& stage, const Fault& fault, FaultTag tag) {
         region::start(stage.cluster, fault.nodes, tag);
       },
       effect},
  };
}

}  // namespace blackout::world
