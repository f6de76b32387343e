// What is seen while runs go on: on a terminal lines that are redrawn and gone at the end, in a log
// a line now and then. Writes to stderr.
#pragma once

#include <cstddef>

#include "harness/cli/options.hpp"
#include "reports/record/plan_facts.hpp"
#include "reports/text/verdict_text.hpp"

namespace blackout::cli {

class Progress {
 public:
  // `verb` stands in the lines of a log.
  Progress(ProgressMode mode, std::size_t runs, const text::Style& style, std::string verb = "run");

  // One run came to `now`; redraws at most ten times a second.
  void running(const record::PlanFacts& plan, Instant now);
  // A run ended; `broken` if something was found, and what is known of all, if more than that.
  void finished(bool broken, const std::string& known = {});
  // Takes away what was drawn; before anything is printed to stdout.
  void clear();

 private:
  void redraw(const std::string& lines);

  ProgressMode mode_;
  std::size_t runs_;
  text::Style style_;
  std::string verb_;
  std::size_t finished_ = 0, broken_ = 0, announced_ = 0;
  Duration began_, drawn_at_, said_at_;
  std::size_t drawn_lines_ = 0;
};

}  // namespace blackout::cli
