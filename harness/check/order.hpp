// The order in which each shard applied its operations, and what was answered from it: the witness
// that linearizability and exactly-once are decided by.
#pragma once

#include <cstdint>
#include <vector>

#include "host/base/event.hpp"
#include "reports/record/history.hpp"
#include "reports/record/plan_facts.hpp"

namespace blackout::check {

// An entry as the first node applied it.
struct AppliedEntry {
  std::uint64_t operation = 0;  // 0 for an entry of the protocol's own
  EventId event;                // 0: nobody applied this index
  NodeId node;
  Instant at;
};

// Where the authority last said success for a write.
struct Answered {
  std::uint64_t index = 0, term = 0;
  EventId event;  // 0: never
  NodeId node;
  ShardId shard;
  Instant at;
};

struct ServedRead {
  std::uint64_t operation = 0, index = 0;
  ShardId shard;
  Instant at;
  EventId event;
  NodeId node;
};

struct Duplicate {
  std::uint64_t operation = 0, index = 0;
  friend auto operator<=>(const Duplicate&, const Duplicate&) = default;
};

class Order {
 public:
  Order(const record::PlanFacts& plan, const record::History& history);

  static bool concerns(EventKind kind);
  void update(const Event& event, EventId id);

  // Entry i at [i - 1].
  [[nodiscard]] const std::vector<AppliedEntry>& applied(ShardId shard) const {
    return applied_[shard.value()];
  }
  // Of an operation of the history.
  [[nodiscard]] const Answered& answered(std::uint64_t operation) const {
    return answered_[operation - 1];
  }
  [[nodiscard]] const std::vector<ServedRead>& reads() const { return reads_; }
  // Of an operation of the history: when its client gave it up or had its answer; 0: never.
  [[nodiscard]] EventId completed(std::uint64_t operation) const {
    return completed_[operation - 1];
  }
  [[nodiscard]] const std::vector<Duplicate>& duplicates() const { return duplicates_; }

 private:
  std::vector<std::vector<AppliedEntry>> applied_;
  std::vector<Answered> answered_;  // by operation - 1
  std::vector<ServedRead> reads_;
  std::vector<EventId> completed_;  // by operation - 1
  std::vector<Duplicate> duplicates_;
};

}  // namespace blackout::check
