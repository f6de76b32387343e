// blackout list: what there is to run, what was run, and the vocabulary.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "harness/check/judge.hpp"
#include "harness/cli/exit_codes.hpp"
#include "harness/cli/loading.hpp"
#include "harness/cli/options.hpp"
#include "harness/cli/outside.hpp"
#include "harness/explore/proof.hpp"
#include "harness/scenario/roles.hpp"
#include "harness/scenario/scenario.hpp"
#include "harness/system/registry/registry.hpp"
#include "models/fault/catalogue.hpp"
#include "reports/text/verdict_text.hpp"

namespace blackout::cli {
namespace {

constexpr std::size_t runs_shown_max = 20;

std::string percent(std::uint32_t ppm) {
  std::string text = fmt::format("{}.{:04}", ppm / 10'000, ppm % 10'000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + " %";
}

std::string promises(const record::Objectives& objectives) {
  std::string text = "rpo " + format_duration(objectives.rpo_max);
  if (objectives.rto) text += "   rto " + format_duration(objectives.rto->max);
  for (const auto& row : objectives.availability) text += "   availability " + percent(row.min_ppm);
  if (objectives.lag) text += "   lag " + format_duration(objectives.lag->max);
  if (objectives.divergence) {
    text += "   divergence " + format_duration(objectives.divergence->detect);
  }
  for (const auto& row : objectives.residency) text += "   residency " + row.key_prefix;
  return text;
}

// Those of the folder, then those of its groups: its sub-folders that hold scenarios.
std::vector<std::string> scenario_files(const std::string& folder) {
  std::vector<std::string> files, groups;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory() && name != "schema" && name != "topologies") {
      groups.push_back(entry.path().string());
    }
    if (entry.path().extension() == ".json") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  std::sort(groups.begin(), groups.end());
  for (const std::string& group : groups) {
    const std::vector<std::string> more = scenario_files(group);
    files.insert(files.end(), more.begin(), more.end());
  }
  return files;
}

void list_scenarios(const std::string& folder) {
  const std::vector<std::string> files = scenario_files(folder);
  std::cout << "scenarios\n";
  if (files.empty()) std::cout << "  none in " << folder << "\n";
  std::vector<std::array<std::string, 3>> rows;
  std::size_t width = 0;
  for (const std::string& file : files) {
    const auto text = read_scenario(file);
    if (!text) continue;
    const auto loaded = scenario::load(source_of(file, text.value()));
    if (!loaded) {
      rows.push_back({file, "invalid", "blackout scenario lint " + file});
    } else {
      const scenario::Plan plan = scenario::draw(loaded.value(), 0);
      const std::size_t faults = plan.facts.faults.size();
      rows.push_back({loaded.value().name(),
                      loaded.value().generated()
                          ? "generated"
                          : fmt::format("{} fault{}", faults, faults == 1 ? "" : "s"),
                      promises(plan.facts.objectives)});
    }
    width = std::max(width, rows.back()[0].size());
  }
  for (const auto& row : rows) {
    std::cout << fmt::format("  {}   {}   {}\n", text::padded(row[0], width),
                             text::padded(row[1], 9), row[2]);
  }
}

void list_runs(const std::string& out, const text::Style& style) {
  const std::vector<std::string> directories = record_directories(out);
  std::cout << "runs, newest first\n";
  if (directories.empty()) std::cout << "  none in " << out << "\n";
  const std::size_t shown = std::min(directories.size(), runs_shown_max);
  for (std::size_t i = 0; i < shown; ++i) {
    const std::string& directory = directories[i];
    const auto loaded = record::load(directory);
    if (!loaded) {
      std::cout << "  damaged   " << directory << "\n";
      continue;
    }
    const record::RunRecord& run = loaded.value();
    std::cout << fmt::format("  {}{}   {}   {}   {}\n", text::status_word(run, style),
                             run.plan.scenario,
                             std::filesystem::path(directory).filename().string(), run.build.commit,
                             age_of(directory + "/record.json"));
  }
  if (shown < directories.size()) {
    std::cout << text::spelled(fmt::format("  … {} older\n", directories.size() - shown), style);
  }
}

void list_described(std::string_view title, std::span<const check::Described> entries) {
  std::size_t width = 0;
  for (const check::Described& entry : entries) width = std::max(width, entry.name.size());
  std::cout << title << "\n";
  for (const check::Described& entry : entries) {
    std::cout << fmt::format("  {}   {}\n", text::padded(entry.name, width), entry.text);
  }
}

std::string_view targets_text(fault::Target target) {
  switch (target) {
    case fault::Target::nodes:
      return "nodes";
    case fault::Target::zones:
      return "zones";
    case fault::Target::regions:
      return "regions";
    case fault::Target::region_share:
      return "a share of regions";
    case fault::Target::machines:
      return "nodes, zones or regions";
    case fault::Target::two_sides:
      return "two places";
    case fault::Target::clients:
      return "client groups, or regions for all clients there";
    case fault::Target::client_hosts:
      return "the clients of regions";
    case fault::Target::shaped:
      break;
  }
  return "places, as the shape asks";
}

// "reordering with reordering_by"; of two that need each other, the second says nothing.
std::string with_company(const fault::Use& use, const fault::KindRow& row) {
  const std::string name(row_of(use.parameter).name);
  if (!use.with) return name;
  const bool mutual = std::any_of(row.uses.begin(), row.uses.end(), [&](const fault::Use& other) {
    return other.parameter == *use.with && other.with == use.parameter;
  });
  if (mutual && *use.with < use.parameter) return "";
  return fmt::format("{} with {}", name, row_of(*use.with).name);
}

// "shape, direction (both)", "rtt or loss".
std::string parameters_text(const fault::KindRow& row) {
  std::string text, some;
  for (const fault::Use& use : row.uses) {
    std::string name = with_company(use, row);
    if (name.empty()) continue;
    if (use.need == fault::Need::some) {
      some += (some.empty() ? "" : " or ") + name;
      continue;
    }
    if (use.need == fault::Need::optional) name += fmt::format(" ({})", use.fallback);
    text += (text.empty() ? "" : ", ") + name;
  }
  return text.empty() || some.empty() ? text + some : text + ", " + some;
}

void list_faults() {
  const auto rows = fault::catalogue();
  std::size_t width = 0;
  for (const fault::KindRow& row : rows) width = std::max(width, row.name.size());
  const std::string indent(width + 5, ' ');
  std::cout << "faults\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const fault::KindRow& row = rows[i];
    if (i == 0 || rows[i - 1].group != row.group) {
      std::cout << "\n" << name_of(row.group) << "\n";
    }
    std::string facts = fmt::format("on {}", targets_text(row.target));
    if (!row.uses.empty()) facts += "   takes " + parameters_text(row);
    facts += row.momentary() ? "   at once" : fmt::format("   undone by {}", row.inverse);
    std::cout << fmt::format("  {}   {}\n{}{}   counts {}\n", text::padded(row.name, width),
                             row.sentence, indent, facts, row.effect);
    std::cout << fmt::format("{}{{ \"at\": \"20s\", \"kind\": \"{}\", {} }}\n", indent, row.name,
                             row.example);
  }
}

// False where a kind did nothing.
bool prove_faults(const text::Style& style) {
  bool all = true;
  std::size_t width = 0;
  for (const fault::KindRow& row : fault::catalogue()) width = std::max(width, row.name.size());
  std::cout << "faults, each compared with the same run in which it is only recorded\n";
  for (const fault::KindRow& row : fault::catalogue()) {
    const explore::Proof proof = explore::prove(row.kind);
    all = all && proof.holds();
    const std::string difference =
        proof.first ? fmt::format("differs from {} on: {}", format_instant(proof.first->at),
                                  words_of(proof.first->kind).kind)
                    : "no difference";
    std::cout << fmt::format(
        "  {} {}   {}   {}\n", text::spelled(proof.holds() ? "✓" : "✗", style),
        text::padded(row.name, width),
        text::padded(text::grouped(proof.effect) + " " + std::string(row.effect), 46), difference);
    std::cout.flush();
  }
  return all;
}

void list_roles() {
  std::cout << "roles, as targets: who has it when the fault begins\n";
  for (const scenario::RoleRow& row : scenario::roles()) {
    const std::string phrase =
        std::string(row.phrase) + (row.phrase.ends_with(" of") ? " GROUP" : "");
    std::cout << fmt::format("  {}   {}\n", text::padded(phrase, 29), row.meaning);
  }
  std::cout << "  \"zone of\" or \"region of\" before a node's role means where it stands\n"
            << "\nevents, as \"on\": what the fault waits for\n";
  for (const scenario::SignalRow& row : scenario::signals()) {
    std::cout << fmt::format("  {}   {}\n", text::padded(std::string(row.name), 29), row.meaning);
  }
}

void list_planted() {
  std::vector<std::string> bugs;
  for (const std::string& name : system::systems()) {
    const std::vector<std::string> planted = system::make_system(name)->planted();
    bugs.insert(bugs.end(), planted.begin(), planted.end());
  }
  std::cout << "planted bugs\n";
  for (const std::string& bug : bugs) std::cout << "  " << bug << "\n";
  if (bugs.empty()) std::cout << "  none in this build\n";
}

}  // namespace

int list(const ListOptions& options, const Common& common) {
  const std::string& what = options.what;
  const text::Style style = style_of(common);
  if (what.empty() || what == "scenarios") list_scenarios(options.scenarios);
  if (what.empty() || what == "runs") list_runs(options.out, style);
  if (what == "marks") list_described("marks", check::known_marks());
  if (what == "invariants") list_described("invariants", check::known_invariants());
  if (options.proof && what != "faults") return usage_error("--proof is for: list faults");
  if (options.proof) return prove_faults(style) ? exit_held : exit_broken;
  if (what == "faults") list_faults();
  if (what == "roles") list_roles();
  if (what == "planted") list_planted();
  return exit_held;
}

}  // namespace blackout::cli
