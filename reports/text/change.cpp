#include "reports/text/change.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "reports/text/event_text.hpp"

namespace blackout::text {
namespace {

using record::Held;
using record::ObjectiveRow;

constexpr std::size_t faults_max = 20;  // that are shown of each run

const ObjectiveRow* row_like(const ObjectiveRow& row, const std::vector<ObjectiveRow>& rows) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const ObjectiveRow& other) {
    return other.name == row.name && other.subject == row.subject;
  });
  return found == rows.end() ? nullptr : &*found;
}

// A promise of at least something is better the more there is.
bool at_least(const ObjectiveRow& row) { return row.promised.starts_with("≥"); }

std::string measure_text(std::uint64_t value, const std::string& unit) {
  if (unit == "ns") return format_duration(Duration(static_cast<std::int64_t>(value)));
  if (unit == "ppm") return fmt::format("{}.{:02} pt", value / 10'000, value % 10'000 / 100);
  return grouped(value);
}

// The distance of two values of a record, which may be any.
std::uint64_t distance(std::int64_t a, std::int64_t b) {
  const auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
  return a < b ? y - x : x - y;
}

struct Change {
  bool equal = false;  // within a tenth, and held as before
  Ink ink = Ink::plain;
  std::string words;
};

std::string held_words(Held before, Held after) {
  if (after == Held::no) return before == Held::no ? ", broken in both" : ", now broken";
  if (after == Held::unknown) return ", now undecided";
  return before == Held::yes ? ", still within" : ", now within";
}

Change change_of(const ObjectiveRow& a, const ObjectiveRow& b) {
  if (a.held == b.held && a.measured == b.measured) return {true, Ink::plain, "equal"};
  const std::uint64_t apart = distance(a.measured_value, b.measured_value);
  const std::uint64_t larger =
      std::max(distance(a.measured_value, 0), distance(b.measured_value, 0));
  const bool near = apart <= larger / 10;
  if (near && a.held == b.held) return {true, Ink::plain, "same within 10 %"};
  if (a.unit.empty() || apart == 0) {
    return {false, b.held == Held::no ? Ink::bad : Ink::plain,
            "changed" + held_words(a.held, b.held)};
  }
  const bool worse = (b.measured_value > a.measured_value) != at_least(a);
  const std::string promise = b.held == Held::yes ? " " + b.promised : "";
  return {false,
          b.held == Held::no ? Ink::bad
          : worse            ? Ink::doubtful
                             : Ink::good,
          fmt::format("{} {}{}{}", measure_text(apart, b.unit), worse ? "worse" : "better",
                      held_words(a.held, b.held), promise)};
}

std::string row_text(const std::string& name, const std::string& subject, const std::string& a,
                     const std::string& b, const std::string& words) {
  return fmt::format("  {}  {}  {}  {}{}{}\n", padded(name, 12), padded(subject, 14),
                     padded_left(a, 10), padded_left(b, 10), words.empty() ? "" : "   ", words);
}

std::string invariants_broken(const record::RunRecord& run) {
  std::string text;
  for (const record::InvariantRow& row : run.verdict.invariants) {
    if (row.held == Held::no) text += (text.empty() ? "" : ", ") + row.id;
  }
  return text;
}

std::string invariants_text(const record::RunRecord& a, const record::RunRecord& b) {
  const std::string before = invariants_broken(a), after = invariants_broken(b);
  if (before == after) return {};
  std::string text;
  for (const auto& [name, broken] : {std::pair{"a", before}, std::pair{"b", after}}) {
    text += fmt::format("  {} breaks  {}\n", name, broken.empty() ? "no invariant" : broken);
  }
  return text;
}

