// One shard's replica on one node: the consensus core, the state machine behind it, and who waits
// for an answer.
//
// It does everything that needs no disk; replica.hpp owns the log and the order of output.hpp.
//
// With ShardConfig::leases a leader that has a lease answers reads from its state at once
// (lease.hpp says how long it lasts), and otherwise asks a majority first, as without. It has none
// while it does not know the newest committed entry, once it began to hand over, and where its
// clock claims no bound. A voter keeps its promises; one that starts anew behaves as if it had made
// one just before.
//
// Audit (shard_audit.cpp). The leader puts an audit point into the log every `audit_every`: a no-op
// with a mark, which a release that knows nothing of audits skips. Each replica that applies one
// sends the leader the checksums of its state as of there, and the leader tells those that differ
// from a majority of the voters; in between each replica walks its whole state once, so that the
// checksums are of what memory holds. Who is told is in quarantine: it answers nobody, takes no
// snapshots and gives none, does not report, does not campaign, and hands over what it leads. It
// stores and acknowledges entries as before, as a log is checked by its own means and stays right
// where the state is wrong. It asks another replica for its state, the leader first, applies what
// was committed since, and is in service again; the next audit says whether that is right.
//
// Overload. A leader bounds the time that a write waits for its entry to be applied (Admission):
// one more is refused, as is one beyond what raft takes, and had no effect. Probes are taken all
// the same: a group that is busy serves.
//
// Quarantine is not kept over a restart. A process that starts anew from a snapshot taken before
// the state went wrong is right again; one that starts from a later one is found by the next audit,
// and until then serves like any wrong copy that nobody has found yet. Once repaired, a replica
// takes a new snapshot in the place of such a one.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "host/env/environment.hpp"
#include "platform/audit/audit.hpp"
#include "platform/log/log.hpp"
#include "platform/raft/raft.hpp"
#include "platform/replica/admission.hpp"
#include "platform/replica/encodings.hpp"
#include "platform/replica/lease.hpp"
#include "platform/replica/protocol.hpp"
#include "platform/replica/repair.hpp"
#include "platform/replica/state_machine.hpp"
#include "platform/telemetry/lag_gauge.hpp"
#include "platform/telemetry/node_state.hpp"

namespace blackout::replica {

#ifdef BLACKOUT_PLANTED_BUGS
// Defects that a Plan may switch on, to prove that they are found.
struct PlantedBugs {
  bool acknowledge_early =
      false;  // answer before any follower has the write; ship it with heartbeats
  raft::Planted raft;
  bool refuse_undecided = false;      // who stops leading calls its open writes refused
  bool forget_operations = false;     // a snapshot brings back accounts but not who was answered
  bool audit_trusts_itself = false;   // who is told that its state is wrong goes on with it
  bool lag_tops_out = false;          // a lag is exported as half a second at most
  bool lease_outlives_pause = false;  // a lease is counted in ticks, of which a pause takes one
  bool never_shed = false;            // what will be too late is taken all the same
  bool crash = false;                 // the apply of entry 200 writes to address 0
  bool spin = false;                  // ... never ends
  bool hoard = false;                 // ... takes all memory
};
#endif

struct ShardConfig {
  ShardId shard;
  std::vector<NodeId> voters;
  std::vector<NodeId> preferred;  // the most wanted leader first
  std::uint32_t election_ticks_min = 0, election_ticks_max = 0, heartbeat_ticks = 0;
  // A snapshot is due when so many entries were applied since the last one; the log in memory keeps
  // the entries since the one before for voters that lag. At least 1.
  std::uint64_t snapshot_entries = 10'000;
  // What the shard replicates, as it begins.
  std::function<std::unique_ptr<StateMachine>()> machine = [] { return make_ledger({}); };
  Duration audit_every = seconds(2);  // at least a tick
  bool leases = false;                // the same for all voters
#ifdef BLACKOUT_PLANTED_BUGS
  PlantedBugs planted;
#endif
};

class Shard {
 public:
  // The state at a log's base; without a configuration where the log begins at its beginning.
  struct Restored {
    std::unique_ptr<StateMachine> machine;
    std::optional<raft::Configuration> configuration = {};
  };

  // `tick` is the length of a raft tick; `environment` and `encodings` outlive the shard.
  Shard(env::Environment& environment, const Encodings& encodings, const ShardConfig& config,
        raft::DiskId disk, Duration tick, log::ShardState recovered, Restored restored);
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  [[nodiscard]] ShardId id() const { return config_.shard; }
  [[nodiscard]] raft::Raft& raft() { return raft_; }
  [[nodiscard]] const raft::Raft& raft() const { return raft_; }

  // One tick of time passed.
  void tick();
  // A peer's message arrived.
  void step(raft::Message message);
  // A gateway's request; it is answered now or later, or never if this node stops.
  void serve(NodeId gateway, Request request);
  void on_audit(NodeId from, AuditMessage message);
  // Begins to transfer leadership to the voter that has most; false if there is none, or one is
  // under way.
  bool hand_over();
  [[nodiscard]] bool in_quarantine() const { return repair_.has_value(); }

