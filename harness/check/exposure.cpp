#include <algorithm>

#include "harness/check/observers.hpp"

namespace blackout::check {

Exposure::Exposure(const Case& facts)
    : Observer(facts, {EventKind::operation_completed, EventKind::log_durable,
                       EventKind::log_truncated, EventKind::log_recovered}),
      shards_(facts.plan.shards.size()) {
  for (std::size_t s = 0; s < shards_.size(); ++s) {
    const std::vector<NodeId>& voters = facts.plan.shards[s].voters;
    for (std::uint16_t r = 0; r < facts.plan.regions.size(); ++r) {
      const bool inside = std::any_of(voters.begin(), voters.end(), [&](NodeId voter) {
        return facts.plan.nodes[voter.value()].region == RegionId(r);
      });
      if (inside) shards_[s].regions.push_back(RegionId(r));
    }
  }
}

void Exposure::on(const Event& event, EventId id) {
  if (event.kind == EventKind::operation_completed) return acknowledged(event, id);
  Shard& shard = shards_[event.shard.value()];
  if (event.kind != EventKind::log_durable) {
    // A disk may have lost what made these safe.
    const std::uint64_t from = event.kind == EventKind::log_truncated ? event.a : event.a + 1;
    for (std::uint64_t index = std::max<std::uint64_t>(from, 1); index <= shard.entries.size();
         ++index) {
      Acknowledged& entry = shard.entries[index - 1];
      if (entry.operation != 0 && !entry.pending) expose(event.shard, index);
    }
  }
  if (!shard.pending.empty()) look_again(event.shard, event.at);
}

void Exposure::acknowledged(const Event& event, EventId id) {
  const record::Operation* operation = facts_.find(event.a);
  if (event.b != 0 || operation == nullptr || !acknowledged_write(*operation)) return;
  const Answered& answered = facts_.order.answered(event.a);
  if (answered.event == EventId(0) || answered.index == 0) return;
  const LogEntry* held = facts_.replicas.find(answered.node, answered.shard)->at(answered.index);
  if (held == nullptr) return;
  Shard& shard = shards_[answered.shard.value()];
  if (answered.index > shard.entries.size() + index_gap_max) return;
  if (answered.index > shard.entries.size()) shard.entries.resize(answered.index);
  Acknowledged& entry = shard.entries[answered.index - 1];
  if (entry.operation != 0) return;
  entry = {event.a, held->chain, event.at, id, {}, false};
  expose(answered.shard, answered.index);
}

void Exposure::expose(ShardId id, std::uint64_t index) {
  Shard& shard = shards_[id.value()];
  Acknowledged& entry = shard.entries[index - 1];
  const std::optional<RegionId> region = endangered_by(id, index, entry.chain);
  if (!region) return;
  entry.region = *region;
  entry.pending = true;
  const auto younger = std::upper_bound(
      shard.pending.begin(), shard.pending.end(), entry.at,
      [&](Instant at, std::uint64_t other) { return at < shard.entries[other - 1].at; });
  shard.pending.insert(younger, index);
}

void Exposure::look_again(ShardId id, Instant now) {
  const std::vector<ShardGhost::Commit>& commits = facts_.replicas.shard(id).commits;
  Shard& shard = shards_[id.value()];
  while (!shard.pending.empty()) {
    const std::uint64_t index = shard.pending.front();
    Acknowledged& entry = shard.entries[index - 1];
    const std::optional<RegionId> region = endangered_by(id, index, entry.chain);
    const bool replaced = index <= commits.size() &&
                          commits[index - 1].entry.chain != entry.chain &&
                          commits[index - 1].entry.chain != 0;
    entry.region = region.value_or(entry.region);
    measure(entry, now);
    if (region && !replaced) return;
    entry.pending = false;
    shard.pending.pop_front();
  }
}

std::optional<RegionId> Exposure::endangered_by(ShardId shard, std::uint64_t index,
                                                std::uint64_t chain) const {
  const ShardGhost& ghost = facts_.replicas.shard(shard);
  for (const RegionId region : shards_[shard.value()].regions) {
    std::uint64_t outside = 0, copies = 0;
    for (const std::uint32_t voter : ghost.voter_replicas) {
      const Replica& replica = facts_.replicas.at(voter);
      if (facts_.plan.nodes[replica.node.value()].region == region) continue;
      ++outside;
      if (replica.has_durable(index, chain)) ++copies;
    }
    const bool safe = outside >= ghost.majority ? copies > outside - ghost.majority : copies >= 1;
    if (!safe) return region;
  }
  return {};
}

void Exposure::measure(const Acknowledged& entry, Instant now) {
  const Duration age = now - entry.at;
  if (age > worst_.age) worst_ = {age, entry.operation, entry.region, entry.at, entry.event};
}

void Exposure::finish() {
  for (const Shard& shard : shards_) {
    if (!shard.pending.empty()) {
      measure(shard.entries[shard.pending.front() - 1], facts_.simulated);
    }
  }
}

}  // namespace blackout::check
