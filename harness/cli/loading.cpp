#include "harness/cli/loading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iostream>

#include "harness/check/judge.hpp"
#include "harness/cli/exit_codes.hpp"
#include "harness/cli/outside.hpp"
#include "harness/cli/records.hpp"
#include "harness/scenario/document.hpp"
#include "harness/system/registry/registry.hpp"
#include "reports/record/build.hpp"

namespace blackout::cli {
namespace {

constexpr std::uint64_t range_max = 1'000'000;

// Switched on by a group that acknowledges before its quorum has a write, not by name.
constexpr std::string_view acknowledge_leader = "acknowledge_leader";

// Ids of findings that are no invariant's: objectives, and ways in which code fails.
constexpr std::array<std::string_view, 17> other_findings = {"rpo",
                                                             "rpo.hole",
                                                             "rpo.exposure",
                                                             "rto",
                                                             "availability",
                                                             "latency",
                                                             "added_latency",
                                                             "lag",
                                                             "divergence",
                                                             "residency",
                                                             "crash.check",
                                                             "crash.exception",
                                                             "crash.hermeticity",
                                                             "crash.livelock",
                                                             "crash.signal",
                                                             "crash.hang",
                                                             "crash.memory"};

std::optional<std::uint64_t> parse_number(std::string_view word) {
  const bool hexadecimal = word.starts_with("0x");
  if (hexadecimal) word.remove_prefix(2);
  std::uint64_t value = 0;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, value, hexadecimal ? 16 : 10);
  if (word.empty() || error != std::errc() || stop != end) return std::nullopt;
  return value;
}

// Appends the seeds of one word; false if it is none.
bool append_seeds(const std::string& word, std::vector<std::uint64_t>& seeds) {
  if (word == "commit" || word == "random") {
    seeds.push_back(word == "commit" ? record::commit_seed() : entropy());
    return true;
  }
  const std::size_t dots = word.find("..");
  const auto first = parse_number(word.substr(0, dots));
  const auto last = dots == std::string::npos ? first : parse_number(word.substr(dots + 2));
  if (!first || !last || *last < *first || *last - *first >= range_max) return false;
  for (std::uint64_t seed = *first;; ++seed) {
    seeds.push_back(seed);
    if (seed == *last) return true;
  }
}

std::optional<LoadedScenario> load_source(const scenario::Source& source,
                                          const std::vector<scenario::Override>& overrides) {
  auto loaded = scenario::load(source, overrides, vocabulary());
  if (!loaded) {
    std::cerr << scenario::format_diagnostics(loaded.error(), source.text);
    return std::nullopt;
  }
  std::cerr << scenario::format_diagnostics(loaded.value().warnings(), source.text);
  return LoadedScenario{source.file, std::move(loaded).value()};
}

}  // namespace

int usage_error(const std::string& sentence) {
  std::cerr << "blackout: " << sentence << "\n";
  return exit_usage;
}

std::optional<std::vector<scenario::Override>> parse_overrides(
    const std::vector<std::string>& sets) {
  std::vector<scenario::Override> overrides;
  for (const std::string& set : sets) {
    const std::size_t equals = set.find('=');
    if (equals == std::string::npos || equals == 0) {
      usage_error(fmt::format(
          "--set \"{}\" is not path=value, as in --set groups.0.acknowledge=leader", set));
      return std::nullopt;
    }
    overrides.push_back({set.substr(0, equals), set.substr(equals + 1)});
  }
  return overrides;
}

Result<std::string, std::string> read_scenario(const std::string& file) {
  return read_text(file, scenario::text_bytes_max + 1);
}

scenario::Vocabulary vocabulary() {
  scenario::Vocabulary known;
  for (const check::Described& mark : check::known_marks()) known.marks.emplace_back(mark.name);
  for (const check::Described& rule : check::known_invariants()) {
    known.promises.emplace_back(rule.name);
  }
  known.promises.insert(known.promises.end(), other_findings.begin(), other_findings.end());
  known.systems = system::systems();
  for (const std::string& name : known.systems) {
    const auto system = system::make_system(name);
    known.unused_keys[name] = system->unused_keys();
    const std::vector<std::string> planted = system->planted();
    known.planted.insert(known.planted.end(), planted.begin(), planted.end());
  }
  std::erase(known.planted, acknowledge_leader);
  return known;
}

