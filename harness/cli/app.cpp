#include "harness/cli/app.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <functional>
#include <iostream>

#include "harness/cli/exit_codes.hpp"
#include "harness/cli/options.hpp"
#include "harness/cli/outside.hpp"
#include "harness/explore/campaign.hpp"
#include "harness/scenario/report.hpp"
#include "harness/scenario/scenario.hpp"
#include "reports/record/build.hpp"
#include "reports/record/document.hpp"

namespace blackout::cli {
namespace {

constexpr const char* description =
    "run failover scenarios in a deterministic simulation and check what was promised";

constexpr const char* top_help =
    "  blackout run scenarios/region-loss-during-writes.json      one incident, one verdict\n"
    "  blackout run scenarios/*.json --jobs 2                     all of them, a line each\n"
    "  blackout fuzz scenarios/fuzz-partition-schedules.json      search for a seed that breaks "
    "it\n"
    "  blackout shrink latest                                     the smallest version of it\n"
    "  blackout replay latest                                     the same run again\n"
    "  blackout explain latest                                    why it broke\n"
    "  blackout report latest                                     its failover report, an HTML "
    "file\n"
    "  blackout scenario lint my-scenario.json                    what is wrong with it\n"
    "\n"
    "verbs   run  fuzz  shrink  replay  explain  report  diff  list  scenario\n"
    "help    blackout VERB -h\n";

constexpr const char* run_help =
    "  blackout run scenarios/region-loss-during-writes.json\n"
    "  blackout run scenarios/region-loss-during-writes.json --seed 0x51c9e0a77d3b2f14\n"
    "  blackout run scenarios/region-loss-during-writes.json --seed 1..1000 --jobs 2 --quiet\n"
    "  blackout run scenarios/leader-isolated.json --set groups.0.acknowledge=leader\n"
    "  blackout run --plan my-plan.json\n";

constexpr const char* fuzz_help =
    "  blackout fuzz scenarios/fuzz-partition-schedules.json --for 10min --jobs 2\n"
    "  blackout fuzz scenarios/node/fuzz-nodes.json --runs 20000 --seed 0x1 --stop-after 1\n"
    "  blackout fuzz scenarios/fuzz-partition-schedules.json --for 8h --resume\n"
    "\n"
    "exit code 0 if nothing was found, 1 if something was\n";

constexpr const char* shrink_help =
    "  blackout shrink latest\n"
    "  blackout shrink blackout-out/fuzz-nodes/0x51c9e0a77d3b2f14 --jobs 2\n"
    "\n"
    "writes a scenario that fails on every replay; exit code 0 if it did, 3 if the run does not "
    "fail\n";

constexpr const char* replay_help =
    "  blackout replay latest\n"
    "  blackout replay 0x51c9\n"
    "  blackout replay latest --until 12.5s\n"
    "  gdb --args blackout replay latest --break e4358\n"
    "  blackout replay blackout-out/region-loss-during-writes/0x51c9e0a77d3b2f14\n"
    "\n"
    "exit code 0 if the run is the same, 4 if it differs\n";

constexpr const char* explain_help =
    "  blackout explain latest\n"
    "  blackout explain 0x51c9 --verbose      every finding, every event\n"
    "  blackout explain latest --format json  the same for other programs\n"
    "\n"
    "exit code 0 if the record could be read, whatever its verdict\n";

constexpr const char* diff_help =
    "  blackout diff 0x51c9e0a77d3b2f14 0x51c9e0a77d3b2f14-8b01\n"
    "  blackout diff latest other-out/small/0x0000000000000007\n"
    "  blackout diff 0x51c9 latest --format json\n"
    "\n"
    "exit code 0 if both records could be read, equal or not\n";

constexpr const char* report_help =
    "  blackout report latest                     writes report.html beside the record\n"
    "  blackout report 0x51c9 --html region.html\n"
    "  blackout report latest --md -              the draft of a postmortem on standard output\n"
    "  blackout report latest --dot why.dot --perfetto run.json\n";

constexpr const char* list_help =
    "  blackout list                 scenarios and runs\n"
    "  blackout list invariants      what is always checked\n"
    "  blackout list faults --proof  each kind of fault carried out, and what it changed\n";

constexpr const char* scenario_help =
    "  blackout scenario lint my-scenario.json\n"
    "  blackout scenario schema > scenario.v1.schema.json\n"
    "  blackout scenario draw scenarios/leader-isolated.json --seed 7\n";

// Examples first, then flags.
class Help : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode) const override {
    std::string text = fmt::format("{}: {}\n\n{}", name.empty() ? app->get_name() : name,
                                   app->get_description(), app->get_footer());
    if (app->get_parent() == nullptr) return text;
    for (const CLI::App* verb : app->get_subcommands({})) {
      text += fmt::format("\n  {:<34}{}", verb->get_name(), verb->get_description());
    }
    for (const CLI::Option* option : app->get_options()) {
      text += fmt::format("\n  {:<33} {}", flag_text(*option), option->get_description());
    }
    return text + "\n";
  }

