// conflict_rules: case-study.md, P6. What stands in a record is decided by the rule of its type
// alone: of the writes that were answered none may stand above what a later answer shows, be it the
// answer to a write that was sent afterwards or to the audit. Decided on answers, whatever the
// platform's order was; where the plan allows loss, only what one answer says by itself counts.
// O(n log n) in writes to records.
#include <algorithm>
#include <map>
#include <string_view>

#include "harness/check/checker.hpp"

namespace blackout::check {
namespace {

using record::Operation;

class ConflictRules final : public Checker {
 public:
  explicit ConflictRules(const Case& facts) : Checker(facts, "conflict_rules", {}) {}

  void finish() override {
    Places places;
    for (const Operation& operation : facts_.history.operations) {
      if (!record::writes_record(operation.kind) || operation.outcome != record::Outcome::ok) {
        continue;
      }
      check_answer(operation);
      places[place_of(operation)].push_back(&operation);
    }
    if (broken() || facts_.plan.objectives.rpo_max > Duration()) return;
    check_order(places);
    for (const record::Audit& audit : facts_.history.audits) {
      if (audit.complete) check_audit(audit, places);
    }
  }

 private:
  using Place = std::pair<record::OperationKind, std::string_view>;
  using Places = std::map<Place, std::vector<const Operation*>>;  // by invocation

  // An answer, and one that was complete before its request was sent and showed more.
  struct Step {
    const Operation* before = nullptr;
    const Operation* after = nullptr;
  };

  static Place place_of(const Operation& operation) { return {operation.kind, operation.key}; }

  // What stood when the operation was answered; null where no client wrote that.
  [[nodiscard]] const Operation* standing(const Operation& operation) const {
    const Operation* found = facts_.find(operation.last_operation.value());
    return found != nullptr && place_of(*found) == place_of(operation) &&
                   found->outcome != record::Outcome::fail
               ? found
               : nullptr;
  }

  void check_answer(const Operation& operation) {
    ++checked_;
    const Operation* stands = standing(operation);
    if (stands == nullptr || stands->invoked > operation.completed) {
      return tell(operation, "was told of operation " +
                                 std::to_string(operation.last_operation.value()) +
                                 ", which nobody had sent to it");
    }
    if (stands_above(operation, *stands)) {
      return tell(operation, "was told that " + name(*stands) + " stands, which it stands above");
    }
    if (operation.applied != (stands == &operation)) {
      tell(operation, std::string("was told that it ") +
                          (operation.applied ? "stands" : "does not stand") + ", and that " +
                          name(*stands) + " does");
    }
  }

  // Each answer shows at least what those showed that were complete before its request was sent.
  void check_order(const Places& places) {
    Step first;
    for (const auto& [place, answered] : places) {
      const Step back = step_back(answered);
      const bool earlier =
          first.after == nullptr ||
          (back.after != nullptr && back.after->completed < first.after->completed);
      if (earlier) first = back;
    }
    if (first.after == nullptr) return;
    const Operation &stands = *standing(*first.after), &shown = *standing(*first.before);
    tell(*first.after,
         "was told that " + (&stands == first.after ? "it" : name(stands)) +
             " stands, after an answer had shown " + name(shown) + ", which stands above it",
         first.before);
  }

  [[nodiscard]] Step step_back(const std::vector<const Operation*>& answered) const {
    std::vector<const Operation*> by_completion = answered;
    std::stable_sort(
        by_completion.begin(), by_completion.end(),
        [](const Operation* a, const Operation* b) { return a->completed < b->completed; });
    const Operation* highest = nullptr;  // of the answers complete by then
    auto done = by_completion.begin();
    for (const Operation* operation : answered) {
      for (; done != by_completion.end() && (*done)->completed < operation->invoked; ++done) {
        if (highest == nullptr || stands_above(*standing(**done), *standing(*highest))) {
          highest = *done;
        }
      }
      if (highest != nullptr && stands_above(*standing(*highest), *standing(*operation))) {
        return {highest, operation};
      }
    }
    return {};
  }

  void check_audit(const record::Audit& audit, const Places& places) {
    std::map<Place, const Operation*> shown;
    for (const record::AuditedRecord& record : audit.records) {
      ++checked_;
      const Operation* stands = facts_.find(record.operation.value());
      const Place place(record.kind, record.key);
      if (stands == nullptr || place_of(*stands) != place || stands->value != record.value ||
          stands->outcome == record::Outcome::fail) {
        return tell(audit, record.key + " holds \"" + record.value + "\", which no client wrote.");
      }
      shown[place] = stands;
    }
    for (const auto& [place, answered] : places) {
      if (answered.front()->shard != audit.shard) continue;
      const auto stands = shown.find(place);
      for (const Operation* operation : answered) {
        ++checked_;
        if (stands == shown.end()) {
          return tell(audit, name(*operation) + " was acknowledged, and there is no such record.",
                      operation);
        }
        if (!stands_above(*operation, *stands->second)) continue;
        return tell(audit,
                    name(*operation) + " was acknowledged, and " + name(*stands->second) +
                        " stands, which the rule puts below it.",
                    operation);
      }
    }
  }

  // "status eu/merchants/3 revoked (operation 17)"
  [[nodiscard]] std::string name(const Operation& operation) const {
    return facts_.operation(operation.id.value()) + " (operation " +
           std::to_string(operation.id.value()) + ")";
  }

  void tell(const Operation& operation, const std::string& what,
            const Operation* before = nullptr) {
    std::vector<record::StoryLine> story;
    if (before != nullptr) story.push_back(answer_of(*before));
    story.push_back(answer_of(operation));
    found(operation.completed, facts_.order.answered(operation.id.value()).event,
          name(operation) + " " + what + ".", std::move(story));
  }
  void tell(const record::Audit& audit, const std::string& what,
            const Operation* before = nullptr) {
    std::vector<record::StoryLine> story;
    if (before != nullptr) story.push_back(answer_of(*before));
    found(facts_.simulated, {},
          "After the run, by the answer in " + facts_.region(audit.region) + ": " + what,
          std::move(story));
  }
  [[nodiscard]] record::StoryLine answer_of(const Operation& operation) const {
    return {operation.completed, facts_.client(operation),
            "is told that " + name(operation) +
                (operation.applied ? " stands" : " came too late to stand"),
            facts_.order.answered(operation.id.value()).event};
  }
};

}  // namespace

CheckerPtr conflict_rules(const Case& facts) { return std::make_unique<ConflictRules>(facts); }

}  // namespace blackout::check
