// blackout run FILE...: each scenario with its seeds.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "harness/cli/exit_codes.hpp"
#include "harness/cli/loading.hpp"
#include "harness/cli/options.hpp"
#include "harness/cli/outside.hpp"
#include "harness/cli/perform.hpp"
#include "harness/cli/progress.hpp"
#include "harness/cli/records.hpp"

namespace blackout::cli {
namespace {

constexpr std::size_t kept_runs_max = 20;

// Every file with every seed, or nothing if any of it is wrong: then nothing is run at all.
std::optional<std::vector<Job>> jobs_for(const RunOptions& options,
                                         const std::vector<LoadedScenario>& scenarios,
                                         const std::string& scratch) {
  std::vector<Job> jobs;
  for (const LoadedScenario& loaded : scenarios) {
    const auto seeds = seeds_for(loaded.scenario, options.seeds);
    if (!seeds) return std::nullopt;
    for (const std::uint64_t seed : *seeds) {
      jobs.push_back({&loaded.scenario, seed, options.sets,
                      fmt::format("{}/{}/{}", options.out, loaded.scenario.name(),
                                  run_name(seed, options.sets)),
                      scratch.empty() ? "" : fmt::format("{}/{}", scratch, jobs.size())});
    }
  }
  return jobs;
}

// What is to be run, and the scenarios that its jobs point into.
struct Work {
  std::vector<LoadedScenario> scenarios;
  std::vector<Job> jobs;
};

// A plan that was edited must not take the place of the record that it came from: it is told by its
// own text.
std::optional<Work> plan_work(const RunOptions& options,
                              const std::vector<scenario::Override>& overrides,
                              const std::string& scratch) {
  auto plan = load_plan(options.plan, options.out, overrides, options.seeds);
  if (!plan) return std::nullopt;
  Work work;
  work.scenarios.push_back({options.plan, std::move(plan->scenario)});
  const scenario::Scenario& scenario = work.scenarios.front().scenario;
  const std::string document = scenario::draw(scenario, plan->seed).document;
  work.jobs.push_back(
      {&scenario, plan->seed, options.sets,
       fmt::format("{}/{}/{}", options.out, scenario.name(), run_name(plan->seed, {document})),
       scratch.empty() ? "" : scratch + "/0"});
  return work;
}

std::optional<Work> scenario_work(const RunOptions& options,
                                  const std::vector<scenario::Override>& overrides,
                                  const std::string& scratch) {
  Work work;
  for (const std::string& file : options.files) {
    if (auto loaded = load_scenario(file, overrides)) work.scenarios.push_back(std::move(*loaded));
  }
  if (work.scenarios.size() != options.files.size()) return std::nullopt;
  auto jobs = jobs_for(options, work.scenarios, scratch);
  if (!jobs) return std::nullopt;
  work.jobs = std::move(*jobs);
  return work;
}

// Takes each finished run, prints what there is to print of it, and adds up the exit code.
class Reporter {
 public:
  Reporter(std::vector<Job> jobs, const RunOptions& options, const Common& common,
           const text::Style& style, Progress& progress)
      : jobs_(std::move(jobs)),
        out_(options.out),
        keep_all_(options.keep == Keep::all ||
                  (options.keep == Keep::automatic && jobs_.size() <= kept_runs_max)),
        common_(common),
        style_(style),
        progress_(progress),
        began_(wall_time()) {
    for (const Job& job : jobs_) {
      name_width_ = std::max(name_width_, text::columns(job.scenario->name()));
    }
  }

  void take(const Finished& finished) {
    code_ = worse(code_, finished.code);
    progress_.finished(finished.code != exit_held && finished.code != exit_inconclusive);
    if (finished.line.directory.empty()) {  // the program itself failed: there is no verdict
      progress_.clear();
      std::cerr << finished.note;
      return;
    }
    keep_or_remove(finished);
    lines_.push_back(finished.line);
    print(finished);
  }

