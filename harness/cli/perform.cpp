#include "harness/cli/perform.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "harness/cli/compare.hpp"
#include "harness/cli/exit_codes.hpp"
#include "harness/cli/outside.hpp"
#include "harness/cli/workers.hpp"
#include "reports/record/run_record.hpp"

namespace blackout::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int poll_milliseconds = 100;

Json to_json(const record::ObjectiveRow& row) {
  return {row.name,   row.subject, static_cast<int>(row.held), row.promised,       row.measured,
          row.margin, row.note,    row.promised_value,         row.measured_value, row.unit};
}

record::ObjectiveRow row_from(const Json& json) {
  record::ObjectiveRow row;
  row.name = json[0];
  row.subject = json[1];
  row.held = static_cast<record::Held>(json[2].get<int>());
  row.promised = json[3];
  row.measured = json[4];
  row.margin = json[5];
  row.note = json[6];
  row.promised_value = json[7];
  row.measured_value = json[8];
  row.unit = json[9];
  return row;
}

std::string encode(const Finished& finished) {
  const text::RunLine& line = finished.line;
  Json rows = Json::array();
  for (const record::ObjectiveRow& row : line.objectives) rows.push_back(to_json(row));
  const Json json = {finished.code,  static_cast<int>(line.conclusion),
                     line.scenario,  line.seed,
                     line.wall.ns(), line.detail,
                     line.directory, rows,
                     finished.block, finished.json,
                     finished.note};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Empty if the text is not whole.
std::optional<Finished> decode(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_array() || json.size() != 11) return std::nullopt;
  Finished finished;
  finished.code = json[0];
  finished.line = {static_cast<text::Conclusion>(json[1].get<int>()),
                   json[2],
                   json[3],
                   Duration(json[4].get<std::int64_t>()),
                   json[5],
                   json[6],
                   {}};
  for (const Json& row : json[7]) finished.line.objectives.push_back(row_from(row));
  finished.block = json[8];
  finished.json = json[9];
  finished.note = json[10];
  return finished;
}

Finished lost(const Job& job) {
  Finished finished;
  finished.code = exit_internal;
  finished.note = fmt::format("blackout: the process of seed {} was ended before its answer\n",
                              text::seed_text(job.seed));
  return finished;
}

// Runs the plan again into a directory of its own; what differs as text, empty if nothing does.
std::string replay_difference(const scenario::Plan& plan, const Job& job,
                              const record::RunRecord& first) {
  const explore::Outcome again =
      explore::run_isolated(plan, job.overrides, job.scratch, {}, leave_if_asked);
  remove_directory(job.scratch);
  return difference(first, again.run);
}

Finished internal_error(const Job& job, const std::string& what) {
  Finished finished;
  finished.code = exit_internal;
  finished.note = fmt::format("blackout: internal error in the run of seed {}: {}\n",
                              text::seed_text(job.seed), what);
  return finished;
}

}  // namespace

Finished perform(const Job& job, const text::Style& style,
                 const std::function<void(const record::PlanFacts&, Instant)>& observe) {
  Finished finished;
  try {
    const Duration began = wall_time();
    const scenario::Plan plan = scenario::draw(*job.scenario, job.seed);
    const explore::Outcome outcome = explore::run_isolated(plan, job.overrides, job.directory, {},
                                                           [&](const explore::Progress& progress) {
                                                             leave_if_asked(progress);
                                                             if (observe)
                                                               observe(plan.facts, progress.now);
                                                           });
    const Duration wall = wall_time() - began;
    finished.line = text::line_of(outcome.run, outcome.directory, wall);
    finished.code = exit_code_of(finished.line.conclusion);
    finished.block = text::verdict_block(outcome.run, outcome.directory, wall, style);
    finished.json = record::verdict_json(outcome.run, outcome.directory);
    if (!job.scratch.empty()) finished.note = replay_difference(plan, job, outcome.run);
    if (!finished.note.empty()) finished.code = worse(finished.code, exit_differs);
  } catch (const CheckFailed& failed) {
    finished = internal_error(job, failed.where + ": " + failed.what);
  } catch (const std::exception& error) {
    finished = internal_error(job, error.what());
  }
  return finished;
}

void perform_all(const std::vector<Job>& jobs, std::uint32_t processes, const text::Style& style,
                 const std::function<void(const Finished&)>& done) {
  std::vector<std::optional<Finished>> finished(jobs.size());
  std::size_t started = 0, reported = 0;
  const auto report = [&] {
    for (; reported < started && finished[reported]; ++reported) {
      done(*finished[reported]);
      finished[reported] = Finished{};
    }
  };
  {
    explore::Fleet fleet = workers(
        std::min<std::size_t>(processes, jobs.size()),
        [&](const std::string& task) { return encode(perform(jobs[std::stoull(task)], style)); });
    while (!asked_to_leave()) {
      for (; fleet.idle() && !interrupted() && started < jobs.size(); ++started) {
        fleet.give(started, std::to_string(started));
      }
      if (!fleet.busy()) break;
      const auto answer = fleet.next(poll_milliseconds);
      if (!answer) continue;
      // Whoever asks this process to leave may have asked its workers too.
      if (!answer->text && asked_to_leave()) break;
      const Job& job = jobs[answer->id];
      finished[answer->id] = answer->text ? decode(*answer->text) : std::nullopt;
      if (!finished[answer->id]) {
        record::discard_unfinished(job.directory);
        finished[answer->id] = lost(job);
      }
      report();
    }
  }
  // Asked to leave: what is finished is told, the rest leaves nothing behind.
  for (; reported < started; ++reported) {
    if (finished[reported]) {
      done(*finished[reported]);
    } else {
      record::discard_unfinished(jobs[reported].directory);
    }
  }
}

}  // namespace blackout::cli
