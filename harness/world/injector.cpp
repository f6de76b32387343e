#include "harness/world/injector.hpp"

#include "models/region/region.hpp"

namespace blackout::world {
namespace {

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

}  // namespace

void Injector::schedule() {
  const Instant calm = plan_.facts.timeline.calm_start();
  for (std::uint32_t i = 0; i < plan_.faults.size(); ++i) {
    const fault::Fault& fault = plan_.faults[i];
    const Instant healed =
        fault.length == Duration() ? calm : std::min(calm, fault.at + fault.length);
    kernel_.at(fault.at, [this, i] { begin(i); });
    kernel_.at(healed, [this, i] { end(i); });
  }
}

void Injector::begin(std::uint32_t index) {
  const fault::Fault& fault = plan_.faults[index];
  kernel_.set_cause(EventId());
  recorder_.report(EventKind::fault_started, no_node, no_shard, index);
  switch (fault.kind) {
    case fault::Kind::region_down:
    case fault::Kind::zone_down:
    case fault::Kind::node_restart:
      region::stop(cluster_, fault.nodes, stop_mode(fault.mode));
      break;
    case fault::Kind::node_pause:
      region::pause(cluster_, fault.nodes);
      break;
    case fault::Kind::partition:
      region::cut(cluster_, fault.links, index);
      break;
    case fault::Kind::link_degraded:
      region::degrade(cluster_, fault.links,
                      {.delay_permille = fault.delay_permille, .loss = fault.loss}, index);
      break;
    case fault::Kind::clock_step:
      for (const NodeId id : fault.nodes) cluster_.node(id).step_clock(fault.by);
      break;
    case fault::Kind::clock_drift:
      for (const NodeId id : fault.nodes) cluster_.node(id).drift_clock(fault.ppm);
      break;
    case fault::Kind::disk_slow:
      for (const NodeId id : fault.nodes) {
        cluster_.node(id).disk().slow(fault.delay_permille, index);
      }
      break;
    case fault::Kind::disk_error:
      for (const NodeId id : fault.nodes) {
        cluster_.node(id).disk().fail(random::Probability{1'000'000'000}, index);
      }
      break;
  }
}

void Injector::end(std::uint32_t index) {
  const fault::Fault& fault = plan_.faults[index];
  kernel_.set_cause(EventId());
  recorder_.report(EventKind::fault_ended, no_node, no_shard, index);
  switch (fault.kind) {
    case fault::Kind::region_down:
    case fault::Kind::zone_down:
    case fault::Kind::node_restart:
      region::start(cluster_, fault.nodes);
      break;
    case fault::Kind::node_pause:
      region::resume(cluster_, fault.nodes);
      break;
    case fault::Kind::partition:
      region::heal(cluster_, fault.links, index);
      break;
    case fault::Kind::link_degraded:
      region::restore(cluster_, fault.links, index);
      break;
    case fault::Kind::clock_step:
      for (const NodeId id : fault.nodes) cluster_.node(id).step_clock(-fault.by);
      break;
    case fault::Kind::clock_drift:
      for (const NodeId id : fault.nodes) cluster_.node(id).drift_clock(-fault.ppm);
      break;
    case fault::Kind::disk_slow:
      for (const NodeId id : fault.nodes) cluster_.node(id).disk().restore(index);
      break;
    case fault::Kind::disk_error:
      for (const NodeId id : fault.nodes) cluster_.node(id).disk().repair(index);
      break;
  }
}

}  // namespace blackout::world
