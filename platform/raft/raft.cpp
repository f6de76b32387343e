#include "platform/raft/raft.hpp"

#include <utility>

#include "host/base/check.hpp"

namespace blackout::raft {

Raft::Raft(Config config, Recovered recovered)
    : config_(std::move(config)),
      state_(recovered.hard_state),
      log_(recovered.base),
      configurations_{{recovered.base.index, recovered.configuration.value_or(config_.founders)}},
      commit_(recovered.base.index) {
  CHECK(config_.self != no_node);
  CHECK(config_.heartbeat_ticks > 0 && config_.heartbeat_ticks < config_.election_ticks_min);
  CHECK(config_.election_ticks_min < config_.election_ticks_max);
  CHECK(config_.inflight_max.messages > 0 && config_.inflight_max.bytes > 0 &&
        config_.transfer_interval_ticks > 0);
  for (Entry& entry : recovered.entries) take_configuration(log_.append(std::move(entry)));
  handed_state_ = durable_state_ = state_;
  // A power loss kept the entries of an Output but not its term. Nothing was sent in that term, no
  // vote either; the first Output makes it durable.
  if (log_.last_term() > state_.term) state_ = {log_.last_term()};
  handed_ = durable_ = log_.last_index();
  applied_ = commit_;
  // The state machine holds nothing of a term that was not durable before.
  commit_term_ = state_.term;
  // Where nothing was ever written there is nothing to share: the first election has its time.
  ask_ticks_ = log_.last_index() == Index() ? config_.election_ticks_max : patience_ticks();
  draw_timeout();
}

Role Raft::role() const {
  static_assert(
      std::is_same_v<std::variant_alternative_t<static_cast<std::size_t>(Role::leader), RoleState>,
                     Leader>);
  return static_cast<Role>(role_.index());
}

NodeId Raft::leader() const {
  if (std::holds_alternative<Leader>(role_)) return config_.self;
  const auto* follower = std::get_if<Follower>(&role_);
  return follower != nullptr ? follower->leader : no_node;
}

std::span<const Progress> Raft::followers() const {
  const auto* leader = std::get_if<Leader>(&role_);
  return leader != nullptr ? std::span<const Progress>(leader->followers)
                           : std::span<const Progress>();
}

bool Raft::transferring() const {
  const auto* leader = std::get_if<Leader>(&role_);
  return leader != nullptr && leader->transfer.has_value();
}

Message Raft::message(MessageKind kind, const MemberId& to) const {
  Message made;
  made.kind = kind;
  made.from = config_.self;
  made.to = to.node;
  made.from_disk = config_.disk;
  made.to_disk = to.disk;
  made.term = state_.term;
  return made;
}

void Raft::fact(EventKind kind, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  next_->facts.push_back({kind, a, b, c});
}

void Raft::append(Entry entry) {
  const Entry& added = log_.append(std::move(entry));
  fact(EventKind::entry_appended, added.index.value(), added.term.value(), added.chain_hash);
  take_configuration(added);
}

void Raft::truncate(Index from) {
  CHECK(from > commit_, "a committed entry would be dropped");
  log_.truncate(from);
  agreed_ = std::min(agreed_, from - 1);
  while (configurations_.back().index >= from) configurations_.pop_back();
  fact(EventKind::log_truncated, from.value(), state_.term.value());
  const Index left = from - 1;
  if (handed_ > left) {
    handed_ = left;
    next_->truncate_from = std::min(from, next_->truncate_from.value_or(from));
  }
  // A report of an earlier Output that is still to come speaks of entries that are void by now.
  durable_ = std::min(durable_, left);
  for (Unreported& output : unreported_) output.last = std::min(output.last, left);
}

void Raft::commit_to(Index index, Term term) {
  if (index <= commit_) return;
  CHECK(index <= log_.last_index());
  commit_ = index;
  commit_term_ = term;
  const Position position = *log_.at(index);
  fact(EventKind::commit_advanced, index.value(), position.term.value(), position.chain_hash);
}

void Raft::tick() {
  ++now_ticks_;
  if (auto* leader = std::get_if<Leader>(&role_)) {
    tick_leader(*leader);
    return;
  }
  drop_snapshot();
  const bool member = configuration().has(me());
  // The leader may have dropped a learner that it did not hear, and compacted the log that says so.
  if (!votes() && (!member || now_ticks_ - heard_ticks_ >= config_.election_ticks_min)) {
    ask_to_join();
  }
  const bool able = may_campaign();
  if (!member && !able) return;
  if (now_ticks_ >= ask_ticks_) ask_for_committed();
  if (!early_.empty() && now_ticks_ - early_ticks_ >= early_ticks_max) ask_for_overtaken();
  if (!able || aside_ || withheld_) return;
  const std::uint64_t silence = now_ticks_ - heard_ticks_;
  if (silence >= timeout_ticks_) {
    election_timed_out();
  } else if (campaigns() && silence > 0 && silence % config_.heartbeat_ticks == 0) {
    request_votes();
  }
}

void Raft::step(Message message) {
  const NodeId from = message.from;
  if (message.to != config_.self || from == config_.self) return;
  if (message.kind == MessageKind::join_request) return on_join_request(message);
  if (message.to_disk != config_.disk) return;
  const bool shares = message.kind == MessageKind::committed_request ||
                      message.kind == MessageKind::committed_response ||
                      message.kind == MessageKind::committed_snapshot;
  if (shares) {
    dispatch(message);
    return;
  }
  if (message.term < state_.term) {
    answer_stale(message);
    return;
  }
  const bool asks_vote =
      message.kind == MessageKind::pre_vote_request || message.kind == MessageKind::vote_request;
  if (asks_vote && !message.transfer && withheld_) return;
  if (message.term > state_.term) {
    if (asks_vote && !message.transfer && within_lease()) return;
    // A pre-vote speaks of a term that nobody has opened.
    const bool hypothetical = message.kind == MessageKind::pre_vote_request ||
                              (message.kind == MessageKind::pre_vote_response && !message.reject);
    const bool leads = message.kind == MessageKind::append_request ||
                       message.kind == MessageKind::heartbeat_request ||
                       message.kind == MessageKind::snapshot_request;
    if (!hypothetical) become_follower(message.term, leads ? from : no_node);
  }
  dispatch(message);
}

void Raft::dispatch(Message& message) {
  auto* leader = std::get_if<Leader>(&role_);
  switch (message.kind) {
    case MessageKind::pre_vote_request:
    case MessageKind::vote_request:
      on_vote_request(message);
      break;
    case MessageKind::pre_vote_response:
    case MessageKind::vote_response:
      on_vote_response(message);
      break;
    case MessageKind::append_request:
      on_append_request(message);
      break;
    case MessageKind::heartbeat_request:
      on_heartbeat_request(message);
      break;
    case MessageKind::append_response:
      if (leader != nullptr) on_append_response(*leader, message);
      break;
    case MessageKind::heartbeat_response:
      if (leader != nullptr) on_heartbeat_response(*leader, message);
      break;
    case MessageKind::timeout_now:
      if (leader == nullptr && may_campaign() && !aside_) campaign(true);
      break;
    case MessageKind::committed_request:
      on_committed_request(message);
      break;
    case MessageKind::committed_response:
      if (leader == nullptr) on_committed_response(message);
      break;
    case MessageKind::committed_snapshot:
      if (leader == nullptr) on_committed_snapshot(message);
      break;
    case MessageKind::join_request:  // step() has dealt with it
      break;
    case MessageKind::snapshot_request:
      on_snapshot_request(message);
      break;
    case MessageKind::snapshot_response:
      if (leader != nullptr) on_snapshot_response(*leader, message);
      break;
  }
}

// A sender of the past learns the present term. Without this a leader that this node can no longer
// follow would go on, while the leases of its other followers keep this node from being elected.
void Raft::answer_stale(const Message& stale) {
  MessageKind kind{};
  switch (stale.kind) {
    case MessageKind::append_request:
    case MessageKind::heartbeat_request:
    case MessageKind::snapshot_request:
      kind = MessageKind::append_response;
      break;
    case MessageKind::pre_vote_request:
      kind = MessageKind::pre_vote_response;
      break;
    case MessageKind::vote_request:
      kind = MessageKind::vote_response;
      break;
    default:
      return;
  }
  Message told = answer(kind, stale);
  told.reject = true;
  next_->messages.push_back(std::move(told));
}

std::unique_ptr<Output> Raft::take_output() {
  if (auto* leader = std::get_if<Leader>(&role_)) go_on_with_change(*leader);
  if (auto* leader = std::get_if<Leader>(&role_)) flush(*leader);
  if (state_ == handed_state_ && handed_ == log_.last_index() && applied_ == commit_ &&
      next_->empty()) {
    return nullptr;
  }
  std::unique_ptr<Output> taken = std::move(next_);
  if (spare_.empty()) {
    next_ = std::make_unique<Output>();
  } else {
    next_ = std::move(spare_.back());
    spare_.pop_back();
  }
  Output& out = *taken;
  out.id = ++outputs_;
  if (state_ != handed_state_) {
    handed_state_ = state_;
    out.hard_state = state_;
#ifdef BLACKOUT_PLANTED_BUGS
    if (config_.planted.forget_vote && state_.vote != config_.self) out.hard_state->vote = no_node;
#endif
  }
  out.entries.reserve(log_.last_index() - handed_);
  while (handed_ < log_.last_index()) {
    handed_ = handed_ + 1;
    out.entries.push_back(log_.entry(handed_));
  }
  out.committed.reserve(commit_ - applied_);
  while (applied_ < commit_) {
    applied_ = applied_ + 1;
    out.committed.push_back(log_.entry(applied_));
  }
  if (out.must_persist()) unreported_.push_back({out.id, handed_state_, handed_});
  return taken;
}

void Raft::recycle(std::unique_ptr<Output> spent) {
  spent->clear();
  spare_.push_back(std::move(spent));
}

void Raft::persisted(std::uint64_t output) {
  CHECK(output <= outputs_);
  while (!unreported_.empty() && unreported_.front().output <= output) {
    durable_state_ = unreported_.front().state;
    durable_ = unreported_.front().last;
    unreported_.pop_front();
  }
  if (auto* leader = std::get_if<Leader>(&role_)) {
    if (durable_ > commit_) advance_commit(*leader);
  } else if (auto* candidate = std::get_if<Candidate>(&role_);
             candidate != nullptr && durable_state_ == state_) {
    candidate->ballot.record(me(), true);
    count_ballot();
  }
}

}  // namespace blackout::raft
