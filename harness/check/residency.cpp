#include "harness/check/observers.hpp"

namespace blackout::check {

Residency::Residency(const Case& facts, const record::ResidencyObjective& objective)
    : Observer(facts,
               {EventKind::entry_appended, EventKind::log_durable, EventKind::snapshot_restored}),
      tagged_(facts.plan.shards.size()),
      allowed_(facts.plan.nodes.size()) {
  for (std::size_t n = 0; n < allowed_.size(); ++n) {
    for (const RegionId region : objective.stay_in) {
      if (facts.plan.nodes[n].region == region) allowed_[n] = true;
    }
  }
  for (std::size_t s = 0; s < tagged_.size(); ++s) {
    const record::ShardFact& shard = facts.plan.shards[s];
    // A shard of all "eu/" keys, and one of "eu/orders/", both hold keys of "eu/".
    tagged_[s] = !shard.routes && (shard.key_prefix.starts_with(objective.key_prefix) ||
                                   objective.key_prefix.starts_with(shard.key_prefix));
    for (const NodeId voter : shard.voters) {
      if (!tagged_[s] || allowed_[voter.value()] || finding_) continue;
      finding_ = record::Finding{
          "residency",
          "Keys of a jurisdiction are stored nowhere outside it.",
          facts.node(voter) + " in " + facts.region(facts.plan.nodes[voter.value()].region) +
              " is a voter of " + shard.name + ", which holds " + objective.key_prefix + ".",
          Instant(0),
          {},
          {}};
    }
  }
}

void Residency::on(const Event& event, EventId id) {
  if (!tagged_[event.shard.value()]) return;
  if (event.kind == EventKind::entry_appended) ++copies_;
  if (allowed_[event.node.value()]) return;
  if (event.kind == EventKind::entry_appended) ++outside_;
  if (finding_ && finding_->event != EventId(0)) return;
  const std::string region = facts_.region(facts_.plan.nodes[event.node.value()].region);
  finding_ = record::Finding{
      "residency",
      "Keys of a jurisdiction are stored nowhere outside it.",
      facts_.node(event.node) + " in " + region + " stores entry " + std::to_string(event.a) +
          " of " + facts_.shard(event.shard) + ".",
      event.at,
      id,
      {{event.at, facts_.node(event.node), "stores " + std::to_string(event.a), id}}};
}

}  // namespace blackout::check
