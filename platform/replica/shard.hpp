// One shard's replica on one node: the consensus core, the state machine behind it, and who waits
// for an answer.
//
// It does everything that needs no disk; replica.hpp owns the log and the order of output.hpp.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "host/env/environment.hpp"
#include "platform/log/log.hpp"
#include "platform/raft/raft.hpp"
#include "platform/replica/encodings.hpp"
#include "platform/replica/protocol.hpp"
#include "platform/replica/state_machine.hpp"

namespace blackout::replica {

#ifdef BLACKOUT_PLANTED_BUGS
// Defects that a Plan may switch on, to prove that they are found.
struct PlantedBugs {
  bool acknowledge_early =
      false;  // answer before any follower has the write; ship it with heartbeats
  raft::Planted raft;
  bool refuse_undecided = false;   // who stops leading calls its open writes refused
  bool forget_operations = false;  // a snapshot brings back accounts but not who was answered
  bool crash = false;              // the apply of entry 200 writes to address 0
  bool spin = false;               // ... never ends
  bool hoard = false;              // ... takes all memory
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

  // A gateway's request; it is answered now or later, or never if this node stops.
  void serve(NodeId gateway, Request request);

  // Steps 1 and 4 of an Output (output.hpp), before its disk work is done.
  void absorb(const raft::Output& output);
  // Step 3.
  void made_durable(const raft::Output& output);

  [[nodiscard]] bool snapshot_due() const {
    return applied_ - snapshot_ >= config_.snapshot_entries;
  }
  // Something was applied since the last one.
  [[nodiscard]] bool has_news() const { return applied_ > snapshot_; }
  // Of the state as it is now; none is due before config.snapshot_entries more.
  [[nodiscard]] raft::Snapshot take_snapshot();
  // It is durable, and so is the log's base at it.
  void snapshot_durable(const raft::Snapshot& snapshot);

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

  void propose(const Caller& caller, BytesView command);
  void propose_probe(const Caller& caller);
  void begin_read(const Caller& caller, RequestKind kind, Bytes body);
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
  std::map<std::uint64_t, Read> reads_;  // by context
  std::uint64_t next_context_ = 1;
#ifdef BLACKOUT_PLANTED_BUGS
  std::unique_ptr<StateMachine> ahead_;  // with all appended entries, applied or not
#endif
};

}  // namespace blackout::replica
