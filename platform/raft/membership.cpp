// Changes of the configuration (dissertation 4): from the log, a newcomer's side, the leader's.
#include <algorithm>
#include <utility>

#include "host/base/check.hpp"
#include "platform/raft/codec.hpp"
#include "platform/raft/raft.hpp"

namespace blackout::raft {

void Raft::take_configuration(const Entry& entry) {
  if (entry.kind != EntryKind::configuration) return;
  Reader in(view_of(entry.payload));
  auto configuration = decode_configuration(in);
  CHECK(configuration.has_value(), "a configuration in the log does not decode");
  configurations_.push_back({entry.index, std::move(*configuration)});
}

void Raft::forget_configurations(Index released) {
  while (configurations_.size() > 1 && configurations_[1].index <= released) {
    configurations_.erase(configurations_.begin());
  }
}

const Configuration& Raft::configuration_at(Index index) const {
  const auto later =
      std::find_if(configurations_.begin() + 1, configurations_.end(),
                   [index](const InForce& in_force) { return in_force.index > index; });
  return std::prev(later)->configuration;
}

void Raft::ask_to_join() {
  if (now_ticks_ % config_.heartbeat_ticks != 0) return;
  for (const Member& member : configuration().members()) {
    if (member.node == config_.self) continue;
    next_->messages.push_back(message(MessageKind::join_request, member.node, member.disk));
  }
}

void Raft::on_join_request(const Message& request) {
  auto* leader = std::get_if<Leader>(&role_);
  const Member* member = configuration().find(request.from);
  if (leader == nullptr || member == nullptr || member->disk == request.from_disk) return;
  // A disk that is gone falls silent; a request that comes late must not drive out a healthy one.
  if (changing() || commit_ < leader->term_start || heard(*leader->find(request.from))) return;
  const std::vector<Member>& members = configuration().members();
  const bool others_vote = std::all_of(members.begin(), members.end(), [&](const Member& other) {
    return other.votes || other.node == request.from;
  });
  const bool majority_stays = members.size() % 2 == 1;
  if (others_vote && majority_stays) change(*leader, {request.from, request.from_disk, false});
}

void Raft::promote_learner(Leader& leader) {
  if (changing() || commit_ < leader.term_start) return;
  for (Progress& follower : leader.followers) {
    if (configuration().votes(follower.id, follower.disk)) continue;
    const bool complete =
        follower.round_target > Index() && follower.match >= follower.round_target;
    if (complete && now_ticks_ - follower.round_ticks < config_.election_ticks_min) {
      return change(leader, {follower.id, follower.disk, true});
    }
    if (complete || follower.round_target == Index()) {
      follower.round_target = commit_;
      follower.round_ticks = now_ticks_;
    }
  }
}

void Raft::change(Leader& leader, const Member& changed) {
  Bytes payload;
  Writer out(payload);
  encode(out, configuration().with(changed));
  Entry entry;
  entry.term = state_.term;
  entry.index = log_.last_index() + 1;
  entry.kind = EntryKind::configuration;
  entry.payload = Payload(payload);
  const Index index = entry.index;
  append(std::move(entry));
  fact(EventKind::member_changed, node_word(changed.node), changed.votes ? 1 : 0, index.value());
  follow_configuration(leader);
}

// One follower for every other member; those that stay keep what is known of them.
void Raft::follow_configuration(Leader& leader) {
  std::vector<Progress> followers;
  for (const Member& member : configuration().members()) {
    if (member.node == config_.self) continue;
    Progress* known = leader.find(member.node);
    if (known != nullptr && known->disk == member.disk) {
      followers.push_back(std::move(*known));
    } else {
      followers.emplace_back(member.node, member.disk, log_.last_index(), now_ticks_);
      followers.back().ask = true;
    }
  }
  leader.followers = std::move(followers);
}

}  // namespace blackout::raft
