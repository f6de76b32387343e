#include <algorithm>

#include "host/env/deadline.hpp"
#include "platform/replica/replica.hpp"

namespace blackout::replica {
namespace {

// Of those that have as much the one heard last: another may be gone.
NodeId furthest(std::span<const raft::Progress> followers) {
  const auto found = std::max_element(
      followers.begin(), followers.end(), [](const raft::Progress& a, const raft::Progress& b) {
        return std::pair(a.match, a.heard_ticks) < std::pair(b.match, b.heard_ticks);
      });
  return found == followers.end() ? no_node : found->id;
}

}  // namespace

void Replica::hand_over() {
  std::vector<Shard*> led;
  for (const auto& shard : shards_) {
    if (shard->raft().role() == Role::leader) led.push_back(shard.get());
  }
  const env::Deadline deadline(environment_.clock, hand_over_max);
  while (!deadline.passed()) {
    std::erase_if(led, [this](Shard* shard) {
      const NodeId leader = shard->raft().leader();
      return leader != no_node && leader != environment_.self;
    });
    if (led.empty()) return;
    for (Shard* shard : led) {
      // One that is under way is left to end; without a follower nobody takes over.
      if (!shard->raft().transfer(furthest(shard->raft().followers()))) continue;
      pump(*shard);
    }
    environment_.tasks.sleep(config_.tick);
  }
}

}  // namespace blackout::replica
