// raft.commit_durable: libraft.md 2.1, "quorum durability". At the moment a node first calls an
// entry committed, a majority of the voters has that very entry on disk, or had it on one since
// replaced: their answers may have been under way. O(voters) where the shard's committed prefix
// grows, O(1) elsewhere.
#include "harness/check/checker.hpp"
#include "harness/check/text.hpp"

namespace blackout::check {
namespace {

class CommitDurable final : public Checker {
 public:
  explicit CommitDurable(const Case& facts)
      : Checker(facts, "raft.commit_durable", {EventKind::commit_advanced}),
        proven_(facts.plan.shards.size()) {}

  void on(const Event& event, EventId id) override {
    ++checked_;
    std::uint64_t& proven = proven_[event.shard.value()];
    if (event.a <= proven) return;
    const Replica& by = *facts_.replicas.find(event.node, event.shard);
    if (facts_.replicas.carried(by, event.a, event.c)) {
      proven = event.a;
      return;
    }
    const std::size_t voters = facts_.replicas.shard(event.shard).voters.size();
    const std::uint64_t copies = facts_.replicas.storing_voters(event.shard, event.a, event.c);
    const std::string entry = std::to_string(event.a) + " (term " + std::to_string(event.b) + ")";
    found(event.at, id,
          facts_.node(event.node) + " commits " + entry + " of " + facts_.shard(event.shard) +
              " while " + std::to_string(copies) + " of " + std::to_string(voters) +
              " voters have it on disk.",
          {{event.at, facts_.node(event.node), "commits " + entry, id}});
  }

 private:
  std::vector<std::uint64_t> proven_;  // by shard: the prefix that a majority had on disk
};

}  // namespace

CheckerPtr commit_durable(const Case& facts) { return std::make_unique<CommitDurable>(facts); }

}  // namespace blackout::check
