// raft.log_matching: dissertation figure 3.2, "Log Matching", by chain hash: the digest of an entry
// covers all before it, so one word compares whole prefixes. Ghost: the digest of every (shard,
// index, term), for ever. O(1) per entry; indexes that held several terms go to an ordered map.
#include <map>

#include "harness/check/checker.hpp"

namespace blackout::check {
namespace {

class LogMatching final : public Checker {
 public:
  explicit LogMatching(const Case& facts)
      : Checker(facts, "raft.log_matching", {EventKind::entry_appended}),
        first_(facts.plan.shards.size()),
        others_(facts.plan.shards.size()) {}

  void on(const Event& event, EventId id) override {
    ++checked_;
    std::vector<Seen>& first = first_[event.shard.value()];
    if (event.a == 0 || event.a > first.size() + index_gap_max) return;
    if (event.a > first.size()) first.resize(event.a);
    Seen* seen = &first[event.a - 1];
    if (seen->term != 0 && seen->term != event.b) {
      seen = &others_[event.shard.value()][{event.a, event.b}];
    }
    if (seen->term == 0) {
      *seen = {event.b, event.c, event.at, id, event.node};
    } else if (seen->chain != event.c) {
      const std::string entry =
          "entry " + std::to_string(event.a) + " of term " + std::to_string(event.b);
      found(event.at, id,
            facts_.node(event.node) + " and " + facts_.node(seen->node) +
                " hold different logs of " + facts_.shard(event.shard) + " up to " + entry + ".",
            {{seen->at, facts_.node(seen->node), "stores " + entry, seen->event},
             {event.at, facts_.node(event.node), "stores another log with " + entry, id}});
    }
  }

 private:
  struct Seen {
    std::uint64_t term = 0, chain = 0;
    Instant at;
    EventId event;
    NodeId node;
  };
  std::vector<std::vector<Seen>> first_;  // by shard, by index - 1
  std::vector<std::map<std::pair<std::uint64_t, std::uint64_t>, Seen>> others_;
};

}  // namespace

CheckerPtr log_matching(const Case& facts) { return std::make_unique<LogMatching>(facts); }

}  // namespace blackout::check
