#include "reports/text/table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace blackout::text {
namespace {

using record::Held;

Ink ink_of(Held held) {
  if (held == Held::yes) return Ink::good;
  return held == Held::no ? Ink::bad : Ink::doubtful;
}

// "a, b and 3 more".
std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t shown_max = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), shown_max); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > shown_max) text += fmt::format(" and {} more", names.size() - shown_max);
  return text;
}

Row invariants_row(const std::vector<record::InvariantRow>& invariants) {
  std::vector<std::string> broken, undecided, idle;
  for (const record::InvariantRow& row : invariants) {
    if (row.held == Held::no) broken.push_back(row.id);
    if (row.held == Held::unknown) undecided.push_back(row.id);
    if (row.held == Held::yes && row.checked == 0) idle.push_back(row.id);
  }
  Row row;
  row.name = "invariants";
  row.held = !broken.empty() ? Held::no : !undecided.empty() ? Held::unknown : Held::yes;
  row.promised = std::to_string(invariants.size());
  row.measured = fmt::format("{} held", invariants.size() - broken.size() - undecided.size());
  row.margin = "-";
  if (!broken.empty()) {
    row.note = "broken: " + some_of(broken);
  } else if (!undecided.empty()) {
    row.note = "undecided: " + some_of(undecided);
  } else if (!idle.empty()) {
    row.note = "nothing to check: " + some_of(idle);
  }
  return row;
}

Row marks_row(const std::vector<record::MarkRow>& marks, std::size_t expected) {
  std::vector<std::string> missed;
  for (const record::MarkRow& mark : marks) {
    if (mark.expected && mark.count == 0) missed.push_back(mark.name);
  }
  Row row;
  row.name = "marks";
  row.held = missed.empty() ? Held::yes : Held::unknown;
  row.promised = std::to_string(expected);
  row.measured = fmt::format("{} reached", expected - missed.size());
  row.margin = "-";
  if (!missed.empty()) row.note = "not reached: " + some_of(missed);
  return row;
}

struct Widths {
  std::size_t sign, name = 12, subject = 12, promised = 9, measured = 10, margin = 9;
};

Widths widths_of(const std::vector<Row>& rows, const Style& style) {
  Widths widths;
  widths.sign = style.unicode ? 1 : 4;
  for (const Row& row : rows) {
    widths.name = std::max(widths.name, columns(row.name));
    widths.subject = std::max(widths.subject, columns(row.subject));
    widths.promised = std::max(widths.promised, columns(row.promised));
    widths.measured = std::max(widths.measured, columns(row.measured));
    widths.margin = std::max(widths.margin, columns(row.margin));
  }
  return widths;
}

std::string line(const Row& row, std::string_view mark, Ink ink, const Widths& widths,
                 const Style& style) {
  std::string text = "  " + inked(padded(mark, widths.sign), ink, style) + " ";
  text += padded(row.name, widths.name + 2) + padded(row.subject, widths.subject + 2);
  text += padded_left(row.promised, widths.promised);
  text += padded_left(row.measured, widths.measured + 2);
  text += padded_left(row.margin, widths.margin + 2);
  if (!row.note.empty()) text += "   " + row.note;
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

}  // namespace

std::string_view sign(Held held) {
  if (held == Held::yes) return "✓";
  return held == Held::no ? "✗" : "?";
}

std::vector<Row> rows_of(const record::RunRecord& run) {
  std::vector<Row> rows;
  for (const record::ObjectiveRow& row : run.verdict.objectives) {
    rows.push_back({row.held, true, row.name, row.subject, row.promised, row.measured,
                    row.margin.empty() ? "-" : row.margin, row.note});
  }
  const auto& marks = run.verdict.marks;
  const auto expected =
      std::count_if(marks.begin(), marks.end(), [](const auto& mark) { return mark.expected; });
  if (!run.verdict.invariants.empty()) rows.push_back(invariants_row(run.verdict.invariants));
  if (expected > 0) rows.push_back(marks_row(marks, static_cast<std::size_t>(expected)));
  return rows;
}

std::string table(const std::vector<Row>& rows, const Style& style, std::string_view measured) {
  std::vector<Row> spelt = rows;
  for (Row& row : spelt) {
    for (std::string* cell :
         {&row.name, &row.subject, &row.promised, &row.measured, &row.margin, &row.note}) {
      *cell = spelled(*cell, style);
    }
  }
  const Widths widths = widths_of(spelt, style);
  const Row heading{Held::yes, false, "", "", "promised", std::string(measured), "margin", ""};
  std::string text = line(heading, "", Ink::plain, widths, style);
  for (const Row& row : spelt) {
    const std::string mark = row.marked ? spelled(sign(row.held), style) : "";
    text += line(row, mark, ink_of(row.held), widths, style);
  }
  return text;
}

double relative_margin(const record::ObjectiveRow& row) {
  const auto promised = static_cast<double>(row.promised_value);
  const auto measured = static_cast<double>(row.measured_value);
  if (row.unit == "ppm") {
    const double room = 1e6 - promised;
    return room > 0 ? (measured - promised) / room : measured - promised;
  }
  if (row.unit != "ns" || promised <= 0) return row.held == Held::yes ? 1 : -1;
  return (promised - measured) / promised;
}

}  // namespace blackout::text
