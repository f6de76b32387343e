// One member of a replicated log: messages and ticks in, one Output out.
//
// It sends nothing, stores nothing, reads no clock and draws no entropy: a value machine whose
// whole behaviour is a function of its configuration, what it recovered and the calls made to it.
// The driver owns I/O and must obey the order of output.hpp; that order is what makes it safe.
//
// Ongaro's dissertation (2014): elections 3.4, replication 3.5, safety 3.6, leadership
// transfer 3.10, ReadIndex 6.4, check-quorum 6.2, pre-vote 9.6, disk in parallel and
// pipelining 10.2. A node that heard from a leader within election_ticks_min refuses votes (4.2.3)
// unless that leader asked for the campaign. Who campaigns asks those again, each heartbeat_ticks,
// who have not answered (3.3).
//
// Leases (6.4.1), with Config::leases. The rule of 4.2.3 is too weak to read by: a node forgets
// whom it heard when it restarts or learns of a later term, and counts ticks of a clock that may
// run fast. So who answers a heartbeat also promises: from when it was heard it withholds its vote,
// its own campaign included, whatever it learns meanwhile, for a time that only the driver can
// measure. What a majority promised is counted here; how long that is good for, and from the
// sending of which round, is the driver's to say. A leader that asks another node to campaign
// releases all from their promise, for the rest of its term, as that request may arrive late.
//
// Beside the dissertation: messages may overtake each other. A follower keeps an append that came
// before the one that it follows on, at most inflight_max.messages of them, and refuses it only
// once three wait so (as RFC 5681, 3.2 takes a segment for lost) or one did for early_ticks_max: a
// refusal has the leader send again what is under way.
//
// And voters share what is committed, as a leader may reach a follower only through others and Raft
// does not relay (Demers et al., "Epidemic Algorithms for Replicated Database Maintenance", 1987:
// anti-entropy that pulls). A node that its leader has not brought on for three heartbeats (each
// says what is committed, though the leader may not know how much of it this node has) asks one
// other voter per heartbeat, in turn and not its leader, for what follows its commit index, until
// its leader feeds it again. The voter answers in any role, with what it knows to be committed and
// still has, at most batch_bytes_max of it. Where that is gone from its log it has its driver make
// a snapshot and sends that chunk by chunk, one for each request; the asker asks the same voter on
// as long as chunks come. It keeps the snapshot, and the log from there on, until nobody asked for
// election_ticks_min. Nobody's timer, vote or leader changes and nothing is acknowledged; the
// leader finds the entries with its next append. The terms of the two do not matter, with one
// exception: what is committed agrees with the log of every leader of the term in which that became
// known, and of later ones (3.6.3), but the leader that an asker of an earlier term follows may
// lack it. The asker enters that term first, following nobody, as if it had heard of that term's
// leader. What of its own log disagrees was never committed, and goes.
//
// Membership (4): the configuration in force is the last in the log, committed or not, and rolled
// back with it. A member is a machine with a disk (configuration.hpp, with the three steps of a
// change: pending, joint, stable). A leader takes each step once the one before is committed, and
// only in a term in which it has committed before; the next leader goes on where the log ends. It
// enters the joint configuration when every newcomer got all that was committed when a round began,
// in a round shorter than election_ticks_min (4.2.1), and a majority of the voters to come holds
// the pending one. A newcomer that is not heard for so long, or needs more than learner_rounds_max
// rounds, is given up before that: the member of its node that would have left stays, and without
// one the whole change ends, as nobody asked for fewer voters. So it does if no majority of the
// voters to come is heard, as a joint configuration has no way back. A leader that is no member
// after the change leads until that is committed, without counting itself (4.2.2), and then asks
// the follower that has most to campaign; and a follower that is none goes on campaigning until
// then, as it may hold what others lack.
//
// A node that is no member, or a learner that hears no leader, asks to join. If a voter of that
// node has another disk and is not heard for election_ticks_min, the leader begins a change that
// puts the newcomer in its place, or adds it to the one that is pending. What a node asks is obeyed
// whoever it is, as it may be of a newer configuration (4.1); answers count only from members with
// the disk that the configuration names.
//
// A follower that needs entries from before the log's base gets a snapshot (5) in chunks of
// batch_bytes_max, as many bytes under way as of appends. The leader has its driver make one when
// it hears from a follower in need, and keeps the log from there on until the follower is past what
// was compacted meanwhile. It gives up when it hears nothing from the follower for
// election_ticks_min, or when no chunk moves for eight times that.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "host/base/event.hpp"
#include "host/base/result.hpp"
#include "platform/raft/configuration.hpp"
#include "platform/raft/log.hpp"
#include "platform/raft/output.hpp"
#include "platform/raft/progress.hpp"
#include "platform/raft/roles.hpp"
#include "platform/raft/types.hpp"

