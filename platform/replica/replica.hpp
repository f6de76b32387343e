// The driver of all shards of one node: it turns the pure cores' Outputs into disk and network
// work.
//
// One write-ahead log serves all shards, so that one sync makes everything durable that gathered
// while the one before was under way (group commit). Nothing leaves the node before what it follows
// from is durable, in the order that platform/raft/output.hpp demands.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "host/env/environment.hpp"
#include "platform/log/log.hpp"
#include "platform/replica/shard.hpp"

namespace blackout::replica {

inline constexpr Duration hand_over_max = seconds(3);

struct Config {
  std::vector<ShardConfig> shards;  // those that this node votes in
  Duration tick = milliseconds(50);
};

class Replica {
 public:
  Replica(env::Environment& environment, Config config);
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  // Recovers from the disk and starts the tasks that tick and persist. A log that cannot be used
  // ends the process: such a replica may neither vote nor count.
  void open();

  // From a task: transfers each shard that this node leads to the follower that is furthest
  // (dissertation, 3.10), and returns when their new leaders are known, or after hand_over_max.
  void hand_over();

  // A message of Channel::raft or Channel::forward; malformed ones, and ones for shards that are
  // not here, are dropped.
  void on_raft(BytesView message);
  void on_forward(NodeId gateway, BytesView message);

 private:
  struct Job {
    Shard* shard;
    std::unique_ptr<raft::Output> output;
  };

  Shard* find(ShardId shard);
  void pump(Shard& shard);
  void tick_forever();
  void persist_forever();
  // Returns when all of them are durable.
  void persist(std::span<const log::Batch> batches);
  static void finish(Shard& shard, std::unique_ptr<raft::Output> output);

  env::Environment& environment_;
  Config config_;
  std::shared_ptr<log::Log> log_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<Job> queue_;  // waiting for the disk, in order
  bool persisting_ = false;
  env::TaskId persister_;
};

}  // namespace blackout::replica
