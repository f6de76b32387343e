// blackout diff A B: where two records part, and what came of it.
#include <iostream>

#include "harness/cli/compare.hpp"
#include "harness/cli/exit_codes.hpp"
#include "harness/cli/options.hpp"
#include "harness/cli/records.hpp"
#include "reports/text/change.hpp"

namespace blackout::cli {

int diff(const DiffOptions& options, const Common& common) {
  const auto first = find_record(options.a, options.out);
  const auto second = find_record(options.b, options.out);
  if (!first || !second) return exit_usage;
  const auto a = load_record(*first);
  const auto b = load_record(*second);
  if (!a || !b) return exit_usage;
  const text::Style style = style_of(common);
  std::cout << text::spelled(text::same_words(*a, *b) + parting(*a, *b), style)
            << text::changes(*a, *b, style);
  return exit_held;
}

}  // namespace blackout::cli
