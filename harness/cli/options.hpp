// What the command line asked for, one struct a verb, and the verbs themselves.
//
// A verb writes results to stdout, progress and diagnostics to stderr, and returns the exit code.
#pragma once

#include <string>
#include <vector>

#include "reports/text/style.hpp"

namespace blackout::cli {

enum class Format { human, json, jsonl };
enum class Color { automatic, always, never };
enum class ProgressMode { automatic, bar, lines, none };

enum class Keep { automatic, all, found };

struct Common {
  Format format = Format::human;
  Color color = Color::automatic;
  bool quiet = false, verbose = false;
};

struct RunOptions {
  std::vector<std::string> files;
  std::vector<std::string> seeds;
  std::vector<std::string> sets;  // "path=value"
  std::uint32_t jobs = 1;
  bool check_replay = false;
  std::string out = "blackout-out";
  Keep keep = Keep::automatic;  // which records stay; automatic: all of up to 20 runs
  ProgressMode progress = ProgressMode::automatic;
};
int run(const RunOptions& options, const Common& common);

struct ReplayOptions {
  std::string run;
  std::string out = "blackout-out";
};
int replay(const ReplayOptions& options, const Common& common);

struct ReportOptions {
  std::string run;
  std::string html, markdown;  // files; both empty: report.html in the record's folder
  std::string out = "blackout-out";
};
int report(const ReportOptions& options);

struct ListOptions {
  std::string what;  // "scenarios", "runs", "marks", "invariants", "faults", "roles", "planted";
                     // empty: the first two
  std::string scenarios = "scenarios";
  std::string out = "blackout-out";
  bool proof = false;  // of faults
};
int list(const ListOptions& options, const Common& common);

struct LintOptions {
  std::vector<std::string> files;
};
int lint(const LintOptions& options, const Common& common);

int print_schema();

struct DrawOptions {
  std::string file;
  std::string seed;
  std::vector<std::string> sets;
};
int draw(const DrawOptions& options);

// Colours and characters for stdout, from the flags, the environment and the terminal.
text::Style style_of(const Common& common);

// Prints "blackout: <sentence>" to stderr and returns exit code 2.
int usage_error(const std::string& sentence);

}  // namespace blackout::cli
