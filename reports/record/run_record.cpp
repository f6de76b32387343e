#include "reports/record/run_record.hpp"

#include <fcntl.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "reports/record/json.hpp"
#include "reports/record/operation_line.hpp"

namespace blackout::record {
namespace {

namespace fs = std::filesystem;

constexpr int format_version = 3;

// Bytes of the code under test (a message, a key) may not be UTF-8; a record must still be written.
std::string dump(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

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

std::string_view name_of(Conclusion conclusion) {
  static constexpr std::array<std::string_view, 3> names{"pass", "violated", "inconclusive"};
  return names[static_cast<std::size_t>(conclusion)];
}

std::string_view name_of(FaultEnd end) {
  static constexpr std::array<std::string_view, 4> names{"open", "healed", "calm", "moment"};
  return names[static_cast<std::size_t>(end)];
}

std::string_view name_of(Held held) {
  static constexpr std::array<std::string_view, 3> names{"yes", "no", "unknown"};
  return names[static_cast<std::size_t>(held)];
}

void put_duration(Json& json, const std::string& name, Duration value) {
  json[name] = format_duration(value);
  json[name + "_ns"] = value.ns();
}

void put_instant(Json& json, const std::string& name, const std::optional<Instant>& value) {
  json[name] = value ? Json(format_instant(*value)) : Json(nullptr);
  json[name + "_ns"] = value ? Json(value->ns()) : Json(nullptr);
}

Json fault_json(const FaultOutcome& outcome, const PlanFacts& plan) {
  Json json = Json::object();
  json["letter"] = outcome.letter;
  json["kind"] = outcome.kind;
  json["target"] = outcome.target;
  json["cause"] = outcome.cause;
  json["nodes"] = Json::array();
  for (const NodeId node : outcome.nodes) json["nodes"].push_back(plan.nodes[node.value()].name);
  json["links"] = outcome.links;
  put_instant(json, "began", outcome.began);
  put_instant(json, "ended", outcome.ended);
  json["end"] = name_of(outcome.end);
  json["effect"] = outcome.effect;
  json["unit"] = outcome.unit;
  json["no_effect"] = outcome.idle();
  json["unmet"] = outcome.unmet;
  return json;
}

Json objective_json(const ObjectiveRow& row) {
  Json json = Json::object();
  json["name"] = row.name;
  json["subject"] = row.subject;
  json["held"] = name_of(row.held);
  json["promised"] = row.promised;
  json["measured"] = row.measured;
  json["margin"] = row.margin;
  const std::string unit = "_" + row.unit;
  if (!row.unit.empty()) {
    json["promised" + unit] = row.promised_value;
    json["measured" + unit] = row.measured_value;
  }
  json["note"] = row.note;
  return json;
}

Json finding_json(const Finding& finding) {
  Json json = Json::object();
  json["id"] = finding.id;
  json["rule"] = finding.rule;
  json["sentence"] = finding.sentence;
  json["at"] = format_instant(finding.at);
  json["at_ns"] = finding.at.ns();
  json["event"] = finding.event.value();
  json["story"] = Json::array();
  for (const StoryLine& line : finding.story) {
    Json said = Json::object();
    said["at"] = format_instant(line.at);
    said["at_ns"] = line.at.ns();
    said["who"] = line.who;
    said["what"] = line.what;
    said["event"] = line.event.value();
    json["story"].push_back(std::move(said));
  }
  return json;
}

Json figures_json(const Verdict& verdict) {
  Json json = Json::object();
  json["acknowledged"] = verdict.acknowledged;
  json["lost"] = verdict.lost;
  json["duplicated"] = verdict.duplicated;
  json["phantom"] = verdict.phantom;
  put_duration(json, "rpo_time", verdict.rpo_time);
  put_duration(json, "rpo_tail", verdict.rpo_tail);
  put_duration(json, "exposure_max", verdict.exposure_max);
  put_duration(json, "rto", verdict.rto);
  put_duration(json, "downtime", verdict.downtime);
  json["owed"] = verdict.owed;
  json["owed_ok"] = verdict.owed_ok;
  json["impact_operations"] = verdict.impact_operations;
  json["impact_clients"] = verdict.impact_clients;
  json["rto_phases"] = Json::array();
  for (const RtoPhases& phases : verdict.rto_phases) {
    Json row = Json::object();
    put_duration(row, "detect", phases.detect);
    put_duration(row, "decide", phases.decide);
    put_duration(row, "fence", phases.fence);
    put_duration(row, "promote", phases.promote);
    put_duration(row, "route", phases.route);
    put_duration(row, "warm", phases.warm);
    json["rto_phases"].push_back(std::move(row));
  }
  return json;
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

std::string verdict_json(const RunRecord& run, const std::string& directory) {
  const Verdict& verdict = run.verdict;
  Json json = Json::object();
  json["version"] = "verdict.v1";
  json["scenario"] = run.plan.scenario;
  json["seed"] = seed_text(run.plan.seed);
  json["overrides"] = run.overrides;
  json["build"] = to_json(run.build);
  json["outcome"] = name_of(verdict.conclusion);
  json["sentence"] = verdict.sentence;
  json["expectation_met"] = verdict.expectation_met;
  put_duration(json, "simulated", run.simulated - Instant(0));
  json["trace_hash"] = trace::format_hash(run.trace.hash());
  json["trace_events"] = run.trace.size();
  json["objectives"] = Json::array();
  for (const ObjectiveRow& row : verdict.objectives)
    json["objectives"].push_back(objective_json(row));
  json["invariants"] = Json::array();
  for (const InvariantRow& row : verdict.invariants) {
    Json item = Json::object();
    item["id"] = row.id;
    item["held"] = name_of(row.held);
    item["checked"] = row.checked;
    json["invariants"].push_back(std::move(item));
  }
  json["marks"] = Json::array();
  for (const MarkRow& row : verdict.marks) {
    json["marks"].push_back(
        Json::object({{"name", row.name}, {"count", row.count}, {"expected", row.expected}}));
  }
  json["faults"] = Json::array();
  for (const FaultOutcome& outcome : run.faults) {
    json["faults"].push_back(fault_json(outcome, run.plan));
  }
  json["findings"] = Json::array();
  for (const Finding& finding : verdict.findings) json["findings"].push_back(finding_json(finding));
  json["failure"] = run.failure ? to_json(*run.failure) : Json(nullptr);
  json["figures"] = figures_json(verdict);
  const std::string record = fs::path(directory).lexically_normal().string();
  Json paths = Json::object();
  paths["directory"] = record;
  paths["record"] = (fs::path(record) / "record.json").string();
  paths["trace"] = (fs::path(record) / "trace.bin").string();
  paths["history"] = (fs::path(record) / "history.jsonl").string();
  json["paths"] = std::move(paths);
  return dump(json, 2);
}

}  // namespace blackout::record
