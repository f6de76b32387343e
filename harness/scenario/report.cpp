#include "harness/scenario/report.hpp"

#include <algorithm>
#include <tuple>

namespace blackout::scenario {

namespace {

// Levenshtein's distance with swaps of neighbours as one step.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before = last;
    last = row;
  }
  return last[b.size()];
}

std::string code_text(Code code) {
  const auto number = static_cast<int>(code);
  return (number < 200 ? "E" : "W") + std::to_string(number);
}

}  // namespace

Report::Report(std::string file, const std::vector<Override>& overrides, bool in_scenario)
    : file_(std::move(file)), overrides_(overrides), in_scenario_(in_scenario) {}

Report Report::unheard() {
  Report report("");
  report.heard_ = false;
  return report;
}

void Report::add(Code code, Position at, std::string sentence, std::vector<std::string> remedies) {
  if (!heard_) return;
  Diagnostic made;
  made.severity = static_cast<int>(code) < 200 ? Severity::error : Severity::warning;
  made.code = code_text(code);
  if (at.line == 0) {
    const Override& given = overrides_.at(at.column);
    made.file = "--set " + given.path + "=" + given.value;
    made.line = made.column = made.length = 0;
  } else {
    made.file = file_;
    made.line = at.line;
    made.column = at.column;
    made.length = in_scenario_ ? std::max(at.length, 1U) : 0;
  }
  made.sentence = std::move(sentence);
  made.remedies = std::move(remedies);
  diagnostics_.push_back(std::move(made));
}

void Report::append(const Diagnostics& diagnostics) {
  diagnostics_.insert(diagnostics_.end(), diagnostics.begin(), diagnostics.end());
}

bool Report::has_errors() const {
  return std::any_of(diagnostics_.begin(), diagnostics_.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
}

bool Report::speaks_of(Position at) const {
  return std::any_of(diagnostics_.begin(), diagnostics_.end(), [&](const Diagnostic& d) {
    return at.line > 0 && d.line == at.line && d.column == at.column;
  });
}

Diagnostics Report::take() {
  std::stable_sort(
      diagnostics_.begin(), diagnostics_.end(), [](const Diagnostic& a, const Diagnostic& b) {
        return std::tie(a.severity, a.line, a.column) < std::tie(b.severity, b.line, b.column);
      });
  return std::move(diagnostics_);
}

std::string quote(std::string_view word) {
  std::string text(1, '"');
  text.append(word);
  return text += '"';
}

std::string join_quoted(const std::vector<std::string>& words, std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text.append(i + 1 == words.size() ? " " : ", ");
    if (i > 0 && i + 1 == words.size()) text.append(last).append(" ");
    text += quote(words[i]);
  }
  return text;
}

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  const std::size_t most = std::max<std::size_t>(1, word.size() / 3);
  if (word.size() > 64) return {};
  std::size_t best = most + 1;
  std::string found;
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

constexpr std::size_t listed_max = 12;  // words that a reader still reads

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  const std::string near = nearest(word, known);
  if (!near.empty()) return "did you mean " + quote(near) + "?";
  if (known.size() <= listed_max) return "one of " + join_quoted(known, "or");
  const std::vector<std::string> first(known.begin(), known.begin() + listed_max);
  return "one of " + join_quoted(first, "or") + ", among others";
}

}  // namespace blackout::scenario
