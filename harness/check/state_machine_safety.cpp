// raft.state_machine_safety: dissertation figure 3.2. The same operation at an index on every node;
// in one incarnation indexes are applied one by one, but where a snapshot stands for those between,
// and neither index falls; a new incarnation starts no further than its disk had come. O(1) per
// event.
#include <algorithm>

#include "harness/check/checker.hpp"

namespace blackout::check {
namespace {

class StateMachineSafety final : public Checker {
 public:
  explicit StateMachineSafety(const Case& facts)
      : Checker(facts, "raft.state_machine_safety",
                {EventKind::entry_applied, EventKind::commit_advanced, EventKind::snapshot_restored,
                 EventKind::node_started}),
        mine_(facts.plan.nodes.size() * facts.plan.shards.size()) {}

  void on(const Event& event, EventId id) override {
    if (event.kind == EventKind::node_started) {
      for (std::size_t s = 0; s < facts_.plan.shards.size(); ++s) {
        State& state = mine_[s * facts_.plan.nodes.size() + event.node.value()];
        state.commit = 0;
        state.applied = 0;
      }
      return;
    }
    ++checked_;
    State& state = mine_[event.shard.value() * facts_.plan.nodes.size() + event.node.value()];
    if (event.kind == EventKind::commit_advanced) {
      if (event.a < state.commit) fell(event, id, "commit", state.commit);
      state.commit = event.a;
      return;
    }
    if (event.kind == EventKind::snapshot_restored) {
      if (event.a < state.applied) fell(event, id, "applied", state.applied);
      state.applied = event.a;
      state.applied_ever = std::max(state.applied_ever, event.a);
      return;
    }
    applied(event, id, state);
  }

 private:
  struct State {
    std::uint64_t commit = 0, applied = 0, applied_ever = 0;
  };

  void applied(const Event& event, EventId id, State& state) {
    const bool first = state.applied == 0;
    if (first ? event.a > state.applied_ever + 1 : event.a != state.applied + 1) {
      if (event.a <= state.applied) {
        fell(event, id, "applied", state.applied);
      } else {
        const std::uint64_t last = first ? state.applied_ever : state.applied;
        found(event.at, id,
              facts_.node(event.node) + " applies " + std::to_string(event.a) + " of " +
                  facts_.shard(event.shard) + " after " + std::to_string(last) +
                  ": what is between is missing.",
              {{event.at, facts_.node(event.node), "applies " + std::to_string(event.a), id}});
      }
    }
    state.applied = event.a;
    if (event.a > state.applied_ever) state.applied_ever = event.a;

    const std::vector<AppliedEntry>& order = facts_.order.applied(event.shard);
    if (event.a == 0 || event.a > order.size()) return;
    const AppliedEntry& entry = order[event.a - 1];
    if (entry.operation == event.b) return;
    const std::string here =
        "applies " + std::to_string(event.a) + ": " + facts_.operation(event.b);
    const std::string there =
        "applies " + std::to_string(event.a) + ": " + facts_.operation(entry.operation);
    found(event.at, id,
          "At " + std::to_string(event.a) + " of " + facts_.shard(event.shard) + ", " +
              facts_.node(event.node) + " applies " + facts_.operation(event.b) + " and " +
              facts_.node(entry.node) + " applied " + facts_.operation(entry.operation) + ".",
          {{entry.at, facts_.node(entry.node), there, entry.event},
           {event.at, facts_.node(event.node), here, id}});
  }

  void fell(const Event& event, EventId id, const std::string& what, std::uint64_t from) {
    found(event.at, id,
          "The " + what + " index of " + facts_.node(event.node) + " for " +
              facts_.shard(event.shard) + " fell from " + std::to_string(from) + " to " +
              std::to_string(event.a) + ".",
          {{event.at, facts_.node(event.node), what + " index " + std::to_string(event.a), id}});
  }

  std::vector<State> mine_;  // by shard * nodes + node
};

}  // namespace

CheckerPtr state_machine_safety(const Case& facts) {
  return std::make_unique<StateMachineSafety>(facts);
}

}  // namespace blackout::check
