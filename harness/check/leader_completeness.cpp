// raft.leader_completeness: dissertation figure 3.2. On election in term t the log must hold the
// highest entry known committed in every term below t; entries of t or later prove nothing, because
// a late vote can crown a leader of a term that others have left behind. O(terms) per election.
#include "harness/check/checker.hpp"

namespace blackout::check {
namespace {

class LeaderCompleteness final : public Checker {
 public:
  explicit LeaderCompleteness(const Case& facts)
      : Checker(facts, "raft.leader_completeness", {EventKind::role_changed}) {}

  void on(const Event& event, EventId id) override {
    if (static_cast<Role>(event.a) != Role::leader) return;
    ++checked_;
    const Replica* leader = facts_.replicas.find(event.node, event.shard);
    for (const ShardGhost::Epoch& epoch : facts_.replicas.shard(event.shard).epochs) {
      if (epoch.term >= event.b) break;
      const LogEntry* held = leader->at(epoch.index);
      if (held != nullptr && (held->chain == epoch.chain || held->chain == 0)) continue;
      const std::string entry = "entry " + std::to_string(epoch.index);
      found(
          event.at, id,
          facts_.node(event.node) + " leads " + facts_.shard(event.shard) + " in term " +
              std::to_string(event.b) + " without " + entry + ", which was committed in term " +
              std::to_string(epoch.term) + "; its log ends at " +
              std::to_string(leader->log.size()) + ".",
          {{event.at, facts_.node(event.node),
            "leads term " + std::to_string(event.b) +
                (held == nullptr ? "; its log ends before " : "; its log has something else at ") +
                entry,
            id}});
      return;
    }
  }
};

}  // namespace

CheckerPtr leader_completeness(const Case& facts) {
  return std::make_unique<LeaderCompleteness>(facts);
}

}  // namespace blackout::check
