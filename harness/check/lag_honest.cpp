// platform.lag_honest: case-study.md, P13, and objectives.md, "Honesty". What a leader exports of a
// voter is compared with how long ago the first entry was committed that the voter has not on disk;
// of what its disk had and lost, with how long ago that was found. O(log entries) per gauge.
#include <algorithm>

#include "harness/check/checker.hpp"
#include "harness/check/replicas.hpp"

namespace blackout::check {
namespace {

class LagHonest final : public Checker {
 public:
  explicit LagHonest(const Case& facts)
      : Checker(facts, "platform.lag_honest", {EventKind::lag_exported}),
        nodes_(facts.plan.nodes.size()),
        stored_(nodes_ * facts.plan.shards.size()) {}

  void on(const Event& event, EventId id) override {
    const NodeId voter = node_of_word(event.a);
    if (voter.value() >= facts_.plan.nodes.size()) return;
    ++checked_;
    const std::vector<ShardGhost::Commit>& commits = facts_.replicas.shard(event.shard).commits;
    const std::uint64_t prefix = stored_prefix(voter, event.shard);
    Stored& stored = stored_[event.shard.value() * nodes_ + voter.value()];
    if (prefix < stored.prefix) stored = {prefix, stored.prefix, event.at};
    stored.prefix = prefix;
    if (prefix == commits.size()) return;
    const ShardGhost::Commit& commit = commits[prefix];
    const bool had = prefix < stored.lost_up_to;
    const Duration truth = event.at - (had ? std::max(commit.at, stored.lost_at) : commit.at);
    const Duration exported(static_cast<std::int64_t>(event.b));
    if (truth <= exported + Duration(static_cast<std::int64_t>(event.c))) return;
    const std::string who = facts_.node(voter);
    found(event.at, id,
          facts_.node(event.node) + " exports a lag of " + format_duration(exported) + " for " +
              who + ", which has lacked entry " + std::to_string(prefix + 1) + " of " +
              facts_.shard(event.shard) + " for " + format_duration(truth) + ".",
          {{commit.at, facts_.node(commit.node), "commits entry " + std::to_string(prefix + 1),
            commit.event},
           {event.at, facts_.node(event.node),
            "exports " + format_duration(exported) + " for " + who, id}});
  }

 private:
  struct Stored {
    std::uint64_t prefix = 0;      // of what is committed, at the last gauge
    std::uint64_t lost_up_to = 0;  // what it was before it last fell ...
    Instant lost_at;               // ... as the gauge then showed
  };

  // How many committed entries the voter has on disk, without a gap.
  [[nodiscard]] std::uint64_t stored_prefix(NodeId voter, ShardId shard) const {
    const Replica* replica = facts_.replicas.find(voter, shard);
    const std::vector<ShardGhost::Commit>& commits = facts_.replicas.shard(shard).commits;
    if (replica == nullptr) return 0;
    const auto missing =
        std::partition_point(commits.begin(), commits.end(), [&](const ShardGhost::Commit& commit) {
          const auto index = static_cast<std::uint64_t>(&commit - commits.data()) + 1;
          return replica->has_durable(index, commit.entry.chain);
        });
    return static_cast<std::uint64_t>(missing - commits.begin());
  }

  std::size_t nodes_;
  std::vector<Stored> stored_;  // by shard and node
};

}  // namespace

CheckerPtr lag_honest(const Case& facts) { return std::make_unique<LagHonest>(facts); }

}  // namespace blackout::check
