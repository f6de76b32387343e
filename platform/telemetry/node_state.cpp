#include "platform/telemetry/node_state.hpp"

#include <nlohmann/json.hpp>

namespace blackout::telemetry {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(NodeId node) { return node == no_node ? Json() : Json(node.value()); }

Json json_of(const std::optional<Duration>& known) { return known ? Json(known->ns()) : Json(); }

Json json_of(const ShardState& shard) {
  Json lags = Json::array();
  for (const VoterLag& lag : shard.lags) {
    lags.push_back({{"voter", lag.voter.value()},
                    {"received_ns", json_of(lag.received)},
                    {"durable_ns", json_of(lag.durable)},
                    {"applied_ns", json_of(lag.applied)}});
  }
  return {{"shard", shard.shard.value()},
          {"role", name_of(shard.role)},
          {"term", shard.term.value()},
          {"leader", json_of(shard.leader)},
          {"durable", shard.durable.value()},
          {"commit", shard.commit.value()},
          {"applied", shard.applied.value()},
          {"snapshot", shard.snapshot.value()},
          {"writes_waiting", shard.writes_waiting},
          {"reads_waiting", shard.reads_waiting},
          {"refused", shard.refused},
          {"lag", lags}};
}

}  // namespace

std::string to_json(const NodeState& state) {
  Json shards = Json::array();
  for (const ShardState& shard : state.shards) shards.push_back(json_of(shard));
  return Json{{"node", state.node.value()},
              {"disk_jobs_waiting", state.disk_jobs_waiting},
              {"shards", shards}}
      .dump();
}

}  // namespace blackout::telemetry