 private:
  static std::string flag_text(const CLI::Option& option) {
    if (option.get_positional()) return option.get_type_name();
    std::string text;
    for (const std::string& name : option.get_snames()) text += "-" + name + ", ";
    if (option.get_lnames().empty()) return text.substr(0, text.size() - 2);
    text += "--" + option.get_lnames().front();
    return option.get_items_expected() > 0 ? text + " " + option.get_type_name() : text;
  }
};

// Accepts only `words`, and says which of them was meant.
std::function<std::string(const std::string&)> one_of(std::vector<std::string> words) {
  return [words = std::move(words)](const std::string& word) -> std::string {
    if (std::find(words.begin(), words.end(), word) != words.end()) return {};
    return fmt::format("\"{}\": {}", word, scenario::suggestion(word, words));
  };
}

template <class Value>
void add_choice(CLI::App& app, const std::string& name, Value& value, const std::string& text,
                const std::vector<std::pair<std::string, Value>>& choices) {
  std::vector<std::string> words;
  for (const auto& [word, meaning] : choices) words.push_back(word);
  const auto set = [&value, choices](const std::string& word) {
    for (const auto& [choice, meaning] : choices) {
      if (choice == word) value = meaning;
    }
  };
  app.add_option_function<std::string>(name, set, text)
      ->check(one_of(words))
      ->type_name(fmt::format("{}", fmt::join(words, "|")));
}

void add_format(CLI::App& app, Common& common) {
  add_choice<Format>(app, "--format", common.format, "how results are printed",
                     {{"human", Format::human}, {"json", Format::json}, {"jsonl", Format::jsonl}});
}

void add_color(CLI::App& app, Common& common) {
  add_choice<Color>(
      app, "--color", common.color, "colours; auto honours NO_COLOR, TERM and pipes",
      {{"auto", Color::automatic}, {"always", Color::always}, {"never", Color::never}});
}

void add_out(CLI::App& app, std::string& out) {
  const auto no_file = [](const std::string& path) {
    std::error_code unknown;
    const bool file =
        std::filesystem::exists(path, unknown) && !std::filesystem::is_directory(path, unknown);
    return file ? path + " is a file, not a folder" : std::string();
  };
  app.add_option("--out", out, "folder of records (default blackout-out)")
      ->type_name("DIR")
      ->check(no_file);
}

void add_record(CLI::App& app, const std::string& name, std::string& record) {
  app.add_option(name, record, "a record's folder or file, a seed's beginning, or latest")
      ->required()
      ->type_name(name);
}

struct Invocation {
  Common common;
  RunOptions run;
  FuzzOptions fuzz;
  ShrinkOptions shrink;
  ReplayOptions replay;
  ExplainOptions explain;
  DiffOptions diff;
  ReportOptions report;
  ListOptions list;
  LintOptions lint;
  DrawOptions draw;
  std::function<int()> action;
};