std::string promises_text(const record::RunRecord& a, const record::RunRecord& b,
                          const Style& style) {
  std::string rows;
  std::size_t equal = 0;
  for (const auto& [before, after] : paired_objectives(a, b)) {
    const ObjectiveRow& row = before == nullptr ? *after : *before;
    if (before == nullptr || after == nullptr) {
      rows += row_text(row.name, row.subject, before == nullptr ? "-" : before->measured,
                       after == nullptr ? "-" : after->measured,
                       before == nullptr ? "only promised in b" : "only promised in a");
      continue;
    }
    const Change change = change_of(*before, *after);
    if (change.words == "equal" && !style.verbose) {
      ++equal;
      continue;
    }
    rows += row_text(row.name, row.subject, before->measured, after->measured,
                     inked(change.words, change.ink, style));
  }
  std::string text = rows.empty() ? "" : row_text("", "", "a", "b", "") + rows;
  if (equal > 0) text += fmt::format("  … {} equal\n", equal);
  return text + invariants_text(a, b);
}

std::string fault_line(const record::FaultFact& fault) {
  const std::string at = fault.at == Instant::never() ? "never" : story_time(fault.at);
  return padded_left(at, 10) + "  " + fault_text(fault);
}

std::string faults_text(const record::RunRecord& a, const record::RunRecord& b,
                        const Style& style) {
  std::string text;
  const auto list = [&](const char* name, const record::RunRecord& run,
                        const record::RunRecord& other) {
    const std::vector<std::size_t> only = faults_only_in(run, other);
    if (only.empty()) return;
    text += fmt::format("  faults only in {}\n", name);
    const std::size_t shown = style.verbose ? only.size() : std::min(only.size(), faults_max);
    for (std::size_t i = 0; i < shown; ++i) {
      const record::FaultFact& fault = run.plan.faults[only[i]];
      text += fmt::format("    {}  {}\n", padded(fault.letter, 3), fault_line(fault));
    }
    if (shown < only.size()) {
      text += fmt::format("    … {} more   (--verbose shows them)\n", only.size() - shown);
    }
  };
  list("a", a, b);
  list("b", b, a);
  if (text.empty() && !a.plan.faults.empty()) {
    text = fmt::format("  the same {} fault{}\n", grouped(a.plan.faults.size()),
                       a.plan.faults.size() == 1 ? "" : "s");
  }
  return text.empty() ? text : "\n" + text;
}

}  // namespace

std::string same_words(const record::RunRecord& a, const record::RunRecord& b) {
  const auto compared = [](const char* what, const std::string& left, const std::string& right) {
    return left == right ? fmt::format("same {}", what)
                         : fmt::format("{}s {} and {}", what, left, right);
  };
  std::string text = compared("scenario", a.plan.scenario, b.plan.scenario) + ", " +
                     compared("seed", seed_text(a.plan.seed), seed_text(b.plan.seed)) + ", " +
                     compared("build", a.build.commit, b.build.commit) + "\n";
  for (const auto& [name, run] : {std::pair{"a", &a}, std::pair{"b", &b}}) {
    for (const std::string& set : run->overrides) text += fmt::format("  {} with {}\n", name, set);
  }
  return text;
}

std::string changes(const record::RunRecord& a, const record::RunRecord& b, const Style& style) {
  const std::string promises = promises_text(a, b, style);
  return spelled((promises.empty() ? "" : "\n" + promises) + faults_text(a, b, style), style);
}

std::vector<ObjectivePair> paired_objectives(const record::RunRecord& a,
                                             const record::RunRecord& b) {
  std::vector<ObjectivePair> pairs;
  for (const ObjectiveRow& row : a.verdict.objectives) {
    pairs.emplace_back(&row, row_like(row, b.verdict.objectives));
  }
  for (const ObjectiveRow& row : b.verdict.objectives) {
    if (row_like(row, a.verdict.objectives) == nullptr) pairs.emplace_back(nullptr, &row);
  }
  return pairs;
}

std::vector<std::size_t> faults_only_in(const record::RunRecord& run,
                                        const record::RunRecord& other) {
  std::vector<std::string> there;
  for (const record::FaultFact& fault : other.plan.faults) there.push_back(fault_line(fault));
  std::vector<std::size_t> only;
  for (std::size_t i = 0; i < run.plan.faults.size(); ++i) {
    const auto found = std::find(there.begin(), there.end(), fault_line(run.plan.faults[i]));
    if (found == there.end()) {
      only.push_back(i);
    } else {
      there.erase(found);
    }
  }
  return only;
}

}  // namespace blackout::text
