// blackout report RUN: a record as a page or a text to read, share and keep.
#include <fmt/format.h>

#include <iostream>

#include "harness/cli/exit_codes.hpp"
#include "harness/cli/options.hpp"
#include "harness/cli/outside.hpp"
#include "harness/cli/records.hpp"
#include "reports/html/report.hpp"
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
  const auto& [directory, run] = *found;
  std::string html = options.html;
  if (html.empty() && options.markdown.empty()) html = directory + "/report.html";
  const bool text_out = html == "-" || options.markdown == "-";
  std::ostream& names = text_out ? std::cerr : std::cout;
  if (!html.empty() && !deliver(html, html::report(run, directory), names)) return exit_usage;
  if (!options.markdown.empty() &&
      !deliver(options.markdown, text::postmortem(run, directory), names)) {
    return exit_usage;
  }
  return exit_held;
}

}  // namespace blackout::cli
