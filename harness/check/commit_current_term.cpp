// raft.commit_current_term: dissertation 3.6.2 and figure 3.8. A leader counts copies of entries of
// its own term alone; those of earlier terms are committed with them. Counting an older one may
// commit what a later leader still replaces. O(1) per event.
#include "harness/check/checker.hpp"

namespace blackout::check {
namespace {

class CommitCurrentTerm final : public Checker {
 public:
  explicit CommitCurrentTerm(const Case& facts)
      : Checker(facts, "raft.commit_current_term", {EventKind::commit_advanced}) {}

  void on(const Event& event, EventId id) override {
    const Replica& replica = *facts_.replicas.find(event.node, event.shard);
    if (replica.role != Role::leader || event.b == 0) return;
    ++checked_;
    if (event.b >= replica.role_term) return;
    const std::string entry = std::to_string(event.a) + " (term " + std::to_string(event.b) + ")";
    found(event.at, id,
          facts_.node(event.node) + " leads " + facts_.shard(event.shard) + " in term " +
              std::to_string(replica.role_term) + " and commits " + entry +
              " by counting its copies.",
          {{event.at, facts_.node(event.node), "commits " + entry, id}});
  }
};

}  // namespace

CheckerPtr commit_current_term(const Case& facts) {
  return std::make_unique<CommitCurrentTerm>(facts);
}

}  // namespace blackout::check
