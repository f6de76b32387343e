// The observers whose measurements become objectives and marks.
#pragma once

#include <deque>
#include <vector>

#include "harness/check/checker.hpp"

namespace blackout::check {

// Exposure, objectives.md "RPO": an acknowledged write is safe from the loss of region R if the
// voters outside R would bring it back. Let s be the voters outside R, c those of them that have
// the entry on disk, m the majority: safe if s >= m and c > s - m (whoever elects, one of its
// voters has it), or if s < m and c >= 1 (no election; a person restores from a copy). Where one
// region holds all voters, no write is ever safe.
//
// The age runs from the client's acknowledgement. A write is looked at when it is acknowledged and
// when a disk loses entries; of those found exposed the oldest, which alone decides the age, again
// at every sync. A write whose index is committed with something else is lost: that is rpo's
// matter, and its exposure ends there.
class Exposure final : public Observer {
 public:
  explicit Exposure(const Case& facts);
  void on(const Event& event, EventId id) override;
  void finish() override;

  struct Worst {
    Duration age;
    std::uint64_t operation = 0;  // 0: no write was ever exposed
    RegionId region;              // whose loss would have taken it
    Instant at;                   // when it was acknowledged
    EventId event;
  };
  [[nodiscard]] const Worst& worst() const { return worst_; }

 private:
  struct Acknowledged {
    std::uint64_t operation = 0;  // 0: none at this index
    std::uint64_t chain = 0;
    Instant at;
    EventId event;
    RegionId region;  // while it is pending: whose loss would take it
    bool pending = false;
  };
  struct Shard {
    std::vector<Acknowledged> entries;  // by index - 1
    std::deque<std::uint64_t> pending;  // indexes; the first is exposed, the others were; by age
    std::vector<RegionId> regions;      // that hold voters
  };

  void acknowledged(const Event& event, EventId id);
  // Adds the entry to the pending ones if it is exposed.
  void expose(ShardId shard, std::uint64_t index);
  // Measures the oldest pending writes and drops them, up to the first that is still exposed.
  void look_again(ShardId shard, Instant now);
  // The region whose loss would take the entry; empty if none would.
  [[nodiscard]] std::optional<RegionId> endangered_by(ShardId shard, std::uint64_t index,
                                                      std::uint64_t chain) const;
  void measure(const Acknowledged& entry, Instant now);

  std::vector<Shard> shards_;
  Worst worst_;
};

// Lag, objectives.md, in the stage "applied": how long a connected voter leaves an entry unapplied
// that some node knows committed, while there is a leader to send it. The clock of a voter that was
// down, paused or cut from every majority starts again when it is back, and every voter's with a
// new leader or one that was so and is back: a shard without one is down, which RTO and
// availability count. Maximum over the voters at the instants of the objective's phase; what fell
// behind before it counts whole.
class Lag final : public Observer {
 public:
  explicit Lag(const Case& facts);
  void on(const Event& event, EventId id) override;
  void finish() override;
  [[nodiscard]] Duration max() const { return max_; }
  [[nodiscard]] NodeId node() const { return node_; }
  [[nodiscard]] Instant at() const { return at_; }

 private:
  struct Reign {
    NodeId leader = no_node;  // of the newest term with one; no_node once it is gone
    std::uint64_t term = 0;
    Instant since;  // never() while it has no majority
  };
  void change_leader(const Event& event);
  void look_at_leader(ShardId shard);
  void end_reign(ShardId shard, Instant now);
  // `index` stayed unapplied on the voter until then.
  void measure(ShardId shard, std::size_t voter, std::uint64_t index, Instant until);
  // What every voter but the leader has not applied.
  void measure_followers(ShardId shard, Instant until);

  std::vector<Reign> reigns_;  // by shard
  Span phase_;
  Duration max_;
  NodeId node_ = no_node;
  Instant at_;
};

// Residency, objectives.md, at every entry stored and every prefix made durable.
class Residency final : public Observer {
 public:
  Residency(const Case& facts, const record::ResidencyObjective& objective);
  void on(const Event& event, EventId id) override;
  [[nodiscard]] std::uint64_t copies() const { return copies_; }
  [[nodiscard]] std::uint64_t outside() const { return outside_; }
  [[nodiscard]] const std::optional<record::Finding>& finding() const { return finding_; }

 private:
  std::vector<bool> tagged_;   // by shard
  std::vector<bool> allowed_;  // by node
  std::uint64_t copies_ = 0, outside_ = 0;
  std::optional<record::Finding> finding_;
};

// Rare states that a scenario may demand to have been reached.
class Marks final : public Observer {
 public:
  explicit Marks(const Case& facts);
  void on(const Event& event, EventId id) override;
  void finish() override;
  // In the order of known_marks().
  [[nodiscard]] const std::vector<std::uint64_t>& counts() const { return counts_; }

 private:
  struct Replicated {
    Role role = Role::follower;
    std::uint64_t truncated_from = 0;  // until the next entry is stored
  };
  struct Election {
    std::uint64_t term = 0, candidates = 0;
    bool won = false;
  };
  [[nodiscard]] Replicated& at(const Event& event) {
    return replicas_[event.shard.value() * facts_.plan.nodes.size() + event.node.value()];
  }
  void role_changed(const Event& event);
  Election& election(ShardId shard, std::uint64_t term);

  std::vector<std::uint64_t> counts_;
  std::vector<Replicated> replicas_;              // by shard * nodes + node
  std::vector<NodeId> leaders_;                   // by shard
  std::vector<std::vector<Election>> elections_;  // by shard, by term
};

}  // namespace blackout::check
