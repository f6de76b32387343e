// raft.match_honesty: exploration.md section 3, "Ack honesty". What a leader believes a follower
// stores, the follower had made durable: the very entry that the leader's log holds there. An
// answer that was true when it was given may reach a leader whose follower has since dropped the
// entry for a newer leader; that is legal, and told apart by remembering what was dropped. O(1) per
// event.
#include "harness/check/checker.hpp"

namespace blackout::check {
namespace {

class MatchHonesty final : public Checker {
 public:
  explicit MatchHonesty(const Case& facts)
      : Checker(facts, "raft.match_honesty", {EventKind::match_advanced}) {}

  void on(const Event& event, EventId id) override {
    const NodeId follower = node_of_word(event.a);
    if (follower.value() >= facts_.plan.nodes.size() || event.b == 0) return;
    ++checked_;
    const LogEntry* believed = facts_.replicas.find(event.node, event.shard)->at(event.b);
    const Replica* actual = facts_.replicas.find(follower, event.shard);
    if (believed != nullptr && actual != nullptr &&
        (actual->has_durable(event.b, believed->chain) ||
         actual->had_durable(event.b, believed->chain))) {
      return;
    }
    const std::uint64_t durable = actual == nullptr ? 0 : actual->durable;
    const std::string what = durable < event.b
                                 ? "whose durable log ends at " + std::to_string(durable)
                                 : "which holds another entry there";
    found(event.at, id,
          facts_.node(event.node) + " counts " + std::to_string(event.b) + " of " +
              facts_.shard(event.shard) + " as stored on " + facts_.node(follower) + ", " + what +
              ".",
          {{event.at, facts_.node(event.node),
            "counts " + facts_.node(follower) + " up to " + std::to_string(event.b), id}});
  }
};

}  // namespace

CheckerPtr match_honesty(const Case& facts) { return std::make_unique<MatchHonesty>(facts); }

}  // namespace blackout::check