namespace blackout::raft {

#ifdef BLACKOUT_PLANTED_BUGS
// Defects that a run may switch on, to prove that they are found.
struct Planted {
  bool forget_vote = false;           // a vote for another node leaves without being persisted
  bool ship_with_heartbeats = false;  // entries travel only when a heartbeat does
  bool vote_for_stale_log = false;    // a vote does not ask who has more (5.4.1 of the paper)
  bool answer_before_disk = false;    // a follower acknowledges what it has not stored yet
  bool count_before_disk = false;     // a leader counts itself for what it has not stored yet
  bool count_pre_votes = false;       // a pre-vote that comes late elects
  bool yield_own_vote = false;        // a candidate votes for another one of its term too
  bool commit_unmatched = false;      // a heartbeat commits entries that were never compared
  bool read_at_once = false;          // a leader answers from what it knows to be committed so far
};
#endif

inline constexpr std::size_t early_max = 3;
inline constexpr std::uint64_t early_ticks_max = 2;

struct Config {
  NodeId self = no_node;        // a founder, or one that a change of the members adds
  Configuration founders;       // in force until the log says otherwise
  DiskId disk = founding_disk;  // of this node

  // A follower that hears from no leader for a number of ticks drawn from [min, max] campaigns.
  // heartbeat_ticks < min < max; min at least three times heartbeat_ticks plus the longest round
  // trip. A leader that hears from no majority for min ticks steps down.
  std::uint32_t election_ticks_min = 20;
  std::uint32_t election_ticks_max = 40;
  std::uint32_t heartbeat_ticks = 4;

  // Payloads and overheads of one append message; an entry that is larger travels alone.
  std::uint64_t batch_bytes_max = 64 * 1024;
  // Under way to one follower, appends or chunks of a snapshot: the bytes at least bandwidth times
  // round trip.
  Window inflight_max{64, 4 * 1024 * 1024};
  // A leader refuses proposals beyond this much that is not committed.
  std::uint64_t uncommitted_bytes_max = 16 * 1024 * 1024;
  // A leader refuses reads beyond this many that are not confirmed.
  std::size_t reads_max = 65'536;

  // Nodes, the most wanted leader first; empty: no preference. The interval [min, max] is divided:
  // a voter of rank r of n draws from the r-th n-th of it. A leader hands over to the first voter
  // before it in the list that is active and holds all that was committed two heartbeats ago (the
  // nearest voters hold the newest, and need not be the wanted ones), at most once in
  // transfer_interval_ticks.
  std::vector<NodeId> preference{};
  std::uint32_t transfer_interval_ticks = 400;

  // Each heartbeat opens a round, and each response to one promises. The driver keeps the promises,
  // by withhold_votes(), from before the response leaves; and in an incarnation that follows one
  // that may have promised, from its start. The choice of a group: all its members make the same.
  bool leases = false;

