// raft.term_monotonic: dissertation figure 3.1, "increases monotonically". Ghost: the last term
// made durable on every (disk, shard). O(1) per event.
#include "harness/check/checker.hpp"

namespace blackout::check {
namespace {

class TermMonotonic final : public Checker {
 public:
  explicit TermMonotonic(const Case& facts)
      : Checker(facts, "raft.term_monotonic",
                {EventKind::term_persisted, EventKind::disk_replaced}),
        last_(facts.plan.nodes.size() * facts.plan.shards.size()) {}

  void on(const Event& event, EventId id) override {
    if (event.kind == EventKind::disk_replaced) return forget(event.node);
    ++checked_;
    Persisted& last = last_[event.shard.value() * facts_.plan.nodes.size() + event.node.value()];
    if (event.a < last.term) {
      const std::string node = facts_.node(event.node);
      found(event.at, id,
            node + " went back from term " + std::to_string(last.term) + " to term " +
                std::to_string(event.a) + " of " + facts_.shard(event.shard) + ".",
            {{last.at, node, "has term " + std::to_string(last.term) + " on disk", last.event},
             {event.at, node, "has term " + std::to_string(event.a) + " on disk", id}});
    }
    last = {event.a, event.at, id};
  }

 private:
  void forget(NodeId node) {
    for (std::size_t at = node.value(); at < last_.size(); at += facts_.plan.nodes.size()) {
      last_[at] = {};
    }
  }

  struct Persisted {
    std::uint64_t term = 0;
    Instant at;
    EventId event;
  };
  std::vector<Persisted> last_;
};

}  // namespace

CheckerPtr term_monotonic(const Case& facts) { return std::make_unique<TermMonotonic>(facts); }

}  // namespace blackout::check
