// The disk's identity: a file beside the log that tells this disk from every other the machine has
// had. A program that finds none stands on an empty disk, whatever it stored before (a new disk in
// the place of a broken one), and may not act as who it was.
#pragma once

#include <optional>

#include "host/base/result.hpp"
#include "host/env/disk.hpp"
#include "platform/log/log.hpp"

namespace blackout::log {

// The identity; nothing on a disk without one and without a log. Errors: disk; corrupt, also for a
// log without an identity. Blocks the calling task.
Result<std::optional<raft::DiskId>, LogError> read_identity(env::Disk& disk);

// Durable on return. Error: disk. Blocks the calling task.
Result<void, LogError> write_identity(env::Disk& disk, raft::DiskId id);

}  // namespace blackout::log
