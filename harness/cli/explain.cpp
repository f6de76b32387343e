// blackout explain RUN: why a record's verdict is what it is.
#include <iostream>

#include "harness/cli/exit_codes.hpp"
#include "harness/cli/options.hpp"
#include "harness/cli/records.hpp"
#include "reports/json/explanation.hpp"
#include "reports/text/explain.hpp"

namespace blackout::cli {

int explain(const ExplainOptions& options, const Common& common) {
  const auto found = open_record(options.run, options.out);
  if (!found) return exit_usage;
  if (common.format == Format::human) {
    std::cout << text::explanation(found->run, found->directory, style_of(common));
  } else {
    print_document(json::explanation(found->run, found->directory), common);
  }
  return exit_held;
}

}  // namespace blackout::cli
