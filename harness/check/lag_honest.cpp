// platform.lag_honest: case-study.md, P13, and objectives.md, "Honesty". What a leader exports of a
// voter is compared with how long ago the first entry was committed that the voter has not
// received, stored or applied. Of what it had and lost, with how long ago that was: what a process
// received and applied goes when it starts anew, what a disk lost when a gauge first shows it.
// O(log entries) per gauge.
#include <algorithm>
#include <array>

#include "harness/check/checker.hpp"
#include "harness/check/replicas.hpp"

namespace blackout::check {
namespace {

constexpr std::array stages{EventKind::lag_received, EventKind::lag_durable,
                            EventKind::lag_applied};
constexpr std::array<const char*, stages.size()> reached{"received", "stored", "applied"};

class LagHonest final : public Checker {
 public:
  explicit LagHonest(const Case& facts)
      : Checker(facts, "platform.lag_honest",
                {stages[0], stages[1], stages[2], EventKind::node_started}),
        nodes_(facts.plan.nodes.size()),
        seen_(nodes_ * facts.plan.shards.size() * stages.size()) {}

  void on(const Event& event, EventId id) override {
    if (event.kind == EventKind::node_started) return started(event);
    const NodeId voter = node_of_word(event.a);
    if (voter.value() >= facts_.plan.nodes.size()) return;
    ++checked_;
    const auto stage = static_cast<std::size_t>(
        std::find(stages.begin(), stages.end(), event.kind) - stages.begin());
    const std::vector<ShardGhost::Commit>& commits = facts_.replicas.shard(event.shard).commits;
    const std::uint64_t prefix = prefix_of(event.kind, voter, event.shard);
    Seen& seen = seen_of(voter, event.shard, stage);
    if (prefix < seen.prefix) seen = {prefix, seen.prefix, event.at};
    seen.prefix = prefix;
    if (prefix == commits.size()) return;
    const ShardGhost::Commit& commit = commits[prefix];
    const bool had = prefix < seen.lost_up_to;
    const Duration truth = event.at - (had ? std::max(commit.at, seen.lost_at) : commit.at);
    const Duration exported(static_cast<std::int64_t>(event.b));
    if (truth <= exported + Duration(static_cast<std::int64_t>(event.c))) return;
    const std::string who = facts_.node(voter);
    found(event.at, id,
          facts_.node(event.node) + " exports a lag of " + format_duration(exported) + " for " +
              who + ", which has not " + reached[stage] + " entry " + std::to_string(prefix + 1) +
              " of " + facts_.shard(event.shard) + " for " + format_duration(truth) + ".",
          {{commit.at, facts_.node(commit.node), "commits entry " + std::to_string(prefix + 1),
            commit.event},
           {event.at, facts_.node(event.node),
            "exports " + format_duration(exported) + " for " + who, id}});
  }

 private:
  struct Seen {
    std::uint64_t prefix = 0;      // of what is committed, at the last gauge
    std::uint64_t lost_up_to = 0;  // what it was before it last fell ...
    Instant lost_at;               // ... which was then
  };

  [[nodiscard]] Seen& seen_of(NodeId voter, ShardId shard, std::size_t stage) {
    return seen_[(shard.value() * nodes_ + voter.value()) * stages.size() + stage];
  }

  void started(const Event& event) {
    for (std::uint32_t s = 0; s < facts_.plan.shards.size(); ++s) {
      const Replica* replica = facts_.replicas.find(event.node, ShardId(s));
      if (replica == nullptr) continue;
      for (std::size_t stage = 0; stage < stages.size(); ++stage) {
        if (stages[stage] == EventKind::lag_durable) continue;
        Seen& seen = seen_of(event.node, ShardId(s), stage);
        seen = {0, std::max(seen.prefix, replica->applied_ever), event.at};
      }
    }
  }

  // How many committed entries the voter has brought so far, without a gap.
  [[nodiscard]] std::uint64_t prefix_of(EventKind stage, NodeId voter, ShardId shard) const {
    const Replica* replica = facts_.replicas.find(voter, shard);
    const std::vector<ShardGhost::Commit>& commits = facts_.replicas.shard(shard).commits;
    if (replica == nullptr) return 0;
    if (stage == EventKind::lag_applied) {
      return std::min<std::uint64_t>(replica->applied, commits.size());
    }
    const auto missing =
        std::partition_point(commits.begin(), commits.end(), [&](const ShardGhost::Commit& commit) {
          const auto index = static_cast<std::uint64_t>(&commit - commits.data()) + 1;
          return stage == EventKind::lag_durable ? replica->has_durable(index, commit.entry.chain)
                                                 : replica->has(index, commit.entry.chain);
        });
    return static_cast<std::uint64_t>(missing - commits.begin());
  }

  std::size_t nodes_;
  std::vector<Seen> seen_;  // by shard, node and stage
};

}  // namespace

CheckerPtr lag_honest(const Case& facts) { return std::make_unique<LagHonest>(facts); }

}  // namespace blackout::check
