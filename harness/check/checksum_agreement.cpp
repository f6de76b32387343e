// platform.checksum_agreement: equal applied index, equal state hash. Ghost: the hash of every
// index as the first node had it. O(1) per event.
#include "harness/check/checker.hpp"

namespace blackout::check {
namespace {

class ChecksumAgreement final : public Checker {
 public:
  explicit ChecksumAgreement(const Case& facts)
      : Checker(facts, "platform.checksum_agreement", {EventKind::entry_applied}) {}

  void on(const Event& event, EventId id) override {
    const std::vector<AppliedEntry>& order = facts_.order.applied(event.shard);
    if (event.a == 0 || event.a > order.size()) return;
    ++checked_;
    const AppliedEntry& first = order[event.a - 1];
    if (first.state_hash == event.c) return;
    const std::string applied = "applied " + std::to_string(event.a);
    found(event.at, id,
          facts_.node(event.node) + " and " + facts_.node(first.node) +
              " have different states of " + facts_.shard(event.shard) + " after " +
              std::to_string(event.a) + " (" + facts_.operation(event.b) + ").",
          {{first.at, facts_.node(first.node), applied, first.event},
           {event.at, facts_.node(event.node), applied, id}});
  }
};

}  // namespace

CheckerPtr checksum_agreement(const Case& facts) {
  return std::make_unique<ChecksumAgreement>(facts);
}

}  // namespace blackout::check
