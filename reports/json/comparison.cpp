#include "reports/json/comparison.hpp"

#include "reports/record/document.hpp"
#include "reports/text/change.hpp"
#include "reports/text/event_text.hpp"

namespace blackout::json {
namespace {

using record::Json;
using record::ObjectiveRow;

Json run_of(const Named& named) {
  const record::RunRecord& run = named.run;
  Json json = Json::object();
  json["record"] = named.directory;
  json["scenario"] = run.plan.scenario;
  json["seed"] = record::seed_text(run.plan.seed);
  json["overrides"] = run.overrides;
  json["build"] = record::to_json(run.build);
  json["outcome"] = record::name_of(run.verdict.conclusion);
  json["trace_events"] = run.trace.size();
  json["trace_hash"] = trace::format_hash(run.trace.hash());
  json["failure"] = run.failure ? record::to_json(*run.failure) : Json(nullptr);
  return json;
}

// Null where the run had ended.
Json event_of(EventId id, const record::RunRecord& run) {
  Event event;
  if (!trace::Cursor(run.trace, id).next(event)) return nullptr;
  Json json = Json::object();
  record::put_instant(json, "at", event.at);
  json["who"] = text::who_of(event, run);
  json["what"] = text::event_sentence(event, run);
  json["kind"] = words_of(event.kind).kind;
  json["cause"] = event.cause.value();
  return json;
}

Json first_difference(const record::RunRecord& a, const record::RunRecord& b) {
  const EventId first = trace::first_difference(a.trace, b.trace);
  if (first == EventId(0)) return nullptr;
  return Json::object(
      {{"event", first.value()}, {"a", event_of(first, a)}, {"b", event_of(first, b)}});
}

Json objectives(const record::RunRecord& a, const record::RunRecord& b) {
  const auto row = [](const ObjectiveRow* known) {
    return known == nullptr ? Json(nullptr) : record::objective_document(*known);
  };
  Json list = Json::array();
  for (const auto& [before, after] : text::paired_objectives(a, b)) {
    list.push_back(Json::object({{"a", row(before)}, {"b", row(after)}}));
  }
  return list;
}

Json broken(const record::RunRecord& run) {
  Json list = Json::array();
  for (const record::InvariantRow& row : run.verdict.invariants) {
    if (row.held == record::Held::no) list.push_back(row.id);
  }
  return list;
}

Json faults(const record::RunRecord& run, const record::RunRecord& other) {
  Json list = Json::array();
  for (const std::size_t i : text::faults_only_in(run, other)) {
    const record::FaultFact& fault = run.plan.faults[i];
    Json json = Json::object();
    json["letter"] = fault.letter;
    json["kind"] = fault.kind;
    json["target"] = fault.target;
    json["details"] = fault.details;
    record::put_instant(json, "at",
                        fault.at == Instant::never() ? std::nullopt : std::optional(fault.at));
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace

Json comparison(const Named& a, const Named& b) {
  Json json = Json::object();
  json["version"] = "comparison.v1";
  json["a"] = run_of(a);
  json["b"] = run_of(b);
  json["first_difference"] = first_difference(a.run, b.run);
  json["objectives"] = objectives(a.run, b.run);
  json["broken_invariants"] = Json::object({{"a", broken(a.run)}, {"b", broken(b.run)}});
  json["faults_only_in"] = Json::object({{"a", faults(a.run, b.run)}, {"b", faults(b.run, a.run)}});
  return json;
}

}  // namespace blackout::json
