// exactly_once: objectives.md, "Phantom" and "Dup". Decided on every region's answer to the audit
// and on the order in which entries were applied: an operation at two indexes is legal only where
// the idempotency table was reported to have answered the second. O(n log n) in the number of
// duplicates alone.
#include <algorithm>

#include "harness/check/checker.hpp"

namespace blackout::check {
namespace {

class ExactlyOnce final : public Checker {
 public:
  explicit ExactlyOnce(const Case& facts) : Checker(facts, "exactly_once", {}) {}

  void finish() override {
    check_applied();
    std::vector<std::uint32_t> seen(facts_.history.operations.size());
    std::uint32_t list = 0;
    for (const record::Audit& audit : facts_.history.audits) {
      for (const record::AuditedAccount& account : audit.accounts) {
        ++list;
        for (const OperationId entry : account.entries)
          check_entry(audit, account, entry, list, seen);
      }
    }
  }

 private:
  void check_entry(const record::Audit& audit, const record::AuditedAccount& account,
                   OperationId entry, std::uint32_t list, std::vector<std::uint32_t>& seen) {
    ++checked_;
    const record::Operation* operation = facts_.find(entry.value());
    const std::string where = " in " + account.key;
    if (operation == nullptr) {
      return found_late(audit, account.key + " holds operation " + std::to_string(entry.value()) +
                                   ", which no client sent.");
    }
    if (seen[entry.value() - 1] == list) {
      return found_late(audit, name(*operation) + " has its effect twice" + where + ".");
    }
    seen[entry.value() - 1] = list;
    if (operation->key != account.key && operation->other_key != account.key) {
      return found_late(audit, name(*operation) + " has an effect" + where + ".");
    }
    if (operation->outcome == record::Outcome::fail) {
      return found_late(
          audit, name(*operation) + " was answered as failed and has its effect" + where + ".",
          failure_and_effect(*operation));
    }
    if (operation->outcome == record::Outcome::ok && !operation->applied) {
      found_late(audit, name(*operation) + " was refused and has its effect" + where + ".");
    }
  }

  // The same operation at two indexes of a shard.
  void check_applied() {
    std::vector<Duplicate> answered = facts_.order.duplicates();
    std::sort(answered.begin(), answered.end());
    std::vector<std::uint64_t> first(facts_.history.operations.size());
    for (std::uint32_t s = 0; s < facts_.plan.shards.size(); ++s) {
      const std::vector<AppliedEntry>& applied = facts_.order.applied(ShardId(s));
      for (std::uint64_t index = 1; index <= applied.size(); ++index) {
        const AppliedEntry& entry = applied[index - 1];
        const record::Operation* operation = facts_.find(entry.operation);
        if (operation == nullptr || operation->shard != ShardId(s)) continue;
        ++checked_;
        std::uint64_t& before = first[entry.operation - 1];
        if (before == 0) {
          before = index;
        } else if (!std::binary_search(answered.begin(), answered.end(),
                                       Duplicate{entry.operation, index}) &&
                   !std::binary_search(answered.begin(), answered.end(),
                                       Duplicate{entry.operation, before})) {
          const AppliedEntry& one = applied[before - 1];
          found(entry.at, entry.event,
                name(*operation) + " is applied at " + std::to_string(before) + " and again at " +
                    std::to_string(index) + " of " + facts_.shard(ShardId(s)) + ".",
                {{one.at, facts_.node(one.node), "applies " + std::to_string(before), one.event},
                 {entry.at, facts_.node(entry.node), "applies " + std::to_string(index),
                  entry.event}});
        }
      }
    }
  }

  [[nodiscard]] std::string name(const record::Operation& operation) const {
    return facts_.operation(operation.id.value()) + " of " + facts_.client(operation);
  }
  // What the client was told, and who applied it first.
  [[nodiscard]] std::vector<record::StoryLine> failure_and_effect(
      const record::Operation& operation) const {
    std::vector<record::StoryLine> story{{operation.completed, facts_.client(operation),
                                          "is told that " + name(operation) + " failed",
                                          facts_.order.completed(operation.id.value())}};
    const std::vector<AppliedEntry>& applied = facts_.order.applied(operation.shard);
    const auto entry = std::find_if(applied.begin(), applied.end(), [&](const AppliedEntry& one) {
      return one.operation == operation.id.value();
    });
    if (entry == applied.end()) return story;
    story.push_back({entry->at, facts_.node(entry->node),
                     "applies " + std::to_string(entry - applied.begin() + 1), entry->event});
    if (entry->at < operation.completed) std::swap(story[0], story[1]);
    return story;
  }
  void found_late(const record::Audit& audit, std::string sentence,
                  std::vector<record::StoryLine> story = {}) {
    if (broken()) return;
    story.push_back({facts_.simulated, facts_.region(audit.region), "answers the audit", {}});
    found(facts_.simulated, {}, std::move(sentence), std::move(story));
  }
};

}  // namespace

CheckerPtr exactly_once(const Case& facts) { return std::make_unique<ExactlyOnce>(facts); }

}  // namespace blackout::check
