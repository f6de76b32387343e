// The event vocabulary: every kind of thing that a run records, with the meaning of its three
// words.
//
// It stands on the ground floor because three rooms that may not know each other share it: the
// platform reports facts through env::Trace, the models report physics, and checkers and reports
// read both. The consensus kinds are general: any replicated log can emit them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "host/base/ids.hpp"
#include "host/base/time.hpp"

namespace blackout {
inline namespace base {

// clang-format off
// X(kind, a, b, c): the words' names; "" where one is unused and 0. A name tells its form: *_node
// is a NodeId plus 1 (0: none), *_ns signed nanoseconds, *_hash a digest, the rest plain numbers.
#define BLACKOUT_EVENT_KINDS(X)                                                                   \
  /* the run */                                                                                   \
  X(phase_started, "phase", "", "")                      /* 0 warmup, 1 chaos, 2 calm, 3 audit */ \
  X(fault_started, "fault", "", "")                      /* index in the Plan's list */           \
  X(fault_ended, "fault", "", "")                                                                 \
  /* network: node is the sender for sent and dropped, the receiver for delivered */              \
  X(message_sent, "to_node", "bytes", "")                                                         \
  X(message_delivered, "from_node", "bytes", "delay_ns")                                          \
  X(message_dropped, "to_node", "bytes", "reason")       /* network::DropReason */                \
  X(message_duplicated, "to_node", "bytes", "")                                                   \
  X(link_cut, "to_node", "fault", "")                    /* directed, node is the sender's end */ \
  X(link_healed, "to_node", "fault", "")                                                          \
  X(link_degraded, "to_node", "fault", "bytes_max")      /* longer messages vanish; 0: none do */ \
  X(link_restored, "to_node", "fault", "bytes_max")      /* as when it was degraded */            \
  /* disk */                                                                                      \
  X(disk_written, "file", "offset", "bytes")                                                      \
  X(disk_synced, "file", "bytes", "delay_ns")            /* bytes newly durable */                \
  X(disk_failed, "file", "operation", "error")                                                    \
  X(disk_unsynced_lost, "file", "bytes", "")             /* at power loss */                      \
  X(disk_write_torn, "file", "offset", "bytes")          /* bytes that survived of it */         \
  X(disk_state_set, "failing", "slow_permille", "conditions") /* disk::Condition */              \
  /* node and clock */                                                                            \
  X(node_started, "incarnation", "", "")                                                          \
  X(node_stopped, "mode", "incarnation", "")             /* node::StopMode */                     \
  X(node_paused, "", "", "")                                                                      \
  X(node_resumed, "", "", "")                                                                     \
  X(clock_stepped, "by_ns", "", "")                                                               \
  X(clock_drift_set, "ppm", "", "")                      /* signed parts per million */           \
  X(task_failed, "reason_hash", "", "")                  /* text is in the record's failure */    \
  /* consensus: facts about one shard on one node */                                              \
  X(election_timeout, "term", "silence_ns", "")          /* leader suspected */                   \
  X(role_changed, "role", "term", "leader_node")         /* base::Role */                         \
  X(vote_cast, "candidate_node", "term", "")             /* answer leaves the node */             \
  X(term_persisted, "term", "vote_node", "")             /* durable on return */                  \
  X(entry_appended, "index", "term", "chain_hash")       /* accepted, not yet durable */         \
  X(log_truncated, "index", "term", "")                  /* entries from index on are dropped */  \
  X(log_durable, "index", "term", "chain_hash")          /* the prefix up to index is durable */  \
  X(match_advanced, "follower_node", "index", "term")    /* the leader's belief */                \
  X(commit_advanced, "index", "term", "chain_hash")      /* entry's term; node's knowledge */     \
  X(entry_applied, "index", "operation", "state_hash")                                            \
  X(log_recovered, "index", "term", "chain_hash")        /* after a start, from disk */           \
  X(log_tail_torn, "bytes", "", "")                      /* dropped at recovery */                \
  X(leadership_transfer, "to_node", "term", "")                                                   \
  /* service */                                                                                   \
  X(write_acknowledged, "operation", "index", "term")    /* the authority answers success */      \
  X(read_served, "operation", "index", "term")           /* state as of index */                  \
  X(request_deduplicated, "operation", "index", "")      /* answered from the idempotency table */ \
  X(request_forwarded, "operation", "to_node", "")       /* gateway to leader */                  \
  X(operation_invoked, "operation", "client", "kind")                                             \
  X(operation_retried, "operation", "attempt", "to_node")                                         \
  X(operation_completed, "operation", "outcome", "latency_ns")     /* 0 ok, 1 fail, 2 info */     \
  /* more of disk and clock */                                                                    \
  X(disk_sync_ignored, "file", "bytes", "")              /* acknowledged, not durable */          \
  X(disk_write_misdirected, "file", "offset", "landed")                                           \
  X(disk_sectors_damaged, "file", "sector", "sectors")                                            \
  X(disk_bit_flipped, "file", "offset", "bit")                                                    \
  X(disk_replaced, "files", "bytes", "taken_ns")         /* what is on it now; 0: it is empty */  \
  X(clock_state_set, "conditions", "misled_ns", "smear_ns") /* clock::Condition; sums of faults */ \
  /* more of the network; appended, as a kind's number is part of every hash */                   \
  X(message_corrupted, "to_node", "bytes", "bits")       /* so many of them flipped */            \
  X(link_held, "to_node", "fault", "")                   /* nothing arrives, nothing is lost */   \
  X(link_released, "to_node", "fault", "")                                                        \
  X(link_flapping, "to_node", "fault", "down_permille")  /* cut for that share of the time */     \
  X(link_settled, "to_node", "fault", "")                                                         \
  X(link_reset, "to_node", "fault", "")                  /* both ways: lost what was in flight */ \
  /* more of consensus */                                                                         \
  X(snapshot_taken, "index", "bytes", "")                /* durable; the log before it may go */  \
  X(snapshot_offered, "to_node", "index", "bytes")       /* to a follower that lacks the log */   \
  X(snapshot_restored, "index", "term", "chain_hash")    /* now the state; from disk or leader */ \
  X(member_changed, "member_node", "suffrage", "index")  /* by the entry there */                  \
  X(disk_disowned, "known_index", "own_index", "")       /* others have what it forgot */         \
  /* releases side by side */                                                                    \
  X(program_changed, "incarnation", "", "")              /* it starts with another release */     \
  X(encoding_changed, "peer_node", "encoding", "")       /* in which it writes to that peer */    \
  /* the traffic director */                                                                      \
  X(routes_adopted, "epoch", "out_regions", "")          /* bit r: region r is out of service */  \
  X(request_rerouted, "operation", "epoch", "")          /* made under an older routing plan */   \
  /* telemetry: a leader's word, late by no more than the tolerance */                            \
  X(lag_received, "voter_node", "lag_ns", "tolerance_ns") /* of what is committed, until there */ \
  X(lag_durable, "voter_node", "lag_ns", "tolerance_ns")  /* ... until on its disk */             \
  X(lag_applied, "voter_node", "lag_ns", "tolerance_ns")  /* ... until in its state */            \
  /* the audit of replicas */                                                                     \
  X(state_corrupted, "fault", "index", "")               /* a bit of the state as of index */ \
  X(divergence_found, "replica_node", "index", "ranges") /* bit r: range r of its state differs */ \
  X(replica_quarantined, "index", "", "")                /* it neither serves nor counts */       \
  X(replica_repaired, "index", "from_node", "state_hash") /* it has another's state now */ \
  /* overload */                                                                                  \
  X(request_shed, "operation", "queue", "")              /* refused: it would wait too long */
// clang-format on

enum class EventKind : std::uint16_t {
#define X(kind, a, b, c) kind,
  BLACKOUT_EVENT_KINDS(X)
#undef X
};

struct EventWords {
  std::string_view kind, a, b, c;
};

inline constexpr auto event_words = std::to_array<EventWords>({
#define X(kind, a, b, c) {#kind, a, b, c},
    BLACKOUT_EVENT_KINDS(X)
#undef X
});

inline constexpr std::size_t event_kinds = event_words.size();

constexpr const EventWords& words_of(EventKind kind) {
  return event_words[static_cast<std::size_t>(kind)];
}

// A replica's role in its shard, as role_changed reports it.
enum class Role : std::uint8_t { follower, pre_candidate, candidate, leader };

// What a member of a group is by an entry of its log. In a joint configuration every decision needs
// a majority of the voters without those who come in, and one of those without who go out.
enum class Suffrage : std::uint8_t { learner, voter, incoming, outgoing, none };

constexpr std::string_view name_of(Role role) {
  constexpr std::array<std::string_view, 4> names{"follower", "pre-candidate", "candidate",
                                                  "leader"};
  const auto index = static_cast<std::size_t>(role);
  return index < names.size() ? names[index] : "unknown role";
}

// One thing that happened, at one true time. `cause` is the event that led to it: the sending of a
// delivered message, the arming of a timer, the previous event of the same handler; 0 at the roots.
// `node` is no_node and `shard` is no_shard where the kind has none.
struct Event {
  Instant at;
  EventId cause;
  EventKind kind{};
  NodeId node = no_node;
  ShardId shard = no_shard;
  std::uint64_t a = 0, b = 0, c = 0;

  friend bool operator==(const Event&, const Event&) = default;
};

// The form of a *_node word.
constexpr std::uint64_t node_word(NodeId node) { return node == no_node ? 0 : node.value() + 1ULL; }
constexpr NodeId node_of_word(std::uint64_t word) {
  return word == 0 ? no_node : NodeId(static_cast<std::uint32_t>(word - 1));
}

}  // namespace base
}  // namespace blackout