  // Steps 1 and 4 of an Output (output.hpp), before its disk work is done.
  void absorb(const raft::Output& output);
  // Step 3.
  void made_durable(const raft::Output& output);

  [[nodiscard]] bool snapshot_due() const {
    return has_news() && (repaired_ || applied_ - snapshot_ >= config_.snapshot_entries);
  }
  // Something was applied since the last one, and rightly.
  [[nodiscard]] bool has_news() const { return applied_ > snapshot_ && !in_quarantine(); }
  // Of the state as it is now; none is due before config.snapshot_entries more.
  [[nodiscard]] raft::Snapshot take_snapshot();
  // It is durable, and so is the log's base at it.
  void snapshot_durable(const raft::Snapshot& snapshot);

#ifdef BLACKOUT_PLANTED_BUGS
  [[nodiscard]] const PlantedBugs& planted() const { return config_.planted; }
  // Flips a bit of the state in memory; `draw` says which. The index that the state is as of, none
  // if there is nothing of the kind.
  std::optional<raft::Index> spoil(ledger::Spoilt what, std::uint64_t draw);
#endif
  [[nodiscard]] telemetry::ShardState state() const;
  // How long a leader may lead on without knowing that another one commits.
  [[nodiscard]] Duration lag_tolerance() const { return tick_ * config_.election_ticks_max; }

 private:
  struct Caller {
    NodeId gateway;
    std::uint64_t call;
    OperationId operation;
  };
  struct Write {
    raft::Index index;
    Caller caller;
#ifdef BLACKOUT_PLANTED_BUGS
    Bytes early;
#endif
  };
  struct Read {
    RequestKind kind;
    Bytes body;
    Caller caller;
  };

  void propose(const Caller& caller, BytesView command, Duration patience);
  [[nodiscard]] bool overloaded(Duration patience) const;
  void shed(const Caller& caller, std::size_t queue);
  void propose_probe(const Caller& caller);
  void begin_read(const Caller& caller, RequestKind kind, Bytes body);
  [[nodiscard]] Reading lease_clock() const;
  void keep_lease(const raft::Output& output);
  [[nodiscard]] bool lease_holds() const;
  void keep_promise();
  void answer_read(const Read& read, const StateMachine& state);
  void restored(const raft::Position& position);
  [[nodiscard]] bool too_far_ahead(BytesView command) const;
  [[nodiscard]] Bytes encoded_state() const;
  void apply(const raft::Entry& entry);
  void answer_write(const Caller& caller, Bytes answer, raft::Index index);
  void report(const std::vector<raft::Fact>& facts);
  void send(const std::vector<raft::Message>& messages);
  void reply(const Caller& caller, Status status, Bytes body = {});
  void lost_leadership();
  void gauge_lag(const raft::Output& output);

  // shard_audit.cpp
  [[nodiscard]] std::uint64_t audit_ticks() const;
  void tell(NodeId to, AuditKind kind, AuditMessage message);
  void report_checksums();
  void compare(NodeId replica, raft::Index index, audit::Checksums checksums);
  void on_verdict(const AuditMessage& verdict);
  void quarantine(raft::Index index);
  void ask_for_state();
  void give_state(NodeId to, const AuditMessage& request);
  void repair();
  void repaired(NodeId from);
#ifdef BLACKOUT_PLANTED_BUGS
  void became_leader();
  void answer_early();
#endif

  env::Environment& environment_;
  const Encodings& encodings_;
  ShardConfig config_;
  Duration tick_;
  raft::Raft raft_;
  std::unique_ptr<StateMachine> machine_;
  raft::Index applied_;
  raft::Index snapshot_;                 // the last one taken or restored
  raft::Index snapshot_before_;          // the one before it
  std::deque<Write> writes_;             // by index
  Admission admission_;                  // to them
  std::map<std::uint64_t, Read> reads_;  // by context
  std::uint64_t next_context_ = 1;
  std::optional<Lease> lease_;  // of a leader
  Promise promise_;
  std::optional<telemetry::LagGauge> lag_;  // of a leader
  std::uint64_t refused_ = 0;

  struct Reported {
    raft::Index index;
    std::uint64_t root;
  };
  std::uint64_t since_audit_ticks_ = 0;  // since the last audit point was proposed or applied
  audit::Audit audit_;                   // a leader's
  std::deque<Reported> reported_;        // of the state as it is, the latest last
  std::optional<Repair> repair_;         // in quarantine
  std::map<NodeId, Offer> offers_;       // to those that are
  bool repaired_ = false;                // no snapshot was taken since
#ifdef BLACKOUT_PLANTED_BUGS
  std::unique_ptr<StateMachine> ahead_;  // with all appended entries, applied or not
  std::int64_t ticks_ = 0;
#endif
};

}  // namespace blackout::replica