CLI::App& add_verb(CLI::App& parent, Invocation& invocation, const std::string& name,
                   const std::string& what, const char* examples, std::function<int()> action) {
  CLI::App& verb = *parent.add_subcommand(name, what);
  verb.footer(examples);
  if (action) verb.final_callback([&invocation, action] { invocation.action = action; });
  return verb;
}

std::string not_a_count(const std::string& word, std::size_t digits) {
  const bool number = word.find_first_not_of("0123456789") == std::string::npos;
  const bool in_range =
      number && word.size() <= digits && word.find_first_not_of('0') != std::string::npos;
  return in_range ? ""
                  : fmt::format("\"{}\" is no number from 1 to {}", word, std::string(digits, '9'));
}

void add_progress(CLI::App& app, ProgressMode& mode) {
  add_choice<ProgressMode>(app, "--progress", mode, "on stderr, while runs go on",
                           {{"auto", ProgressMode::automatic},
                            {"bar", ProgressMode::bar},
                            {"lines", ProgressMode::lines},
                            {"none", ProgressMode::none}});
}

CLI::Option& add_time(CLI::App& app, const std::string& name, std::optional<Duration>& value,
                      const std::string& text) {
  const auto set = [&value](const std::string& word) { value = scenario::duration_of(word); };
  return *app.add_option_function<std::string>(name, set, text)
              ->type_name("T")
              ->check([](const std::string& word) -> std::string {
                return scenario::duration_of(word)
                           ? ""
                           : fmt::format("\"{}\" is no time as in 12.5s or 10min", word);
              });
}

void add_sets(CLI::App& app, std::vector<std::string>& sets) {
  app.add_option("--set", sets, "replace one field of the scenario; repeatable")
      ->type_name("path=value")
      ->allow_extra_args(false);
}

template <class Number>
void add_count(CLI::App& app, const std::string& name, Number& value, const std::string& text,
               std::size_t digits) {
  app.add_option(name, value, text)->type_name("N")->check([digits](const std::string& word) {
    return not_a_count(word, digits);
  });
}

void add_run(CLI::App& app, Invocation& all) {
  RunOptions& options = all.run;
  CLI::App& verb =
      add_verb(app, all, "run", "run scenarios with their seeds and judge what was promised",
               run_help, [&all] { return run(all.run, all.common); });
  CLI::Option* files =
      verb.add_option("FILE", options.files, "scenario files; - reads standard input")
          ->type_name("FILE...");
  verb.add_option("--plan", options.plan,
                  "instead of FILE: what `scenario draw` printed, or a record, edited or not")
      ->type_name("FILE")
      ->excludes(files);
  verb.add_option("--seed", options.seeds,
                  "0x..., decimal, 1..1000, commit or random; repeatable (default: the file's)")
      ->type_name("S")
      ->allow_extra_args(false);
  add_sets(verb, options.sets);
  add_count(verb, "--jobs", options.jobs, "runs at a time, a process each (default 1)", 3);
  verb.add_flag("--check-replay", options.check_replay, "run everything twice and compare");
  add_out(verb, options.out);
  add_choice<Keep>(verb, "--keep", options.keep,
                   "records that stay; auto: all of up to 20 runs, of more what was found",
                   {{"auto", Keep::automatic}, {"all", Keep::all}, {"found", Keep::found}});
  add_format(verb, all.common);
  add_progress(verb, options.progress);
  add_color(verb, all.common);
  verb.add_flag("-q,--quiet", all.common.quiet, "a line for each run that did not pass, no more");
  verb.add_flag("-v,--verbose", all.common.verbose, "every row and every finding");
}

