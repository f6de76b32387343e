// blackout fuzz FILE...: many runs of drawn schedules, until a budget or a find.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "harness/cli/campaign_text.hpp"
#include "harness/cli/exit_codes.hpp"
#include "harness/cli/loading.hpp"
#include "harness/cli/options.hpp"
#include "harness/cli/outside.hpp"
#include "harness/cli/progress.hpp"
#include "harness/cli/records.hpp"
#include "harness/cli/workers.hpp"
#include "harness/explore/campaign.hpp"
#include "host/base/hash.hpp"
#include "reports/record/build.hpp"

namespace blackout::cli {
namespace {

using explore::Assignment;
using explore::Campaign;
using explore::Cluster;
using explore::Summary;

constexpr int wait_milliseconds = 200;
constexpr std::uint64_t runs_max = 1'000'000'000;

// One of a fuzzer's runs, from its number to its answer.
class Performer {
 public:
  Performer(const Campaign& campaign, const std::vector<LoadedScenario>& scenarios,
            const FuzzOptions& options)
      : campaign_(campaign), scenarios_(scenarios), options_(options) {}

  // Another strategy makes another plan of the same seed.
  [[nodiscard]] std::string directory_of(const Assignment& run) const {
    std::vector<std::string> changes = options_.sets;
    if (run.strategy != scenario::Strategy::as_written) {
      changes.push_back(fmt::format("strategy {}", static_cast<int>(run.strategy)));
    }
    return fmt::format("{}/{}/{}", options_.out, scenarios_[run.scenario].scenario.name(),
                       run_name(run.seed, changes));
  }

  [[nodiscard]] Summary perform(std::uint64_t number) const {
    const Assignment run = campaign_.assignment(number);
    const scenario::Plan plan =
        scenario::draw(scenarios_[run.scenario].scenario, run.seed, run.strategy);
    Summary summary = explore::probe(plan, options_.sets, directory_of(run), {}, leave_if_asked);
    if (!run.twice) return summary;
    const Summary again = explore::probe(plan, options_.sets, "", {}, leave_if_asked);
    if (again.trace_hash == summary.trace_hash) return summary;
    summary.broken = explore::Shape{std::string(replay_differs), "", {}};
    summary.sentence = "Two runs of one plan differ.";
    explore::run_isolated(plan, options_.sets, directory_of(run), {}, leave_if_asked);
    return summary;
  }

