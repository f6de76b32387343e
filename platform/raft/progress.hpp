// What a leader knows of one follower, and how many messages it may have under way to it.
//
// probe: the leader looks for the last matching entry, one message at a time. replicate: it runs
// ahead of the answers (`next` is optimistic, 10.2.2) within a window. snapshot: what
// follows its match is gone from the leader's log, so it gets the state in chunks (5), several
// under way; what it has of them it keeps, so that a lost chunk or a new connection resumes there.
#pragma once

#include <algorithm>
#include <deque>

#include "platform/raft/configuration.hpp"
#include "platform/raft/types.hpp"

namespace blackout::raft {

// How much may be under way to one follower. A refused append says that one was lost, as does no
// other sign: then only half as many messages as there were may be under way, and one more with
// each round trip after that (Jacobson, "Congestion Avoidance and Control", 1988). A follower that
// was just found gets few, and twice as many with each round trip until one is lost.
struct Window {
  std::size_t messages;
  std::uint64_t bytes;  // one message may go beyond
};

class Progress {
 public:
  enum class State : std::uint8_t { probe, replicate, snapshot };

  Progress(const MemberId& member, Index last, std::uint64_t now_ticks)
      : id(member.node), disk(member.disk), next(last + 1), heard_ticks(now_ticks) {}

  NodeId id;
  DiskId disk;
  State state = State::probe;
  Index match;  // only ever grows in one leadership
  Index next;   // first entry to send; > match
  // Ticks of the leader when this follower last answered.
  std::uint64_t heard_ticks;
  // Newest round of heartbeats that it answered.
  std::uint64_t round = 0;
  // In that: up to where its log is the leader's, and is applied; 0 of a release that does not say.
  Index received, applied;
  // The newest round in which it promised to withhold its vote.
  std::uint64_t promised_round = 0;
  // An append is due even without entries, to find out whether one was lost.
  bool ask = false;
  // In state snapshot: the last entry of the one under way, 0 while it is being made; bytes of it
  // that left, and that the follower has.
  Index snapshot;
  std::uint64_t bytes_sent = 0, bytes_stored = 0;
  std::uint64_t sent_ticks = 0, stored_ticks = 0;  // when a chunk left last, and when one was news
  // It came from a snapshot, and compaction waits for it to be past what was compacted meanwhile.
  bool after_snapshot = false;
  // A learner's rounds (4.2.1): how many began, and of the last what was committed then. It caught
  // up once one was short enough.
  std::uint32_t rounds = 0;
  Index round_target;
  std::uint64_t round_ticks = 0;
  bool caught_up = false;

  [[nodiscard]] MemberId member() const { return {id, disk}; }

  [[nodiscard]] bool may_send(const Window& window) const {
    return state == State::probe ? !probe_sent_ : !full(window);
  }
  [[nodiscard]] std::size_t inflight_messages() const { return inflight_.size(); }

  [[nodiscard]] std::uint64_t inflight_bytes() const { return inflight_bytes_; }

  // An append up to `last` left, with so many bytes; `last` is next - 1 if it had no entries.
  void sent(Index last, std::uint64_t bytes) {
    ask = false;
    if (state == State::probe) {
      probe_sent_ = true;
      answers_without_news_ = 0;
    } else if (last >= next) {
      inflight_.push_back({last, bytes});
      inflight_bytes_ += bytes;
      next = last + 1;
    }
  }

  // The follower's log matches up to `index`, and the leader's begins at `base`. True if that is
  // news.
  bool matched(Index index, Index base) {
    if (state == State::snapshot) {
      if (index < base) return false;
      restart_probe();
      after_snapshot = true;
    }
    if (state == State::probe) {
      if (index < match) return false;
      state = State::replicate;
      next = std::max(match, index) + 1;
      probe_sent_ = false;
    }
    while (!inflight_.empty() && inflight_.front().last <= index) {
      land();
      widen();
    }
    if (index <= match) return false;
    match = index;
    answers_without_news_ = 0;
    next = std::max(next, match + 1);
    return true;
  }

  // The follower refused an append after `refused`; it may match at `hint`. False for an answer
  // that a later one has overtaken.
  bool refused_after(Index refused, Index hint) {
    if (state == State::snapshot || refused <= match) return false;
    if (state == State::probe && refused + 1 != next) return false;
    if (state == State::replicate) {
      congestion_ = threshold_ = std::max<std::size_t>(inflight_.size() / 2, 1);
    }
    state = State::probe;
    forget_inflight();
    probe_sent_ = false;
    next = std::max(std::min(refused, hint + 1), match + 1);
    return true;
  }

  // The follower answered a heartbeat. A full window gets one place. A second answer without news
  // says that a message was lost: the probe is repeated, or the follower asked what it lacks. (The
  // first may have overtaken the news or answer a heartbeat from before it.) A snapshot goes on
  // from where the follower has it when nothing moved since `stalled_since`.
  void alive(Index last, const Window& window, std::uint64_t stalled_since) {
    if (state == State::snapshot) {
      if (std::max(sent_ticks, stored_ticks) <= stalled_since) resume_from(bytes_stored);
      return;
    }
    if (full(window)) land();
    if (match == last) {
      answers_without_news_ = 0;
    } else if (++answers_without_news_ >= 2) {
      probe_sent_ = false;
      ask = true;
    }
  }

  // What it needs is gone from the log; the snapshot is still to be made.
  void needs_snapshot() {
    state = State::snapshot;
    snapshot = Index();
    forget_inflight();
    resume_from(0);
  }
  // It has so many bytes of the snapshot. `gap`: the chunk that it answers did not follow them, so
  // that one was lost, or all that it had; the chunks that were under way then say so once more.
  void stored(std::uint64_t bytes, bool gap, std::uint64_t now_ticks) {
    const bool news = bytes > bytes_stored;
    if (news) stored_ticks = now_ticks;
    if (gap && (news || !resumed_)) {
      resume_from(bytes);
      resumed_ = true;
    } else if (news) {
      bytes_stored = bytes;
      bytes_sent = std::max(bytes_sent, bytes);
      resumed_ = false;
    }
  }
  // The snapshot under way is given up: look again what it has.
  void restart_probe() {
    state = State::probe;
    next = match + 1;
    probe_sent_ = false;
  }

 private:
  struct Sent {
    Index last;
    std::uint64_t bytes;
  };
  [[nodiscard]] bool full(const Window& window) const {
    return inflight_.size() >= std::min(window.messages, congestion_) ||
           inflight_bytes_ >= window.bytes;
  }
  // A message was answered.
  void widen() {
    if (congestion_ < threshold_) {
      ++congestion_;
    } else if (++answered_ >= congestion_) {
      ++congestion_;
      answered_ = 0;
    }
  }
  // The oldest message is under way no more.
  void land() {
    inflight_bytes_ -= inflight_.front().bytes;
    inflight_.pop_front();
  }
  void forget_inflight() {
    inflight_.clear();
    inflight_bytes_ = 0;
  }
  void resume_from(std::uint64_t bytes) {
    bytes_sent = bytes_stored = bytes;
    resumed_ = false;
  }

  bool probe_sent_ = false;
  bool resumed_ = false;  // after a gap, without news since
  std::uint32_t answers_without_news_ = 0;
  std::deque<Sent> inflight_;  // the messages under way, oldest first
  std::uint64_t inflight_bytes_ = 0;
  std::size_t congestion_ = 8;        // messages that may be under way ...
  std::size_t threshold_ = SIZE_MAX;  // ... which grow faster up to here ...
  std::size_t answered_ = 0;          // ... and beyond by one for as many answers
};

}  // namespace blackout::raft
