// platform.checksum_agreement: equal applied index, equal state hash. Ghost: the hash of every
// index as the first node had it whose state nobody had spoilt. O(1) per event.
#include "harness/check/checker.hpp"
#include "harness/check/divergences.hpp"

namespace blackout::check {
namespace {

class ChecksumAgreement final : public Checker {
 public:
  explicit ChecksumAgreement(const Case& facts)
      : Checker(facts, "platform.checksum_agreement",
                {EventKind::entry_applied, EventKind::replica_repaired}),
        first_(facts.plan.shards.size()) {}

  void on(const Event& event, EventId id) override {
    std::vector<Hashed>& all = first_[event.shard.value()];
    if (event.a == 0 || event.a > all.size() + index_gap_max) return;
    if (facts_.divergences.spoilt(event.node, event.shard)) return;
    if (event.a > all.size()) all.resize(event.a);
    Hashed& first = all[event.a - 1];
    if (first.event == EventId()) first = {event.c, id, event.node, event.at};
    ++checked_;
    if (first.hash == event.c) return;
    const std::string applied = "applied " + std::to_string(event.a);
    const std::string entry = event.kind == EventKind::entry_applied
                                  ? " (" + facts_.operation(event.b) + ")"
                                  : std::string();
    found(event.at, id,
          facts_.node(event.node) + " and " + facts_.node(first.node) +
              " have different states of " + facts_.shard(event.shard) + " after " +
              std::to_string(event.a) + entry + ".",
          {{first.at, facts_.node(first.node), applied, first.event},
           {event.at, facts_.node(event.node), applied, id}});
  }

 private:
  struct Hashed {
    std::uint64_t hash = 0;
    EventId event;  // 0: nobody yet
    NodeId node;
    Instant at;
  };
  std::vector<std::vector<Hashed>> first_;  // by shard, by index - 1
};

}  // namespace

CheckerPtr checksum_agreement(const Case& facts) {
  return std::make_unique<ChecksumAgreement>(facts);
}

}  // namespace blackout::check