void add_fuzz(CLI::App& app, Invocation& all) {
  FuzzOptions& options = all.fuzz;
  CLI::App& verb = add_verb(app, all, "fuzz", "search for a seed that breaks a promise", fuzz_help,
                            [&all] { return fuzz(all.fuzz, all.common); });
  verb.add_option("FILE", options.files, "scenario files")->required()->type_name("FILE...");
  verb.add_option("--seed", options.seed, "0x..., decimal, commit (default) or random")
      ->type_name("S");
  add_count(verb, "--runs", options.runs, "so many runs (default 1,000, or what fits in --for)", 9);
  add_time(verb, "--for", options.span, "so long, as in 90s, 10min or 8h");
  add_count(verb, "--stop-after", options.stop_after, "end with the N-th finding", 6);
  add_count(verb, "--jobs", options.jobs, "runs at a time, a process each (default 1)", 3);
  const std::vector<std::string> strategies = explore::strategy_names();
  verb.add_option("--strategy", options.strategy, "how schedules are drawn (default mixed)")
      ->type_name(fmt::format("{}", fmt::join(strategies, "|")))
      ->check(one_of(strategies));
  verb.add_flag("--resume", options.resume, "go on where the journal ends");
  add_sets(verb, options.sets);
  verb.add_option("--junit", options.junit, "one test case a promise, as JUnit XML")
      ->type_name("FILE");
  verb.add_option(
          "--md", options.markdown,
          "what was found, in Markdown; also added to $GITHUB_STEP_SUMMARY where that is set")
      ->type_name("FILE");
  verb.add_flag("--github", options.github, "annotations (on where GITHUB_ACTIONS is true)");
  add_out(verb, options.out);
  add_format(verb, all.common);
  add_progress(verb, options.progress);
  add_color(verb, all.common);
}

void add_shrink(CLI::App& app, Invocation& all) {
  CLI::App& verb = add_verb(app, all, "shrink", "the smallest version of a failure", shrink_help,
                            [&all] { return shrink(all.shrink, all.common); });
  add_record(verb, "RUN", all.shrink.run);
  add_count(verb, "--jobs", all.shrink.jobs, "tries at a time, a process each (default 1)", 3);
  verb.add_option("--to", all.shrink.to, "folder of what is written (default scenarios/found)")
      ->type_name("DIR");
  add_out(verb, all.shrink.out);
  add_color(verb, all.common);
}

void add_replay(CLI::App& app, Invocation& all) {
  CLI::App& verb = add_verb(app, all, "replay", "run a record again and compare event by event",
                            replay_help, [&all] { return replay(all.replay, all.common); });
  add_record(verb, "RUN", all.replay.run);
  CLI::Option& until = add_time(verb, "--until", all.replay.until,
                                "end at this virtual time, and compare up to there: 12.5s");
  verb.add_option("--break", all.replay.break_at,
                  "below gdb: stop just before this event, as explain names it: e4358")
      ->type_name("EVENT")
      ->excludes(&until);
  add_out(verb, all.replay.out);
  add_format(verb, all.common);
}

void add_explain(CLI::App& app, Invocation& all) {
  CLI::App& verb = add_verb(app, all, "explain", "what broke in a record, and what led to it",
                            explain_help, [&all] { return explain(all.explain, all.common); });
  add_record(verb, "RUN", all.explain.run);
  add_out(verb, all.explain.out);
  add_format(verb, all.common);
  add_color(verb, all.common);
  verb.add_flag("-v,--verbose", all.common.verbose, "every finding and every event");
}

void add_diff(CLI::App& app, Invocation& all) {
  CLI::App& verb = add_verb(app, all, "diff", "where two records part, and what came of it",
                            diff_help, [&all] { return diff(all.diff, all.common); });
  add_record(verb, "A", all.diff.a);
  add_record(verb, "B", all.diff.b);
  add_out(verb, all.diff.out);
  add_format(verb, all.common);
  add_color(verb, all.common);
  verb.add_flag("-v,--verbose", all.common.verbose, "equal rows too");
}

