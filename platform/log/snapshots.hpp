// The snapshots of one node's shards, each in a file of its own beside the log.
//
// clang-format off
//   file   magic u64 | version u32 | shard u32 | index u64 | term u64 | chain hash u64
//          | size u64 | crc32c of the state u32 | crc32c of all before u32 | state
// clang-format on
//
// A snapshot counts only once a base in the log refers to it (log.hpp): write() makes it durable
// first, and one without a base is removed at the next keep_only(). Calls block the calling task.
#pragma once

#include <map>
#include <string>

#include "host/base/bytes.hpp"
#include "host/base/ids.hpp"
#include "host/base/result.hpp"
#include "host/env/disk.hpp"
#include "platform/log/log.hpp"

namespace blackout::log {

// "snap-00000003-0000000000001200" for shard and index.
std::string snapshot_name(ShardId shard, raft::Index index);

// Durable on return. Error: disk, no_space included; part of a file may then be there, which the
// next write of the same snapshot replaces and keep_only() removes.
Result<void, LogError> write_snapshot(env::Disk& disk, ShardId shard,
                                      const raft::Snapshot& snapshot);

// The state of the snapshot at `position`. Errors: disk, not_found included; corrupt if what is
// there is not that snapshot or does not verify.
Result<raft::Payload, LogError> read_snapshot(env::Disk& disk, ShardId shard,
                                              const raft::Position& position);

// Removes every snapshot of a shard in `kept` but the one at that index.
Result<void, LogError> keep_only_snapshots(env::Disk& disk,
                                           const std::map<ShardId, raft::Index>& kept);

}  // namespace blackout::log
