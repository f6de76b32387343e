// raft.committed_entry_replaced: dissertation figure 3.2, "State Machine Safety", seen at the
// commit, and at the snapshot that stands for it, instead of at the application. Ghost: the first
// commit of every index. O(1) per event.
#include "harness/check/checker.hpp"

namespace blackout::check {
namespace {

class CommittedEntryReplaced final : public Checker {
 public:
  explicit CommittedEntryReplaced(const Case& facts)
      : Checker(facts, "raft.committed_entry_replaced",
                {EventKind::commit_advanced, EventKind::snapshot_restored}) {}

  void on(const Event& event, EventId id) override {
    const std::vector<ShardGhost::Commit>& commits = facts_.replicas.shard(event.shard).commits;
    if (event.a == 0 || event.a > commits.size()) return;
    ++checked_;
    const ShardGhost::Commit& first = commits[event.a - 1];
    if (first.entry.chain == event.c || first.entry.chain == 0) return;
    const std::string now = std::to_string(event.a) + " (term " + std::to_string(event.b) + ")";
    const std::string before =
        std::to_string(event.a) + " (term " + std::to_string(first.entry.term) + ")";
    const std::string does =
        event.kind == EventKind::commit_advanced ? "commits " : "restores a snapshot at ";
    found(event.at, id,
          facts_.node(event.node) + " " + does + now + " of " + facts_.shard(event.shard) + "; " +
              facts_.node(first.node) + " had committed " + before + ".",
          {{first.at, facts_.node(first.node), "commits " + before, first.event},
           {event.at, facts_.node(event.node), does + now, id}});
  }
};

}  // namespace

CheckerPtr committed_entry_replaced(const Case& facts) {
  return std::make_unique<CommittedEntryReplaced>(facts);
}

}  // namespace blackout::check
