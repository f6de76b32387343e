// fencing: objectives.md, "Zombie" and "minority_refusals".
//
// Superseded: a success in a term below the highest that has answered one, unless the newer
// authority's log holds that very entry (it was committed in time and only the answer came late:
// nothing can be lost). Apart: a new write answered ok to a client that, from its first send to the
// answer, no chain of links joined to a majority. Reads are left to linearizability: a lease may
// answer them. O(1) per event, O(log changes) per write.
#include "harness/check/checker.hpp"
#include "harness/check/text.hpp"

namespace blackout::check {
namespace {

class Fencing final : public Checker {
 public:
  explicit Fencing(const Case& facts)
      : Checker(facts, "fencing", {EventKind::write_acknowledged}),
        authority_(facts.plan.shards.size()) {}

  void on(const Event& event, EventId id) override {
    ++checked_;
    Authority& newest = authority_[event.shard.value()];
    if (event.c >= newest.term) {
      newest = {event.c, event.node, event.at, id};
      return;
    }
    const LogEntry* mine = facts_.replicas.find(event.node, event.shard)->at(event.b);
    const LogEntry* theirs = facts_.replicas.find(newest.node, event.shard)->at(event.b);
    if (mine != nullptr && theirs != nullptr && mine->chain == theirs->chain) return;
    const std::string term = std::to_string(event.c);
    found(event.at, id,
          facts_.node(event.node) + " answers success for " + facts_.operation(event.a) +
              " in term " + term + " of " + facts_.shard(event.shard) + ", after " +
              facts_.node(newest.node) + " had answered in term " + std::to_string(newest.term) +
              ".",
          {{newest.at, facts_.node(newest.node),
            "answers OK in term " + std::to_string(newest.term), newest.event},
           {event.at, facts_.node(event.node), "answers OK in term " + term, id}});
  }

  void finish() override {
    for (const record::Operation& operation : facts_.history.operations) {
      if (!acknowledged_write(operation) || operation.duplicate) continue;
      ++checked_;
      const Steps& apart = facts_.reach.apart(operation.region, operation.shard);
      if (!apart.at(operation.invoked) ||
          !facts_.reach.steady(operation.invoked, operation.completed)) {
        continue;
      }
      found(operation.completed, facts_.order.answered(operation.id.value()).event,
            facts_.operation(operation.id.value()) + " of " + facts_.client(operation) +
                " was answered ok while no majority of " + facts_.shard(operation.shard) +
                " could be reached.",
            {{operation.invoked,
              facts_.client(operation),
              "sends " + facts_.operation(operation.id.value()),
              {}},
             {operation.completed, facts_.client(operation), "is answered ok", {}}});
    }
  }

 private:
  struct Authority {
    std::uint64_t term = 0;
    NodeId node;
    Instant at;
    EventId event;
  };
  std::vector<Authority> authority_;  // by shard: the newest that answered
};

}  // namespace

CheckerPtr fencing(const Case& facts) { return std::make_unique<Fencing>(facts); }

}  // namespace blackout::check
