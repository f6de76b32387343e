// Ghost state of the replicated logs: what each replica holds, what of it is durable, what is
// committed.
//
// No node sees this; it is what is true. Updated by one event at a time, before the checkers see
// it. A log belongs to a disk, so it outlives crashes, and another disk in its place ends it;
// role, commit and applied belong to an incarnation.
//
// Committed, for leader completeness: an entry of term T durable on a majority of voters each of
// which stored it while in T (dissertation 3.6.2: an older term's entry is not committed by
// counting), or commit_advanced on any node.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "harness/check/electorate.hpp"
#include "host/base/event.hpp"
#include "reports/record/plan_facts.hpp"

namespace blackout::check {

struct LogEntry {
  std::uint64_t term = 0;
  std::uint64_t chain = 0;  // 0: not known
};

// Durable entries that a truncation dropped, from index `from` on.
struct DroppedTail {
  std::uint64_t from = 0;
  std::vector<LogEntry> entries;
  bool with_disk = false;  // it went with its disk
};

struct Replica {
  NodeId node;
  ShardId shard;
  std::vector<LogEntry> log;  // entry i at [i - 1]
  std::uint64_t durable = 0;  // the prefix of `log` past a completed sync
  std::uint64_t term = 0;     // highest term it is known to be in
  Role role = Role::follower;
  std::uint64_t role_term = 0;
  std::uint64_t commit = 0, applied = 0;  // in this incarnation
  std::uint64_t applied_ever = 0;         // highest of all incarnations
  std::uint64_t passed_over = 0;          // applied just before the last snapshot took its place
  // The prefix that was durable when the node was in the term of its last entry, and that term.
  std::uint64_t native_durable = 0, native_term = 0;
  std::vector<DroppedTail> dropped;
  bool tail_may_return = false;  // the last truncation is not known durable yet

  // Null where the log does not hold `index`.
  [[nodiscard]] const LogEntry* at(std::uint64_t index) const {
    return index == 0 || index > log.size() ? nullptr : &log[index - 1];
  }
  // Whether the entry (index, chain) is held ...
  [[nodiscard]] bool has(std::uint64_t index, std::uint64_t chain) const {
    const LogEntry* held = at(index);
    return held != nullptr && (held->chain == chain || held->chain == 0);
  }
  // ... and durable.
  [[nodiscard]] bool has_durable(std::uint64_t index, std::uint64_t chain) const {
    return index <= durable && has(index, chain);
  }
  // Whether it was, before a newer leader had it dropped or the disk was replaced.
  [[nodiscard]] bool had_durable(std::uint64_t index, std::uint64_t chain) const;
  // Whether it is, or was on a disk since replaced.
  [[nodiscard]] bool stored(std::uint64_t index, std::uint64_t chain) const;
};

// What is committed of one shard.
struct ShardGhost {
  struct Epoch {  // the highest index known committed in a term
    std::uint64_t term = 0, index = 0, chain = 0;
  };
  struct Commit {
    LogEntry entry;
    Instant at;  // when the first node knew
    NodeId node;
    EventId event;
  };
  struct Configuration {  // in force where a log holds the entry that it is of
    std::uint64_t index = 0, chain = 0;
    Electorate electorate;
  };
  std::vector<NodeId> voters;
  std::vector<std::uint32_t> voter_replicas;  // index for Replicas::at
  std::uint64_t majority = 0;
  std::vector<Configuration> configurations;  // as reported; the first is the plan's
  std::vector<Commit> commits;  // entry i at [i - 1], as the first node that committed it said
  std::vector<Epoch> epochs;    // by term
  NodeId leader = no_node;      // the last elected
  std::uint64_t leader_term = 0;
};

class Replicas {
 public:
  explicit Replicas(const record::PlanFacts& plan);
  Replicas(const Replicas&) = delete;
  Replicas& operator=(const Replicas&) = delete;

  static bool concerns(EventKind kind);
  // An event of such a kind, with a node and (but for node_started and
  // disk_replaced) a shard of the plan.
  void update(const Event& event, EventId id);

  // The replica of a valid (node, shard); created at its first use.
  Replica& replica(NodeId node, ShardId shard) {
    const std::uint32_t slot = slots_[shard.value() * nodes_ + node.value()];
    return slot == 0 ? create(node, shard) : *by_index_[slot - 1];
  }
  // Null where nothing was ever reported of it.
  [[nodiscard]] const Replica* find(NodeId node, ShardId shard) const;
  [[nodiscard]] const Replica& at(std::uint32_t index) const { return *by_index_[index]; }
  [[nodiscard]] const ShardGhost& shard(ShardId shard) const { return shards_[shard.value()]; }
  [[nodiscard]] std::size_t shards() const { return shards_.size(); }
  [[nodiscard]] const std::deque<Replica>& all() const { return replicas_; }

  // How many voters hold (index, chain) durably.
  [[nodiscard]] std::uint64_t durable_voters(ShardId shard, std::uint64_t index,
                                             std::uint64_t chain) const;
  // How many hold it, or did on a disk since replaced: its answers may still be under way. (Once
  // the group committed that another disk takes its place, what it had is on a majority without
  // it.)
  [[nodiscard]] std::uint64_t storing_voters(ShardId shard, std::uint64_t index,
                                             std::uint64_t chain) const;
  // Whether those are a majority, by the configuration in the log of this replica.
  [[nodiscard]] bool carried(const Replica& by, std::uint64_t index, std::uint64_t chain) const;

 private:
  Replica& create(NodeId node, ShardId shard);
  void on_appended(Replica& replica, std::uint64_t index, LogEntry entry);
  void on_truncated(Replica& replica, std::uint64_t index);
  void on_durable(Replica& replica, std::uint64_t index, std::uint64_t term, std::uint64_t chain);
  void on_recovered(Replica& replica, std::uint64_t index, LogEntry last);
  void on_restored(Replica& replica, std::uint64_t index, LogEntry last);
  void on_member_changed(const Replica& replica, const Event& event);
  [[nodiscard]] const Electorate& in_force(const Replica& replica) const;
  void on_committed(Replica& replica, const Event& event, EventId id);
  void note_committed(ShardGhost& shard, ShardGhost::Epoch epoch);
  void replace_disk(NodeId node);
  void restart(NodeId node);

  std::size_t nodes_;
  std::vector<std::uint32_t> slots_;  // shard * nodes + node: index in replicas_ plus 1
  std::deque<Replica> replicas_;
  std::vector<Replica*> by_index_;  // all of them
  std::vector<ShardGhost> shards_;
  std::vector<std::vector<std::uint32_t>> of_node_;  // replicas of each node
};

// Further than this past the end of a log an index is nonsense, not a gap.
inline constexpr std::uint64_t index_gap_max = 1'000'000;

}  // namespace blackout::check
