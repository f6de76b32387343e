#include "reports/text/postmortem.hpp"

#include <fmt/format.h>

#include "reports/text/chronicle.hpp"
#include "reports/text/event_text.hpp"
#include "reports/text/style.hpp"
#include "reports/text/table.hpp"
#include "reports/text/verdict_text.hpp"

namespace blackout::text {
namespace {

constexpr std::size_t moments_max = 100;

std::string cells(std::initializer_list<std::string> words) {
  std::string row = "|";
  for (const std::string& word : words) row += " " + word + " |";
  return row + "\n";
}

std::string summary_of(const record::RunRecord& run) {
  std::string text = fmt::format("## Summary\n\n**{}**", word_of(conclude(run)));
  const std::string sentence = sentence_of(run);
  text += sentence.empty() ? "\n" : ": " + markdown(sentence) + "\n";
  if (!run.plan.summary.empty()) text += "\n" + markdown(run.plan.summary) + "\n";
  for (const std::string& set : run.overrides) text += "\nWith " + markdown(set) + ".\n";
  if (run.failure) {
    text += fmt::format("\nThe code under test ended the run at {}: {} {}\n",
                        story_time(run.failure->at), markdown(run.failure->kind),
                        markdown(run.failure->text));
  }
  return text;
}

std::string impact_of(const record::Verdict& verdict) {
  return fmt::format(
      "\n## Impact\n\n"
      "- {} of {} acknowledged writes lost\n"
      "- {} operations of {} clients that were owed an answer failed\n"
      "- {} without service at the place and operation that suffered most\n",
      grouped(verdict.lost), grouped(verdict.acknowledged), grouped(verdict.impact_operations),
      grouped(verdict.impact_clients), format_duration(verdict.downtime));
}

std::string objectives_of(const record::RunRecord& run) {
  std::string text = "\n## Objectives\n\n";
  text += cells({"", "objective", "of", "promised", "measured", "margin", ""});
  text += "|---|---|---|--:|--:|--:|---|\n";
  for (const Row& row : rows_of(run)) {
    text += cells({std::string(sign(row.held)), markdown(row.name), markdown(row.subject),
                   markdown(row.promised), markdown(row.measured), markdown(row.margin),
                   markdown(row.note)});
  }
  for (const record::RtoPhases& phases : run.verdict.rto_phases) text += "\n" + phases_text(phases);
  return text;
}

std::string trigger_of(const record::RunRecord& run) {
  std::string text = "\n## Trigger\n\n";
  if (run.plan.faults.empty()) return text + "No fault was planned.\n";
  for (const record::FaultFact& fault : run.plan.faults) {
    const bool began = fault.at != Instant::never();
    text +=
        fmt::format("- **{}** {}: {}", markdown(fault.letter),
                    began ? story_time(fault.at) : "did not begin", markdown(fault_text(fault)));
    text += fault.why.empty() ? "\n" : " (" + markdown(fault.why) + ")\n";
  }
  return text;
}

std::string timeline_of(const record::RunRecord& run) {
  std::string text = "\n## Timeline\n\n";
  text += cells({"time", "who", "what"}) + "|--:|---|---|\n";
  const Chronicle chronicle = chronicle_of(run, moments_max);
  std::size_t shown = 0;
  for (const Moment& moment : chronicle.moments) {
    if (moment.minor) continue;
    text += cells({story_time(moment.at), markdown(moment.who), markdown(moment.what)});
    ++shown;
  }
  return text + fmt::format("\n{} of {} events that matter; the record has all {} events.\n",
                            grouped(shown), grouped(chronicle.of_kinds), grouped(run.trace.size()));
}

std::string findings_of(const record::Verdict& verdict) {
  std::string text = "\n## What broke\n";
  if (verdict.findings.empty()) return text + "\nNothing was found broken.\n";
  for (const record::Finding& finding : verdict.findings) {
    text += fmt::format("\n### {}\n\nRule: {}\n\n{}: {}\n", markdown(finding.id),
                        markdown(finding.rule), story_time(finding.at), markdown(finding.sentence));
    if (finding.story.empty()) continue;
    text += "\n" + cells({"time", "who", "what"}) + "|--:|---|---|\n";
    for (const record::StoryLine& line : finding.story) {
      text += cells({story_time(line.at), markdown(line.who), markdown(line.what)});
    }
  }
  return text;
}

}  // namespace

std::string markdown(std::string_view words) {
  constexpr std::string_view marks = "\\`*[]<>|#&~";
  std::string text;
  for (const char letter : words) {
    if (marks.find(letter) != std::string_view::npos) text += '\\';
    text += static_cast<unsigned char>(letter) < 0x20 ? ' ' : letter;
  }
  return text;
}

std::string postmortem(const record::RunRecord& run, const std::string& directory) {
  std::string text =
      fmt::format("# {}, seed {}\n\n", markdown(run.plan.scenario), seed_text(run.plan.seed));
  text += summary_of(run) + impact_of(run.verdict) + trigger_of(run) + timeline_of(run);
  text += objectives_of(run) + findings_of(run.verdict);
  text += "\n## Root cause\n\n## Lessons\n\n## Action items\n";
  text += fmt::format(
      "\n## How to replay\n\n    blackout replay {}\n\n"
      "Build {} ({}, {}), trace {}.\n",
      directory, markdown(run.build.commit), markdown(run.build.compiler), markdown(run.build.type),
      trace::format_hash(run.trace.hash()));
  return text;
}

}  // namespace blackout::text
