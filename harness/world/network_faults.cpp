#include "harness/world/handlers.hpp"
#include "models/region/region.hpp"

namespace blackout::world {

using fault::Fault;
using fault::Kind;
using node::Cluster;

namespace {

static_assert(Fault::no_limit == network::Degradation::no_limit);

network::Degradation degradation_of(const Fault& fault) {
  network::Degradation degradation;
  degradation.delay_permille = fault.rtt_permille;
  degradation.delay_added = fault.delay;
  degradation.tail_median = fault.tail_median;
  degradation.tail_p99 = fault.tail_p99;
  degradation.reordering = fault.reordering;
  degradation.reordering_delay_max = fault.reordering_by;
  degradation.loss = fault.loss;
  degradation.duplication = fault.duplication;
  degradation.bits_per_second = fault.bandwidth_bits_per_s;
  degradation.queue_bytes_max = fault.queue_bytes;
  return degradation;
}

void restore(Cluster& cluster, const Fault& fault, FaultTag tag) {
  region::restore(cluster, fault.links, tag);
}

Handlers degradations() {
  return {
      {Kind::link_degraded,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         region::degrade(cluster, fault.links, degradation_of(fault), tag);
       },
       restore, network_effect},
      {Kind::link_corrupted,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         network::Degradation degradation;
         degradation.corruption = fault.share;
         degradation.corruption_bits_max = static_cast<std::uint32_t>(fault.bits);
         region::degrade(cluster, fault.links, degradation, tag);
       },
       restore, network_effect},
      {Kind::mtu_black_hole,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         network::Degradation degradation;
         degradation.message_bytes_max = fault.size_bytes;
         region::degrade(cluster, fault.links, degradation, tag);
       },
       restore, network_effect},
  };
}

Handlers interruptions() {
  return {
      {Kind::partition,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         region::cut(cluster, fault.links, tag);
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         region::heal(cluster, fault.links, tag);
       },
       network_effect},
      {Kind::link_held,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         region::hold(cluster, fault.links, tag);
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         region::release(cluster, fault.links, tag);
       },
       network_effect},
      {Kind::link_flapping,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         const random::Wide down = random::Wide{fault.period.ns()} * fault.duty.ppb / 1'000'000'000;
         const Duration spell(static_cast<std::int64_t>(down));
         region::flap(cluster, fault.links, {fault.period, spell}, tag);
       },
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         region::settle(cluster, fault.links, tag);
       },
       network_effect},
      {Kind::connection_reset,
       [](Cluster& cluster, const Fault& fault, FaultTag tag) {
         region::reset(cluster, fault.links, tag);
       },
       nullptr, network_effect},
  };
}

}  // namespace

std::uint64_t network_effect(Cluster& cluster, const Fault&, FaultTag tag) {
  return cluster.network().effect(tag);
}

Handlers network_handlers() {
  Handlers all = interruptions();
  all.push_back(
      {Kind::routes_stale,
       [](const Stage& stage, const Fault& fault, FaultTag tag) {
         stage.workload.begin(fault, tag);
       },
       [](const Stage& stage, const Fault&, FaultTag tag) { stage.workload.end(tag); },
       [](const Stage& stage, const Fault&, FaultTag tag) { return stage.workload.effect(tag); }});
  for (const Handler& handler : degradations()) all.push_back(handler);
  return all;
}

}  // namespace blackout::world
