// platform.audit: case-study.md, P12: no false alarm, and who is known to be wrong neither serves
// nor leads. Ghost: the spoilt copies, and who is in quarantine. O(1) per event while there is
// none.
#include <set>
#include <utility>

#include "harness/check/checker.hpp"
#include "harness/check/divergences.hpp"

namespace blackout::check {
namespace {

class Audit final : public Checker {
 public:
  explicit Audit(const Case& facts)
      : Checker(facts, "platform.audit",
                {EventKind::divergence_found, EventKind::replica_quarantined,
                 EventKind::replica_repaired, EventKind::node_started, EventKind::role_changed,
                 EventKind::read_served, EventKind::write_acknowledged}) {}

  void on(const Event& event, EventId id) override {
    switch (event.kind) {
      case EventKind::divergence_found:
        return alarm(event, id);
      case EventKind::replica_quarantined:
        quarantined_.insert({event.node, event.shard});
        ++checked_;
        if (!facts_.divergences.spoilt(event.node, event.shard)) {
          say(event, id,
              "gives up its state of " + facts_.shard(event.shard) + ", which nothing had spoilt.");
        }
        return;
      case EventKind::replica_repaired:
        quarantined_.erase({event.node, event.shard});
        return;
      case EventKind::node_started:
        std::erase_if(quarantined_, [&](const auto& who) { return who.first == event.node; });
        return;
      case EventKind::role_changed:
        if (static_cast<Role>(event.a) == Role::leader) silent(event, id, "begins to lead ");
        return;
      default:
        return silent(event, id, "answers a client of ");
    }
  }

 private:
  void alarm(const Event& event, EventId id) {
    ++checked_;
    const NodeId accused = blackout::node_of_word(event.a);
    if (facts_.divergences.was_wrong(accused, event.shard, event.b)) return;
    say(event, id,
        "calls the state of " + facts_.shard(event.shard) + " on " + facts_.node(accused) +
            " wrong as of " + std::to_string(event.b) + ", which nothing had spoilt.");
  }

  void silent(const Event& event, EventId id, const std::string& what) {
    ++checked_;
    if (quarantined_.empty() || !quarantined_.contains({event.node, event.shard})) return;
    say(event, id, what + facts_.shard(event.shard) + " with a state that it knows to be wrong.");
  }

  void say(const Event& event, EventId id, const std::string& what) {
    found(event.at, id, facts_.node(event.node) + " " + what,
          {{event.at, facts_.node(event.node), what, id}});
  }

  std::set<std::pair<NodeId, ShardId>> quarantined_;
};

}  // namespace

CheckerPtr audit(const Case& facts) { return std::make_unique<Audit>(facts); }

}  // namespace blackout::check
