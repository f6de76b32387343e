// blackout replay RUN: the same run again, and whether it is the same.
#include <fmt/format.h>

#include <iostream>

#include "harness/cli/compare.hpp"
#include "harness/cli/exit_codes.hpp"
#include "harness/cli/loading.hpp"
#include "harness/cli/options.hpp"
#include "harness/cli/outside.hpp"
#include "harness/cli/records.hpp"
#include "harness/explore/run_one.hpp"

namespace blackout::cli {
namespace {

// "7c1e 90d4 55aa ...".
std::string spaced_hash(trace::Hash hash) {
  std::string digits = trace::format_hash(hash);
  for (std::size_t at = digits.size() - 4; at > 0; at -= 4) digits.insert(at, 1, ' ');
  return digits;
}

}  // namespace

int replay(const ReplayOptions& options, const Common& common) {
  const auto directory = find_record(options.run, options.out);
  if (!directory) return exit_usage;
  const auto recorded = load_record(*directory);
  if (!recorded) return exit_usage;
  const scenario::Source source{*directory + "/record.json", recorded->plan_document, *directory};
  const auto scenario = scenario::load(source);
  if (!scenario) {
    std::cerr << scenario::format_diagnostics(scenario.error(), source.text);
    return usage_error("the plan in " + *directory + " means nothing to this build");
  }
  const scenario::Plan plan = scenario::draw(scenario.value(), recorded->plan.seed);
  if (!planted_bugs_are_here(plan)) return exit_usage;
  watch_interrupts();
  const TemporaryDirectory scratch;
  const explore::Outcome now = explore::run_isolated(
      plan, recorded->overrides, scratch.path() + "/again", {}, [](const explore::Progress&) {
        if (interrupted()) throw LeaveNow{};
      });
  const std::string differs = difference(*recorded, now.run);
  const std::string hash = trace::format_hash(now.run.trace.hash());
  if (common.format != Format::human) {
    std::cout << fmt::format("{{\"same\": {}, \"events\": {}, \"trace_hash\": \"{}\"}}\n",
                             differs.empty(), now.run.trace.size(), hash);
    std::cerr << differs;
  } else if (differs.empty()) {
    std::cout << fmt::format("SAME  {} events, hash {}\n", text::grouped(now.run.trace.size()),
                             spaced_hash(now.run.trace.hash()));
    if (now.run.failure) std::cout << "  it ends again: " << now.run.failure->text << "\n";
  } else {
    std::cout << differs;
  }
  return differs.empty() ? exit_held : exit_differs;
}

}  // namespace blackout::cli
