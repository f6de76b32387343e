// The write-ahead log of one node: hard states and entries of all its shards, in one sequence of
// records.
//
// One log for all shards, so that one sync() makes the work of all of them durable (group commit).
// Calls block the calling task; one append() at a time is allowed (CHECK), and sync() alongside it.
// Nothing is promised before sync() returned success. After any error the log is unusable in this
// incarnation and repeats that error: the state of the disk is then unknown (Rebello et al., USENIX
// ATC 2020) and the node must stop.
//
// A torn tail is told apart from corruption (Alagappan et al., "Protocol-Aware Recovery for
// Consensus-Based Storage", FAST 2018). Every record states its own sequence and the sequence known
// durable when it was written. Let s be the sequence expected where the first bad record stands. If
// any later record that verifies states that s had been durable, then s was once whole on the disk,
// was perhaps acknowledged, and is now damaged: open() refuses. Otherwise no record after s was
// written after a sync that covered s, so s and all behind it are what a power loss may take from
// un-synced writes: they are dropped. A segment is only begun when the one before is durable, so
// damage before the last segment is always corruption. What this cannot see: damage to the records
// of the last sync before the crash, when nothing was written after it. Those are dropped like a
// torn tail; torn_bytes says so, and the copies of the other replicas remain.
//
// Every segment from the first on is kept. Once snapshots exist, a segment may be removed, oldest
// first, when every shard has released the records in it and its newest hard state stands in a
// later one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/base/bytes.hpp"
#include "host/base/ids.hpp"
#include "host/base/result.hpp"
#include "host/env/disk.hpp"
#include "platform/raft/types.hpp"

namespace blackout::log {

struct LogError {
  enum class Kind : std::uint8_t {
    disk,                 // the device refused: `disk` says how
    corrupt,              // a record that was durable does not verify, or states the impossible
    unsupported_version,  // written by a later version of this program
  };
  Kind kind{};
  env::DiskError disk{};     // for Kind::disk
  std::string file;          // the segment, where one is concerned
  std::uint64_t offset = 0;  // of the record, for Kind::corrupt

  friend bool operator==(const LogError&, const LogError&) = default;
};

struct Options {
  // A segment that has reached this size is followed by a new one. A batch is never split, so a
  // segment may be larger by one batch.
  std::uint64_t segment_bytes_max = 4u << 20;
};

// What one shard persists at once. Its order on disk, and so at recovery: hard state, truncation,
// entries.
struct Batch {
  ShardId shard;
  std::optional<raft::HardState> hard_state;
  std::optional<raft::Index> truncate_from;  // drops the entries from this index on
  // Consecutive indexes. The first may be at most one past the last in the log; an existing entry
  // at its index is dropped with all behind it. A gap fails a CHECK.
  std::span<const raft::Entry> entries;
};

struct ShardState {
  raft::HardState hard_state;
  std::vector<raft::Entry> entries;  // from index 1 on, without gaps
};

// What was found; all of it is durable when open() returns. A shard that never wrote is absent.
struct Recovered {
  std::map<ShardId, ShardState> shards;
  std::uint64_t torn_bytes = 0;  // dropped as an un-synced tail
};

class RecordWriter;

class Log {
 public:
  struct Opened;
  // Where the next record goes.
  struct Position {
    std::uint32_t segment = 0;
    env::FileId file;
    std::uint64_t segment_bytes = 0;
    std::uint64_t next_sequence = 1;
  };

  // Opens the log on `disk`, or creates it where there is none. Other files are ignored. The disk
  // must outlive the log.
  static Result<Opened, LogError> open(env::Disk& disk, Options options = {});

  // Writes the batches, in one Disk::write; an empty span does nothing. They survive a crash of the
  // process when this returns, and a power loss only after sync(). Begins a new segment where the
  // present one is full, after making that one durable.
  Result<void, LogError> append(std::span<const Batch> batches);

  // Makes everything durable that was appended before this call. Touches no disk if it already is.
  Result<void, LogError> sync();

  // Sequence of the last record appended, and of the last one known durable; 0 before the first.
  [[nodiscard]] std::uint64_t appended() const { return next_sequence_ - 1; }
  [[nodiscard]] std::uint64_t durable() const { return synced_sequence_; }

 private:
  Log(env::Disk& disk, Options options, const Position& position,
      std::map<ShardId, raft::Index> last);

  void write_batch(const Batch& batch, RecordWriter& writer);
  Result<void, LogError> begin_segment();
  Result<void, LogError> fail(env::DiskError error);

  env::Disk* disk_;
  Options options_;
  std::uint32_t segment_;  // number of the one written to
  env::FileId file_;
  std::uint64_t segment_bytes_;
  std::uint64_t next_sequence_;
  std::uint64_t synced_sequence_;
  std::map<ShardId, raft::Index> last_;  // of the entries of each shard
  Bytes buffer_;                         // kept for its capacity
  bool appending_ = false;
  std::optional<LogError> failed_;
};

struct Log::Opened {
  Log log;
  Recovered recovered;
};

}  // namespace blackout::log