  // Different for each node and incarnation.
  std::uint64_t random_seed = 0;

#ifdef BLACKOUT_PLANTED_BUGS
  Planted planted{};
#endif
};

// What the disk held, all of it durable by now.
struct Recovered {
  // May be behind the entries: a power loss may keep any part of an Output that was not reported.
  HardState hard_state;
  Position base;               // of the snapshot, which the state machine starts from
  std::vector<Entry> entries;  // contiguous from base.index + 1; chain hashes are computed anew
  // The configuration at the base, as unpack() gives it; the founders' at the beginning of the log.
  std::optional<Configuration> configuration{};
};

struct Proposal {
  Payload payload{};
  std::uint64_t operation = 0;
  EntryKind kind = EntryKind::command;  // or no_op
};

enum class ProposeError : std::uint8_t {
  not_leader,            // try leader()
  too_much_uncommitted,  // followers lag or a majority is lost; nothing was appended
  transferring,          // leadership is being handed over; soon there is another leader
};
enum class ReadError : std::uint8_t {
  not_leader,
  term_not_committed,  // the leader is new and does not know the commit index yet; retry
  too_many,            // reads_max
};
enum class TransferError : std::uint8_t {
  not_leader,
  not_a_follower,  // `to` has no vote that stays, or is this node
  transferring,
};
enum class ReconfigureError : std::uint8_t {
  not_leader,
  term_not_committed,  // as for a read
  changing,            // another change is not over
  transferring,
  invalid,  // not one to voters_max of different nodes, or this one's with a disk that it has not
};

class Raft {
 public:
  static constexpr std::uint32_t learner_rounds_max = 10;

  // CHECKs the relations that Config states.
  Raft(Config config, Recovered recovered);

  // One unit of time passed.
  void tick();
  // A message arrived, however late and often. One that is not for this node and its disk is
  // ignored.
  void step(Message message);
  // Appends entries to a leader's log. The result is the index of the first, the others follow. An
  // entry is committed when an Output says so; if leadership changes it may also vanish. Not empty,
  // else CHECK.
  Result<Index, ProposeError> propose(std::vector<Proposal> proposals);
  // Asks for a linearizable read. The answer comes in an Output under the same context: granted
  // once a majority confirmed that this node still leads, refused when it stops leading.
  Result<void, ReadError> read(std::uint64_t context);
  // Begins to make these the voters, whoever they are; nothing to do if they are. Done once
  // configuration() is stable again and committed: with them, or those of before if it was given
  // up.
  Result<void, ReconfigureError> reconfigure(const std::vector<MemberId>& voters);
  // Hands leadership to `to`: it is brought up to date, then campaigns at once. Proposals are
  // refused meanwhile; given up after election_ticks_min.
  Result<void, TransferError> transfer(NodeId to);

  // Nodes that shall not lead while another voter can: they come after all others in the order of
  // preference, and one that leads hands over as soon as it may. Not kept over a restart.
  void avoid(std::vector<NodeId> nodes);
  // While true this node does not campaign, nor when a leader asks it to; it votes and stores as
  // before. One that leads goes on until it hands over or is overruled.
  void stand_aside(bool aside);
  // While true this node votes for nobody, itself included, but in a campaign that a leader asked
  // for.
  void withhold_votes(bool withheld) { withheld_ = withheld; }
  // The newest round of heartbeats (Message::context) that a majority answered: no leader of a
  // later term was elected before it left. 0 before the first; nullopt if this node does not lead.
  [[nodiscard]] std::optional<std::uint64_t> confirmed_round() const;
  // The newest round of heartbeats (Message::context) in which a majority promised to withhold
  // votes; 0 before the first. nullopt if commit() may be behind what was committed in earlier
  // terms, or promises do not bind: this node does not lead, or asked another to campaign.
  [[nodiscard]] std::optional<std::uint64_t> promised_round() const;

  // The state machine's state as of `index`, for nodes that an Output wanted it for: the last entry
  // handed out to apply, else CHECK. Ignored where nobody wants it any more.
  void provide(Index index, BytesView state);
  // What was provided turned out wrong: nobody gets more of it.
  void withdraw_snapshot();
  // As provided, for this node's own disk.
  [[nodiscard]] Snapshot snapshot(Index index, BytesView state) const;
  // The log up to `index` may be released even if a voter lacks it. `index` is applied.
  void compact(Index index);

  // Everything since the last call, null if that is nothing. Appends and heartbeats are made here,
  // one batch for all that was proposed and acknowledged in between.
  [[nodiscard]] std::unique_ptr<Output> take_output();
  // Takes back an Output that is dealt with: its memory serves a later one. Never required.
  void recycle(std::unique_ptr<Output> spent);
  // All Outputs up to this id are durable. Ids never fall; an Output that must not persist may be
  // skipped. Truncation of entries that were handed out but not reported yet is accounted for.
  void persisted(std::uint64_t output);

