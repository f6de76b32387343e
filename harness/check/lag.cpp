#include <algorithm>

#include "harness/check/observers.hpp"

namespace blackout::check {

Lag::Lag(const Case& facts)
    : Observer(facts, {EventKind::entry_applied, EventKind::snapshot_restored}),
      phase_(span_of(facts.plan.timeline, facts.plan.objectives.lag
                                              ? facts.plan.objectives.lag->over
                                              : record::Phase::run)) {}

void Lag::on(const Event& event, EventId) {
  if (event.at < phase_.from) return;
  const std::vector<NodeId>& voters = facts_.replicas.shard(event.shard).voters;
  const auto voter = std::find(voters.begin(), voters.end(), event.node);
  if (voter == voters.end()) return;
  // Of all that a snapshot stands for, the first had waited longest.
  const std::uint64_t index = event.kind == EventKind::snapshot_restored
                                  ? facts_.replicas.find(event.node, event.shard)->passed_over + 1
                                  : event.a;
  measure(event.shard, static_cast<std::size_t>(voter - voters.begin()), index, event.at);
}

// `index` stayed unapplied on the voter until then.
void Lag::measure(ShardId shard, std::size_t voter, std::uint64_t index, Instant until) {
  const std::vector<ShardGhost::Commit>& commits = facts_.replicas.shard(shard).commits;
  if (index == 0 || index > commits.size() || !facts_.reach.attached(shard, voter)) return;
  const Instant since = std::max(commits[index - 1].at, facts_.reach.attached_since(shard, voter));
  const Instant end = std::min(until, phase_.to);
  if (end - since <= max_) return;
  max_ = end - since;
  node_ = facts_.replicas.shard(shard).voters[voter];
  at_ = end;
}

void Lag::finish() {
  if (facts_.simulated < phase_.from) return;
  for (std::uint32_t s = 0; s < facts_.plan.shards.size(); ++s) {
    const ShardGhost& ghost = facts_.replicas.shard(ShardId(s));
    for (std::size_t v = 0; v < ghost.voters.size(); ++v) {
      const Replica& replica = facts_.replicas.at(ghost.voter_replicas[v]);
      measure(ShardId(s), v, replica.applied + 1, facts_.simulated);
    }
  }
}

}  // namespace blackout::check
