// The verbs below `blackout scenario`: lint, schema and draw. Nothing is run.
#include "harness/scenario/scenario.hpp"

#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "harness/cli/exit_codes.hpp"
#include "harness/cli/loading.hpp"
#include "harness/cli/outside.hpp"

namespace blackout::cli {
namespace {

nlohmann::ordered_json json_of(const scenario::Diagnostic& diagnostic) {
  const bool error = diagnostic.severity == scenario::Severity::error;
  return {{"severity", error ? "error" : "warning"},
          {"code", diagnostic.code},
          {"file", diagnostic.file},
          {"line", diagnostic.line},
          {"column", diagnostic.column},
          {"length", diagnostic.length},
          {"sentence", diagnostic.sentence},
          {"remedies", diagnostic.remedies}};
}

}  // namespace

int lint(const LintOptions& options, const Common& common) {
  int code = exit_held;
  nlohmann::ordered_json documents = nlohmann::ordered_json::array();
  for (const std::string& file : options.files) {
    auto text = read_scenario(file);
    if (!text) {
      code = usage_error(text.error());
      continue;
    }
    const scenario::Source source = source_of(file, std::move(text).value());
    const auto loaded = scenario::load(source, {}, vocabulary());
    if (!loaded) code = exit_usage;
    const scenario::Diagnostics& found = loaded ? loaded.value().warnings() : loaded.error();
    if (common.format == Format::human) {
      std::cout << (found.empty() ? file + ": no problems\n"
                                  : scenario::format_diagnostics(found, source.text));
    } else {
      for (const scenario::Diagnostic& diagnostic : found) documents.push_back(json_of(diagnostic));
    }
  }
  if (common.format == Format::json) std::cout << documents.dump(2) << "\n";
  if (common.format == Format::jsonl) {
    for (const auto& document : documents) std::cout << document.dump() << "\n";
  }
  return code;
}

int print_schema() {
  std::cout << scenario::schema_text();
  return exit_held;
}

int draw(const DrawOptions& options) {
  const auto overrides = parse_overrides(options.sets);
  if (!overrides) return exit_usage;
  const auto loaded = load_scenario(options.file, *overrides);
  if (!loaded) return exit_usage;
  const auto asked = options.seed.empty() ? std::vector<std::string>{} : std::vector{options.seed};
  const auto seeds = seeds_for(loaded->scenario, asked);
  if (!seeds) return exit_usage;
  const auto strategy = scenario::strategy_named(options.strategy);
  std::cout << scenario::draw(loaded->scenario, seeds->front(), strategy.value()).document;
  return exit_held;
}

}  // namespace blackout::cli
