#include "harness/workload/runbook.hpp"

#include "harness/workload/workload.hpp"

namespace blackout::workload {
namespace {

constexpr Duration patience = seconds(5);
constexpr Duration pause = milliseconds(200);

}  // namespace

void Runbook::drain(const fault::Fault& fault, FaultTag tag) {
  for (const RegionId region : regions_of(fault)) {
    ++wanted_[region].drains;
    command(region, tag);
  }
}

void Runbook::restore(const fault::Fault& fault, FaultTag tag) {
  for (const RegionId region : regions_of(fault)) {
    --wanted_[region].drains;
    command(region, tag);
  }
}

std::set<RegionId> Runbook::regions_of(const fault::Fault& fault) const {
  std::set<RegionId> regions;
  for (const NodeId id : fault.nodes) regions.insert(plan_.facts.nodes[id.value()].region);
  return regions;
}

void Runbook::command(RegionId region, FaultTag tag) {
  ++wanted_[region].command;
  for (std::uint16_t r = 0; r < hosts_.size(); ++r) {
    Host& host = hosts_[r];
    if (RegionId(r) == region || host.session == nullptr) continue;
    host.spawn("runbook", [this, &host, region, tag] {
      insist(*host.environment, *host.session, region, tag);
    });
    return;
  }
}

void Runbook::insist(env::Environment& environment, system::Session& session, RegionId region,
                     FaultTag tag) {
  const Wanted& wanted = wanted_[region];
  const std::uint64_t mine = wanted.command;
  const bool drained = wanted.drains > 0;
  while (wanted.command == mine) {
    if (session.steer(region, drained, environment.clock.monotonic() + patience)) {
      ++effects_[tag];
      return;
    }
    environment.tasks.sleep(pause);
  }
}

std::uint64_t Runbook::effect(FaultTag tag) const {
  const auto found = effects_.find(tag);
  return found == effects_.end() ? 0 : found->second;
}

}  // namespace blackout::workload