  [[nodiscard]] Role role() const;
  [[nodiscard]] Term term() const { return state_.term; }
  [[nodiscard]] NodeId self() const { return config_.self; }
  // The leader of this term as far as known here (this node, if it leads), or no_node.
  [[nodiscard]] NodeId leader() const;
  [[nodiscard]] Index commit() const { return commit_; }
  // The last index that persisted() reported and nothing truncated.
  [[nodiscard]] Index durable() const { return durable_; }
  [[nodiscard]] const HardState& hard_state() const { return state_; }
  // The one in force.
  [[nodiscard]] const Configuration& configuration() const {
    return configurations_.back().configuration;
  }
  [[nodiscard]] const Log& log() const { return log_; }
  // A leader's view of the others, by id; empty in other roles. Valid until the next call that
  // changes.
  [[nodiscard]] std::span<const Progress> followers() const;
  [[nodiscard]] bool transferring() const;

 private:
  struct Unreported {
    std::uint64_t output;
    HardState state;
    Index last;
  };

  // raft.cpp
  [[nodiscard]] MemberId me() const { return {config_.self, config_.disk}; }
  [[nodiscard]] Message message(MessageKind kind, const MemberId& to) const;
  [[nodiscard]] Message message(MessageKind kind, const Progress& to) const {
    return message(kind, to.member());
  }
  [[nodiscard]] Message answer(MessageKind kind, const Message& request) const {
    return message(kind, MemberId{request.from, request.from_disk});
  }
  void fact(EventKind kind, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0);
  void append(Entry entry);
  void truncate(Index from);
  // Known in `term` to be committed.
  void commit_to(Index index, Term term);
  void dispatch(Message& message);
  void answer_stale(const Message& message);

  // election.cpp
  void become_follower(Term term, NodeId leader);
  void become_leader();
  void enter_role(RoleState role);
  void draw_timeout();
  void election_timed_out();
  void campaign(bool transfer);
  void request_votes();
  [[nodiscard]] bool campaigns() const {
    return role() == Role::pre_candidate || role() == Role::candidate;
  }
  void count_ballot();
  [[nodiscard]] bool within_lease() const;
  void on_vote_request(const Message& message);
  void on_vote_response(const Message& message);
  [[nodiscard]] std::size_t rank(NodeId node) const;
  [[nodiscard]] bool avoided(NodeId node) const;

  // replication.cpp
  bool follow(NodeId sender);
  void on_append_request(Message& message);
  void refuse(const Message& request, Message& told) const;
  Index take_entries(Message& request);
  bool overtook(Message& request);
  std::optional<Message> next_early();
  void ask_for_overtaken();
  void on_heartbeat_request(const Message& message);
  void on_append_response(Leader& leader, const Message& message);
  void on_heartbeat_response(Leader& leader, const Message& message);
  void advance_commit(const Leader& leader);
  void flush(Leader& leader);
  void release(Index released);
  bool send_append(Progress& follower);

  // membership.cpp
  [[nodiscard]] bool votes() const { return configuration().votes(me()); }
  [[nodiscard]] bool may_campaign() const;
  // The largest value that a majority has reached, of the followers' and this node's own. Each
  // voter is this node or a follower.
  template <class Value>
  [[nodiscard]] Value majority_value(const Configuration& configuration, const Leader& leader,
                                     Value own, Value Progress::*value) const {
    return configuration.majority_value(
        [&](const MemberId& id) { return id == me() ? own : leader.find(id)->*value; });
  }
  // One uncommitted configuration at a time, and none before the leader's own term is committed.
  [[nodiscard]] bool may_change(const Leader& leader) const {
    return configurations_.back().index <= commit_ && commit_ >= leader.term_start &&
           !leader.transfer.has_value();
  }
  [[nodiscard]] bool heard(const Progress& follower) const {
    return now_ticks_ - follower.heard_ticks < config_.election_ticks_min;
  }
  void take_configuration(const Entry& entry);
  void forget_configurations(Index released);
  [[nodiscard]] const Configuration& configuration_at(Index index) const;
  void ask_to_join();
  void on_join_request(const Message& request);
  void go_on_with_change(Leader& leader);
  void prepare_newcomers(Leader& leader);
  void count_round(Progress& learner) const;
  void change(Leader& leader, const Configuration& to);
  void tell_change(const Configuration& from, Index index);
  void leave(const Leader& leader);
  void follow_configuration(Leader& leader);

