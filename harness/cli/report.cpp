// blackout report RUN: a record as a page, a text or a document to read, share and keep.
#include <algorithm>
#include <functional>
#include <iostream>
#include <utility>
#include <vector>

#include "harness/cli/exit_codes.hpp"
#include "harness/cli/options.hpp"
#include "harness/cli/outside.hpp"
#include "harness/cli/records.hpp"
#include "reports/graph/causality.hpp"
#include "reports/graph/dot.hpp"
#include "reports/html/report.hpp"
#include "reports/json/report.hpp"
#include "reports/perfetto/trace.hpp"
#include "reports/record/document.hpp"
#include "reports/text/postmortem.hpp"

namespace blackout::cli {
namespace {

// To a file, or to standard output for "-".
bool deliver(const std::string& file, const std::string& text, std::ostream& names) {
  if (file == "-") {
    std::cout << text;
    return true;
  }
  const auto written = write_text(file, text);
  if (!written) {
    usage_error(written.error());
    return false;
  }
  names << file << "\n";
  return true;
}

}  // namespace

int report(const ReportOptions& options) {
  const auto found = open_record(options.run, options.out);
  if (!found) return exit_usage;
  const std::string& directory = found->directory;
  const record::RunRecord& run = found->run;
  using Render = std::function<std::string()>;
  std::vector<std::pair<std::string, Render>> outputs = {
      {options.html, [&] { return html::report(run, directory); }},
      {options.markdown, [&] { return text::postmortem(run, directory); }},
      {options.json, [&] { return record::dump(json::report(run, directory), 2) + "\n"; }},
      {options.dot, [&] { return graph::dot(graph::causality_of(run)); }},
      {options.perfetto, [&] { return perfetto::trace(run); }}};
  const auto asked = [](const auto& output) { return !output.first.empty(); };
  if (std::none_of(outputs.begin(), outputs.end(), asked)) {
    outputs.front().first = directory + "/report.html";
  }
  const bool text_out = std::any_of(outputs.begin(), outputs.end(),
                                    [](const auto& output) { return output.first == "-"; });
  std::ostream& names = text_out ? std::cerr : std::cout;
  for (const auto& [file, render] : outputs) {
    if (!file.empty() && !deliver(file, render(), names)) return exit_usage;
  }
  return exit_held;
}

}  // namespace blackout::cli
