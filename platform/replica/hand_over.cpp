#include <utility>

#include "host/env/deadline.hpp"
#include "platform/replica/replica.hpp"

namespace blackout::replica {
namespace {

// The voter that has most; of those that have as much the one heard last: another may be gone.
NodeId furthest(const raft::Raft& leader) {
  const raft::Progress* found = nullptr;
  for (const raft::Progress& follower : leader.followers()) {
    if (!leader.configuration().stays(follower.member())) continue;
    const bool further = found == nullptr || std::pair(follower.match, follower.heard_ticks) >
                                                 std::pair(found->match, found->heard_ticks);
    if (further) found = &follower;
  }
  return found == nullptr ? no_node : found->id;
}

}  // namespace

bool Shard::hand_over() { return raft_.transfer(furthest(raft_)).ok(); }

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
      if (shard->hand_over()) pump(*shard);
    }
    environment_.tasks.sleep(config_.tick);
  }
}

}  // namespace blackout::replica
