#include "harness/world/corruption.hpp"

#include <algorithm>

#include "sim/random/stream.hpp"

namespace blackout::world {

void Corruption::corrupt(const fault::Fault& fault, FaultTag tag) {
  const random::Key key = random::Key(plan_.facts.seed)
                              .child("corruption")
                              .child(static_cast<std::uint64_t>(fault.at.ns()));
  for (const NodeId node : fault.nodes) {
    const ShardId shard = shard_of(fault, node);
    if (shard == no_shard) continue;
    const std::uint64_t draw = key.child(node.value()).draw(0);
    const auto index = system_.corrupt(node, shard, fault.record, draw);
    if (!index) continue;
    ++effects_[tag];
    recorder_.report(EventKind::state_corrupted, node, shard, tag, *index);
  }
}

ShardId Corruption::shard_of(const fault::Fault& fault, NodeId node) const {
  if (!fault.aims.empty() && fault.aims[0].shard != no_shard) return fault.aims[0].shard;
  for (std::uint32_t s = 0; s < plan_.groups.size(); ++s) {
    const std::vector<NodeId>& voters = plan_.groups[s].voters;
    if (std::find(voters.begin(), voters.end(), node) != voters.end()) return ShardId(s);
  }
  return no_shard;
}

std::uint64_t Corruption::effect(FaultTag tag) const {
  const auto found = effects_.find(tag);
  return found == effects_.end() ? 0 : found->second;
}

}  // namespace blackout::world
