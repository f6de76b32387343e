#include <algorithm>
#include <utility>

#include "host/base/hash.hpp"
#include "platform/raft/raft.hpp"

namespace blackout::raft {

bool Raft::avoided(NodeId node) const {
  return std::find(avoided_.begin(), avoided_.end(), node) != avoided_.end();
}

std::size_t Raft::rank(NodeId node) const {
  const auto& list = config_.preference;
  const auto place = std::find(list.begin(), list.end(), node) - list.begin();
  return static_cast<std::size_t>(place) + (avoided(node) ? list.size() + 1 : 0);
}

// A voter of rank r of n draws from the r-th part of [min, max]: the preferred survivor is first,
// and voters of different rank rarely split a vote. One without a rank draws from the whole.
void Raft::draw_timeout() {
  const std::uint64_t span = config_.election_ticks_max - config_.election_ticks_min;
  const std::uint64_t parts = config_.preference.size();
  const std::uint64_t part = rank(config_.self);
  const bool ranked = part < parts;
  const std::uint64_t low = ranked ? span * part / parts : 0;
  const std::uint64_t high = ranked ? span * (part + 1) / parts : span;
  const std::uint64_t bits = combine64(config_.random_seed, ++draws_);
  timeout_ticks_ = config_.election_ticks_min + low + bits % (high - low + 1);
}

void Raft::enter_role(RoleState role) {
  if (auto* leader = std::get_if<Leader>(&role_)) {
    for (const auto& read : leader->reads) next_->reads_refused.push_back(read.context);
    fed();
  }
  early_.clear();
  role_ = std::move(role);
  fact(EventKind::role_changed, static_cast<std::uint64_t>(this->role()), state_.term.value(),
       node_word(leader()));
}

void Raft::become_follower(Term term, NodeId leader) {
  if (term > state_.term) {
    state_ = {term};
    agreed_ = commit_;
    // An acknowledgement of the old term may speak of entries that the new term's leader truncates
    // before the Output that would have made them durable.
    std::erase_if(next_->messages, [](const Message& waiting) {
      return waiting.kind == MessageKind::append_response;
    });
  }
  if (!std::holds_alternative<Follower>(role_)) {
    heard_ticks_ = now_ticks_;
    draw_timeout();
  }
  enter_role(Follower{leader});
}

void Raft::become_leader() {
  incoming_.reset();
  Leader leader;
  follow_configuration(leader);
  leader.term_start = leader.commit_at_heartbeat = leader.settled = log_.last_index() + 1;
  leader.heartbeat_ticks = leader.transfer_ticks = now_ticks_;
  enter_role(std::move(leader));
  Entry no_op;
  no_op.term = state_.term;
  no_op.index = log_.last_index() + 1;
  no_op.kind = EntryKind::no_op;
  append(std::move(no_op));
}

bool Raft::within_lease() const {
  if (std::holds_alternative<Leader>(role_)) return true;
  return leader() != no_node && now_ticks_ - heard_ticks_ < config_.election_ticks_min;
}

void Raft::election_timed_out() {
  fact(EventKind::election_timeout, state_.term.value(), now_ticks_ - heard_ticks_);
  heard_ticks_ = now_ticks_;
  draw_timeout();
  PreCandidate candidate;
  candidate.ballot.record(me(), true);
  enter_role(std::move(candidate));
  request_votes();
  count_ballot();
}

void Raft::campaign(bool transfer) {
  state_ = {state_.term + 1, config_.self, config_.disk};
  heard_ticks_ = now_ticks_;
  draw_timeout();
  enter_role(Candidate{{}, transfer});
  next_->facts_durable.push_back(
      {EventKind::vote_cast, node_word(config_.self), state_.term.value()});
  request_votes();
}

// Of those who have not answered yet: requests are repeated (3.3).
void Raft::request_votes() {
  const auto* candidate = std::get_if<Candidate>(&role_);
  const Ballot& ballot =
      candidate != nullptr ? candidate->ballot : std::get<PreCandidate>(role_).ballot;
  const Position last = log_.last();
  for (const Member& member : configuration().members()) {
    const MemberId& id = member.id;
    if (id.node == config_.self || !configuration().votes(id) || ballot.answered(id)) continue;
    Message request = message(
        candidate != nullptr ? MessageKind::vote_request : MessageKind::pre_vote_request, id);
    request.term = state_.term + (candidate != nullptr ? 0 : 1);
    request.log_index = last.index;
    request.log_term = last.term;
    request.transfer = candidate != nullptr && candidate->transfer;
    next_->messages.push_back(std::move(request));
  }
}

void Raft::on_vote_request(const Message& request) {
  const bool real = request.kind == MessageKind::vote_request;
  const bool voted = state_.vote == request.from && state_.vote_disk == request.from_disk;
  const bool free_to_vote = voted || (state_.vote == no_node && leader() == no_node) ||
                            (!real && request.term > state_.term);
  const Position last = log_.last();
  const bool up_to_date =
      std::pair(request.log_term, request.log_index) >= std::pair(last.term, last.index);
  bool granted = free_to_vote && up_to_date;
#ifdef BLACKOUT_PLANTED_BUGS
  if (config_.planted.vote_for_stale_log) granted = free_to_vote;
  if (config_.planted.yield_own_vote && state_.vote == config_.self && leader() == no_node) {
    granted = up_to_date;
  }
#endif
  if (granted && real) {
    state_.vote = request.from;
    state_.vote_disk = request.from_disk;
    heard_ticks_ = now_ticks_;
    next_->facts_durable.push_back(
        {EventKind::vote_cast, node_word(request.from), state_.term.value()});
  }
  Message told =
      answer(real ? MessageKind::vote_response : MessageKind::pre_vote_response, request);
  told.reject = !granted;
  if (granted) told.term = request.term;
  next_->messages.push_back(std::move(told));
}

void Raft::on_vote_response(const Message& response) {
  const MemberId voter{response.from, response.from_disk};
  if (!configuration().votes(voter)) return;
  Ballot* ballot = nullptr;
  if (auto* asking = std::get_if<PreCandidate>(&role_);
      asking != nullptr && response.kind == MessageKind::pre_vote_response) {
    // A grant answers for the term asked about; one of another term is of an earlier campaign.
    if (!response.reject && response.term != state_.term + 1) return;
    ballot = &asking->ballot;
  } else if (auto* candidate = std::get_if<Candidate>(&role_);
             candidate != nullptr && response.kind == MessageKind::vote_response) {
    ballot = &candidate->ballot;
  }
#ifdef BLACKOUT_PLANTED_BUGS
  if (auto* candidate = std::get_if<Candidate>(&role_);
      candidate != nullptr && config_.planted.count_pre_votes) {
    ballot = &candidate->ballot;
  }
#endif
  if (ballot == nullptr) return;
  ballot->record(voter, !response.reject);
  count_ballot();
}

void Raft::count_ballot() {
  if (!may_campaign()) return become_follower(state_.term, no_node);
  const bool asking = std::holds_alternative<PreCandidate>(role_);
  const Ballot& ballot =
      asking ? std::get<PreCandidate>(role_).ballot : std::get<Candidate>(role_).ballot;
  if (ballot.won(configuration())) {
    if (asking) {
      campaign(false);
    } else {
      become_leader();
    }
  } else if (ballot.lost(configuration())) {
    become_follower(state_.term, no_node);
  }
}

}  // namespace blackout::raft