 private:
  const Campaign& campaign_;
  const std::vector<LoadedScenario>& scenarios_;
  const FuzzOptions& options_;
};

std::string known_text(const Campaign& campaign) {
  return fmt::format("found {}   {} states, {} new in 1,000 runs   {} marks",
                     campaign.clusters().size(), text::grouped(campaign.states()),
                     text::grouped(campaign.new_states()), campaign.marks().size());
}

void annotate(const Cluster& cluster, const LoadedScenario& scenario,
              const std::string& directory) {
  std::cout << fmt::format("::error file={},line=1,title={}::seed {}%0Ablackout shrink {}\n",
                           scenario.file, cluster.shape.finding, text::seed_text(cluster.seed),
                           directory)
            << std::flush;
}

// Performs runs until the budget is used up, somebody asks to stop, or enough was found.
void perform(Campaign& campaign, const Performer& performer,
             const std::vector<LoadedScenario>& scenarios, const FuzzOptions& options,
             Progress& progress) {
  explore::Fleet fleet = workers(options.jobs, [&](const std::string& task) {
    return to_line(performer.perform(std::stoull(task)));
  });
  const Duration began = wall_time();
  std::uint64_t next = 0;
  const auto over = [&] {
    return interrupted() || (options.span && wall_time() - began >= *options.span) ||
           (options.stop_after > 0 && campaign.clusters().size() >= options.stop_after);
  };
  while (true) {
    while (fleet.idle() && !over()) {
      while (campaign.finished(next)) ++next;
      if (next >= options.runs) break;
      fleet.give(next, std::to_string(next));
      ++next;
    }
    if (!fleet.busy() || asked_to_leave() || interrupted()) break;
    const auto answer = fleet.next(wait_milliseconds);
    if (!answer) continue;
    if (!answer->text && asked_to_leave()) break;
    const auto summary = answer->text ? explore::summary_from(*answer->text) : std::nullopt;
    CHECK(summary.has_value(), fmt::format("the worker of run {} ended", answer->id));
    const std::size_t known = campaign.clusters().size();
    const auto superseded = campaign.take(answer->id, *summary);
    if (superseded) remove_directory(performer.directory_of(campaign.assignment(*superseded)));
    const std::string directory = performer.directory_of(campaign.assignment(answer->id));
    if (summary->broken && superseded != answer->id) {
      point_link(options.out + "/latest", directory.substr(options.out.size() + 1));
    }
    const bool is_new = campaign.clusters().size() > known;
    progress.finished(is_new, known_text(campaign));
    if (!is_new) continue;
    progress.clear();
    std::cerr << fmt::format("blackout fuzz  found {}   seed {}   run {}\n",
                             summary->broken->finding, text::seed_text(summary->seed), answer->id);
    for (const Cluster& cluster : campaign.clusters()) {
      if (cluster.first == answer->id && options.github) {
        annotate(cluster, scenarios[cluster.scenario], directory);
      }
    }
  }
}

explore::CampaignPlan plan_of(const FuzzOptions& options,
                              const std::vector<LoadedScenario>& scenarios, std::uint64_t base) {
  explore::CampaignPlan plan;
  plan.base = base;
  plan.strategy = options.strategy;
  const record::Build build = record::this_build();
  plan.build = build.commit + " " + build.compiler + " " + build.type;
  for (const LoadedScenario& loaded : scenarios) {
    plan.scenarios.push_back(loaded.scenario.name());
    const std::string document = scenario::draw(loaded.scenario, 0).document;
    plan.documents.push_back(
        hash64({reinterpret_cast<const std::uint8_t*>(document.data()), document.size()}));
  }
  return plan;
}

std::vector<Found> found_in(const Campaign& campaign, const Performer& performer) {
  std::vector<Found> found;
  for (Cluster& cluster : campaign.clusters()) {
    std::string directory = performer.directory_of(campaign.assignment(cluster.first));
    found.push_back({std::move(cluster), std::move(directory)});
  }
  return found;
}

std::vector<std::string> promises() {
  std::vector<std::string> ids{"rpo",           "rto", "availability", "latency",
                               "added_latency", "lag", "divergence",   "residency"};
  for (const std::string& id : vocabulary().promises) {
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  return ids;
}

Result<void, std::string> write_files(const Ended& ended, const FuzzOptions& options) {
  if (!options.junit.empty()) {
    const auto written = write_text(options.junit, junit(ended, promises()));
    if (!written) return written;
  }
  if (!options.markdown.empty()) {
    const auto written = write_text(options.markdown, markdown(ended));
    if (!written) return written;
  }
  const std::string job_summary = environment_variable("GITHUB_STEP_SUMMARY");
  return job_summary.empty() ? Result<void, std::string>{}
                             : append_text(job_summary, markdown(ended));
}

}  // namespace

int fuzz(const FuzzOptions& asked, const Common& common) {
  FuzzOptions options = asked;
  if (options.runs == 0) options.runs = options.span ? runs_max : 1'000;
  options.github = options.github || environment_variable("GITHUB_ACTIONS") == "true";
  const auto overrides = parse_overrides(options.sets);
  if (!overrides) return exit_usage;
  std::vector<LoadedScenario> scenarios;
  for (const std::string& file : options.files) {
    if (auto loaded = load_scenario(file, *overrides)) scenarios.push_back(std::move(*loaded));
  }
  if (scenarios.size() != options.files.size()) return exit_usage;
  const auto seeds = parse_seeds({options.seed});
  if (!seeds) return exit_usage;
  if (seeds->size() != 1) return usage_error("fuzz takes one seed; each run draws its own from it");
  for (const LoadedScenario& loaded : scenarios) {
    if (!planted_bugs_are_here(scenario::draw(loaded.scenario, 0))) return exit_usage;
  }
  Campaign campaign(plan_of(options, scenarios, seeds->front()));
  const std::string journal =
      fmt::format("{}/{}/fuzz-{}-{}.jsonl", options.out, scenarios.front().scenario.name(),
                  text::seed_text(seeds->front()), options.strategy);
  const auto kept = campaign.keep_journal(journal, options.resume);
  if (!kept) return usage_error(kept.error());

  watch_interrupts();
  const text::Style style = style_of(common);
  const Duration began = wall_time();
  const Performer performer(campaign, scenarios, options);
  Progress progress(options.progress, options.runs, style, "fuzz");
  perform(campaign, performer, scenarios, options, progress);
  progress.clear();
  const Ended ended{campaign, found_in(campaign, performer), wall_time() - began, interrupted()};
  if (common.format == Format::human) {
    std::cout << result_text(ended, style) << fmt::format("  journal  {}\n", journal);
  } else {
    print_document(campaign_document(ended), common);
  }
  const auto written = write_files(ended, options);
  if (!written) return usage_error(written.error());
  if (!ended.found.empty()) return exit_broken;
  return interrupted() ? exit_interrupted : exit_held;
}

}  // namespace blackout::cli
