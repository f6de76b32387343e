// One group's files on one node's disk: term and vote, log, snapshot.
//
// clang-format off
//   raftS-state-0, -1   the newer one counts: version u64 | term u64 | vote u64 | crc32c u32
//   raftS-log-N         records: body length u32 | crc32c u32 | body
//                       body: kind u8 | entry: index, term, type u8, data to the end
//                                     | cut: from
//                                     | start: index, base term, base chain u64, entries
//   raftS-snapshot-I    crc32c u32 | index, term, configuration index, members, data
// clang-format on
//
// A file of the log is never written to again after a start or a failure: the next one begins by
// saying where the log ends (cut) or begins (start), so that nothing behind that in older files
// counts. A record's checksum covers its file's number and its own place. A snapshot that is
// durable makes the log begin anew in a file of its own, which counts once all the entries are in
// it that it starts with.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/env/disk.hpp"

namespace blackout::system::libraft {

struct Entry {
  std::uint64_t term = 0;
  std::uint8_t type = 0;
  Bytes data;
};

struct Peer {
  std::uint64_t id = 0;
  int role = 0;
};

struct Image {
  std::uint64_t index = 0, term = 0, configuration_index = 0;
  std::vector<Peer> peers;
  Bytes data;
};

// What stands before the first entry of a log.
struct LogBase {
  std::uint64_t index = 0, term = 0, chain = 0;
};

struct Recovered {
  std::uint64_t term = 0, vote = 0;
  std::shared_ptr<const Image> snapshot;
  LogBase base;
  std::deque<Entry> entries;
};

class Storage {
 public:
  Storage(env::Disk& disk, ShardId shard);

  // Once, before everything else; what it returns is durable. Nothing where the files cannot be
  // read or contradict each other: such a node may neither vote nor count.
  std::optional<Recovered> open();

  // Durable on true. On false either state may be on the disk.
  bool set_state(std::uint64_t term, std::uint64_t vote);

  // Written, durable after sync(). After a false of any of the three no entry counts that was
  // appended since the last sync(); what was truncated stays so.
  bool append(std::uint64_t first, std::span<const Entry> entries);
  bool truncate(std::uint64_t from);
  bool sync();

  // Durable on true. The log then begins behind `base`, with what it held there or, unless
  // `keep_log`, empty.
  bool put(std::shared_ptr<const Image> image, const LogBase& base, bool keep_log);

  // The newest durable snapshot.
  [[nodiscard]] const std::shared_ptr<const Image>& snapshot() const { return snapshot_; }
  [[nodiscard]] std::uint64_t last() const { return base_.index + entries_.size(); }

 private:
  enum class Kind : std::uint8_t { entry = 1, cut };
  [[nodiscard]] std::string name(const char* what, std::uint64_t number) const;
  [[nodiscard]] std::optional<std::uint64_t> number_of(const std::string& file,
                                                       const char* what) const;
  std::optional<Bytes> read_all(const std::string& file, bool make_durable);
  bool read_state(Recovered& into);
  bool read_log(Recovered& into);
  static bool replay(BytesView file, std::uint64_t number, Recovered& into);
  static bool replay_record(BytesView body, Recovered& into);
  bool read_snapshots(Recovered& into);
  static bool agrees(const Recovered& log, const Image& snapshot);

  void record(Bytes& out, std::uint64_t offset, BytesView body) const;
  static Bytes body_of(std::uint64_t index, const Entry& entry);
  bool write(const std::vector<Bytes>& bodies);
  bool begin_file();
  bool begin_log(const LogBase& base, const std::deque<Entry>& entries);
  void fail();
  void remove_old(std::uint64_t snapshot_index);

  env::Disk& disk_;
  std::string prefix_;
  std::uint64_t version_ = 0;  // of the state
  std::uint64_t number_ = 0;   // of the file of the log
  std::optional<env::FileId> file_;
  std::uint64_t offset_ = 0;
  LogBase base_;
  std::deque<Entry> entries_;
  std::uint64_t safe_ = 0;  // up to there nothing changed since the last sync
  std::shared_ptr<const Image> snapshot_;
};

}  // namespace blackout::system::libraft
