// The table of promises: one row each, promised, measured and margin under one another.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/record/run_record.hpp"
#include "reports/text/style.hpp"

namespace blackout::text {

// "✓", "✗" or "?".
std::string_view sign(record::Held held);

struct Row {
  record::Held held = record::Held::unknown;
  bool marked = true;  // false: no sign in front of it
  std::string name, subject, promised, measured, margin, note;
};

// Rows of the objectives in their order, then one for all invariants and one for the expected
// marks.
std::vector<Row> rows_of(const record::RunRecord& run);

// A heading and the rows, each line ended by a newline; `measured` is the heading of that column.
std::string table(const std::vector<Row>& rows, const Style& style,
                  std::string_view measured = "measured");

// How near a row came to its promise: 0 is the limit, below 0 is broken, 1 is as far from it as can
// be. Rows without a number that can be compared give 1.
double relative_margin(const record::ObjectiveRow& row);

}  // namespace blackout::text
