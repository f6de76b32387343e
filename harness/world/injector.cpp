#include "harness/world/injector.hpp"

#include <algorithm>
#include <utility>

namespace blackout::world {

Injector::Injector(const scenario::Plan& plan, kernel::Kernel& kernel, trace::Recorder& recorder,
                   const Stage& stage)
    : plan_(plan), kernel_(kernel), recorder_(recorder), stage_(stage) {
  for (std::size_t i = 0; i < plan.faults.size(); ++i) {
    const fault::Fault& fault = plan.faults[i];
    const record::FaultFact& fact = plan.facts.faults[i];
    record::FaultOutcome& outcome = ledger_.emplace_back();
    outcome.letter = fact.letter;
    outcome.kind = fact.kind;
    outcome.target = fact.target;
    outcome.nodes = fault.nodes;
    outcome.links = fault.links.size();
    outcome.unit = row_of(fault.kind).effect;
    const Handler& handler = handler_of(fault.kind);
    if (handler.prepare != nullptr) handler.prepare(stage.cluster, fault);
  }
}

void Injector::schedule() {
  const Instant calm = plan_.facts.timeline.calm_start();
  for (std::uint32_t tag = 0; tag < plan_.faults.size(); ++tag) {
    const fault::Fault& fault = plan_.faults[tag];
    const Instant healed =
        fault.length == Duration() ? calm : std::min(calm, fault.at + fault.length);
    const bool momentary = row_of(fault.kind).momentary();
    if (handler_of(fault.kind).ahead != nullptr) {
      kernel_.at(std::max(Instant(0), fault.at - fault.taken), [this, tag] { go_ahead(tag); });
    }
    kernel_.at(fault.at, [this, tag] { begin(tag); });
    kernel_.at(momentary ? fault.at : healed, [this, tag] { end(tag); });
  }
}

void Injector::go_ahead(std::uint32_t tag) {
  const fault::Fault& fault = plan_.faults[tag];
  kernel_.set_cause(EventId());
  handler_of(fault.kind).ahead(stage_.cluster, fault, tag);
}

void Injector::begin(std::uint32_t tag) {
  const fault::Fault& fault = plan_.faults[tag];
  kernel_.set_cause(EventId());
  recorder_.report(EventKind::fault_started, no_node, no_shard, tag);
  ledger_[tag].began = kernel_.now();
  handler_of(fault.kind).begin(stage_, fault, tag);
}

void Injector::end(std::uint32_t tag) {
  const fault::Fault& fault = plan_.faults[tag];
  kernel_.set_cause(EventId());
  recorder_.report(EventKind::fault_ended, no_node, no_shard, tag);
  record::FaultOutcome& outcome = ledger_[tag];
  outcome.ended = kernel_.now();
  const Handler& handler = handler_of(fault.kind);
  if (handler.end == nullptr) {
    outcome.end = record::FaultEnd::moment;
    return;
  }
  const bool own = fault.length != Duration() && kernel_.now() == fault.at + fault.length;
  outcome.end = own ? record::FaultEnd::healed : record::FaultEnd::calm;
  handler.end(stage_, fault, tag);
}

// Only now: what a fault delayed may arrive after its end.
record::Ledger Injector::take_ledger() {
  for (std::uint32_t tag = 0; tag < plan_.faults.size(); ++tag) {
    const fault::Fault& fault = plan_.faults[tag];
    ledger_[tag].effect = handler_of(fault.kind).effect(stage_, fault, tag);
  }
  return std::move(ledger_);
}

}  // namespace blackout::world
