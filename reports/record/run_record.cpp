#include "reports/record/run_record.hpp"

#include <fcntl.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "reports/record/document.hpp"
#include "reports/record/json.hpp"
#include "reports/record/operation_line.hpp"

namespace blackout::record {
namespace {

namespace fs = std::filesystem;

constexpr int format_version = 4;

Json record_json(const RunRecord& run) {
  Json json = Json::object();
  json["format"] = "blackout-record";
  json["version"] = format_version;
  json["build"] = to_json(run.build);
  json["overrides"] = run.overrides;
  json["plan_document"] = run.plan_document;
  json["plan"] = to_json(run.plan);
  json["simulated"] = run.simulated.ns();
  json["kernel_events"] = run.kernel_events;
  json["trace_hash"] = trace::format_hash(run.trace.hash());
  json["trace_events"] = run.trace.size();
  json["failure"] = run.failure ? to_json(*run.failure) : Json(nullptr);
  json["faults"] = Json::array();
  for (const FaultOutcome& outcome : run.faults) json["faults"].push_back(to_json(outcome));
  json["verdict"] = to_json(run.verdict);
  return json;
}

bool write_file(const fs::path& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  return !out.fail();
}

std::optional<std::string> read_file(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  std::ifstream in(path, std::ios::binary);
  if (error || !in) return {};
  std::string text(size, '\0');
  in.read(text.data(), static_cast<std::streamsize>(size));
  if (in.gcount() != static_cast<std::streamsize>(size)) return {};
  return text;
}

// Operations, then audits, one per line; the last line states how many there must be.
std::string history_text(const History& history) {
  std::string text;
  text.reserve(history.operations.size() * 384);
  for (const Operation& operation : history.operations) append_line(operation, text);
  for (const Audit& audit : history.audits) text += dump(to_json(audit)) + "\n";
  Json end = Json::object();
  end["operations"] = history.operations.size();
  end["audits"] = history.audits.size();
  return text + dump(end) + "\n";
}

Operation read_operation(std::string_view line) {
  if (auto operation = read_line(line)) return *std::move(operation);
  Operation operation;
  from_json(Json::parse(line), operation);
  return operation;
}

// Throws Json::exception.
bool read_history(const std::string& text, History& history) {
  std::vector<std::string_view> lines;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t to = text.find('\n', from);
    if (to == std::string::npos) return false;
    lines.push_back(std::string_view(text).substr(from, to - from));
    from = to + 1;
  }
  if (lines.empty()) return false;
  const Json end = Json::parse(lines.back());
  const auto operations = end.at("operations").get<std::size_t>();
  const auto audits = end.at("audits").get<std::size_t>();
  if (operations >= lines.size() || audits != lines.size() - 1 - operations) return false;
  history.operations.reserve(operations);
  for (std::size_t i = 0; i < operations; ++i) {
    history.operations.push_back(read_operation(lines[i]));
    if (history.operations.back().id != OperationId(i + 1)) return false;
  }
  for (std::size_t i = operations; i + 1 < lines.size(); ++i) {
    from_json(Json::parse(lines[i]), history.audits.emplace_back());
  }
  return true;
}

// Every id of the plan and the history indexes what it names.
bool consistent(const RunRecord& run) {
  const PlanFacts& plan = run.plan;
  const auto region = [&](RegionId id) { return id.value() < plan.regions.size(); };
  const auto node = [&](NodeId id) { return id.value() < plan.nodes.size(); };
  const auto shard = [&](ShardId id) { return id.value() < plan.shards.size(); };
  const auto group = [&](std::uint32_t id) { return id < plan.groups.size(); };
  bool good = true;
  for (const NodeFact& fact : plan.nodes) good = good && region(fact.region);
  for (const ShardFact& fact : plan.shards) {
    for (const NodeId voter : fact.voters) good = good && node(voter);
  }
  for (const ClientGroupFact& fact : plan.groups) {
    good = good && shard(fact.shard);
    for (const RegionId from : fact.from) good = good && region(from);
  }
  good = good && (!plan.objectives.rto || group(plan.objectives.rto->group));
  for (const auto& objective : plan.objectives.availability) good = good && group(objective.group);
  for (const auto& objective : plan.objectives.residency) {
    for (const RegionId stay : objective.stay_in) good = good && region(stay);
  }
  for (const Operation& operation : run.history.operations) {
    good = good && region(operation.region) && shard(operation.shard) && group(operation.group);
  }
  for (const FaultOutcome& outcome : run.faults) {
    for (const NodeId of : outcome.nodes) good = good && node(of);
  }
  good = good && (run.faults.empty() || run.faults.size() == plan.faults.size());
  for (const Audit& audit : run.history.audits) {
    good = good && region(audit.region) && shard(audit.shard);
  }
  return good;
}

std::string in_words(const std::error_code& error) { return error ? ": " + error.message() : ""; }

// A record's folder, the one that holds it, and the one in which it is written.
struct Places {
  fs::path folder, parent, fresh;
};

Places places_of(const std::string& directory) {
  const fs::path target = fs::path(directory).lexically_normal();
  const fs::path folder = target.has_filename() ? target : target.parent_path();
  const fs::path parent = folder.has_parent_path() ? folder.parent_path() : fs::path(".");
  return {folder, parent, parent / ("." + folder.filename().string() + ".new")};
}

fs::path stepped_aside(const fs::path& fresh) { return fresh.string() + ".old"; }

// Gives `fresh` the name `folder` in one step; what had that name before has the other then.
std::error_code put_in_place(const fs::path& fresh, const fs::path& folder) {
  std::error_code error;
  fs::rename(fresh, folder, error);  // if there is none, or an empty one
  if (!error) return {};
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, folder.c_str(), RENAME_EXCHANGE) == 0) {
    return {};
  }
  // This file system cannot exchange: none is visible until the second step.
  const fs::path old = stepped_aside(fresh);
  std::error_code ignored;
  fs::remove_all(old, ignored);
  fs::rename(folder, old, error);
  if (error) return error;
  fs::rename(fresh, folder, error);
  if (error) fs::rename(old, folder, ignored);
  fs::remove_all(old, ignored);
  return error;
}

}  // namespace

