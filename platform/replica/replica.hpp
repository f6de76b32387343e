// The driver of all shards of one node: it turns the pure cores' Outputs into disk and network
// work.
//
// One write-ahead log serves all shards, so that one sync makes everything durable that gathered
// while the one before was under way (group commit). Nothing leaves the node before what it follows
// from is durable, in the order that platform/raft/output.hpp demands. A replica's own snapshot is
// written beside that work, a leader's in its place; once it is durable, its shard's log begins
// there, and what no shard needs goes. A full disk puts off an own snapshot; every other error of
// the disk ends the process.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "host/env/environment.hpp"
#include "platform/log/log.hpp"
#include "platform/replica/encodings.hpp"
#include "platform/replica/once.hpp"
#include "platform/replica/shard.hpp"

namespace blackout::replica {

inline constexpr Duration hand_over_max = seconds(3);
inline constexpr Duration lag_exported_every = seconds(1);

class Replica;

struct Config {
  std::vector<ShardConfig> shards;  // those that this node is a member of
  Duration tick = milliseconds(50);
  // The newest that this release reads; it writes it to peers that read it too.
  raft::Encoding encoding = raft::Encoding::plain;
  // Where true, the operator's word that this node never served before: an empty disk then is one
  // that the group begins with, and not one in the place of another. Set to false once the disk
  // says so itself.
  std::shared_ptr<bool> founding;
  // Where not null, the replica that runs with this is found there while it exists.
  std::shared_ptr<Replica*> running = {};
};

class Replica {
 public:
  Replica(env::Environment& environment, Config config);
  ~Replica();
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  // Recovers from the disk, or takes an empty one into use, and starts the tasks that tick and
  // persist. A log that cannot be used, or a snapshot that is missing or damaged, ends the process:
  // such a replica may neither vote nor count.
  void open();

  // From a task: hands over each shard that this node leads (dissertation, 3.10), and returns when
  // their new leaders are known, or after hand_over_max.
  void hand_over();

  // And may: one in quarantine is no leader to anybody.
  [[nodiscard]] bool leads(ShardId shard) const;
  // Hands over what it leads to voters that are not among `nodes`, where there are some that can
  // lead; as Raft::avoid().
  void avoid(const std::vector<NodeId>& nodes);

  // A message of the channel's name; malformed ones, ones for shards that are not here, ones in an
  // encoding that this release does not read, and second copies of a forward are dropped.
  void on_raft(BytesView message);
  void on_announcement(NodeId peer, BytesView message);
  void on_forward(NodeId gateway, BytesView message);
  void on_audit(NodeId from, BytesView message);

#ifdef BLACKOUT_PLANTED_BUGS
  // As Shard::spoil(); none for a shard that is not here.
  std::optional<raft::Index> spoil(ShardId shard, ledger::Spoilt what, std::uint64_t draw);
#endif

  [[nodiscard]] telemetry::NodeState state() const;

 private:
  struct Job {
    Shard* shard;
    std::unique_ptr<raft::Output> output;  // or ...
    std::optional<raft::Snapshot> taken;   // ... a durable snapshot of this replica's own
  };

  [[nodiscard]] Shard* find(ShardId shard) const;
  // End the process where the disk does not do its part.
  [[nodiscard]] raft::DiskId identify_disk();
  [[nodiscard]] raft::DiskId another_disk();
  void disown_disk();
  [[nodiscard]] Shard::Restored restore(const ShardConfig& shard, const raft::Position& base);
  void pump(Shard& shard);
  void tick_forever();
  void persist_forever();
  void snapshot_forever();
  void export_lag_forever();
  void export_lag(const Shard& shard, EventKind stage, NodeId voter, std::optional<Duration> lag);
  Shard* due_for_snapshot();
  // Return when all of it is durable; else the process ends.
  void persist(std::span<const log::Batch> batches);
  void persist(ShardId shard, const raft::Snapshot& snapshot);
  void enqueue(Job job);
  void trim();
  void finish(Job& job);

  env::Environment& environment_;
  Config config_;
  Encodings encodings_;
  std::shared_ptr<log::Log> log_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<Job> queue_;  // waiting for the disk, in order
  bool persisting_ = false;
  Once once_;
  std::set<std::pair<ShardId, raft::Index>> in_hand_;  // own snapshots without a durable base yet
  bool disowned_ = false;                              // nothing leaves this node any more
  env::TaskId persister_, snapshotter_;
};

}  // namespace blackout::replica