void add_report(CLI::App& app, Invocation& all) {
  CLI::App& verb =
      add_verb(app, all, "report", "write what a record tells, for people and programs",
               report_help, [&all] { return report(all.report); });
  add_record(verb, "RUN", all.report.run);
  verb.add_option("--html", all.report.html,
                  "the report, one page that fetches nothing (default report.html of the record)")
      ->type_name("FILE");
  verb.add_option("--md", all.report.markdown, "the draft of a postmortem, in Markdown")
      ->type_name("FILE");
  verb.add_option("--json", all.report.json, "verdict and timeline for other programs (report.v1)")
      ->type_name("FILE");
  verb.add_option("--dot", all.report.dot, "the graph of what it depended on, for Graphviz")
      ->type_name("FILE");
  verb.add_option("--perfetto", all.report.perfetto,
                  "the run as a trace that Perfetto and Chrome open")
      ->type_name("FILE");
  add_out(verb, all.report.out);
}

void add_list(CLI::App& app, Invocation& all) {
  CLI::App& verb = add_verb(app, all, "list", "what there is to run, what was run, what is checked",
                            list_help, [&all] { return list(all.list, all.common); });
  const std::vector<std::string> what = {"scenarios", "runs",  "marks",  "invariants",
                                         "faults",    "roles", "planted"};
  verb.add_option("WHAT", all.list.what, fmt::format("{}", fmt::join(what, ", ")))
      ->check(one_of(what))
      ->type_name("WHAT");
  verb.add_flag("--proof", all.list.proof, "of faults: carry each out, and say what it changed");
  verb.add_option("--scenarios", all.list.scenarios, "folder of scenarios (default scenarios)")
      ->type_name("DIR");
  add_out(verb, all.list.out);
  add_color(verb, all.common);
}

void add_scenario(CLI::App& app, Invocation& all) {
  CLI::App& group =
      add_verb(app, all, "scenario", "check, describe and draw scenario files", scenario_help, {});
  group.require_subcommand(1);
  CLI::App& check = add_verb(group, all, "lint", "print every problem of the files, with remedies",
                             "  blackout scenario lint my-scenario.json\n",
                             [&all] { return lint(all.lint, all.common); });
  check.add_option("FILE", all.lint.files, "scenario files; - reads standard input")
      ->required()
      ->type_name("FILE...");
  add_format(check, all.common);
  add_verb(group, all, "schema", "print the JSON Schema (draft-07) of scenario files",
           "  blackout scenario schema > scenario.v1.schema.json\n", print_schema);
  CLI::App& plan = add_verb(group, all, "draw", "print the scenario with every draw replaced",
                            "  blackout scenario draw scenarios/leader-isolated.json --seed 7\n",
                            [&all] { return draw(all.draw); });
  plan.add_option("FILE", all.draw.file, "a scenario file; - reads standard input")
      ->required()
      ->type_name("FILE");
  plan.add_option("--seed", all.draw.seed, "the seed (default: the file's first)")->type_name("S");
  const auto names = scenario::strategy_names();
  const std::vector<std::string> strategies(names.begin(), names.end());
  plan.add_option("--strategy", all.draw.strategy,
                  "how fuzz read the generator in that run, as its journal has it")
      ->type_name(fmt::format("{}", fmt::join(strategies, "|")))
      ->check(one_of(strategies));
  add_sets(plan, all.draw.sets);
}

std::string help_hint(const std::string& verb) {
  return fmt::format("\n  {} -h   shows what there is", verb);
}

// "blackout scenario lint": the verbs that were understood.
std::string path_of(const CLI::App& root) {
  std::string path = "blackout";
  for (const CLI::App* app = &root; !app->get_subcommands().empty();) {
    app = app->get_subcommands().front();
    path += " " + app->get_name();
  }
  return path;
}

