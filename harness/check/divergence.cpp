// The objective "divergence": objectives.md, "Desync detection".
#include <algorithm>

#include "harness/check/divergences.hpp"
#include "harness/check/objectives.hpp"
#include "harness/check/text.hpp"

namespace blackout::check {
namespace {

using record::Held;

std::vector<record::StoryLine> story_of(const Case& facts, const Divergence& one) {
  const std::string node = facts.node(one.node);
  std::vector<record::StoryLine> story{
      {one.since, node, "holds a wrong state of " + facts.shard(one.shard), one.event}};
  if (one.found) story.push_back({*one.found, node, "is found to be wrong", {}});
  if (one.quarantined) story.push_back({*one.quarantined, node, "neither serves nor counts", {}});
  if (one.repaired) story.push_back({*one.repaired, node, "is right again", {}});
  return story;
}

// One of the two limits.
struct Stage {
  std::string_view subject, done, rule;
  Duration max;
  std::optional<Instant> (*from)(const Divergence&);  // empty: it did not come to that
  std::optional<Instant> (*to)(const Divergence&);
};

// A stage that the end of a process or of the run cut short counts only if it was over the limit.
void judge_stage(const Case& facts, const Stage& stage, record::Verdict& verdict) {
  std::optional<Duration> longest;
  const Divergence* worst = nullptr;
  std::size_t begun = 0, done = 0;
  for (const Divergence& one : facts.divergences.all()) {
    const auto from = stage.from(one), to = stage.to(one);
    if (!from) continue;
    ++begun;
    done += to.has_value();
    const Duration took = to.value_or(one.ended.value_or(facts.simulated)) - *from;
    if ((!to && took <= stage.max) || (longest && took <= *longest)) continue;
    longest = took;
    worst = &one;
  }
  record::ObjectiveRow row;
  row.name = "divergence";
  row.subject = stage.subject;
  row.unit = "ns";
  row.promised = "≤ " + format_duration(stage.max);
  row.promised_value = stage.max.ns();
  row.measured = longest ? format_duration(*longest) : "-";
  row.margin = longest ? format_duration(stage.max - *longest) : "-";
  row.measured_value = longest.value_or(Duration()).ns();
  row.note = std::to_string(done) + " of " + format_count(begun, "wrong state") + " " +
             std::string(stage.done);
  const bool held = !longest || *longest <= stage.max;
  row.held = !held ? Held::no : facts.finished() ? Held::yes : Held::unknown;
  if (!held) {
    const std::string done_text(stage.done);
    const std::string how =
        stage.to(*worst) ? " was " + done_text + " only after " : " was not " + done_text + " for ";
    verdict.findings.push_back(
        {"divergence", std::string(stage.rule),
         "The wrong state of " + facts.shard(worst->shard) + " on " + facts.node(worst->node) +
             how + row.measured + "; " + format_duration(stage.max) + " were promised.",
         *stage.from(*worst) + stage.max, worst->event, story_of(facts, *worst)});
  }
  verdict.objectives.push_back(std::move(row));
}

}  // namespace

void judge_divergence(const Case& facts, record::Verdict& verdict) {
  const record::DivergenceObjective& objective = *facts.plan.objectives.divergence;
  judge_stage(facts,
              {"detect", "found", "A replica whose state is wrong is found in the promised time.",
               objective.detect, [](const Divergence& one) { return std::optional(one.since); },
               [](const Divergence& one) { return one.found; }},
              verdict);
  judge_stage(facts,
              {"repair", "repaired",
               "A replica that was found to be wrong is right again in the promised time.",
               objective.repair, [](const Divergence& one) { return one.found; },
               [](const Divergence& one) { return one.repaired; }},
              verdict);
}

}  // namespace blackout::check
