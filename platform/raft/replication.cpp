#include <algorithm>
#include <utility>

#include "host/base/check.hpp"
#include "platform/raft/raft.hpp"

namespace blackout::raft {

Result<Index, ProposeError> Raft::propose(std::vector<Proposal> proposals) {
  CHECK(!proposals.empty());
  const auto* leader = std::get_if<Leader>(&role_);
  if (leader == nullptr) return failure(ProposeError::not_leader);
  if (leader->transfer.has_value()) return failure(ProposeError::transferring);
  if (log_.bytes_between(commit_, log_.last_index()) >= config_.uncommitted_bytes_max) {
    return failure(ProposeError::too_much_uncommitted);
  }
  const Index first = log_.last_index() + 1;
  Index index = first;
  for (Proposal& proposal : proposals) {
    Entry entry;
    entry.term = state_.term;
    entry.index = index;
    entry.kind = proposal.kind;
    entry.operation = proposal.operation;
    entry.payload = std::move(proposal.payload);
    append(std::move(entry));
    index = index + 1;
  }
  return first;
}

// True if the sender leads this term, which this node then follows.
bool Raft::follow(NodeId sender) {
  // Two leaders of one term cannot be (3.4); if they are, neither obeys the other.
  if (std::holds_alternative<Leader>(role_)) return false;
  if (leader() != sender) become_follower(state_.term, sender);
  heard_ticks_ = now_ticks_;
  return true;
}

void Raft::on_append_request(Message& request) {
  if (!follow(request.from)) return;
  commit_heard_ = std::max(commit_heard_, request.commit);
  const Index commit_before = commit_;
  const bool next = request.log_index == commit_ && log_.last_index() == commit_;
  Message told = answer(MessageKind::append_response, request);
  if (request.log_index < commit_) {
    // Of the past. What is committed matches every leader's log (3.6.3).
    told.log_index = commit_;
  } else if (!log_.matches(request.log_index, request.log_term)) {
    if (overtook(request)) return;
    refuse(request, told);
  } else {
    told.log_index = take_entries(request);
    while (auto waiting = next_early()) told.log_index = take_entries(*waiting);
    agreed_ = std::max(agreed_, told.log_index);
    incoming_.reset();
  }
  if (next || commit_ > commit_before) fed();
#ifdef BLACKOUT_PLANTED_BUGS
  if (config_.planted.answer_before_disk) return next_->messages_now.push_back(std::move(told));
#endif
  next_->messages.push_back(std::move(told));
}

void Raft::refuse(const Message& request, Message& told) const {
  told.reject = true;
  told.log_index = request.log_index;
  told.hint_index = log_.last_not_after(request.log_index, request.log_term);
  told.hint_term = log_.at(told.hint_index)->term;
}

// The last index that is the leader's then.
Index Raft::take_entries(Message& request) {
  const Index checked = request.log_index + request.entries.size();
  for (Entry& entry : request.entries) {
    if (log_.matches(entry.index, entry.term)) continue;
    if (entry.index <= log_.last_index()) truncate(entry.index);
    append(std::move(entry));
  }
  commit_to(std::min(request.commit, checked), state_.term);
  return checked;
}

// An append may overtake the one before it, and then waits for that if there is room. One without
// entries asks what is here.
bool Raft::overtook(Message& request) {
  const bool follows_another = request.context > 0 && request.log_index > log_.last_index();
  if (!follows_another || request.entries.empty()) return false;
  if (early_.size() >= config_.inflight_max.messages) return false;
  if (early_.empty()) early_ticks_ = now_ticks_;
  early_.insert_or_assign(request.log_index, std::move(request));
  if (early_.size() == early_max) ask_for_overtaken();
  return true;
}

std::optional<Message> Raft::next_early() {
  while (!early_.empty() && early_.begin()->first <= log_.last_index()) {
    Message first = std::move(early_.extract(early_.begin()).mapped());
    early_ticks_ = now_ticks_;
    if (first.log_index >= commit_ && log_.matches(first.log_index, first.log_term)) return first;
  }
  return std::nullopt;
}

// What the first that waits waits for is taken for lost.
void Raft::ask_for_overtaken() {
  early_ticks_ = now_ticks_;
  const Message& first = early_.begin()->second;
  Message told = answer(MessageKind::append_response, first);
  refuse(first, told);
  next_->messages.push_back(std::move(told));
}

void Raft::on_heartbeat_request(const Message& request) {
  if (!follow(request.from)) return;
  Index known = request.commit;
#ifdef BLACKOUT_PLANTED_BUGS
  if (config_.planted.commit_unmatched) known = std::min(known, log_.last_index());
#endif
  if (known > log_.last_index()) {
    // A heartbeat commits no more than this node acknowledged in its term.
    fact(EventKind::disk_disowned, request.commit.value(), log_.last_index().value());
    next_->forgot = true;
    return;
  }
  commit_heard_ = std::max(commit_heard_, request.log_index);
  const Index commit_before = commit_;
  commit_to(known, state_.term);
  const bool whole = request.commit == log_.last_index() && commit_heard_ <= request.commit;
  if (whole || commit_ > commit_before) fed();
  release(request.released);
  Message told = answer(MessageKind::heartbeat_response, request);
  told.context = request.context;
  told.promises = config_.leases;
  told.log_index = std::max(agreed_, commit_);
  told.commit = applied_;
  next_->messages.push_back(std::move(told));
}

void Raft::on_append_response(Leader& leader, const Message& response) {
  Progress* const answering = leader.answering(response);
  if (answering == nullptr) return;
  CHECK(response.log_index <= log_.last_index(), "a follower matches more than this leader has");
  Progress& follower = *answering;
  follower.heard_ticks = now_ticks_;
  if (response.reject) {
    // Skip every entry of a term that the follower does not have at the hint (3.5, last
    // paragraphs).
    const Index hint = log_.last_not_after(response.hint_index, response.hint_term);
    follower.refused_after(response.log_index, hint);
  } else if (follower.matched(response.log_index, log_.base().index)) {
    // Below the base its term is not known any more.
    if (const auto match = log_.at(follower.match)) {
      fact(EventKind::match_advanced, node_word(follower.id), match->index.value(),
           match->term.value());
    }
    if (follower.match > commit_) advance_commit(leader);
    drop_snapshot();
    finish_transfer(leader, follower);
  }
}

void Raft::on_heartbeat_response(Leader& leader, const Message& response) {
  Progress* const answering = leader.answering(response);
  if (answering == nullptr) return;
  Progress& follower = *answering;
  follower.heard_ticks = now_ticks_;
  if (response.context >= follower.round) {
    follower.round = response.context;
    follower.received = response.log_index;
    follower.applied = response.commit;
  }
  if (response.promises) {
    follower.promised_round = std::max(follower.promised_round, response.context);
  }
  follower.alive(log_.last_index(), config_.inflight_max,
                 now_ticks_ - std::min<std::uint64_t>(now_ticks_, config_.election_ticks_min));
  grant_reads(leader);
}

// Only an entry of the leader's own term is committed by counting; those before it follow (3.6.2).
void Raft::advance_commit(const Leader& leader) {
  Index own = durable_;
#ifdef BLACKOUT_PLANTED_BUGS
  if (config_.planted.count_before_disk) own = log_.last_index();
#endif
  const Index index = majority_value(configuration(), leader, own, &Progress::match);
  if (index > commit_ && log_.at(index)->term == state_.term) commit_to(index, state_.term);
}

void Raft::flush(Leader& leader) {
  const bool heartbeat = std::exchange(leader.heartbeat_due, false);
  if (heartbeat) {
    if (std::exchange(leader.round_open, false)) {
      leader.read_round = leader.round;
    } else {
      ++leader.round;
    }
    Index released = std::min(commit_, durable_);
    for (const Progress& follower : leader.followers) released = std::min(released, follower.match);
    give_up_snapshots(leader);
    release(released);
    for (const Progress& follower : leader.followers) {
      Message beat = message(MessageKind::heartbeat_request, follower);
      beat.commit = std::min(follower.match, commit_);
      beat.log_index = commit_;
#ifdef BLACKOUT_PLANTED_BUGS
      if (config_.planted.commit_unmatched) beat.commit = commit_;
#endif
      beat.context = leader.round;
      beat.released = released;
      next_->messages_now.push_back(std::move(beat));
    }
    grant_reads(leader);
  }
#ifdef BLACKOUT_PLANTED_BUGS
  if (config_.planted.ship_with_heartbeats && !heartbeat) return;
#endif
  const Index last = log_.last_index();
  for (Progress& follower : leader.followers) {
    if (follower.state == Progress::State::snapshot) {
      while (send_chunk(follower)) {
      }
      continue;
    }
    while ((follower.next <= last || follower.ask) && follower.may_send(config_.inflight_max)) {
      if (!send_append(follower)) break;
    }
  }
}

// A member's durable log never shrinks below what it matched, so whoever leads next finds every
// other member at `released` or beyond (one with another disk gets a snapshot), and these entries
// are needed by no one but the state machine here. Compaction goes further, but not past what a
// follower needs that is heard and is getting a snapshot, or just got one; nor past a snapshot that
// somebody asks for.
void Raft::release(Index released) {
  Index compacted = compacted_;
  if (auto* leader = std::get_if<Leader>(&role_)) {
    for (Progress& follower : leader->followers) {
      if (follower.match >= compacted_) follower.after_snapshot = false;
      const bool getting = follower.state == Progress::State::snapshot;
      if (!heard(follower) || (!getting && !follower.after_snapshot)) continue;
      compacted = std::min(compacted, getting ? follower.snapshot : follower.match);
    }
  }
  if (shared()) compacted = std::min(compacted, offer_->snapshot.position.index);
  log_.release(std::min({std::max(released, compacted), applied_, durable_}));
  forget_configurations(log_.base().index);
}

// False if the entry before the first to send is gone from the log: that follower gets a snapshot.
bool Raft::send_append(Progress& follower) {
  const auto previous = log_.at(follower.next - 1);
  if (!previous.has_value()) {
    if (!heard(follower)) return false;
    follower.needs_snapshot();
    if (offer_) {
      offer_snapshot(follower);
    } else {
      next_->snapshot_wanted = true;
    }
    return false;
  }
  const Index last = log_.fitting(previous->index, config_.batch_bytes_max);
  Message append_request = message(MessageKind::append_request, follower);
  append_request.log_index = previous->index;
  append_request.log_term = previous->term;
  append_request.commit = commit_;
  append_request.context = follower.inflight_messages();
  append_request.entries.reserve(last - previous->index);
  for (Index index = follower.next; index <= last; index = index + 1) {
    append_request.entries.push_back(log_.entry(index));
  }
  next_->messages_now.push_back(std::move(append_request));
  follower.sent(last, log_.bytes_between(previous->index, last));
  return true;
}

}  // namespace blackout::raft
