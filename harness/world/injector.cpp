#include "harness/world/injector.hpp"

#include <algorithm>

#include "harness/world/handlers.hpp"

namespace blackout::world {

void Injector::schedule() {
  const Instant calm = plan_.facts.timeline.calm_start();
  for (std::uint32_t tag = 0; tag < plan_.faults.size(); ++tag) {
    const fault::Fault& fault = plan_.faults[tag];
    const Instant healed =
        fault.length == Duration() ? calm : std::min(calm, fault.at + fault.length);
    const bool momentary = row_of(fault.kind).momentary();
    kernel_.at(fault.at, [this, tag] { begin(tag); });
    kernel_.at(momentary ? fault.at : healed, [this, tag] { end(tag); });
  }
}

void Injector::begin(std::uint32_t tag) {
  const fault::Fault& fault = plan_.faults[tag];
  kernel_.set_cause(EventId());
  recorder_.report(EventKind::fault_started, no_node, no_shard, tag);
  handler_of(fault.kind).begin(cluster_, fault, tag);
}

void Injector::end(std::uint32_t tag) {
  const fault::Fault& fault = plan_.faults[tag];
  kernel_.set_cause(EventId());
  recorder_.report(EventKind::fault_ended, no_node, no_shard, tag);
  if (const Handler& handler = handler_of(fault.kind); handler.end != nullptr) {
    handler.end(cluster_, fault, tag);
  }
}

}  // namespace blackout::world
