// The vocabulary of the consensus core: terms, indexes, entries, messages.
//
// Values only. Names follow Ongaro, "Consensus: Bridging Theory and Practice" (2014), figure 3.1.
#pragma once

#include <boost/smart_ptr/local_shared_ptr.hpp>
#include <boost/smart_ptr/make_local_shared_array.hpp>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "host/base/bytes.hpp"
#include "host/base/ids.hpp"

namespace blackout::raft {

// Tells the disks apart that one machine has had.
using DiskId = Id<struct DiskTag, std::uint64_t>;
// Of the members that a group begins with.
inline constexpr DiskId founding_disk{0};

// Increases with every election; 0 only before the first.
using Term = Id<struct TermTag, std::uint64_t>;
// Position in the log, from 1; 0 is the empty log.
using Index = Id<struct IndexTag, std::uint64_t>;

constexpr Index operator+(Index index, std::uint64_t n) { return Index(index.value() + n); }
// index >= n.
constexpr Index operator-(Index index, std::uint64_t n) { return Index(index.value() - n); }
// Number of entries in (b, a]; a >= b.
constexpr std::uint64_t operator-(Index a, Index b) { return a.value() - b.value(); }
constexpr Term operator+(Term term, std::uint64_t n) { return Term(term.value() + n); }

// Identifies an entry and, by its chain hash, everything before it.
struct Position {
  Index index;
  Term term;
  std::uint64_t chain_hash = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

// Immutable and shared: the log, every outgoing message, the hand-over to the disk and to the state
// machine hold the same bytes.
class Payload {
 public:
  Payload() = default;
  // A copy; an empty one holds no memory.
  explicit Payload(BytesView bytes) : size_(bytes.size()) {
    if (bytes.empty()) return;
    const auto copy = boost::make_local_shared_noinit<std::uint8_t[]>(bytes.size());
    std::memcpy(copy.get(), bytes.data(), bytes.size());
    bytes_ = copy;
  }
  // Valid as long as any copy of this Payload is.
  [[nodiscard]] BytesView view() const { return {bytes_.get(), size_}; }

 private:
  // A replica is one thread: its counts need no atomic operations.
  boost::local_shared_ptr<const std::uint8_t[]> bytes_;
  std::size_t size_ = 0;
};

inline BytesView view_of(const Payload& payload) { return payload.view(); }

enum class EntryKind : std::uint8_t {
  command,        // for the state machine
  no_op,          // opens a leader's term (6.4), or was proposed; the state machine skips it, and
                  // the payload means nothing here
  configuration,  // the payload is a Configuration, in force from here on (4.1)
};

struct Entry {
  Term term;
  Index index;
  EntryKind kind = EntryKind::command;
  // A tag that travels with the entry and means nothing here; 0 for none.
  std::uint64_t operation = 0;
  Payload payload;
  // Digest of this entry and all before it. The log that holds the entry computes it; it is neither
  // sent nor compared by the protocol, but lets a checker compare whole prefixes by one word.
  std::uint64_t chain_hash = 0;
};

// The state machine after the entry at `position`: it stands for all entries up to there (5). The
// state means nothing here.
struct Snapshot {
  Position position;
  Payload state;
};

// A part of a snapshot's state under way.
struct SnapshotChunk {
  std::uint64_t chain_hash = 0;  // of the snapshot's position
  std::uint64_t offset = 0;      // of the first byte in the state
  std::uint64_t size = 0;        // of the whole state ...
  std::uint64_t checksum = 0;    // ... and its digest
  Payload bytes;
};

// What must be durable before anything that follows from it leaves the node.
struct HardState {
  Term term;
  NodeId vote = no_node;             // the candidate that got the vote of `term` ...
  DiskId vote_disk = founding_disk;  // ... and its disk: with another it is another candidate
  friend bool operator==(const HardState&, const HardState&) = default;
};

enum class MessageKind : std::uint8_t {
  pre_vote_request,    // 9.6; term is the one that the sender would open
  pre_vote_response,   // term of the request if granted, else the responder's own
  vote_request,        // log_index, log_term: the candidate's last entry; transfer
  vote_response,       // reject
  append_request,      // log_index, log_term: the entry before `entries`; commit; context: how many
                       // left before it that are not answered
  append_response,     // log_index: what now matches; with reject: the request's, and the hint
  heartbeat_request,   // commit, capped at what matches; log_index: without that cap; context:
                       // their round; released
  heartbeat_response,  // context of the request; promises; log_index: up to there the log is the
                       // leader's; commit: up to there it is applied
  timeout_now,         // 3.10: campaign at once
  committed_request,   // log_index, log_term: the asker's last entry; commit: what it lacks comes
                      // after; hint_index, context: of the snapshot under way to it the last entry,
                      // and the bytes that it has
  committed_response,  // log_index, log_term: the entry before `entries`, all of them committed;
                       // term: one in which they were known to be; commit: the responder's
  snapshot_request,    // 5: log_index, log_term: the snapshot's position; chunk
  snapshot_response,   // log_index, log_term of the request; context: bytes from the state's start
                       // that are here; with reject: the chunk did not follow them. After the
                       // last byte an append_response comes instead.
  join_request,        // 4.4, in part: the sender's disk is not the one that the group knows
  committed_snapshot,  // instead of a committed_response whose entries are gone from the log: as a
                       // snapshot_request, with the term and commit of a committed_response
};
inline constexpr std::uint8_t message_kinds = 15;

// Fields that a kind does not name are zero.
struct Message {
  MessageKind kind{};
  NodeId from = no_node;
  NodeId to = no_node;
  DiskId from_disk, to_disk;
  Term term;
  Index log_index;
  Term log_term;
  Index commit;
  std::vector<Entry> entries;  // contiguous from log_index + 1
  bool reject = false;
  bool transfer = false;  // the leader asked for this campaign: its lease does not count against it
  bool promises = false;  // the sender withholds its vote for a lease's length (Config::leases)
  Index hint_index;       // of a rejection: the last entry that may match ...
  Term hint_term;         // ... and its term
  std::uint64_t context = 0;
  Index released;  // every voter has the log up to here on its disk: nobody will ask for it again
  std::shared_ptr<const SnapshotChunk> chunk{};  // of a *_snapshot or snapshot_request, else null
};

}  // namespace blackout::raft
