#include <algorithm>
#include <utility>

#include "platform/raft/raft.hpp"

namespace blackout::raft {

void Raft::tick_leader(Leader& leader) {
  const std::uint64_t majority_heard =
      majority_value(configuration(), leader, now_ticks_, &Progress::heard_ticks);
  if (now_ticks_ - majority_heard >= config_.election_ticks_min) {
    become_follower(state_.term, no_node);
    return;
  }
  if (now_ticks_ - leader.heartbeat_ticks >= config_.heartbeat_ticks) {
    leader.heartbeat_ticks = now_ticks_;
    leader.heartbeat_due = true;
    leader.settled =
        std::exchange(leader.commit_at_heartbeat, std::max(commit_, leader.term_start));
  }
  if (leader.transfer.has_value() &&
      now_ticks_ - leader.transfer->since_ticks >= config_.election_ticks_min) {
    leader.transfer.reset();
  }
  prefer_other(leader);
}

void Raft::avoid(std::vector<NodeId> nodes) {
  if (nodes == avoided_) return;
  avoided_ = std::move(nodes);
  if (!std::holds_alternative<Leader>(role_)) draw_timeout();
}

void Raft::stand_aside(bool aside) {
  aside_ = aside;
  if (aside && campaigns()) become_follower(state_.term, no_node);
}

void Raft::prefer_other(Leader& leader) {
  const bool lately = now_ticks_ - leader.transfer_ticks < config_.transfer_interval_ticks;
  if (leader.transfer.has_value() || commit_ < leader.term_start ||
      (lately && !avoided(config_.self))) {
    return;
  }
  std::size_t best = rank(config_.self);
  const Progress* wanted = nullptr;
  for (const Progress& follower : leader.followers) {
    const bool able = configuration().stays(follower.member()) &&
                      now_ticks_ - follower.heard_ticks <= 2 * config_.heartbeat_ticks &&
                      follower.state == Progress::State::replicate &&
                      follower.match >= leader.settled;
    if (!able || rank(follower.id) >= best) continue;
    best = rank(follower.id);
    wanted = &follower;
  }
  if (wanted != nullptr) start_transfer(leader, *wanted);
}

Result<void, TransferError> Raft::transfer(NodeId to) {
  auto* leader = std::get_if<Leader>(&role_);
  if (leader == nullptr) return failure(TransferError::not_leader);
  const Member* member = configuration().next_of(to);
  if (to == config_.self || member == nullptr || !configuration().votes(member->id)) {
    return failure(TransferError::not_a_follower);
  }
  if (leader->transfer.has_value()) return failure(TransferError::transferring);
  start_transfer(*leader, *leader->find(member->id));
  return {};
}

void Raft::start_transfer(Leader& leader, const Progress& to) {
  leader.transfer = Leader::Transfer{to.member(), now_ticks_};
  leader.transfer_ticks = now_ticks_;
  leader.asked_to_campaign = true;
  fact(EventKind::leadership_transfer, node_word(to.id), state_.term.value());
  finish_transfer(leader, to);
}

void Raft::finish_transfer(Leader& leader, const Progress& target) {
  if (!leader.transfer.has_value() || leader.transfer->to != target.member()) return;
  if (target.match != log_.last_index()) return;
  next_->messages_now.push_back(message(MessageKind::timeout_now, target));
}

Result<void, ReadError> Raft::read(std::uint64_t context) {
  auto* leader = std::get_if<Leader>(&role_);
  if (leader == nullptr) return failure(ReadError::not_leader);
#ifdef BLACKOUT_PLANTED_BUGS
  if (config_.planted.read_at_once) {
    next_->reads.push_back({context, commit_});
    return {};
  }
#endif
  if (commit_ < leader->term_start) return failure(ReadError::term_not_committed);
  if (leader->reads.size() >= config_.reads_max) return failure(ReadError::too_many);
  if (!leader->round_open) {
    ++leader->round;
    leader->round_open = true;
  }
  leader->reads.push_back({leader->round, context, commit_});
  send_round(*leader, confirmed_round(*leader, &Progress::round));
  return {};
}

// The newest that a majority answered, by their `round`.
std::uint64_t Raft::confirmed_round(const Leader& leader, std::uint64_t Progress::*round) const {
  return majority_value(configuration(), leader, leader.round, round);
}

std::optional<std::uint64_t> Raft::confirmed_round() const {
  const auto* leader = std::get_if<Leader>(&role_);
  if (leader == nullptr) return std::nullopt;
  return confirmed_round(*leader, &Progress::round);
}

std::optional<std::uint64_t> Raft::promised_round() const {
  const auto* leader = std::get_if<Leader>(&role_);
  const bool binds = leader != nullptr && !leader->asked_to_campaign;
  if (!binds || commit_ < leader->term_start) return std::nullopt;
  return confirmed_round(*leader, &Progress::promised_round);
}

// One round for reads is under way at a time: those that come meanwhile share the next one.
void Raft::send_round(Leader& leader, std::uint64_t confirmed) {
  if (leader.round_open && confirmed >= leader.read_round) leader.heartbeat_due = true;
}

void Raft::grant_reads(Leader& leader) {
  const std::uint64_t confirmed = confirmed_round(leader, &Progress::round);
  while (!leader.reads.empty() && leader.reads.front().round <= confirmed) {
    next_->reads.push_back({leader.reads.front().context, leader.reads.front().index});
    leader.reads.pop_front();
  }
  send_round(leader, confirmed);
}

}  // namespace blackout::raft
