#include "reports/text/verdict_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "reports/text/table.hpp"

namespace blackout::text {
namespace {

using record::Held;

struct Words {
  std::string_view status;   // in front of a run
  std::string_view counted;  // in the summary
  Ink ink;
};

constexpr std::array<Words, 6> words = {{
    {"PASS", "passed", Ink::good},
    {"EXPECTED", "violated as expected", Ink::good},
    {"VIOLATED", "violated", Ink::bad},
    {"CRASHED", "crashed", Ink::bad},
    {"MISSED", "without the expected violation", Ink::bad},
    {"UNKNOWN", "undecided", Ink::doubtful},
}};

const Words& words_for(Conclusion conclusion) {
  return words[static_cast<std::size_t>(conclusion)];
}

constexpr std::size_t status_width = 10;
constexpr std::size_t idle_faults_max = 5;  // that are named
constexpr std::size_t worst_runs_min = 3;   // of one scenario, for a table of its worst values

std::string heading(const record::RunRecord& run, Duration wall, const Style& style) {
  const Words& word = words_for(conclude(run));
  std::string text =
      fmt::format("{}  {}   seed {}   {} simulated in {}\n", inked(word.status, word.ink, style),
                  run.plan.scenario, seed_text(run.plan.seed),
                  format_duration(run.simulated - Instant(0)), format_duration(wall));
  for (const std::string& override_text : run.overrides) {
    text += fmt::format("{}with {}\n", std::string(status_width, ' '), override_text);
  }
  return text;
}

// Failures first; what held folds into a count, apart from the two figures everybody asks for.
std::string promises(const record::RunRecord& run, const Style& style) {
  std::vector<Row> rows = rows_of(run);
  if (rows.empty()) return {};
  std::size_t folded = 0;
  if (conclude(run) != Conclusion::passed) {
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
      const auto rank = [](const Row& row) {
        return row.held == Held::no ? 0 : row.held == Held::unknown ? 1 : 2;
      };
      return rank(a) < rank(b);
    });
    if (!style.verbose) {
      folded = std::erase_if(rows, [](const Row& row) {
        return row.held == Held::yes && row.name != "rpo" && row.name != "rto";
      });
    }
  }
  std::string text = "\n" + table(rows, style);
  for (const record::RtoPhases& phases : run.verdict.rto_phases) text += "  " + phases_text(phases);
  if (folded > 0) {
    text += spelled(fmt::format("  … {} more held   (--verbose shows them)\n", folded), style);
  }
  return text;
}

std::string failure_text(const record::CodeFailure& failure) {
  std::string text = fmt::format("\n  {}   {}", failure.kind, story_time(failure.at));
  if (!failure.node.empty()) text += "   " + failure.node;
  if (!failure.task.empty()) text += "   task " + failure.task;
  return text + "\n     " + failure.text + "\n";
}

// `told` is the sentence that was printed above already.
std::string finding_text(const record::Finding& finding, const std::string& told,
                         const Style& style) {
  std::string text = fmt::format("\n  {}   {}\n", inked(finding.id, Ink::bad, style), finding.rule);
  if (finding.sentence != told) {
    text += fmt::format("  {}  {}\n", padded_left(story_time(finding.at), 12), finding.sentence);
  }
  std::size_t who = 0;
  for (const record::StoryLine& line : finding.story) who = std::max(who, columns(line.who));
  for (const record::StoryLine& line : finding.story) {
    text += fmt::format("  {}  {}  {}\n", padded_left(story_time(line.at), 12),
                        padded(line.who, who), line.what);
  }
  return spelled(text, style);
}

