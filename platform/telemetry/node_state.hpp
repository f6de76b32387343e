// What a server tells its operators of itself, at one moment.
//
// A gauge that cannot know says so: it has no value then, never an old one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/base/event.hpp"
#include "platform/raft/types.hpp"

namespace blackout::telemetry {

struct VoterLag {
  NodeId voter;
  // LagGauge. What is applied can be read, by the leader's grant.
  std::optional<Duration> received, durable, applied;
};

struct ShardState {
  ShardId shard;
  Role role{};
  raft::Term term;
  NodeId leader = no_node;  // no_node: not known
  // Of this replica: the last entry stored, known committed, and applied; the newest snapshot.
  raft::Index durable, commit, applied, snapshot;
  // Requests that wait here for their answer.
  std::size_t writes_waiting = 0, reads_waiting = 0;
  std::uint64_t refused = 0;   // requests, since the process started
  std::vector<VoterLag> lags;  // of the others, by a leader; empty elsewhere
};

struct NodeState {
  NodeId node;
  std::size_t disk_jobs_waiting = 0;
  std::vector<ShardState> shards;
};

// One JSON object; times in nanoseconds, null for what is not known.
std::string to_json(const NodeState& state);

}  // namespace blackout::telemetry
