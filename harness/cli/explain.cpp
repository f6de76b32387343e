// blackout explain RUN: why a record's verdict is what it is.
#include <iostream>

#include "harness/cli/exit_codes.hpp"
#include "harness/cli/options.hpp"
#include "harness/cli/records.hpp"
#include "reports/text/explain.hpp"

namespace blackout::cli {

int explain(const ExplainOptions& options, const Common& common) {
  const auto directory = find_record(options.run, options.out);
  if (!directory) return exit_usage;
  const auto recorded = load_record(*directory);
  if (!recorded) return exit_usage;
  std::cout << text::explanation(*recorded, *directory, style_of(common));
  return exit_held;
}

}  // namespace blackout::cli
