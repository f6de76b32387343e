#include "reports/json/report.hpp"

#include <limits>

#include "reports/record/document.hpp"
#include "reports/text/chronicle.hpp"
#include "reports/text/lanes.hpp"

namespace blackout::json {
namespace {

using record::Json;

Json span(Instant from, Instant to) {
  Json json = Json::object();
  record::put_instant(json, "from", from);
  record::put_instant(json, "to", to);
  return json;
}

Json phases(const record::RunRecord& run) {
  Json list = Json::array();
  for (const text::PhaseSpan& phase : text::phases_of(run.plan.timeline, text::end_of(run))) {
    Json json = Json::object({{"phase", phase.name}});
    json.update(span(phase.from, phase.to));
    list.push_back(std::move(json));
  }
  return list;
}

Json role(const text::RoleSpan& each, const record::ShardFact& shard) {
  Json json = Json::object();
  json["group"] = shard.name;
  json["role"] = each.leader ? "leader" : "candidate";
  json["term"] = each.term;
  json.update(span(each.from, each.to));
  return json;
}

Json nodes(const record::RunRecord& run) {
  const text::Lanes lanes = text::lanes_of(run, text::end_of(run));
  Json list = Json::array();
  for (std::size_t i = 0; i < run.plan.nodes.size(); ++i) {
    const record::NodeFact& fact = run.plan.nodes[i];
    Json json = Json::object();
    json["node"] = fact.name;
    json["region"] = run.plan.regions[fact.region.value()].name;
    json["client_host"] = fact.client_host;
    json["roles"] = Json::array();
    for (const text::Lane& lane : lanes.lanes) {
      if (lane.node.value() != i) continue;
      for (const text::RoleSpan& each : lane.roles) {
        json["roles"].push_back(role(each, run.plan.shards[lane.shard.value()]));
      }
    }
    json["absent"] = Json::array();
    for (const text::AbsentSpan& each : lanes.absent[i]) {
      Json absent = Json::object({{"state", each.paused ? "paused" : "down"}});
      absent.update(span(each.from, each.to));
      json["absent"].push_back(std::move(absent));
    }
    list.push_back(std::move(json));
  }
  return list;
}

Json moments(const record::RunRecord& run) {
  Json list = Json::array();
  constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
  for (const text::Moment& moment : text::chronicle_of(run, all).moments) {
    Json json = Json::object();
    record::put_instant(json, "at", moment.at);
    json["event"] = moment.event.value();
    json["cause"] = moment.cause.value();
    json["kind"] = moment.kind;
    json["who"] = moment.who;
    json["region"] = moment.region;
    json["what"] = moment.what;
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace

Json report(const record::RunRecord& run, const std::string& directory) {
  Json json = Json::object();
  json["version"] = "report.v1";
  json["verdict"] = record::verdict_document(run, directory);
  Json timeline = Json::object();
  timeline["phases"] = phases(run);
  timeline["nodes"] = nodes(run);
  timeline["events"] = moments(run);
  json["timeline"] = std::move(timeline);
  return json;
}

}  // namespace blackout::json
