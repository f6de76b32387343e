#include "harness/check/answers.hpp"

#include <algorithm>
#include <tuple>

#include "harness/check/text.hpp"

namespace blackout::check {

using record::Finding;
using record::Operation;

Answers::Answers(const Case& facts, const FinalState& state)
    : facts_(facts), state_(state), served_(facts.history.operations.size()) {
  for (const ServedRead& read : facts_.order.reads()) {
    if (read.at <= facts_.find(read.operation)->completed) served_[read.operation - 1] = &read;
  }
}

bool Answers::left_out(const Operation& operation) const {
  if (facts_.plan.objectives.rpo_max == Duration()) return false;
  if (state_.lost(operation)) return true;
  const Operation* last = facts_.find(operation.last_operation.value());
  return last != nullptr && state_.lost(*last);
}

std::optional<Finding> Answers::contradiction() const {
  Operations answers;
  for (const Operation& operation : facts_.history.operations) {
    if (operation.outcome != record::Outcome::ok || record::writes_record(operation.kind) ||
        left_out(operation)) {
      continue;
    }
    answers.push_back(&operation);
  }
  std::stable_sort(answers.begin(), answers.end(),
                   [](const Operation* a, const Operation* b) { return a->key < b->key; });
  std::optional<Finding> first;
  const auto keep = [&first](std::optional<Finding> finding) {
    if (finding && (!first || finding->at < first->at)) first = std::move(finding);
  };
  for (auto from = answers.begin(); from != answers.end();) {
    const auto to = std::find_if(from, answers.end(),
                                 [&](const Operation* o) { return o->key != (*from)->key; });
    Operations of_key(from, to);
    keep(in_key(of_key));
    from = to;
  }
  for (const Operation* operation : answers) {
    keep(out_of_nowhere(*operation));
    if (!state_.lost(*operation)) continue;
    keep(Finding{{},
                 {},
                 facts_.operation(operation->id.value()) + " was acknowledged to " +
                     facts_.client(*operation) + " and is not in the final state.",
                 facts_.simulated,
                 {},
                 {}});
  }
  return first;
}

// `answers` of one key, by invocation.
std::optional<Finding> Answers::in_key(Operations& answers) const {
  std::optional<Finding> first;
  const auto keep = [&first](std::optional<Finding> finding) {
    if (finding && (!first || finding->at < first->at)) first = std::move(finding);
  };
  Operations by_completion = answers;
  std::stable_sort(
      by_completion.begin(), by_completion.end(),
      [](const Operation* a, const Operation* b) { return a->completed < b->completed; });
  const Operation* newest = nullptr;  // of the highest version complete before the next invocation
  auto done = by_completion.begin();
  for (const Operation* operation : answers) {
    for (; done != by_completion.end() && (*done)->completed < operation->invoked; ++done) {
      if (newest == nullptr || (*done)->version > newest->version) newest = *done;
    }
    if (newest != nullptr) keep(against(*newest, *operation));
  }
  std::stable_sort(answers.begin(), answers.end(),
                   [](const Operation* a, const Operation* b) { return a->version < b->version; });
  for (std::size_t i = 1; i < answers.size(); ++i) {
    const Operation &one = *answers[i - 1], &other = *answers[i];
    if (one.version != other.version ||
        (one.last_operation == other.last_operation && one.balance == other.balance)) {
      continue;
    }
    keep(two(one, other,
             "Version " + std::to_string(one.version) + " of " + one.key +
                 " was two things: " + saw(one) + ", and " + saw(other) + "."));
  }
  return first;
}

// `before` was complete when `after` was first sent.
std::optional<Finding> Answers::against(const Operation& before, const Operation& after) const {
  const bool writes = acknowledged_write(after);
  if (after.version > before.version || (after.version == before.version && !writes)) return {};
  return two(before, after,
             std::string(writes ? "Lost update of " : "Stale read of ") + after.key + ": " +
                 saw(after) + ", " + format_duration(after.invoked - before.completed) +
                 " after version " + std::to_string(before.version) + " had been answered.");
}

std::optional<Finding> Answers::out_of_nowhere(const Operation& answer) const {
  if (answer.last_operation == OperationId(0)) return {};
  const Operation* last = facts_.find(answer.last_operation.value());
  const bool touches = last != nullptr && last->kind != record::OperationKind::get &&
                       !record::writes_record(last->kind) &&
                       (last->key == answer.key || last->other_key == answer.key);
  std::string wrong;
  if (!touches)
    wrong = "which nobody sent to it";
  else if (last->outcome == record::Outcome::fail)
    wrong = "which failed";
  else if (last->outcome == record::Outcome::ok && !last->applied)
    wrong = "which was refused";
  else if (last->invoked > answer.completed)
    wrong = "which was not sent yet";
  if (wrong.empty()) return {};
  return Finding{{},
                 {},
                 facts_.client(answer) + " saw operation " +
                     std::to_string(answer.last_operation.value()) + " in " + answer.key + ", " +
                     wrong + ".",
                 answer.completed,
                 {},
                 {{answer.completed, facts_.client(answer), saw(answer), {}}}};
}

Finding Answers::two(const Operation& one, const Operation& other,
                     const std::string& sentence) const {
  const bool in_order = one.completed <= other.completed;
  const Operation& earlier = in_order ? one : other;
  const Operation& later = in_order ? other : one;
  Finding finding{{}, {}, sentence, later.completed, {}, {}};
  for (const Operation* operation : {&earlier, &later}) {
    tell_answer(*operation, finding.story);
    finding.story.push_back({operation->completed, facts_.client(*operation), saw(*operation), {}});
  }
  return finding;
}

// Who answered it from which state.
void Answers::tell_answer(const Operation& operation, std::vector<record::StoryLine>& story) const {
  if (const ServedRead* read = served_[operation.id.value() - 1]) {
    story.push_back({read->at, facts_.node(read->node),
                     "answers from its state as of " + std::to_string(read->index), read->event});
  }
  const Answered& answered = facts_.order.answered(operation.id.value());
  if (answered.event == EventId(0) || answered.at > operation.completed) return;
  story.push_back({answered.at, facts_.node(answered.node),
                   "answers OK for entry " + std::to_string(answered.index), answered.event});
}

std::string Answers::saw(const Operation& operation) const {
  return std::string(name_of(operation.kind)) + " of client " + std::to_string(operation.client) +
         " saw version " + std::to_string(operation.version);
}

}  // namespace blackout::check
