// blackout shrink RUN: the smallest scenario that still fails in the same way.
#include "harness/explore/shrink.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "harness/cli/exit_codes.hpp"
#include "harness/cli/options.hpp"
#include "harness/cli/outside.hpp"
#include "harness/cli/records.hpp"

namespace blackout::cli {
namespace {

std::string counted(std::size_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::string step_text(const explore::ShrinkStep& step) {
  const explore::Size& size = step.size;
  return fmt::format("  {:<15}{:>10}{:>12}{:>10}{:>10}   {}\n", step.pass,
                     counted(size.faults, "fault"), counted(size.clients, "client"),
                     counted(size.nodes, "node"), format_duration(size.length),
                     step.pass == "start" ? "" : counted(step.tries, "try"));
}

// "tries" is no regular plural.
std::string with_tries(std::string text) {
  const std::size_t at = text.rfind("trys");
  return at == std::string::npos ? text : text.replace(at, 4, "tries");
}

// A name that is not taken: "rpo.json", "rpo-2.json" ...
std::string free_file(const std::string& folder, const std::string& name) {
  for (int n = 1;; ++n) {
    const std::string file =
        fmt::format("{}/{}{}.json", folder, name, n == 1 ? "" : fmt::format("-{}", n));
    if (!std::filesystem::exists(file)) return file;
  }
}

bool write(const std::string& file, const std::string& text) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(file).parent_path(), ignored);
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  return !out.fail();
}

}  // namespace

int shrink(const ShrinkOptions& options, const Common& common) {
  const auto directory = find_record(options.run, options.out);
  if (!directory) return exit_usage;
  const auto recorded = load_record(*directory);
  if (!recorded) return exit_usage;
  const text::Style style = style_of(common);
  watch_interrupts();
  const Duration began = wall_time();
  if (!recorded->verdict.sentence.empty()) std::cout << recorded->verdict.sentence << "\n";
  std::optional<explore::Shrunk> shrunk;
  try {
    shrunk = explore::shrink(recorded->plan_document, recorded->plan.seed, options.jobs,
                             [&](const explore::ShrinkStep& step) {
                               if (interrupted()) throw LeaveNow{};
                               if (step.pass.empty()) return;
                               std::cout << with_tries(step_text(step)) << std::flush;
                             });
  } catch (const LeaveNow&) {
    std::cerr << "blackout: interrupted; nothing was written\n";
    return exit_interrupted;
  }
  if (!shrunk) {
    std::cerr << "blackout: this run breaks nothing that could be shrunk, or not twice in one way\n"
              << fmt::format("  blackout replay {}   says whether it is the same again\n",
                             *directory);
    return exit_inconclusive;
  }
  const std::string file = free_file(options.to, shrunk->name);
  if (!write(file, shrunk->document)) return usage_error("cannot write " + file);
  std::cout << fmt::format("{} after {} tries in {}; fails on every replay\n\n",
                           text::inked("MINIMAL", text::Ink::good, style), shrunk->tries,
                           format_duration(wall_time() - began))
            << fmt::format("  {}\n  wrote    {}\n  run      blackout run {} --seed {}\n",
                           shrunk->shape.text(), file, file, text::seed_text(shrunk->seed));
  for (const explore::Aside& aside : shrunk->asides) {
    const std::string beside = free_file(*directory + "/met", aside.shape.finding);
    if (!write(beside, aside.document)) return usage_error("cannot write " + beside);
    std::cout << fmt::format("  met      {}   {}\n", aside.shape.text(), beside);
  }
  return exit_held;
}

}  // namespace blackout::cli
