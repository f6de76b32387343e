// blackout replay RUN: the same run again, and whether it is the same.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>

#include "harness/cli/compare.hpp"
#include "harness/cli/exit_codes.hpp"
#include "harness/cli/loading.hpp"
#include "harness/cli/options.hpp"
#include "harness/cli/outside.hpp"
#include "harness/explore/run_one.hpp"

namespace blackout::cli {
namespace {

namespace fs = std::filesystem;

// The record's folder that the word means: a folder, a record file, `latest`, or the beginning of a
// seed.
std::optional<std::string> find_record(const std::string& word, const std::string& out) {
  std::error_code ignored;
  if (word == "latest" && fs::exists(out + "/latest/record.json", ignored)) return out + "/latest";
  if (fs::is_regular_file(word, ignored)) return fs::path(word).parent_path().string();
  if (fs::exists(fs::path(word) / "record.json", ignored)) return word;
  std::vector<std::string> found;
  for (const std::string& directory : record_directories(out)) {
    const std::string name = fs::path(directory).filename().string();
    if (name == word) return directory;
    if (name.starts_with(word)) found.push_back(directory);
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    usage_error(
        fmt::format("no run \"{}\": neither a record's folder nor a seed in {}\n"
                    "  blackout list runs   shows what there is",
                    word, out));
    return std::nullopt;
  }
  std::string sentence = fmt::format("\"{}\" could be any of {} runs:", word, found.size());
  for (const std::string& directory : found) sentence += "\n  blackout replay " + directory;
  usage_error(sentence);
  return std::nullopt;
}

std::optional<record::RunRecord> load_record(const std::string& directory) {
  auto loaded = record::load(directory);
  if (loaded) return std::move(loaded).value();
  const bool damaged = loaded.error() == record::LoadError::damaged;
  const bool missing = loaded.error() == record::LoadError::not_found;
  usage_error(fmt::format("the record in {} {}", directory,
                          missing   ? "is not there"
                          : damaged ? "is damaged; run the scenario again with its seed"
                                    : "was written by another version of this program"));
  return std::nullopt;
}

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