// Of many the first, which is nearest to the cause, and the first write that is gone.
std::string findings(const record::RunRecord& run, const Style& style) {
  const auto& all = run.verdict.findings;
  std::string text;
  const bool told = std::any_of(all.begin(), all.end(), [](const record::Finding& finding) {
    return finding.id.starts_with("crash.");
  });
  if (run.failure && !told) text += failure_text(*run.failure);
  std::size_t shown = 0;
  bool loss_shown = false;
  for (const record::Finding& finding : all) {
    const bool loss = finding.id == "rpo" && !loss_shown;
    if (!style.verbose && shown > 0 && !loss) continue;
    text += finding_text(finding, run.verdict.sentence, style);
    loss_shown = loss_shown || loss;
    ++shown;
  }
  if (shown < all.size()) {
    text += spelled(
        fmt::format("  … {} more broken   (--verbose shows them)\n", all.size() - shown), style);
  }
  return text;
}

// A fault without effect proved nothing: the run is not what its scenario says.
std::string idle_faults(const record::RunRecord& run, const Style& style) {
  std::string text;
  std::size_t shown = 0, idle = 0;
  for (const record::FaultOutcome& fault : run.faults) {
    if (!fault.idle() && fault.unmet.empty()) continue;
    if (++idle > idle_faults_max && !style.verbose) continue;
    ++shown;
    const std::string name = fmt::format("{} {} {}", fault.letter, fault.kind, fault.target);
    const std::string line = fault.idle() ? fmt::format("{} had no effect: 0 {}", name, fault.unit)
                                          : fmt::format("{} did not begin: {}", name, fault.unmet);
    text += "  " + inked(line, Ink::doubtful, style) + "\n";
  }
  if (idle == 0) return {};
  if (shown < idle) {
    text += spelled(
        fmt::format("  … {} more had no effect   (--verbose shows them)\n", idle - shown), style);
  }
  return "\n" + text;
}

std::string without_relation(std::string_view promised) {
  for (const std::string_view relation : {"≤ ", "≥ "}) {
    if (promised.starts_with(relation)) promised.remove_prefix(relation.size());
  }
  return std::string(promised);
}

std::string row_text(const record::ObjectiveRow& row) {
  return fmt::format("{} {} of {}", row.name, row.measured, without_relation(row.promised));
}

// The row that came nearest to its promise, or broke it furthest; nullptr without rows.
const record::ObjectiveRow* narrowest(const std::vector<record::ObjectiveRow>& rows) {
  const auto row = std::min_element(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return relative_margin(a) < relative_margin(b);
  });
  return row == rows.end() ? nullptr : &*row;
}

std::string detail_of(const record::RunRecord& run) {
  if (run.failure) return run.failure->text.substr(0, run.failure->text.find('\n'));
  if (const record::Finding* worst = record::worst_finding(run.verdict)) {
    return worst->id + ": " + worst->sentence;
  }
  const std::string sentence = sentence_of(run);
  if (!sentence.empty()) return sentence;
  const record::ObjectiveRow* row = narrowest(run.verdict.objectives);
  return row == nullptr ? "" : row_text(*row);
}

// The worst value of each promise over all runs of one scenario, and the seed that gave it.
std::string worst_table(const std::string& scenario, const std::vector<const RunLine*>& runs,
                        const Style& style) {
  std::vector<std::pair<const record::ObjectiveRow*, std::uint64_t>> worst;
  for (const RunLine* run : runs) {
    for (const record::ObjectiveRow& row : run->objectives) {
      const auto known = std::find_if(worst.begin(), worst.end(), [&](const auto& entry) {
        return entry.first->name == row.name && entry.first->subject == row.subject;
      });
      if (known == worst.end()) {
        worst.emplace_back(&row, run->seed);
      } else if (relative_margin(row) < relative_margin(*known->first)) {
        *known = {&row, run->seed};
      }
    }
  }
  if (worst.empty()) return {};
  std::vector<Row> rows;
  for (const auto& [row, seed] : worst) {
    rows.push_back({row->held, true, row->name, row->subject, row->promised, row->measured,
                    row->margin.empty() ? "-" : row->margin, seed_text(seed)});
  }
  return fmt::format("\nworst of {} runs of {}\n", grouped(runs.size()), scenario) +
         table(rows, style, "worst");
}

}  // namespace

