// One run from Plan to text, and many of them in several processes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/explore/run_one.hpp"
#include "harness/scenario/scenario.hpp"
#include "reports/text/verdict_text.hpp"

namespace blackout::cli {

struct Job {
  const scenario::Scenario* scenario;
  std::uint64_t seed;
  std::vector<std::string> overrides;  // "path=value"
  std::string directory;               // of the record
  std::string scratch;                 // for a second run to compare with; empty: run once
};

// All that is kept of a run once its record is on disk.
struct Finished {
  int code = 0;
  text::RunLine line;
  std::string block;  // the verdict as text
  std::string json;   // the verdict as one JSON document
  std::string note;   // a replay that differed, or why the program itself failed; empty otherwise
};

// Throws LeaveNow, with nothing of the run left behind, once asked_to_leave().
Finished perform(const Job& job, const text::Style& style,
                 const std::function<void(const record::PlanFacts&, Instant)>& observe = {});

// Performs all jobs in up to `processes` child processes and calls `done` in the order of the jobs.
// Once interrupted() it starts no more, once asked_to_leave() it ends them; jobs that were not
// started or not finished are not reported. Of a process that was killed nothing unfinished stays.
void perform_all(const std::vector<Job>& jobs, std::uint32_t processes, const text::Style& style,
                 const std::function<void(const Finished&)>& done);

}  // namespace blackout::cli
