// raft.election_safety: dissertation figure 3.2, "Election Safety". Ghost: the leader of every
// (shard, term), for ever. O(log terms) per change of role.
#include <algorithm>

#include "harness/check/checker.hpp"

namespace blackout::check {
namespace {

class ElectionSafety final : public Checker {
 public:
  explicit ElectionSafety(const Case& facts)
      : Checker(facts, "raft.election_safety", {EventKind::role_changed}),
        leaders_(facts.plan.shards.size()) {}

  void on(const Event& event, EventId id) override {
    if (static_cast<Role>(event.a) != Role::leader) return;
    ++checked_;
    std::vector<Leader>& leaders = leaders_[event.shard.value()];
    const auto at = std::lower_bound(
        leaders.begin(), leaders.end(), event.b,
        [](const Leader& leader, std::uint64_t term) { return leader.term < term; });
    if (at == leaders.end() || at->term != event.b) {
      leaders.insert(at, {event.b, event.node, event.at, id});
    } else if (at->node != event.node) {
      const std::string term =
          "leads " + facts_.shard(event.shard) + " in term " + std::to_string(event.b);
      found(event.at, id,
            facts_.node(event.node) + " and " + facts_.node(at->node) + " both lead " +
                facts_.shard(event.shard) + " in term " + std::to_string(event.b) + ".",
            {{at->at, facts_.node(at->node), term, at->event},
             {event.at, facts_.node(event.node), term, id}});
    }
  }

 private:
  struct Leader {
    std::uint64_t term;
    NodeId node;
    Instant at;
    EventId event;
  };
  std::vector<std::vector<Leader>> leaders_;  // by shard, by term
};

}  // namespace

CheckerPtr election_safety(const Case& facts) { return std::make_unique<ElectionSafety>(facts); }

}  // namespace blackout::check
