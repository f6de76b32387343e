#include "reports/json/explanation.hpp"

#include "reports/record/document.hpp"
#include "reports/text/cone.hpp"

namespace blackout::json {
namespace {

using record::Json;

Json event_of(const text::ConeEvent& event, const text::Cone& cone) {
  Json json = Json::object();
  record::put_instant(json, "at", event.at);
  json["who"] = event.who;
  json["what"] = event.what;
  const auto found = cone.depended_on.find(event.id);
  const bool traced = found != cone.depended_on.end();
  json["event"] = traced ? Json(event.id.value()) : Json(nullptr);
  json["cause"] = traced ? Json(found->second.cause.value()) : Json(nullptr);
  json["kind"] = traced ? Json(words_of(event.kind).kind) : Json(nullptr);
  json["before_it"] = event.folded.size();
  json["named"] = event.root;
  json["missing"] = event.gap;
  return json;
}

Json explained(const record::Finding& finding, const record::RunRecord& run) {
  const text::Cone cone = text::cone_of(finding, run);
  Json json = record::finding_document(finding);
  json["depended_on"] = cone.depended_on.size();
  json["faults"] = cone.faults;
  json["events"] = Json::array();
  for (const text::ConeEvent& event : cone.events) json["events"].push_back(event_of(event, cone));
  return json;
}

}  // namespace

Json explanation(const record::RunRecord& run, const std::string& directory) {
  Json json = Json::object();
  json["version"] = "explanation.v1";
  json["record"] = directory;
  json["scenario"] = run.plan.scenario;
  json["seed"] = record::seed_text(run.plan.seed);
  json["outcome"] = record::name_of(run.verdict.conclusion);
  json["sentence"] = run.verdict.sentence;
  json["failure"] = run.failure ? record::to_json(*run.failure) : Json(nullptr);
  json["trace_events"] = run.trace.size();
  json["findings"] = Json::array();
  for (const record::Finding& finding : run.verdict.findings) {
    json["findings"].push_back(explained(finding, run));
  }
  return json;
}

}  // namespace blackout::json
