// The snapshots of one node's shards, each in a file of its own beside the log.
//
// clang-format off
//   file   magic u64 | version u32 | shard u32 | index u64 | term u64 | chain hash u64
//          | size u64 | crc32c of the state u32 | crc32c of all before u32 | state
// clang-format on
//
// A snapshot counts only once a base in the log refers to it (log.hpp): it is made durable first,
// and one that no base refers to is removed in time. Calls block the calling task.
#pragma once

#include <functional>
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
// next write of the same snapshot replaces.
Result<void, LogError> write_snapshot(env::Disk& disk, ShardId shard,
                                      const raft::Snapshot& snapshot);

// The state of the snapshot at `position`. Errors: disk, not_found included; corrupt if what is
// there is not that snapshot or does not verify.
Result<raft::Payload, LogError> read_snapshot(env::Disk& disk, ShardId shard,
                                              const raft::Position& position);

// Removes the snapshots for which `is_useless` holds, and no other file. Error: disk.
Result<void, LogError> remove_snapshots(
    env::Disk& disk, const std::function<bool(ShardId, raft::Index)>& is_useless);

}  // namespace blackout::log
