// Everything that is kept of one run; whatever replays, reports or compares reads this and nothing
// else.
//
// On disk a folder: record.json (plan, build, hash, verdict), trace.bin, history.jsonl. save()
// writes into a temporary folder beside the target and puts it in place in one step, so that a
// reader sees the old record whole, then the new one. A file system that cannot exchange two
// folders (renameat2) shows none for a moment.
#pragma once

#include <optional>
#include <string>

#include "host/base/result.hpp"
#include "reports/record/history.hpp"
#include "reports/record/ledger.hpp"
#include "reports/record/plan_facts.hpp"
#include "reports/record/verdict.hpp"
#include "sim/trace/trace.hpp"

namespace blackout::record {

// The code under test ended the run: a failed CHECK, an exception, a call to the real machine, a
// crash.
struct CodeFailure {
  std::string kind;  // "check", "exception", "hermeticity", "livelock", "signal", "hang", "memory"
  std::string node;  // empty where unknown
  std::string task;
  std::string text;  // "platform/log/wal.cpp:61: index == next" or "SIGSEGV"
  Instant at;
};

struct Build {
  std::string commit;    // short hash, "+" appended if the tree had changes
  std::string compiler;  // "gcc 12.2.0"
  std::string type;      // "Release"
};

struct RunRecord {
  std::string plan_document;           // the drawn scenario as JSON: runnable as it is
  std::vector<std::string> overrides;  // --set, in order
  Build build;
  PlanFacts plan;
  trace::Trace trace;
  History history;
  Ledger faults;
  std::optional<CodeFailure> failure;
  Verdict verdict;
  Instant simulated;  // how far virtual time came
  std::uint64_t kernel_events = 0;
};

enum class LoadError : std::uint8_t { not_found, damaged, version };

// Writes the folder `directory` whole, replacing an older one. Returns the reason on failure, as a
// sentence.
Result<void, std::string> save(const RunRecord& run, const std::string& directory);

// Removes what a save() that was killed left beside `directory`: the record there is the one from
// before, or none. A parent folder that is empty then goes too.
void discard_unfinished(const std::string& directory);

// Reads record.json, trace.bin and history.jsonl; the plan facts and the verdict come from
// record.json.
Result<RunRecord, LoadError> load(const std::string& directory);

// The verdict as one JSON document ("verdict.v1", see ux.md "Machine output"), and the one for a
// run whose process died before it could write a record.
std::string verdict_json(const RunRecord& run, const std::string& directory);

}  // namespace blackout::record
