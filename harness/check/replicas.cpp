#include "harness/check/replicas.hpp"

#include <algorithm>
#include <utility>

namespace blackout::check {

bool Replica::had_durable(std::uint64_t index, std::uint64_t chain) const {
  for (const DroppedTail& tail : dropped) {
    if (index >= tail.from && index - tail.from < tail.entries.size() &&
        tail.entries[index - tail.from].chain == chain) {
      return true;
    }
  }
  return false;
}

bool Replica::stored(std::uint64_t index, std::uint64_t chain) const {
  return has_durable(index, chain) ||
         std::any_of(dropped.begin(), dropped.end(), [&](const DroppedTail& tail) {
           return tail.with_disk && index >= tail.from && index - tail.from < tail.entries.size() &&
                  tail.entries[index - tail.from].chain == chain;
         });
}

Replicas::Replicas(const record::PlanFacts& plan)
    : nodes_(plan.nodes.size()),
      slots_(plan.nodes.size() * plan.shards.size()),
      shards_(plan.shards.size()),
      of_node_(plan.nodes.size()) {
  for (std::size_t i = 0; i < plan.shards.size(); ++i) {
    ShardGhost& ghost = shards_[i];
    ghost.voters = plan.shards[i].voters;
    ghost.majority = ghost.voters.size() / 2 + 1;
    ghost.configurations.push_back({0, 0, Electorate(ghost.voters)});
    const ShardId shard(static_cast<std::uint32_t>(i));
    for (const NodeId voter : ghost.voters) {
      replica(voter, shard);
      ghost.voter_replicas.push_back(slots_[i * nodes_ + voter.value()] - 1);
    }
  }
}

Replica& Replicas::create(NodeId node, ShardId shard) {
  replicas_.push_back({});
  Replica& created = replicas_.back();
  created.node = node;
  created.shard = shard;
  by_index_.push_back(&created);
  const auto slot = static_cast<std::uint32_t>(replicas_.size());
  slots_[shard.value() * nodes_ + node.value()] = slot;
  of_node_[node.value()].push_back(slot - 1);
  return created;
}

const Replica* Replicas::find(NodeId node, ShardId shard) const {
  if (node.value() >= nodes_ || shard.value() >= shards_.size()) return nullptr;
  const std::uint32_t slot = slots_[shard.value() * nodes_ + node.value()];
  return slot == 0 ? nullptr : by_index_[slot - 1];
}

std::uint64_t Replicas::durable_voters(ShardId shard, std::uint64_t index,
                                       std::uint64_t chain) const {
  std::uint64_t count = 0;
  for (const std::uint32_t voter : shards_[shard.value()].voter_replicas) {
    if (by_index_[voter]->has_durable(index, chain)) ++count;
  }
  return count;
}

std::uint64_t Replicas::storing_voters(ShardId shard, std::uint64_t index,
                                       std::uint64_t chain) const {
  const auto& voters = shards_[shard.value()].voter_replicas;
  return static_cast<std::uint64_t>(
      std::count_if(voters.begin(), voters.end(),
                    [&](std::uint32_t voter) { return by_index_[voter]->stored(index, chain); }));
}

bool Replicas::carried(const Replica& by, std::uint64_t index, std::uint64_t chain) const {
  return in_force(by).majority([&](NodeId voter) {
    const Replica* replica = find(voter, by.shard);
    return replica != nullptr && replica->stored(index, chain);
  });
}

const Electorate& Replicas::in_force(const Replica& replica) const {
  const auto& all = shards_[replica.shard.value()].configurations;
  const auto held = [&](const ShardGhost::Configuration& configuration) {
    const LogEntry* entry = replica.at(configuration.index);
    return entry != nullptr && entry->chain == configuration.chain;
  };
  const auto last = std::find_if(all.rbegin(), std::prev(all.rend()), held);
  return last->electorate;
}

// A leader reports each member that an entry changes, as soon as its log holds the entry.
void Replicas::on_member_changed(const Replica& replica, const Event& event) {
  const LogEntry* entry = replica.at(event.c);
  if (entry == nullptr) return;
  auto& all = shards_[replica.shard.value()].configurations;
  if (all.back().index != event.c || all.back().chain != entry->chain) {
    all.push_back({event.c, entry->chain, in_force(replica)});
  }
  all.back().electorate.change(node_of_word(event.a), static_cast<Suffrage>(event.b));
}

bool Replicas::concerns(EventKind kind) {
  switch (kind) {
    case EventKind::node_started:
    case EventKind::role_changed:
    case EventKind::term_persisted:
    case EventKind::entry_appended:
    case EventKind::log_truncated:
    case EventKind::log_durable:
    case EventKind::match_advanced:
    case EventKind::commit_advanced:
    case EventKind::entry_applied:
    case EventKind::log_recovered:
    case EventKind::write_acknowledged:
    case EventKind::member_changed:
    case EventKind::disk_replaced:
    case EventKind::snapshot_restored:
      return true;  // also where only a checker looks: the replica then exists
    default:
      return false;
  }
}

void Replicas::update(const Event& event, EventId id) {
  if (event.kind == EventKind::node_started) return restart(event.node);
  if (event.kind == EventKind::disk_replaced) return replace_disk(event.node);
  Replica& mine = replica(event.node, event.shard);
  switch (event.kind) {
    case EventKind::role_changed:
      mine.role = static_cast<Role>(event.a);
      mine.role_term = event.b;
      // A pre-candidate names the term that it would open, and is not in it.
      if (mine.role != Role::pre_candidate) mine.term = std::max(mine.term, event.b);
      if (mine.role == Role::leader) {
        shards_[event.shard.value()].leader = event.node;
        shards_[event.shard.value()].leader_term = event.b;
      }
      break;
    case EventKind::term_persisted:
      mine.term = std::max(mine.term, event.a);
      break;
    case EventKind::entry_appended:
      on_appended(mine, event.a, {event.b, event.c});
      break;
    case EventKind::log_truncated:
      on_truncated(mine, event.a);
      break;
    case EventKind::log_durable:
      on_durable(mine, event.a, event.b, event.c);
      break;
    case EventKind::log_recovered:
      on_recovered(mine, event.a, {event.b, event.c});
      break;
    case EventKind::snapshot_restored:
      on_restored(mine, event.a, {event.b, event.c});
      break;
    case EventKind::member_changed:
      on_member_changed(mine, event);
      break;
    case EventKind::commit_advanced:
      on_committed(mine, event, id);
      break;
    case EventKind::entry_applied:
      mine.applied = event.a;
      mine.applied_ever = std::max(mine.applied_ever, event.a);
      break;
    default:
      break;
  }
}

void Replicas::on_appended(Replica& replica, std::uint64_t index, LogEntry entry) {
  if (index == 0 || index > replica.log.size() + index_gap_max) return;
  const LogEntry* held = replica.at(index);
  if (held != nullptr && held->term == entry.term && held->chain == entry.chain) return;
  if (held != nullptr) on_truncated(replica, index);
  if (index > replica.log.size() + 1) replica.log.resize(index - 1);
  replica.log.push_back(entry);
}

void Replicas::on_truncated(Replica& replica, std::uint64_t index) {
  if (index == 0 || index > replica.log.size()) return;
  if (index <= replica.durable) {
    const auto from = replica.log.begin() + static_cast<std::ptrdiff_t>(index - 1);
    const auto to = replica.log.begin() + static_cast<std::ptrdiff_t>(replica.durable);
    replica.dropped.push_back({index, {from, to}, false});
    replica.durable = index - 1;
    replica.tail_may_return = true;
  }
  replica.native_durable = std::min(replica.native_durable, replica.durable);
  replica.log.resize(index - 1);
}

void Replicas::on_durable(Replica& replica, std::uint64_t index, std::uint64_t term,
                          std::uint64_t chain) {
  // A completion that comes after the entry was dropped makes nothing of the present log durable.
  const LogEntry* last = replica.at(index);
  if (last == nullptr || (last->chain != chain && last->chain != 0)) return;
  if (index <= replica.durable) return;
  replica.durable = index;
  replica.tail_may_return = false;
  if (replica.term != term) return;
  replica.native_durable = index;
  replica.native_term = term;

  ShardGhost& shard = shards_[replica.shard.value()];
  const std::uint64_t committed = in_force(replica).majority_value([&](NodeId voter) {
    const Replica* other = find(voter, replica.shard);
    return other != nullptr && other->native_term == term ? other->native_durable : 0;
  });
  const LogEntry* entry = replica.at(committed);
  if (entry != nullptr && entry->term == term) {
    note_committed(shard, {term, committed, entry->chain});
  }
}

void Replicas::on_recovered(Replica& replica, std::uint64_t index, LogEntry last) {
  const LogEntry* held = replica.at(index);
  const bool known = index == 0 || (held != nullptr && held->chain == last.chain);
  if (!known && replica.tail_may_return && index <= replica.log.size() + index_gap_max) {
    // Power was lost before the truncation was durable: the old tail is back.
    const DroppedTail tail = replica.dropped.back();
    replica.log.resize(tail.from - 1);
    replica.log.insert(replica.log.end(), tail.entries.begin(), tail.entries.end());
  }
  if (index > replica.log.size() + index_gap_max) return;
  held = replica.at(index);
  const bool explained = index == 0 || (held != nullptr && held->chain == last.chain);
  // What came back was never reported durable, nor is it what was last in memory: only its end is
  // known.
  if (!explained) replica.log.resize(std::min(replica.durable, index - 1));
  replica.log.resize(index);
  if (index > 0) replica.log.back() = last;
  replica.durable = replica.log.size();
  replica.native_durable = std::min(replica.native_durable, replica.durable);
  replica.tail_may_return = false;
}

// Where the log does not hold the snapshot's last entry, it is now what the shard committed up to
// there, and ends there; durable once the node says so, but for what it held of that before.
void Replicas::on_restored(Replica& replica, std::uint64_t index, LogEntry last) {
  replica.passed_over = std::exchange(replica.applied, index);
  replica.applied_ever = std::max(replica.applied_ever, index);
  const LogEntry* held = replica.at(index);
  if (held != nullptr && (held->chain == last.chain || held->chain == 0)) return;
  const std::vector<ShardGhost::Commit>& commits = shards_[replica.shard.value()].commits;
  if (index == 0 || index > commits.size() + index_gap_max) return;
  std::uint64_t same = 0;
  while (same < replica.log.size() && same < commits.size() &&
         replica.log[same].chain == commits[same].entry.chain) {
    ++same;
  }
  on_truncated(replica, same + 1);
  for (std::uint64_t i = same; i + 1 < index; ++i) {
    replica.log.push_back(i < commits.size() ? commits[i].entry : LogEntry{});
  }
  replica.log.push_back(last);
}

void Replicas::on_committed(Replica& replica, const Event& event, EventId id) {
  const std::uint64_t index = event.a;
  replica.commit = index;
  ShardGhost& shard = shards_[replica.shard.value()];
  if (index == 0 || index > shard.commits.size() + index_gap_max) return;
  while (shard.commits.size() < index) {
    const std::uint64_t next = shard.commits.size() + 1;
    const LogEntry* entry = replica.at(next);
    LogEntry committed = entry == nullptr ? LogEntry{} : *entry;
    if (next == index) committed = {event.b, event.c};
    shard.commits.push_back({committed, event.at, event.node, id});
  }
  note_committed(shard, {replica.term, index, event.c});
}

void Replicas::note_committed(ShardGhost& shard, ShardGhost::Epoch epoch) {
  if (!shard.epochs.empty() && shard.epochs.back().term == epoch.term) {
    if (epoch.index > shard.epochs.back().index) shard.epochs.back() = epoch;
    return;
  }
  const auto at =
      std::lower_bound(shard.epochs.begin(), shard.epochs.end(), epoch.term,
                       [](const ShardGhost::Epoch& e, std::uint64_t t) { return e.term < t; });
  if (at == shard.epochs.end() || at->term != epoch.term) {
    shard.epochs.insert(at, epoch);
  } else if (epoch.index > at->index) {
    *at = epoch;
  }
}

// Nothing is durable there until the node says what it recovered. What was, is remembered as
// dropped: answers that tell of it may still be under way.
void Replicas::replace_disk(NodeId node) {
  for (const std::uint32_t slot : of_node_[node.value()]) {
    Replica& replica = *by_index_[slot];
    const auto end = replica.log.begin() + static_cast<std::ptrdiff_t>(replica.durable);
    if (replica.durable > 0) replica.dropped.push_back({1, {replica.log.begin(), end}, true});
    replica.durable = replica.native_durable = 0;
    replica.term = replica.native_term = 0;
    replica.tail_may_return = false;
  }
}

void Replicas::restart(NodeId node) {
  for (const std::uint32_t slot : of_node_[node.value()]) {
    Replica& replica = *by_index_[slot];
    replica.role = Role::follower;
    replica.commit = 0;
    replica.applied = 0;
  }
}

}  // namespace blackout::check
