// blackout diff A B: where two records part, and what came of it.
#include <iostream>

#include "harness/cli/compare.hpp"
#include "harness/cli/exit_codes.hpp"
#include "harness/cli/options.hpp"
#include "harness/cli/records.hpp"
#include "reports/json/comparison.hpp"
#include "reports/text/change.hpp"

namespace blackout::cli {

int diff(const DiffOptions& options, const Common& common) {
  const auto a = open_record(options.a, options.out);
  const auto b = open_record(options.b, options.out);
  if (!a || !b) return exit_usage;
  if (common.format != Format::human) {
    print_document(json::comparison({a->run, a->directory}, {b->run, b->directory}), common);
    return exit_held;
  }
  const text::Style style = style_of(common);
  std::cout << text::spelled(text::same_words(a->run, b->run) + parting(a->run, b->run), style)
            << text::changes(a->run, b->run, style);
  return exit_held;
}

}  // namespace blackout::cli