  // The end of the output; returns the exit code.
  int close() {
    progress_.clear();
    if (common_.format == Format::json && jobs_.size() > 1) {
      std::cout << (lines_.empty() ? "[]\n" : "\n]\n");
    }
    if (common_.format == Format::human && jobs_.size() > 1 && !lines_.empty()) {
      std::cout << text::summary(lines_, wall_time() - began_, style_);
    }
    if (interrupted()) {
      std::cerr << fmt::format("blackout: interrupted after {} of {} runs\n", lines_.size(),
                               jobs_.size());
      if (code_ == exit_held || code_ == exit_inconclusive) return exit_interrupted;
    }
    return code_;
  }

 private:
  // A record is tens of megabytes: of many runs only those that need a look are kept.
  void keep_or_remove(const Finished& finished) {
    const std::string& directory = finished.line.directory;
    if (!keep_all_ && finished.code == exit_held) {
      remove_directory(directory);
    } else {
      point_link(out_ + "/latest", directory.substr(out_.size() + 1));
    }
  }

  void print(const Finished& finished) {
    progress_.clear();
    const bool many = jobs_.size() > 1;
    switch (common_.format) {
      case Format::human:
        if (many || common_.quiet) {
          if (!common_.quiet || finished.code != exit_held) {
            std::cout << text::run_line(finished.line, name_width_, style_);
          }
        } else {
          std::cout << finished.block;
        }
        std::cout << finished.note;
        break;
      case Format::json:
        if (many) std::cout << (lines_.size() == 1 ? "[\n" : ",\n");
        std::cout << trimmed(finished.json) << (many ? "" : "\n");
        break;
      case Format::jsonl:
        std::cout << nlohmann::ordered_json::parse(finished.json).dump() << "\n";
        break;
    }
    if (common_.format != Format::human) std::cerr << finished.note;
    std::cout.flush();
  }

  static std::string trimmed(const std::string& json) {
    return json.substr(0, json.find_last_not_of('\n') + 1);
  }

  std::vector<Job> jobs_;
  std::string out_;
  bool keep_all_;
  Common common_;
  text::Style style_;
  Progress& progress_;
  Duration began_;
  std::size_t name_width_ = 0;
  std::vector<text::RunLine> lines_;
  int code_ = exit_held;
};

void perform_jobs(const std::vector<Job>& jobs, std::uint32_t processes, const text::Style& style,
                  Progress& progress, Reporter& reporter) {
  if (processes > 1 && jobs.size() > 1) {
    return perform_all(jobs, processes, style,
                       [&](const Finished& finished) { reporter.take(finished); });
  }
  for (const Job& job : jobs) {
    if (interrupted()) break;
    reporter.take(perform(job, style, [&](const record::PlanFacts& plan, Instant now) {
      progress.running(plan, now);
    }));
  }
}

}  // namespace

int run(const RunOptions& options, const Common& common) {
  if (options.files.empty() && options.plan.empty()) {
    return usage_error("FILE is required\n  blackout run -h   shows what there is");
  }
  const auto overrides = parse_overrides(options.sets);
  if (!overrides) return exit_usage;
  std::optional<TemporaryDirectory> scratch;
  if (options.check_replay) scratch.emplace();
  const std::string second = scratch ? scratch->path() : "";
  const auto work = options.plan.empty() ? scenario_work(options, *overrides, second)
                                         : plan_work(options, *overrides, second);
  if (!work) return exit_usage;
  const std::vector<Job>& jobs = work->jobs;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const bool first_of_scenario = i == 0 || jobs[i].scenario != jobs[i - 1].scenario;
    if (first_of_scenario &&
        !planted_bugs_are_here(scenario::draw(*jobs[i].scenario, jobs[i].seed))) {
      return exit_usage;
    }
  }

  watch_interrupts();
  const text::Style style = style_of(common);
  Progress progress(options.progress, jobs.size(), style);
  Reporter reporter(jobs, options, common, style, progress);
  try {
    perform_jobs(jobs, options.jobs, style, progress, reporter);
  } catch (const LeaveNow&) {
    // close() says how far it came.
  }
  return reporter.close();
}

}  // namespace blackout::cli
