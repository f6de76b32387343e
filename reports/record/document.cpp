#include "reports/record/document.hpp"

#include <array>
#include <filesystem>

namespace blackout::record {

namespace fs = std::filesystem;

std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string_view name_of(Conclusion conclusion) {
  static constexpr std::array<std::string_view, 3> names{"pass", "violated", "inconclusive"};
  return names[static_cast<std::size_t>(conclusion)];
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

Json objective_document(const ObjectiveRow& row) {
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

Json finding_document(const Finding& finding) {
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

namespace {

std::string_view name_of(FaultEnd end) {
  static constexpr std::array<std::string_view, 4> names{"open", "healed", "calm", "moment"};
  return names[static_cast<std::size_t>(end)];
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

}  // namespace

Json verdict_document(const RunRecord& run, const std::string& directory) {
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
    json["objectives"].push_back(objective_document(row));
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
  for (const Finding& finding : verdict.findings)
    json["findings"].push_back(finding_document(finding));
  json["failure"] = run.failure ? to_json(*run.failure) : Json(nullptr);
  json["figures"] = figures_json(verdict);
  const std::string record = fs::path(directory).lexically_normal().string();
  Json paths = Json::object();
  paths["directory"] = record;
  paths["record"] = (fs::path(record) / "record.json").string();
  paths["trace"] = (fs::path(record) / "trace.bin").string();
  paths["history"] = (fs::path(record) / "history.jsonl").string();
  json["paths"] = std::move(paths);
  return json;
}

std::string verdict_json(const RunRecord& run, const std::string& directory) {
  return dump(verdict_document(run, directory), 2);
}

}  // namespace blackout::record