scenario::Source source_of(const std::string& file, std::string text) {
  if (file == "-") {
    const bool here = is_directory("topologies") || !is_directory("scenarios/topologies");
    return {file, std::move(text), here ? "." : "scenarios"};
  }
  const std::size_t slash = file.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : file.substr(0, slash);
  // Scenarios stand in groups; their topologies do not.
  const std::string above = folder + "/..";
  const bool grouped = !is_directory(folder + "/topologies") && is_directory(above + "/topologies");
  return {file, std::move(text), grouped ? above : folder};
}

std::optional<LoadedScenario> load_scenario(const std::string& file,
                                            const std::vector<scenario::Override>& overrides) {
  auto text = read_scenario(file);
  if (!text) {
    usage_error(text.error());
    return std::nullopt;
  }
  return load_source(source_of(file, std::move(text).value()), overrides);
}

std::optional<LoadedPlan> load_plan(const std::string& file, const std::string& out,
                                    const std::vector<scenario::Override>& overrides,
                                    const std::vector<std::string>& seeds) {
  std::optional<LoadedScenario> loaded;
  std::vector<std::string> words = seeds;
  if (file == "latest" || is_directory(file) || file.ends_with("record.json")) {
    const auto found = open_record(file, out);
    if (!found) return std::nullopt;
    loaded = load_source({file, found->run.plan_document, found->directory}, overrides);
    if (words.empty()) words.push_back(record::seed_text(found->run.plan.seed));
  } else {
    loaded = load_scenario(file, overrides);
    if (loaded && words.empty()) words = loaded->scenario.seeds();
  }
  if (!loaded) return std::nullopt;
  if (!loaded->scenario.undrawn().empty()) {
    usage_error(
        fmt::format("{} is no plan: {} is still left to chance\n"
                    "  blackout scenario draw {} --seed 7   prints the plan that a seed gives",
                    file, loaded->scenario.undrawn(), file));
    return std::nullopt;
  }
  const auto chosen = parse_seeds(words);
  if (!chosen) return std::nullopt;
  if (chosen->size() != 1) {
    usage_error(
        fmt::format("{} names {} seeds, and a plan runs with one\n"
                    "  --seed S   says which",
                    seeds.empty() ? file : "--seed", chosen->size()));
    return std::nullopt;
  }
  return LoadedPlan{std::move(loaded->scenario), chosen->front()};
}

bool planted_bugs_are_here(const scenario::Plan& plan) {
  const std::vector<std::string> here = system::make_system(plan.system)->planted();
  std::vector<std::string> wanted = plan.planted;
  for (const scenario::GroupPlan& group : plan.groups) {
    if (group.acknowledge == scenario::Acknowledge::leader) wanted.emplace_back(acknowledge_leader);
  }
  for (const std::string& bug : wanted) {
    if (std::find(here.begin(), here.end(), bug) != here.end()) continue;
    usage_error(
        fmt::format("{} asks for the planted bug \"{}\", which this build does not have\n"
                    "  build with -DBLACKOUT_PLANTED_BUGS=ON, as the release preset does",
                    plan.facts.scenario, bug));
    return false;
  }
  return true;
}

std::optional<std::vector<std::uint64_t>> parse_seeds(const std::vector<std::string>& words) {
  std::vector<std::uint64_t> seeds;
  for (const std::string& word : words) {
    if (append_seeds(word, seeds)) continue;
    usage_error(fmt::format(
        "--seed \"{}\" is no seed: 0x51c9, 7, 1..1000 (at most 1,000,000), commit or random",
        word));
    return std::nullopt;
  }
  return seeds;
}

std::optional<std::vector<std::uint64_t>> seeds_for(const scenario::Scenario& scenario,
                                                    const std::vector<std::string>& asked) {
  if (!asked.empty()) return parse_seeds(asked);
  return parse_seeds(scenario.seeds().empty() ? std::vector<std::string>{"commit"}
                                              : scenario.seeds());
}

}  // namespace blackout::cli
