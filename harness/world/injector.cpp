#include "harness/world/injector.hpp"

#include <algorithm>
#include <utility>

#include "host/base/check.hpp"

namespace blackout::world {
namespace {

using fault::Signal;

bool is_signal(const fault::Anchor& anchor, const Event& event) {
  if (event.shard != anchor.shard) return false;
  switch (anchor.signal) {
    case Signal::election:
      return event.kind == EventKind::role_changed && static_cast<Role>(event.a) == Role::leader;
    case Signal::failover:
      return event.kind == EventKind::election_timeout;
    case Signal::vote:
      return event.kind == EventKind::term_persisted && event.b != 0 &&
             event.b != node_word(event.node);
    case Signal::snapshot:
      return event.kind == EventKind::snapshot_offered;
    case Signal::mark:
      break;
  }
  return false;
}

}  // namespace

Injector::Injector(const scenario::Plan& plan, kernel::Kernel& kernel, trace::Recorder& recorder,
                   const Stage& stage, MarkCounter marks)
    : plan_(plan),
      kernel_(kernel),
      recorder_(recorder),
      stage_(stage),
      marks_(std::move(marks)),
      roles_(plan, recorder.trace(), stage.cluster),
      faults_(plan.faults),
      signallers_(plan.faults.size(), no_node) {
  for (std::size_t i = 0; i < faults_.size(); ++i) {
    const record::FaultFact& fact = plan.facts.faults[i];
    record::FaultOutcome& outcome = ledger_.emplace_back();
    outcome.letter = fact.letter;
    outcome.kind = fact.kind;
    outcome.target = fact.target;
    outcome.cause = fact.cause;
    outcome.nodes = faults_[i].nodes;
    outcome.links = faults_[i].links.size();
    outcome.unit = row_of(faults_[i].kind).effect;
    const Handler& handler = handler_of(faults_[i].kind);
    if (handler.prepare == nullptr) continue;
    fault::Fault possible = faults_[i];
    for (const fault::Choice& choice : faults_[i].choices) {
      static_cast<fault::Extent&>(possible) = choice.extent;
      handler.prepare(stage.cluster, possible);
    }
    if (faults_[i].choices.empty()) handler.prepare(stage.cluster, possible);
  }
}

void Injector::schedule() {
  const Instant calm = plan_.facts.timeline.calm_start();
  for (FaultTag tag = 0; tag < faults_.size(); ++tag) {
    const fault::Fault& fault = faults_[tag];
    if (fault.anchor) {
      kernel_.at(fault.at, [this, tag] { wait(tag); });
      continue;
    }
    const Instant healed =
        fault.length == Duration() ? calm : std::min(calm, fault.at + fault.length);
    const bool momentary = row_of(fault.kind).momentary();
    if (handler_of(fault.kind).ahead != nullptr) {
      kernel_.at(std::max(Instant(0), fault.at - fault.taken), [this, tag] { go_ahead(tag); });
    }
    kernel_.at(fault.at, [this, tag] { begin(tag); });
    kernel_.at(momentary ? fault.at : healed, [this, tag] { end(tag); });
  }
  watch_signals();
}

void Injector::watch_signals() {
  trace::KindSet kinds{};
  for (const fault::Fault& fault : faults_) {
    if (!fault.anchor) continue;
    if (fault.anchor->signal == Signal::mark) {
      CHECK(marks_.see && marks_.count, "nobody counts marks");
      kinds.fill(true);
    }
    for (const EventKind kind : {EventKind::role_changed, EventKind::election_timeout,
                                 EventKind::term_persisted, EventKind::snapshot_offered}) {
      kinds[static_cast<std::size_t>(kind)] = true;
    }
  }
  recorder_.watch(kinds, [this](const Event& event, EventId id) { see(event, id); });
}

void Injector::wait(FaultTag tag) {
  const fault::Anchor& anchor = *faults_[tag].anchor;
  const bool marked = anchor.signal == Signal::mark;
  waiting_.push_back({tag, anchor.nth, marked ? marks_.count(anchor.mark) : 0});
}

bool Injector::satisfied(Waiting& waiting, const Event& event) {
  const fault::Anchor& anchor = *faults_[waiting.tag].anchor;
  if (anchor.signal == Signal::mark) {
    return marks_.count(anchor.mark) >= waiting.marks_seen + anchor.nth;
  }
  return is_signal(anchor, event) && --waiting.left == 0;
}

void Injector::see(const Event& event, EventId id) {
  if (marks_.see) marks_.see(event, id);
  std::vector<FaultTag> due;
  std::erase_if(waiting_, [&](Waiting& waiting) {
    if (!satisfied(waiting, event)) return false;
    due.push_back(waiting.tag);
    return true;
  });
  if (!due.empty()) fire(due, event);
}

void Injector::fire(const std::vector<FaultTag>& due, const Event& event) {
  std::vector<FaultTag> at_once;
  for (const FaultTag tag : due) {
    const fault::Anchor& anchor = *faults_[tag].anchor;
    signallers_[tag] = event.node;
    if (anchor.after == Duration() && anchor.signal != Signal::mark) {
      at_once.push_back(tag);
    } else {
      kernel_.at(kernel_.now() + anchor.after, [this, tag] { begin(tag); });
    }
  }
  if (at_once.empty()) return;
  // A program reports what it did; a mark may be reached in the midst of a model's work.
  stage_.cluster.node(event.node).interrupt([this, at_once] {
    for (const FaultTag tag : at_once) begin(tag);
  });
}

void Injector::go_ahead(FaultTag tag) {
  if (faults_[tag].muted) return;
  kernel_.set_cause(EventId());
  handler_of(faults_[tag].kind).ahead(stage_.cluster, faults_[tag], tag);
}

bool Injector::take_aim(FaultTag tag) {
  fault::Fault& fault = faults_[tag];
  record::FaultOutcome& outcome = ledger_[tag];
  std::vector<NodeId> fillers;
  for (const fault::Aim& aim : fault.aims) {
    const bool signaller = aim.role == fault::TargetRole::signaller;
    fillers.push_back(signaller ? signallers_[tag] : roles_.filler(aim));
  }
  if (std::find(fillers.begin(), fillers.end(), no_node) != fillers.end()) {
    outcome.unmet = "nobody was " + outcome.target;
    return false;
  }
  const auto choice =
      std::find_if(fault.choices.begin(), fault.choices.end(),
                   [&](const fault::Choice& one) { return one.fillers == fillers; });
  if (choice == fault.choices.end()) {
    outcome.unmet = outcome.target + " was " + plan_.facts.nodes[fillers[0].value()].name +
                    ", which it cannot take";
    return false;
  }
  static_cast<fault::Extent&>(fault) = choice->extent;
  outcome.nodes = fault.nodes;
  outcome.links = fault.links.size();
  outcome.target = choice->target + " (" + outcome.target + ")";
  return true;
}

std::string Injector::held_by(const fault::Fault& fault) const {
  const fault::Part part = row_of(fault.kind).part;
  for (const FaultTag tag : running_) {
    if (part == fault::Part::none || part != row_of(faults_[tag].kind).part) continue;
    for (const NodeId node : fault.nodes) {
      const auto& held = faults_[tag].nodes;
      if (!std::binary_search(held.begin(), held.end(), node)) continue;
      return ledger_[tag].letter + " held " + plan_.facts.nodes[node.value()].name;
    }
  }
  return {};
}

void Injector::begin(FaultTag tag) {
  const fault::Fault& fault = faults_[tag];
  record::FaultOutcome& outcome = ledger_[tag];
  const Instant calm = plan_.facts.timeline.calm_start();
  if (kernel_.now() >= calm) return;
  if (!fault.anchor) kernel_.set_cause(EventId());
  if (!fault.aims.empty() && !take_aim(tag)) return;
  outcome.unmet = held_by(fault);
  if (!outcome.unmet.empty()) return;
  const bool alone = !fault.aims.empty() && fault.nodes.size() == 1;
  recorder_.report(EventKind::fault_started, alone ? fault.nodes[0] : no_node, no_shard, tag);
  outcome.began = kernel_.now();
  running_.push_back(tag);
  if (!fault.muted) handler_of(fault.kind).begin(stage_, fault, tag);
  if (!fault.anchor) return;
  const bool momentary = row_of(fault.kind).momentary();
  const Instant healed =
      fault.length == Duration() ? calm : std::min(calm, kernel_.now() + fault.length);
  kernel_.at(momentary ? kernel_.now() : healed, [this, tag] { end(tag); });
}

void Injector::end(FaultTag tag) {
  const fault::Fault& fault = faults_[tag];
  record::FaultOutcome& outcome = ledger_[tag];
  if (!outcome.began) return;
  kernel_.set_cause(EventId());
  recorder_.report(EventKind::fault_ended, no_node, no_shard, tag);
  outcome.ended = kernel_.now();
  std::erase(running_, tag);
  const Handler& handler = handler_of(fault.kind);
  if (handler.end == nullptr) {
    outcome.end = record::FaultEnd::moment;
    return;
  }
  const bool own = fault.length != Duration() && kernel_.now() == *outcome.began + fault.length;
  outcome.end = own ? record::FaultEnd::healed : record::FaultEnd::calm;
  if (!fault.muted) handler.end(stage_, fault, tag);
}

// Only now: what a fault delayed may arrive after its end.
record::Ledger Injector::take_ledger() {
  const bool calm = kernel_.now() >= plan_.facts.timeline.calm_start();
  for (FaultTag tag = 0; tag < faults_.size(); ++tag) {
    record::FaultOutcome& outcome = ledger_[tag];
    outcome.effect = handler_of(faults_[tag].kind).effect(stage_, faults_[tag], tag);
    if (calm && !outcome.began && outcome.unmet.empty()) {
      outcome.unmet = "what it waited for did not come before calm";
    }
  }
  return std::move(ledger_);
}

}  // namespace blackout::world
