#include <algorithm>
#include <utility>

#include "platform/raft/raft.hpp"

namespace blackout::raft {

// Of a leader that is heard, a heartbeat is late after two.
std::uint64_t Raft::patience_ticks() const { return std::uint64_t{3} * config_.heartbeat_ticks; }

// The leader brought this node on, or knows that it holds everything. A heartbeat alone does not
// say so: a leader that hears no acknowledgement goes on sending them, and nothing else.
void Raft::fed() { ask_ticks_ = now_ticks_ + patience_ticks(); }

void Raft::ask_for_committed() {
  ask_ticks_ = now_ticks_ + config_.heartbeat_ticks;
  const std::vector<Member>& members = configuration().members();
  const std::size_t first = asked_ + (std::exchange(sends_snapshot_, false) ? 0 : 1);
  for (std::size_t tried = 0; tried < members.size(); ++tried) {
    const std::size_t place = (first + tried) % members.size();
    const MemberId& member = members[place].id;
    const bool other = member.node != config_.self && member.node != leader();
    if (!other || !configuration().votes(member)) continue;
    asked_ = place;
    return ask(member);
  }
}

void Raft::ask(const MemberId& member) {
  Message request = message(MessageKind::committed_request, member);
  const Position last = log_.last();
  request.log_index = last.index;
  request.log_term = last.term;
  request.commit = commit_;
  if (incoming_) {
    request.hint_index = incoming_->position.index;
    request.context = incoming_->state.size();
  }
  next_->messages.push_back(std::move(request));
}

void Raft::on_committed_request(const Message& request) {
  if (request.commit >= commit_) return;
  // All of the asker's log, if that is committed; else what it knows to be, or what this log begins
  // with. What comes before that is in a snapshot only.
  const bool agrees =
      request.log_index <= commit_ && log_.matches(request.log_index, request.log_term);
  const Index from = agrees ? request.log_index : std::max(request.commit, log_.base().index);
  if (from > request.log_index) return share_snapshot(request);
  const Index last = std::min(log_.fitting(from, config_.batch_bytes_max), commit_);
  Message told = answer(MessageKind::committed_response, request);
  told.term = commit_term_;
  told.log_index = from;
  told.log_term = log_.at(from)->term;
  told.commit = commit_;
  told.entries.reserve(last - from);
  for (Index index = from + 1; index <= last; index = index + 1) {
    told.entries.push_back(log_.entry(index));
  }
  next_->messages.push_back(std::move(told));
}

// The part that follows what the asker has of it.
void Raft::share_snapshot(const Message& request) {
  if (!offer_) {
    asker_ = request;
    next_->snapshot_wanted = true;
    return;
  }
  offer_->shared_until_ticks = now_ticks_ + config_.election_ticks_min;
  const auto& [position, state] = offer_->snapshot;
  const bool goes_on = request.hint_index == position.index;
  Message told = answer(MessageKind::committed_snapshot, request);
  told.term = commit_term_;
  told.commit = commit_;
  put_chunk(goes_on ? std::min<std::uint64_t>(request.context, view_of(state).size()) : 0, told);
  next_->messages.push_back(std::move(told));
}

void Raft::on_committed_snapshot(const Message& response) {
  commit_heard_ = std::max(commit_heard_, response.commit);
  if (response.log_index <= commit_) return;
  if (response.term > state_.term) become_follower(response.term, no_node);
  const Received received = receive_chunk(response, response.term);
  if (received != Received::part && received != Received::whole) return;
  sends_snapshot_ = true;
  fed();
  if (commit_ < response.commit) ask({response.from, response.from_disk});
}

void Raft::on_committed_response(Message& response) {
  commit_heard_ = std::max(commit_heard_, response.commit);
  if (response.log_index > commit_ && !log_.matches(response.log_index, response.log_term)) return;
  const Index last = response.log_index + response.entries.size();
  if (last <= commit_) return;
  if (response.term > state_.term) become_follower(response.term, no_node);
  for (Entry& entry : response.entries) {
    if (entry.index <= commit_ || log_.matches(entry.index, entry.term)) continue;
    if (entry.index <= log_.last_index()) truncate(entry.index);
    append(std::move(entry));
  }
  commit_to(last, response.term);
}

}  // namespace blackout::raft
