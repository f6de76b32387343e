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
// A segment begins with every shard's hard state and the span of its log, so that none before it is
// needed for them. The oldest one goes when all its entries are covered by their shards' bases. Of
// the span that the oldest one left then begins with, entries may be missing that only a later base
// covers; if none does, the log is corrupt. Snapshots themselves stand in files of their own
// (snapshots.hpp), which must be durable before a base refers to them.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "host/base/bytes.hpp"
#include "host/base/ids.hpp"
#include "host/base/result.hpp"
#include "host/env/disk.hpp"
#include "platform/log/record.hpp"
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
  std::string file;          // the segment, snapshot or identity, where one is concerned
  std::uint64_t offset = 0;  // of the record, for Kind::corrupt

  static LogError refused(env::DiskError error, std::string file) {
    return {Kind::disk, error, std::move(file), 0};
  }
  static LogError corrupted(std::string file, std::uint64_t offset = 0) {
    return {Kind::corrupt, {}, std::move(file), offset};
  }
  friend bool operator==(const LogError&, const LogError&) = default;
};

struct Options {
  // A segment that has reached this size is followed by a new one. A batch is never split, so a
  // segment may be larger by one batch.
  std::uint64_t segment_bytes_max = 4u << 20;
};

// A shard's snapshot that is durable, from now on the beginning of its log.
struct NewBase {
  raft::Position position;
  bool keeps_entries = true;  // those behind the position; else all are void
};

// What one shard persists at once. Its order on disk, and so at recovery: hard state, base,
// truncation, entries.
struct Batch {
  ShardId shard;
  std::optional<raft::HardState> hard_state;
  std::optional<raft::Index> truncate_from;  // drops the entries from this index on
  // Consecutive indexes. The first may be at most one past the last in the log; an existing entry
  // at its index is dropped with all behind it. A gap fails a CHECK.
  std::span<const raft::Entry> entries;
  // Not past the last entry unless it keeps none, else CHECK; one that is not past the present base
  // does nothing.
  std::optional<NewBase> base{};
};

struct ShardState {
  raft::HardState hard_state;
  raft::Position base;               // of the newest snapshot; index 0 without one
  std::vector<raft::Entry> entries;  // from base.index + 1 on, without gaps

  [[nodiscard]] raft::Index last_index() const {
    return entries.empty() ? base.index : entries.back().index;
  }
};

// What was found; all of it is durable when open() returns. A shard that never wrote is absent.
struct Recovered {
  std::map<ShardId, ShardState> shards;
  std::uint64_t torn_bytes = 0;  // dropped as an un-synced tail
};

class Log {
 public:
  struct Opened;
  // The last index of each shard that a segment has an entry of.
  using LastEntries = std::map<ShardId, raft::Index>;
  // Where the next record goes, and what stands before it.
  struct Position {
    std::uint32_t segment = 0;
    env::FileId file;
    std::uint64_t segment_bytes = 0;
    std::uint64_t next_sequence = 1;
    std::deque<LastEntries> segments;  // the last is `segment`
  };

  // Opens the log on `disk`, or creates it where there is none. Other files are ignored. The disk
  // must outlive the log.
  static Result<Opened, LogError> open(env::Disk& disk, Options options = {});

  // Writes the batches, in one Disk::write; an empty span does nothing. They survive a crash of the
  // process when this returns, and a power loss only after sync(). Begins a new segment where the
  // present one is full or has a new base, after making that one durable.
  Result<void, LogError> append(std::span<const Batch> batches);

  // Makes everything durable that was appended before this call. Touches no disk if it already is.
  Result<void, LogError> sync();

  // The durable base of every shard; index 0 where there is none.
  [[nodiscard]] const std::map<ShardId, raft::Index>& bases() const { return durable_bases_; }
  // Removes the oldest segments as far as durable bases cover all their entries, but for the last
  // two: damage in the only one could be taken for a torn tail. append() may run meanwhile.
  Result<void, LogError> trim();
  // Of more than so many segments, a shard that the oldest is kept for.
  static constexpr std::size_t segments_max = 8;
  [[nodiscard]] std::optional<ShardId> held_back_by() const;

  // Sequence of the last record appended, and of the last one known durable; 0 before the first.
  [[nodiscard]] std::uint64_t appended() const { return next_sequence_ - 1; }
  [[nodiscard]] std::uint64_t durable() const { return synced_sequence_; }

 private:
  // What a new segment repeats of a shard, and where its entries end.
  struct Tail {
    raft::HardState hard_state;
    raft::Position base;
    raft::Index last;
  };

  Log(env::Disk& disk, Options options, Position position, std::map<ShardId, Tail> tails);

  void write_batch(const Batch& batch, RecordWriter& writer);
  void write_tails(RecordWriter& writer) const;
  // A shard with entries there that its base does not cover.
  [[nodiscard]] std::optional<ShardId> uncovered(const LastEntries& segment) const;
  Result<void, LogError> begin_segment();
  Result<void, LogError> fail(env::DiskError error);

  env::Disk* disk_;
  Options options_;
  std::uint32_t segment_;  // number of the one written to
  env::FileId file_;
  std::uint64_t segment_bytes_;
  std::uint64_t next_sequence_;
  std::uint64_t synced_sequence_;
  std::map<ShardId, Tail> tails_;
  std::map<ShardId, raft::Index> durable_bases_;
  std::vector<std::pair<ShardId, raft::Index>> written_bases_;  // not durable yet
  std::deque<LastEntries> segments_;                            // the last is the one written to
  Bytes buffer_;                                                // kept for its capacity
  bool based_ = false;  // a new base stands in the present segment
  bool appending_ = false;
  std::optional<LogError> failed_;
};

struct Log::Opened {
  Log log;
  Recovered recovered;
};

}  // namespace blackout::log