  // snapshot.cpp
  enum class Received : std::uint8_t { part, nothing_new, gap, whole, broken };
  void offer_snapshot(Progress& follower);
  std::uint64_t put_chunk(std::uint64_t from, Message& message) const;
  bool send_chunk(Progress& follower);
  void drop_snapshot();
  void give_up_snapshots(Leader& leader);
  void on_snapshot_request(const Message& request);
  void on_snapshot_response(Leader& leader, const Message& response);
  Received receive_chunk(const Message& carrier, Term term);
  bool install(Snapshot snapshot, Term term);

  // sharing.cpp
  [[nodiscard]] std::uint64_t patience_ticks() const;
  void fed();
  void ask_for_committed();
  void ask(const MemberId& member);
  void on_committed_request(const Message& message);
  void on_committed_response(Message& message);
  void share_snapshot(const Message& request);
  [[nodiscard]] bool shared() const { return offer_ && now_ticks_ < offer_->shared_until_ticks; }
  void on_committed_snapshot(const Message& response);

  // leadership.cpp
  void tick_leader(Leader& leader);
  void prefer_other(Leader& leader);
  void start_transfer(Leader& leader, const Progress& to);
  void finish_transfer(Leader& leader, const Progress& target);
  [[nodiscard]] std::uint64_t confirmed_round(const Leader& leader,
                                              std::uint64_t Progress::*round) const;
  void send_round(Leader& leader, std::uint64_t confirmed);
  void grant_reads(Leader& leader);

  struct InForce {
    Index index;  // from here on
    Configuration configuration;
  };

  const Config config_;
  std::vector<NodeId> avoided_;
  bool aside_ = false;
  bool withheld_ = false;
  HardState state_;
  Log log_;
  std::vector<InForce> configurations_;  // from the log's base on; never empty
  RoleState role_;
  Index commit_;
  Term commit_term_;  // one in which commit_ was known to be committed

  std::uint64_t now_ticks_ = 0;
  std::uint64_t heard_ticks_ = 0;  // when a leader was heard, a vote given or a campaign begun
  std::uint64_t timeout_ticks_ = 0;
  std::uint64_t draws_ = 0;

  Index agreed_;  // up to here the log is that of this term's leader, as far as known

  // Appends whose predecessor is still to come, by its index; since when the first of them waits.
  std::map<Index, Message> early_;
  std::uint64_t early_ticks_ = 0;

  Index commit_heard_;           // the latest commit index of any other node
  std::uint64_t ask_ticks_ = 0;  // when to ask another voter for committed entries
  std::size_t asked_ = 0;        // the voter asked last, by its place in the configuration
  bool sends_snapshot_ = false;  // it sent a chunk since then

  struct Incoming {
    Position position;
    std::uint64_t checksum;  // of the whole state
    Bytes state;             // from its start on, without gaps
  };
  std::optional<Incoming> incoming_;  // a snapshot under way to here
  struct Offer {
    Snapshot snapshot;
    std::uint64_t checksum = 0;            // of its state
    std::uint64_t shared_until_ticks = 0;  // if nobody asks again
  };
  std::optional<Offer> offer_;    // a snapshot under way from here
  std::optional<Message> asker_;  // the last request for one that is still to be made
  Index compacted_;               // the log up to here is released, whoever lacks it

  // The account of hand-over and durability.
  std::uint64_t outputs_ = 0;
  HardState handed_state_;
  Index handed_;   // last entry handed out to persist
  Index applied_;  // last entry handed out to apply
  HardState durable_state_;
  Index durable_;
  std::deque<Unreported> unreported_;

  std::unique_ptr<Output> next_ = std::make_unique<Output>();  // accumulates
  std::vector<std::unique_ptr<Output>> spare_;                 // empty ones
};

}  // namespace blackout::raft
