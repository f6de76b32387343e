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

// 4.2.2: by the configuration in force, or by the one before while it may still be rolled back.
bool Raft::may_campaign() const {
  const InForce& last = configurations_.back();
  const bool voted_out = configurations_.size() > 1 && last.index > commit_ &&
                         !last.configuration.has(me()) &&
                         std::prev(configurations_.end(), 2)->configuration.votes(me());
  return votes() || voted_out;
}

void Raft::ask_to_join() {
  if (now_ticks_ % config_.heartbeat_ticks != 0) return;
  for (const Member& member : configuration().members()) {
    if (member.id.node == config_.self) continue;
    next_->messages.push_back(message(MessageKind::join_request, member.id));
  }
}

void Raft::on_join_request(const Message& request) {
  auto* leader = std::get_if<Leader>(&role_);
  if (leader == nullptr || !may_change(*leader) || configuration().joint()) return;
  const Member* before = configuration().next_of(request.from);
  if (before == nullptr || !before->votes || before->id.disk == request.from_disk) return;
  // A disk that is gone falls silent; a request that comes late must not drive out a healthy one.
  if (heard(*leader->find(before->id))) return;
  std::vector<MemberId> next = configuration().next();
  std::replace(next.begin(), next.end(), before->id, MemberId{request.from, request.from_disk});
  change(*leader, configuration().towards(next));
}

Result<void, ReconfigureError> Raft::reconfigure(const std::vector<MemberId>& voters) {
  auto* leader = std::get_if<Leader>(&role_);
  if (leader == nullptr) return failure(ReconfigureError::not_leader);
  if (leader->transfer.has_value()) return failure(ReconfigureError::transferring);
  if (commit_ < leader->term_start) return failure(ReconfigureError::term_not_committed);
  const bool whole = configuration().stable() && configuration().has(me());
  if (!may_change(*leader) || !whole) return failure(ReconfigureError::changing);
  std::vector<Member> members;
  for (const MemberId& id : voters) {
    if (id.node == config_.self && id != me()) return failure(ReconfigureError::invalid);
    members.push_back({id});
  }
  if (!Configuration::valid(members, false)) return failure(ReconfigureError::invalid);
  const Configuration to = configuration().towards(voters);
  if (!to.stable()) change(*leader, to);
  return {};
}

void Raft::go_on_with_change(Leader& leader) {
  if (!may_change(leader)) return;
  if (configuration().joint()) return change(leader, configuration().left());
  if (!configuration().stable()) return prepare_newcomers(leader);
  if (!configuration().has(me())) leave(leader);
}

void Raft::prepare_newcomers(Leader& leader) {
  const Configuration& now = configuration();
  std::vector<MemberId> next;
  bool ready = true, called_off = false;
  for (const MemberId& id : now.next()) {
    if (now.votes(id)) {
      next.push_back(id);
      continue;
    }
    Progress& learner = *leader.find(id);
    count_round(learner);
    ready = ready && learner.caught_up;
    if (heard(learner) && learner.rounds <= learner_rounds_max) {
      next.push_back(id);
    } else if (const Member* before = now.voter_of(id.node)) {
      next.push_back(before->id);
    } else {
      called_off = true;
    }
  }
  if (called_off) return change(leader, now.called_off());
  if (next != now.next()) return change(leader, now.towards(next));
  // What cannot be committed once it is joint could not be left either.
  const Configuration to = now.left();
  const std::uint64_t heard_ticks = majority_value(to, leader, now_ticks_, &Progress::heard_ticks);
  if (now_ticks_ - heard_ticks >= config_.election_ticks_min) {
    return change(leader, now.called_off());
  }
  const Index held = majority_value(to, leader, durable_, &Progress::match);
  if (ready && held >= configurations_.back().index) change(leader, now.entered());
}

// 4.2.1: one that ends in time says that the newcomer keeps pace.
void Raft::count_round(Progress& learner) const {
  if (learner.caught_up) return;
  const bool ends = learner.rounds > 0 && learner.match >= learner.round_target;
  learner.caught_up = ends && now_ticks_ - learner.round_ticks < config_.election_ticks_min;
  if (learner.caught_up || (learner.rounds > 0 && !ends)) return;
  ++learner.rounds;
  learner.round_target = commit_;
  learner.round_ticks = now_ticks_;
}

void Raft::change(Leader& leader, const Configuration& to) {
  Bytes payload;
  Writer out(payload);
  encode(out, to);
  Entry entry;
  entry.term = state_.term;
  entry.index = log_.last_index() + 1;
  entry.kind = EntryKind::configuration;
  entry.payload = Payload(payload);
  const Configuration from = configuration();
  append(std::move(entry));
  tell_change(from, log_.last_index());
  follow_configuration(leader);
}

// One fact for each node whose part in the group changes.
void Raft::tell_change(const Configuration& from, Index index) {
  const Configuration& to = configuration();
  const auto tell = [&](NodeId node, Suffrage suffrage) {
    fact(EventKind::member_changed, node_word(node), static_cast<std::uint64_t>(suffrage),
         index.value());
  };
  for (const Member& member : (from.joint() ? from : to).members()) {
    const NodeId node = member.id.node;
    const bool comes = !member.votes;
    const bool goes = !member.next && from.next_of(node) == nullptr;
    if (from.joint()) {
      if (comes) tell(node, Suffrage::voter);
      if (goes) tell(node, Suffrage::none);
    } else if (to.joint()) {
      if (comes) tell(node, Suffrage::incoming);
      if (goes) tell(node, Suffrage::outgoing);
    } else if (comes && !from.has(member.id)) {
      tell(node, Suffrage::learner);
    }
  }
}

// One follower for every other member; those that stay keep what is known of them.
void Raft::follow_configuration(Leader& leader) {
  std::vector<Progress> followers;
  for (const Member& member : configuration().members()) {
    if (member.id == me()) continue;
    if (Progress* known = leader.find(member.id)) {
      followers.push_back(std::move(*known));
    } else {
      followers.emplace_back(member.id, log_.last_index(), now_ticks_);
      followers.back().ask = true;
    }
  }
  leader.followers = std::move(followers);
}

// Who has most campaigns at once (3.10), as nobody else does for an election timeout.
void Raft::leave(const Leader& leader) {
  const auto& most =
      *std::max_element(leader.followers.begin(), leader.followers.end(),
                        [](const Progress& a, const Progress& b) { return a.match < b.match; });
  fact(EventKind::leadership_transfer, node_word(most.id), state_.term.value());
  next_->messages_now.push_back(message(MessageKind::timeout_now, most));
  become_follower(state_.term, no_node);
}

}  // namespace blackout::raft
