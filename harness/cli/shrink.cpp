// blackout shrink RUN: the smallest scenario that still fails in the same way.
#include "harness/explore/shrink.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <iostream>

#include "harness/cli/exit_codes.hpp"
#include "harness/cli/options.hpp"
#include "harness/cli/outside.hpp"
#include "harness/cli/records.hpp"

namespace blackout::cli {
namespace {

std::string counted(std::uint64_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

std::string step_text(const explore::ShrinkStep& step) {
  const explore::Size& size = step.size;
  return fmt::format(
      "  {:<15}{:>10}{:>12}{:>10}{:>10}   {}\n", step.pass, counted(size.faults, "fault", "faults"),
      counted(size.clients, "client", "clients"), counted(size.nodes, "node", "nodes"),
      format_duration(size.length), counted(step.tries, "try", "tries"));
}

// A name in the folder, which is made, that is not taken: "rpo.json", "rpo-2.json" ...
std::string free_file(const std::string& folder, const std::string& name) {
  std::error_code told_when_written;
  std::filesystem::create_directories(folder, told_when_written);
  for (int n = 1;; ++n) {
    const std::string file =
        fmt::format("{}/{}{}.json", folder, name, n == 1 ? "" : fmt::format("-{}", n));
    if (!std::filesystem::exists(file)) return file;
  }
}

}  // namespace

int shrink(const ShrinkOptions& options, const Common& common) {
  const auto found = open_record(options.run, options.out);
  if (!found) return exit_usage;
  const auto& [directory, recorded] = *found;
  const text::Style style = style_of(common);
  watch_interrupts();
  const Duration began = wall_time();
  if (!recorded.verdict.sentence.empty()) std::cout << recorded.verdict.sentence << "\n";
  std::optional<explore::Shrunk> shrunk;
  try {
    shrunk = explore::shrink(recorded.plan_document, recorded.plan.seed, options.jobs,
                             [&](const explore::ShrinkStep& step) {
                               if (interrupted()) throw LeaveNow{};
                               if (step.pass.empty()) return;
                               std::cout << step_text(step) << std::flush;
                             });
  } catch (const LeaveNow&) {
    std::cerr << "blackout: interrupted; nothing was written\n";
    return exit_interrupted;
  }
  if (!shrunk) {
    std::cerr << "blackout: this run breaks nothing that could be shrunk, or not twice in one way\n"
              << fmt::format("  blackout replay {}   says whether it is the same again\n",
                             directory);
    return exit_inconclusive;
  }
  const std::string file = free_file(options.to, shrunk->name);
  if (const auto written = write_text(file, shrunk->document); !written) {
    return usage_error(written.error());
  }
  std::cout << fmt::format("{} after {} tries in {}; fails on every replay\n\n",
                           text::inked("MINIMAL", text::Ink::good, style), shrunk->tries,
                           format_duration(wall_time() - began))
            << fmt::format("  {}\n  wrote    {}\n  run      blackout run {} --seed {}\n",
                           shrunk->shape.text(), file, file, text::seed_text(shrunk->seed));
  for (const explore::Aside& aside : shrunk->asides) {
    const std::string beside = free_file(directory + "/met", aside.shape.finding);
    if (const auto written = write_text(beside, aside.document); !written) {
      return usage_error(written.error());
    }
    std::cout << fmt::format("  met      {}   {}\n", aside.shape.text(), beside);
  }
  return exit_held;
}

}  // namespace blackout::cli
