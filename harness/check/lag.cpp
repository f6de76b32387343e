#include <algorithm>

#include "harness/check/observers.hpp"

namespace blackout::check {

Lag::Lag(const Case& facts)
    : Observer(facts, {EventKind::entry_applied, EventKind::snapshot_restored,
                       EventKind::role_changed, EventKind::node_stopped}),
      reigns_(facts.plan.shards.size()),
      phase_(span_of(facts.plan.timeline, facts.plan.objectives.lag
                                              ? facts.plan.objectives.lag->over
                                              : record::Phase::run)) {}

void Lag::on(const Event& event, EventId) {
  if (event.kind == EventKind::role_changed || event.kind == EventKind::node_stopped) {
    return change_leader(event);
  }
  if (event.at < phase_.from) return;
  look_at_leader(event.shard);
  const std::vector<NodeId>& voters = facts_.replicas.shard(event.shard).voters;
  const auto voter = std::find(voters.begin(), voters.end(), event.node);
  if (voter == voters.end()) return;
  // Of all that a snapshot stands for, the first had waited longest.
  const std::uint64_t index = event.kind == EventKind::snapshot_restored
                                  ? facts_.replicas.find(event.node, event.shard)->passed_over + 1
                                  : event.a;
  measure(event.shard, static_cast<std::size_t>(voter - voters.begin()), index, event.at);
}

void Lag::change_leader(const Event& event) {
  if (event.kind == EventKind::node_stopped) {
    for (std::uint32_t s = 0; s < reigns_.size(); ++s) {
      if (reigns_[s].leader == event.node) end_reign(ShardId(s), event.at);
    }
    return;
  }
  Reign& reign = reigns_[event.shard.value()];
  const bool leads = event.a == static_cast<std::uint64_t>(Role::leader);
  if (leads ? event.b < reign.term : reign.leader != event.node) return;
  end_reign(event.shard, event.at);
  if (leads) reign = {event.node, event.b, event.at};
}

// A leader without a majority is none, though it may not know and be one again.
void Lag::look_at_leader(ShardId shard) {
  Reign& reign = reigns_[shard.value()];
  const std::vector<NodeId>& voters = facts_.replicas.shard(shard).voters;
  const auto leader = std::find(voters.begin(), voters.end(), reign.leader);
  if (leader == voters.end()) return;
  const auto voter = static_cast<std::size_t>(leader - voters.begin());
  const Instant lost = facts_.reach.detached_at(shard, voter);
  const bool away = reign.since == Instant::never();
  if (!away && lost < reign.since) return;
  if (!away) measure_followers(shard, lost);
  reign.since = facts_.reach.attached(shard, voter) ? facts_.reach.attached_since(shard, voter)
                                                    : Instant::never();
}

// What a node that stops has applied goes with it.
void Lag::end_reign(ShardId shard, Instant now) {
  if (reigns_[shard.value()].leader == no_node) return;
  look_at_leader(shard);
  measure_followers(shard, now);
  reigns_[shard.value()].leader = no_node;
}

void Lag::measure(ShardId shard, std::size_t voter, std::uint64_t index, Instant until) {
  const Reign& reign = reigns_[shard.value()];
  const std::vector<ShardGhost::Commit>& commits = facts_.replicas.shard(shard).commits;
  if (index == 0 || index > commits.size() || reign.leader == no_node ||
      !facts_.reach.attached(shard, voter)) {
    return;
  }
  const Instant since =
      std::max({commits[index - 1].at, facts_.reach.attached_since(shard, voter), reign.since});
  const Instant end = std::min(until, phase_.to);
  if (end < phase_.from || end - since <= max_) return;
  max_ = end - since;
  node_ = facts_.replicas.shard(shard).voters[voter];
  at_ = end;
}

void Lag::measure_followers(ShardId shard, Instant until) {
  const ShardGhost& ghost = facts_.replicas.shard(shard);
  for (std::size_t v = 0; v < ghost.voters.size(); ++v) {
    if (ghost.voters[v] == reigns_[shard.value()].leader) continue;
    measure(shard, v, facts_.replicas.at(ghost.voter_replicas[v]).applied + 1, until);
  }
}

void Lag::finish() {
  if (facts_.simulated < phase_.from) return;
  for (std::uint32_t s = 0; s < reigns_.size(); ++s) end_reign(ShardId(s), facts_.simulated);
}

}  // namespace blackout::check
