#include "harness/check/divergences.hpp"

#include <algorithm>

namespace blackout::check {

bool Divergences::concerns(EventKind kind) {
  switch (kind) {
    case EventKind::state_corrupted:
    case EventKind::divergence_found:
    case EventKind::replica_quarantined:
    case EventKind::replica_repaired:
    case EventKind::node_stopped:
    case EventKind::node_started:
    case EventKind::log_recovered:
    case EventKind::snapshot_restored:
      return true;
    default:
      return false;
  }
}

void Divergences::update(const Event& event, EventId id) {
  if (event.kind == EventKind::node_stopped || event.kind == EventKind::node_started) {
    return process_ended(event);
  }
  const bool tells_of_another = event.kind == EventKind::divergence_found;
  const NodeId node = tells_of_another ? node_of_word(event.a) : event.node;
  const auto known = states_.find({node, event.shard});
  if (event.kind == EventKind::state_corrupted) {
    State& mine = state(node, event.shard);
    if (!mine.open) begin(mine, event, id, event.b);
    return;
  }
  if (known == states_.end()) return;
  State& mine = known->second;
  Divergence* const open = mine.open ? &all_[*mine.open] : nullptr;
  switch (event.kind) {
    case EventKind::divergence_found:
      if (open != nullptr && !open->found && event.b > open->after) open->found = event.at;
      return;
    case EventKind::replica_quarantined:
      if (open == nullptr) return;
      open->quarantined = event.at;
      mine.windows.back().to = replicas_.find(node, event.shard)->applied;
      return;
    case EventKind::replica_repaired:
      if (open == nullptr) return;
      open->repaired = event.at;
      return end(mine, event.at, event.a);
    case EventKind::log_recovered:
      mine.recovered = event.at;
      mine.recovering = std::move(mine.windows);
      mine.windows.clear();
      return;
    default:
      return recovered(mine, event, id);
  }
}

void Divergences::begin(State& state, const Event& event, EventId id, std::uint64_t after) {
  state.open = all_.size();
  state.windows.push_back({after});
  Divergence& begun = all_.emplace_back();
  begun.node = event.node;
  begun.shard = event.shard;
  begun.since = event.at;
  begun.event = id;
  begun.after = after;
}

void Divergences::end(State& state, Instant at, std::uint64_t until) {
  all_[*state.open].ended = at;
  all_[*state.open].until = until;
  state.open.reset();
  Window& last = state.windows.back();
  last.to = std::min(last.to, until);
}

void Divergences::process_ended(const Event& event) {
  for (auto& [who, state] : states_) {
    if (who.first != event.node || !state.open) continue;
    end(state, event.at, replicas_.find(who.first, who.second)->applied_ever);
  }
}

// A snapshot took the place of the state: at a start its own, else a leader's.
void Divergences::recovered(State& state, const Event& event, EventId id) {
  if (state.recovered != event.at) {
    if (state.open) end(state, event.at, event.a);
    return;
  }
  const bool wrong = std::any_of(
      state.recovering.begin(), state.recovering.end(),
      [&](const Window& window) { return window.from <= event.a && event.a <= window.to; });
  state.recovering.clear();
  if (wrong) begin(state, event, id, event.a);
}

bool Divergences::spoilt(NodeId node, ShardId shard) const {
  const auto known = states_.find({node, shard});
  return known != states_.end() && known->second.open.has_value();
}

bool Divergences::was_wrong(NodeId node, ShardId shard, std::uint64_t index) const {
  return std::any_of(all_.begin(), all_.end(), [&](const Divergence& one) {
    return one.node == node && one.shard == shard && one.after < index && index <= one.until;
  });
}

}  // namespace blackout::check
