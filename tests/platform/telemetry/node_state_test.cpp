#include "platform/telemetry/node_state.hpp"

#include <gtest/gtest.h>

namespace blackout::telemetry {
namespace {

TEST(NodeState, SaysNullForWhatItDoesNotKnow) {
  NodeState state{NodeId(3), 2, {}};
  ShardState& shard = state.shards.emplace_back();
  shard.shard = ShardId(1);
  shard.role = Role::leader;
  shard.term = raft::Term(7);
  shard.leader = NodeId(3);
  shard.durable = raft::Index(41);
  shard.commit = raft::Index(40);
  shard.applied = raft::Index(39);
  shard.snapshot = raft::Index(30);
  shard.writes_waiting = 1;
  shard.refused = 5;
  shard.lags = {{NodeId(0), milliseconds(1), milliseconds(2), milliseconds(3)},
                {NodeId(1), std::nullopt, std::nullopt, std::nullopt}};
  EXPECT_EQ(to_json(state),
            R"({"node":3,"disk_jobs_waiting":2,"shards":[{"shard":1,"role":"leader","term":7,)"
            R"("leader":3,"durable":41,"commit":40,"applied":39,"snapshot":30,)"
            R"("writes_waiting":1,"reads_waiting":0,"refused":5,"lag":[)"
            R"({"voter":0,"received_ns":1000000,"durable_ns":2000000,"applied_ns":3000000},)"
            R"({"voter":1,"received_ns":null,"durable_ns":null,"applied_ns":null}]}]})");
  state.shards[0].leader = no_node;
  EXPECT_NE(to_json(state).find(R"("leader":null)"), std::string::npos);
}

}  // namespace
}  // namespace blackout::telemetry
