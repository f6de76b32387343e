// platform.acknowledged_durable: exploration.md section 3, "Durability". When a write is answered
// with success, a majority of the voters has its entry on disk, or had it on one since replaced, or
// the entry was committed before.
// O(voters) where the proven prefix grows, O(1) elsewhere.
#include "harness/check/checker.hpp"

namespace blackout::check {
namespace {

class AcknowledgedDurable final : public Checker {
 public:
  explicit AcknowledgedDurable(const Case& facts)
      : Checker(facts, "platform.acknowledged_durable", {EventKind::write_acknowledged}),
        proven_(facts.plan.shards.size()) {}

  void on(const Event& event, EventId id) override {
    ++checked_;
    std::uint64_t& proven = proven_[event.shard.value()];
    if (event.b != 0 && event.b <= proven) return;
    const Replica& by = *facts_.replicas.find(event.node, event.shard);
    const LogEntry* entry = by.at(event.b);
    if (entry != nullptr && facts_.replicas.carried(by, event.b, entry->chain)) {
      proven = event.b;
      return;
    }
    const ShardGhost& shard = facts_.replicas.shard(event.shard);
    const std::uint64_t copies =
        entry == nullptr ? 0 : facts_.replicas.storing_voters(event.shard, event.b, entry->chain);
    found(event.at, id,
          facts_.node(event.node) + " answers success for " + facts_.operation(event.a) +
              " (entry " + std::to_string(event.b) + " of " + facts_.shard(event.shard) +
              ") while " + std::to_string(copies) + " of " + std::to_string(shard.voters.size()) +
              " voters have it on disk.",
          {{event.at, facts_.node(event.node), "answers OK for entry " + std::to_string(event.b),
            id}});
  }

 private:
  std::vector<std::uint64_t> proven_;  // by shard
};

}  // namespace

CheckerPtr acknowledged_durable(const Case& facts) {
  return std::make_unique<AcknowledgedDurable>(facts);
}

}  // namespace blackout::check