ShardId routes_shard(const PlanFacts& plan) {
  for (std::uint32_t s = 0; s < plan.shards.size(); ++s) {
    if (plan.shards[s].routes) return ShardId(s);
  }
  return no_shard;
}

std::string seed_text(std::uint64_t seed) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "0x%016llx", static_cast<unsigned long long>(seed));
  return text.data();
}

Result<void, std::string> save(const RunRecord& run, const std::string& directory) {
  const auto [folder, parent, fresh] = places_of(directory);
  std::error_code error;
  fs::create_directories(parent, error);
  fs::remove_all(fresh, error);
  if (!fs::create_directory(fresh, error)) {
    return failure("cannot write " + fresh.string() + in_words(error));
  }
  const Bytes trace = run.trace.encode();
  const std::string_view trace_text(reinterpret_cast<const char*>(trace.data()), trace.size());
  const bool written = write_file(fresh / "record.json", dump(record_json(run), 1) + "\n") &&
                       write_file(fresh / "trace.bin", trace_text) &&
                       write_file(fresh / "history.jsonl", history_text(run.history));
  if (written) error = put_in_place(fresh, folder);
  std::error_code ignored;
  fs::remove_all(fresh, ignored);
  if (!written) return failure("cannot write the files of " + directory);
  if (error) return failure("cannot write " + directory + in_words(error));
  return {};
}

void discard_unfinished(const std::string& directory) {
  const auto [folder, parent, fresh] = places_of(directory);
  const fs::path old = stepped_aside(fresh);
  std::error_code ignored;
  if (!fs::exists(folder, ignored)) fs::rename(old, folder, ignored);
  fs::remove_all(old, ignored);
  fs::remove_all(fresh, ignored);
  fs::remove(parent, ignored);
}

Result<RunRecord, LoadError> load(const std::string& directory) {
  const fs::path folder(directory);
  const auto record = read_file(folder / "record.json");
  if (!record) return failure(LoadError::not_found);
  const auto trace_text = read_file(folder / "trace.bin");
  const auto history = read_file(folder / "history.jsonl");
  if (!trace_text || !history) return failure(LoadError::damaged);
  auto trace = trace::Trace::decode(
      {reinterpret_cast<const std::uint8_t*>(trace_text->data()), trace_text->size()});
  try {
    const Json json = Json::parse(*record);
    if (json.at("format") != "blackout-record") return failure(LoadError::damaged);
    if (json.at("version") != format_version) return failure(LoadError::version);
    if (!trace) {
      return failure(trace.error() == trace::Trace::Error::version ? LoadError::version
                                                                   : LoadError::damaged);
    }
    RunRecord run;
    run.trace = std::move(trace).value();
    from_json(json.at("build"), run.build);
    json.at("overrides").get_to(run.overrides);
    json.at("plan_document").get_to(run.plan_document);
    from_json(json.at("plan"), run.plan);
    run.simulated = Instant(json.at("simulated").get<std::int64_t>());
    json.at("kernel_events").get_to(run.kernel_events);
    if (!json.at("failure").is_null()) from_json(json.at("failure"), run.failure.emplace());
    for (const Json& outcome : json.at("faults")) from_json(outcome, run.faults.emplace_back());
    from_json(json.at("verdict"), run.verdict);
    const bool whole = json.at("trace_hash") == trace::format_hash(run.trace.hash()) &&
                       json.at("trace_events") == run.trace.size() &&
                       read_history(*history, run.history) && consistent(run);
    if (!whole) return failure(LoadError::damaged);
    return run;
  } catch (const Json::exception&) {
    return failure(LoadError::damaged);
  }
}

}  // namespace blackout::record
