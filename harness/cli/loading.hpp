// From what was typed to scenarios and seeds; what is wrong is said on stderr.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/cli/options.hpp"
#include "harness/scenario/scenario.hpp"

namespace blackout::cli {

// "path=value" each; an empty optional, after an error message, if one is not of that form.
std::optional<std::vector<scenario::Override>> parse_overrides(
    const std::vector<std::string>& sets);

struct LoadedScenario {
  std::string file;
  scenario::Scenario scenario;
};

// A file of at most a scenario's size, "-" for standard input; on failure a sentence.
Result<std::string, std::string> read_scenario(const std::string& file);

// The names that this build knows.
scenario::Vocabulary vocabulary();

// Prints all diagnostics; an empty optional if the file cannot be read or has errors.
std::optional<LoadedScenario> load_scenario(const std::string& file,
                                            const std::vector<scenario::Override>& overrides);

struct LoadedPlan {
  scenario::Scenario scenario;
  std::uint64_t seed;
};

// The plan in a file, "-" for standard input, or that of a record (its folder, its record.json,
// `latest`), with its own seed or the one that is asked for. An empty optional, after an error
// message, if anything of it is left to chance.
std::optional<LoadedPlan> load_plan(const std::string& file, const std::string& out,
                                    const std::vector<scenario::Override>& overrides,
                                    const std::vector<std::string>& seeds);

// Where a scenario's topologies stand: beside it or beside its folder; of standard input, here or
// in `scenarios`.
scenario::Source source_of(const std::string& file, std::string text);

// Whether this build has the planted bugs that the plan asks for, by name or by what a group
// acknowledges; if not, after an error message.
bool planted_bugs_are_here(const scenario::Plan& plan);

// The seeds that the words stand for: "0x51c9", decimal, "commit", "random", or a range "1..1000".
// An empty optional, after an error message, if one is none of these.
std::optional<std::vector<std::uint64_t>> parse_seeds(const std::vector<std::string>& words);

// What --seed asked for, or else what the file says, or else the commit.
std::optional<std::vector<std::uint64_t>> seeds_for(const scenario::Scenario& scenario,
                                                    const std::vector<std::string>& asked);

}  // namespace blackout::cli
