// What the command line asked for, one struct a verb, and the verbs themselves.
//
// A verb writes results to stdout, progress and diagnostics to stderr, and returns the exit code.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/base/time.hpp"
#include "reports/record/json.hpp"
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
  std::string plan;  // instead of files
  std::vector<std::string> seeds;
  std::vector<std::string> sets;  // "path=value"
  std::uint32_t jobs = 1;
  bool check_replay = false;
  std::string out = "blackout-out";
  Keep keep = Keep::automatic;  // which records stay; automatic: all of up to 20 runs
  ProgressMode progress = ProgressMode::automatic;
};
int run(const RunOptions& options, const Common& common);

struct FuzzOptions {
  std::vector<std::string> files;
  std::vector<std::string> sets;  // "path=value"
  std::string seed = "commit";
  std::uint64_t runs = 0;        // 0: as many as fit into `span`; 1,000 without one
  std::optional<Duration> span;  // else no limit
  std::uint32_t jobs = 1;
  std::string strategy = "mixed";
  std::uint64_t stop_after = 0;  // findings; 0: go on
  bool resume = false, github = false;
  std::string junit, markdown;  // files; empty: none
  std::string out = "blackout-out";
  ProgressMode progress = ProgressMode::automatic;
};
int fuzz(const FuzzOptions& options, const Common& common);

struct ShrinkOptions {
  std::string run;
  std::uint32_t jobs = 1;
  std::string to = "scenarios/found";
  std::string out = "blackout-out";
};
int shrink(const ShrinkOptions& options, const Common& common);

struct ReplayOptions {
  std::string run;
  std::optional<Duration> until;  // of virtual time; else to the end
  std::string break_at;           // id of an event, "e4358"; empty: nowhere
  std::string out = "blackout-out";
};
int replay(const ReplayOptions& options, const Common& common);

struct ExplainOptions {
  std::string run;
  std::string out = "blackout-out";
};
int explain(const ExplainOptions& options, const Common& common);

struct DiffOptions {
  std::string a, b;
  std::string out = "blackout-out";
};
int diff(const DiffOptions& options, const Common& common);

struct ReportOptions {
  std::string run;
  // Files, "-" for standard output; all empty: report.html in the record's folder.
  std::string html, markdown, json, dot, perfetto;
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
  std::string strategy = "as_written";
  std::vector<std::string> sets;
};
int draw(const DrawOptions& options);

// Colours and characters for stdout, from the flags, the environment and the terminal.
text::Style style_of(const Common& common);

// Prints the document to stdout: indented for json, on one line for jsonl.
void print_document(const record::Json& document, const Common& common);

// Prints "blackout: <sentence>" to stderr and returns exit code 2.
int usage_error(const std::string& sentence);

}  // namespace blackout::cli
