// What the core hands to its driver, and the order in which the driver must deal with it.
//
// For each Output:
//   1. report `facts`; send `messages_now`; end this incarnation if it `forgot`;
//   2. make `hard_state`, `snapshot`, `truncate_from` and `entries` durable;
//   3. call Raft::persisted(id), report `facts_durable`, send `messages`;
//   4. replace the state machine by `snapshot`'s; apply `committed` in order; answer `reads` as
//      soon as the state machine has applied their index, refuse `reads_refused`. If
//      `snapshot_wanted`, give Raft::provide() the state as of the last of `committed`.
//
// Ordering. Outputs are dealt with in the order of their ids: step 3 of one waits for step 2 of all
// earlier ones, also if it has nothing to persist itself. Step 4 needs no wait for step 2 (the
// entries are durable on a majority, which may not yet include this node) unless the state machine
// is durable itself: it must not get ahead of the log.
//
// Concurrency. While a driver waits for its disk in step 2, it may step, tick and take the next
// Output; step 1 of that next one may go ahead of this one's step 2.
//
// Failure. If step 2 fails or its outcome is unknown, the node stops: nothing more is sent in this
// incarnation (a later success proves nothing about the earlier write). Messages may be dropped,
// duplicated and reordered at will.
//
// Why messages_now may go first (10.2.1): they are a leader's, in a term that is already durable
// here, as a candidate counts its own vote only from persisted(). They promise nothing about this
// node's log: a leader counts itself for an entry only from persisted(), so that a lost tail was
// never committed by its own copy, and what followers stored of it is an ordinary uncommitted tail
// of that term.
#pragma once

#include <optional>
#include <vector>

#include "host/base/event.hpp"
#include "platform/raft/types.hpp"

namespace blackout::raft {

// A fact in the words of host/base/event.hpp, with these readings:
//   election_timeout  b is silence in ticks, not in ns: the driver multiplies
//   match_advanced    c is the term of the entry at the index
//   log_truncated     b is the term of this node, in which the tail was overruled
// The driver reports what only it knows: term_persisted, log_durable, entry_applied, log_recovered.
struct Fact {
  EventKind kind{};
  std::uint64_t a = 0, b = 0, c = 0;
  friend bool operator==(const Fact&, const Fact&) = default;
};

// A read that may be answered from the state machine once it has applied `index`.
struct ReadGrant {
  std::uint64_t context = 0;  // as given to Raft::read
  Index index;
};

struct Output {
  std::uint64_t id = 0;  // from 1, without gaps

  std::vector<Fact> facts;  // in the order in which they became true
  // This node acknowledged what its disk has no more: it may go on only as another member, with
  // another DiskId (the log it has may stay).
  bool forgot = false;
  std::vector<Message> messages_now;

  std::optional<HardState> hard_state;
  // Every entry that an earlier Output handed over to persist is void: the log starts behind the
  // snapshot.
  std::optional<Snapshot> snapshot;
  // Entries from here on that an earlier Output handed over are void.
  std::optional<Index> truncate_from;
  // Contiguous; the first follows what is left after truncate_from.
  std::vector<Entry> entries;

  std::vector<Fact> facts_durable;  // vote_cast
  std::vector<Message> messages;

  std::vector<Entry> committed;  // contiguous from one Output to the next, of every kind
  std::vector<ReadGrant> reads;
  std::vector<std::uint64_t> reads_refused;  // contexts; leadership was lost
  bool snapshot_wanted = false;              // a follower lacks what is gone from the log

  // Step 2 has work.
  [[nodiscard]] bool must_persist() const {
    return hard_state.has_value() || snapshot.has_value() || truncate_from.has_value() ||
           !entries.empty();
  }
  [[nodiscard]] bool empty() const {
    return !forgot && !must_persist() && facts.empty() && messages_now.empty() &&
           facts_durable.empty() && messages.empty() && committed.empty() && reads.empty() &&
           reads_refused.empty() && !snapshot_wanted;
  }
  // Empties it; its lists keep their memory.
  void clear() {
    facts.clear();
    forgot = false;
    messages_now.clear();
    hard_state.reset();
    snapshot.reset();
    truncate_from.reset();
    entries.clear();
    facts_durable.clear();
    messages.clear();
    committed.clear();
    reads.clear();
    reads_refused.clear();
    snapshot_wanted = false;
  }
};

}  // namespace blackout::raft