std::string unknown_word(const std::string& kind, const std::string& word,
                         const std::vector<std::string>& known, const std::string& verb) {
  const std::string near = scenario::nearest(word, known);
  std::string text = fmt::format("unknown {} \"{}\"", kind, word);
  if (!near.empty()) text += fmt::format(", did you mean \"{}\"?", near);
  return text + help_hint(verb);
}

// The first verb or flag that does not exist, as a sentence; empty if all do. CLI11 says which word
// is wrong, not which one was meant.
std::string unknown_in(const CLI::App& root, int argc, const char* const* argv) {
  const CLI::App* app = &root;
  std::string path = "blackout";
  for (int i = 1; i < argc; ++i) {
    const std::string word = std::string(argv[i]).substr(0, std::string(argv[i]).find('='));
    if (word == "--") break;
    if (word.starts_with("--")) {
      std::vector<std::string> known;
      for (const CLI::Option* option : app->get_options()) {
        for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
      }
      if (std::find(known.begin(), known.end(), word) == known.end()) {
        return unknown_word("flag", word, known, path);
      }
      continue;
    }
    const std::vector<const CLI::App*> verbs = app->get_subcommands({});
    if (verbs.empty() || word.starts_with("-")) continue;
    std::vector<std::string> known;
    for (const CLI::App* verb : verbs) known.push_back(verb->get_name());
    const auto found = std::find(known.begin(), known.end(), word);
    if (found == known.end()) return unknown_word("verb", word, known, path);
    app = verbs[static_cast<std::size_t>(found - known.begin())];
    path += " " + word;
  }
  return {};
}

std::string version_text() {
  const record::Build build = record::this_build();
  return fmt::format("blackout {} ({} {})", build.commit, build.compiler, build.type);
}

int parse_and_act(int argc, const char* const* argv) {
  Invocation all;
  CLI::App app(description, "blackout");
  app.formatter(std::make_shared<Help>());
  app.footer(top_help);
  app.set_help_flag("-h,--help", "this text");
  app.set_version_flag("--version", version_text());
  add_run(app, all);
  add_fuzz(app, all);
  add_shrink(app, all);
  add_replay(app, all);
  add_explain(app, all);
  add_diff(app, all);
  add_report(app, all);
  add_list(app, all);
  add_scenario(app, all);
  if (argc <= 1) {
    std::cout << app.help();
    return exit_held;
  }
  const std::string unknown = unknown_in(app, argc, argv);
  if (!unknown.empty()) return usage_error(unknown);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return exit_held;
  } catch (const CLI::CallForVersion&) {
    std::cout << version_text() << "\n";
    return exit_held;
  } catch (const CLI::ParseError& error) {
    return usage_error(error.what() + help_hint(path_of(app)));
  }
  return all.action ? all.action() : usage_error("no verb" + help_hint("blackout"));
}

}  // namespace

text::Style style_of(const Common& common) {
  const bool colorful = environment_variable("NO_COLOR").empty() &&
                        environment_variable("TERM") != "dumb" && is_terminal(Stream::out);
  return {.color = common.color == Color::always || (common.color == Color::automatic && colorful),
          .unicode = utf8_locale(),
          .verbose = common.verbose};
}

void print_document(const record::Json& document, const Common& common) {
  std::cout << record::dump(document, common.format == Format::json ? 2 : -1) << "\n";
}

int main_of(int argc, const char* const* argv) {
  try {
    return parse_and_act(argc, argv);
  } catch (const LeaveNow&) {
    std::cerr << "blackout: interrupted\n";
    return exit_interrupted;
  } catch (const CheckFailed& failed) {
    std::cerr << "blackout: internal error: " << failed.where << ": " << failed.what << "\n";
  } catch (const std::exception& error) {
    std::cerr << "blackout: internal error: " << error.what() << "\n";
  }
  return exit_internal;
}

}  // namespace blackout::cli
