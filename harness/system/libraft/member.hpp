// One group's instance of the library on one node: its I/O backend on the node's clock, network,
// disk and randomness, its state machine, the requests that wait for it, and what of it is
// reported.
//
// The library runs in the node's loop task alone. Appends, truncations and snapshots are carried
// out in their order by a task of their own, which makes durable together what has gathered; term
// and vote are written below the library's call, as its own backend does. An append that fails
// takes with it those that were asked for before the library heard of it: the disk keeps no hole.
// What the library reports of itself (role, commit, match) is read from its public struct after
// each call.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "harness/system/libraft/chain.hpp"
#include "harness/system/libraft/heap.hpp"
#include "harness/system/libraft/links.hpp"
#include "harness/system/libraft/store.hpp"
#include "harness/system/libraft/wire.hpp"
#include "host/env/channel.hpp"

namespace blackout::system::libraft {

struct MemberConfig {
  ShardId shard;
  std::vector<NodeId> voters;
  unsigned election_timeout_ms = 1000, heartbeat_ms = 100;
  unsigned snapshot_entries = 1024;
  // Where true, the operator's word that this node never served before: an empty disk then is one
  // that the group begins with. Set to false once it has been begun.
  std::shared_ptr<bool> founding;
};

// Work for a node's loop.
using Inbox = env::Channel<Callback>;

class Member {
 public:
  Member(env::Environment& environment, Heap& heap, Links& links, Inbox& inbox,
         MemberConfig config);
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  [[nodiscard]] ShardId shard() const { return config_.shard; }

  // All from the loop, but for work_for_ever(). False where the disk or the library refuses.
  bool open();
  void receive(NodeId from, Reader& reader);
  void serve(NodeId client, Request request);
  [[nodiscard]] Instant next_tick() const { return next_tick_; }
  void tick_if_due();
  // What the library must not be told below its own call: that messages were sent, and of reads.
  void finish_calls();
  // Asks the library once to hand over what it leads, and then the leader for a role without a
  // vote; true when both have ended.
  bool leave();
  // The leader's answer to this member's own request.
  void on_reply(const Reply& reply);
  // The library gave up: the process must start anew.
  [[nodiscard]] bool unavailable() { return raft_state(&raft_) == RAFT_UNAVAILABLE; }

  // The body of the disk's task.
  void work_for_ever();

 private:
  struct Job {
    enum class Kind : std::uint8_t { append, truncate, put, get };
    explicit Job(Kind of) : kind(of) {}
    Kind kind;
    std::uint64_t first = 0;  // append, truncate
    std::uint64_t epoch = 0;  // append
    std::vector<Entry> entries;
    Chain::Link last;
    void* request = nullptr;  // of the library
    std::shared_ptr<const Image> image;
    LogBase base;
    bool keep_log = false;
    bool done = false;
  };
  using Batch = std::vector<Job>;
  struct Caller {
    NodeId client;
    std::uint64_t call = 0;
    OperationId operation;
  };
  struct Write;
  struct Read {
    Caller caller;
    RequestKind kind{};
    Bytes body;
  };
  struct Sent {
    raft_io_send* request;
    raft_io_send_cb callback;
  };

  // io.cpp: the library's I/O backend.
  void set_hooks();
  static Member& of(raft_io* io) { return *static_cast<Member*>(io->impl); }
  int load(raft_term* term, raft_id* vote, raft_snapshot** snapshot, raft_index* start,
           raft_entry** entries, std::size_t* count);
  int bootstrap(const raft_configuration& configuration);
  int set_state(std::uint64_t term, std::uint64_t vote);
  int send(raft_io_send* request, const raft_message& message, raft_io_send_cb callback);
  void report_sent(const raft_message& message, NodeId to);
  int append(raft_io_append* request, const raft_entry* entries, unsigned count);
  int truncate(std::uint64_t index);
  int put(unsigned trailing, raft_io_snapshot_put* request, const raft_snapshot& snapshot);
  raft_snapshot* copy_of(const Image& image) const;
  static std::uint64_t chain_of(const Image& image);
  [[nodiscard]] std::string address_of(raft_id id) const { return std::to_string(id); }

  // disk.cpp
  int enqueue(Job job);
  void carry_out(Batch& batch);
  void settle(Batch& batch, std::size_t from, std::size_t to);
  void fail(Batch& batch, std::size_t from, std::size_t to);
  void finish(Job& job);

  // machine.cpp: the library's state machine.
  int apply(const raft_buffer& command, void** result);
  int snapshot(raft_buffer** buffers, unsigned* count);
  int restore(raft_buffer& buffer);

  // requests.cpp
  void propose(const Caller& caller, BytesView command);

  // roles.cpp
  void assign(const Caller& caller, BytesView role);
  void ask_for_role(int role);
  void mind_role();
  bool hand_over();
  [[nodiscard]] int own_role() const;

  void written(Write* write, int status);
  void begin_reads();
  void barrier_done(int status);
  void answer(const Read& read);
  void reply(const Caller& caller, Status status, Bytes body = {});

  // member.cpp
  template <class F>
  void inside(F call) {
    heap_.enter();
    call();
    observe();
  }
  int init();
  int found();
  void observe();
  void observe_role();
  void observe_members();
  void observe_matches();
  void observe_commit();
  void observe_applied(std::uint64_t index, std::uint64_t operation);
  [[nodiscard]] NodeId leader();
  // A simulated machine may be held at a report, and at a send.
  void report(EventKind kind, std::uint64_t a, std::uint64_t b = 0, std::uint64_t c = 0) {
    environment_.trace.report(kind, config_.shard, a, b, c);
    heap_.enter();
  }

  env::Environment& environment_;
  Heap& heap_;
  Links& links_;
  Inbox& inbox_;
  MemberConfig config_;
  raft_io io_{};
  raft_fsm fsm_{};
  raft_tracer tracer_{};
  raft raft_{};
  bool started_ = false;
  raft_io_tick_cb tick_ = nullptr;
  raft_io_recv_cb receive_ = nullptr;
  Duration tick_period_;
  Instant next_tick_ = Instant::never();
  Instant heard_;  // from a leader
  bool handing_over_ = false, handed_over_ = false;
  bool leaving_ = false;
  std::uint64_t asked_ = 0;  // the call under way to the leader; 0: none
  Instant ask_again_;

  Storage storage_;
  std::optional<Recovered> recovered_;  // until the library has loaded it
  Chain log_;
  std::uint64_t term_ = 0;   // on the disk
  std::uint64_t epoch_ = 1;  // of appends: those of one that failed all fail
  std::uint64_t failed_epoch_ = 0;
  env::Channel<Job> jobs_;
  std::vector<Sent> sent_;

  Store store_;
  Answer answer_;  // to the command that is being applied
  std::map<std::uint64_t, Caller> writes_;
  std::uint64_t next_write_ = 1;
  std::vector<Read> reads_waiting_, reads_begun_;
  bool barrier_begun_ = false;

  // As reported.
  Role role_ = Role::follower;
  std::uint64_t role_term_ = 0;
  NodeId leader_ = no_node;
  std::uint64_t commit_ = 0, applied_ = 0;
  std::map<raft_id, std::uint64_t> matches_;
  std::map<raft_id, bool> votes_;  // as this instance has them
};

}  // namespace blackout::system::libraft