Conclusion conclude(const record::RunRecord& run) {
  const record::Verdict& verdict = run.verdict;
  const bool violated = verdict.conclusion == record::Conclusion::violated;
  if (run.plan.expect.violates) {
    if (violated && verdict.expectation_met) return Conclusion::expected;
    if (verdict.findings.empty() && !run.failure) return Conclusion::missed;
  }
  if (run.failure) return Conclusion::crashed;
  if (violated) return Conclusion::violated;
  const bool passed = verdict.conclusion == record::Conclusion::pass && verdict.expectation_met;
  return passed ? Conclusion::passed : Conclusion::unknown;
}

std::string_view word_of(Conclusion conclusion) { return words_for(conclusion).status; }

std::string sentence_of(const record::RunRecord& run) {
  if (!run.verdict.sentence.empty()) return run.verdict.sentence;
  if (conclude(run) == Conclusion::missed) {
    return "No violation, though the scenario expects one.";
  }
  return {};
}

std::string phases_text(const record::RtoPhases& phases) {
  const auto span = [](Duration length) { return format_duration(length); };
  return fmt::format(
      "rto is   detect {}   decide {}   fence {}   promote {}   route {}   warm {}\n",
      span(phases.detect), span(phases.decide), span(phases.fence), span(phases.promote),
      span(phases.route), span(phases.warm));
}

std::string status_word(const record::RunRecord& run, const Style& style) {
  const Words& word = words_for(conclude(run));
  return inked(padded(word.status, status_width), word.ink, style);
}

std::string verdict_block(const record::RunRecord& run, const std::string& directory, Duration wall,
                          const Style& style) {
  std::string text = heading(run, wall, style);
  const std::string sentence = sentence_of(run);
  if (!sentence.empty()) text += "\n  " + spelled(sentence, style) + "\n";
  text += promises(run, style);
  text += findings(run, style);
  text += idle_faults(run, style);
  text += fmt::format("\n  record  {}\n", directory);
  if (conclude(run) != Conclusion::passed) text += "  replay  blackout replay " + directory + "\n";
  return text;
}

RunLine line_of(const record::RunRecord& run, const std::string& directory, Duration wall) {
  return {conclude(run),  run.plan.scenario, run.plan.seed,         wall,
          detail_of(run), directory,         run.verdict.objectives};
}

std::string run_line(const RunLine& run, std::size_t name_width, const Style& style) {
  const Words& word = words_for(run.conclusion);
  std::string text = fmt::format(
      "{}{}   {}   {}   {}\n", inked(padded(word.status, status_width), word.ink, style),
      padded(run.scenario, name_width), seed_text(run.seed),
      padded_left(format_duration(run.wall), 7), spelled(run.detail, style));
  if (run.conclusion != Conclusion::passed && run.conclusion != Conclusion::expected) {
    text += fmt::format("{}replay  blackout replay {}\n", std::string(status_width, ' '),
                        run.directory);
  }
  return text;
}

std::string summary(const std::vector<RunLine>& runs, Duration wall, const Style& style) {
  std::map<std::string, std::vector<const RunLine*>> by_scenario;
  std::array<std::size_t, words.size()> counts{};
  for (const RunLine& run : runs) {
    by_scenario[run.scenario].push_back(&run);
    ++counts[static_cast<std::size_t>(run.conclusion)];
  }
  std::string text;
  for (const auto& [scenario, lines] : by_scenario) {
    if (lines.size() >= worst_runs_min) text += worst_table(scenario, lines, style);
  }
  if (!text.empty()) text += "\n";
  std::string counted;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    counted +=
        fmt::format("{}{} {}", counted.empty() ? "" : ", ", grouped(counts[i]), words[i].counted);
  }
  text += fmt::format("SUMMARY   {} run{}: {}   {}\n", grouped(runs.size()),
                      runs.size() == 1 ? "" : "s", counted, format_duration(wall));
  return text;
}

}  // namespace blackout::text
