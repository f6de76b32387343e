// Votes come and go with processes: a server that is asked to stop hands over what it leads and
// gives its vote back, and one that starts without a vote asks for one. Never do two lack theirs.
#include <algorithm>
#include <utility>

#include "harness/system/libraft/member.hpp"

namespace blackout::system::libraft {
namespace {

constexpr Duration ask_max = milliseconds(500);

bool votes(const raft_server& server) { return server.role == RAFT_VOTER; }

}  // namespace

bool Member::hand_over() {
  if (std::exchange(handing_over_, true)) return handed_over_;
  handed_over_ = raft_state(&raft_) != RAFT_LEADER;
  if (handed_over_) return true;
  inside([&] {
    // The library may look at it after the callback.
    auto* request =
        static_cast<struct raft_transfer*>(raft_calloc(1, sizeof(struct raft_transfer)));
    request->data = this;
    const int status = ::raft_transfer(&raft_, request, 0, [](struct raft_transfer* done) {
      static_cast<Member*>(done->data)->handed_over_ = true;
    });
    handed_over_ = status != 0;
  });
  return handed_over_;
}

bool Member::leave() {
  if (!hand_over()) return false;
  const Instant now = environment_.clock.monotonic();
  if (!std::exchange(leaving_, true)) {
    asked_ = 0;
    ask_again_ = now + ask_max;
    if (own_role() == RAFT_VOTER) ask_for_role(RAFT_STANDBY);
  }
  return asked_ == 0 || now >= ask_again_;
}

// RAFT_VOTER as well where the member is not known yet: there is nobody to ask.
int Member::own_role() const {
  for (unsigned i = 0; i < raft_.configuration.n; ++i) {
    if (raft_.configuration.servers[i].id == raft_.id) return raft_.configuration.servers[i].role;
  }
  return RAFT_VOTER;
}

void Member::mind_role() {
  const Instant now = environment_.clock.monotonic();
  if (leaving_ || handing_over_ || now < ask_again_ || own_role() == RAFT_VOTER) return;
  ask_again_ = now + ask_max;
  ask_for_role(RAFT_VOTER);
}

void Member::ask_for_role(int role) {
  const NodeId to = leader();
  asked_ = 0;
  if (to == no_node || to == environment_.self) return;
  asked_ = environment_.random.next() | 1;
  environment_.network.send(
      to, encode(Request{
              asked_, config_.shard, RequestKind::role, {}, {static_cast<std::uint8_t>(role)}}));
  heap_.enter();
}

void Member::on_reply(const Reply& reply) {
  if (reply.call == asked_) asked_ = 0;
}

void Member::assign(const Caller& caller, BytesView body) {
  const int role = body.empty() ? RAFT_SPARE : body[0];
  const raft_server* servers = raft_.configuration.servers;
  const bool all_vote = std::all_of(servers, servers + raft_.configuration.n, votes);
  if (role != RAFT_VOTER && !all_vote) return reply(caller, Status::unknown);
  inside([&] {
    auto* change = static_cast<raft_change*>(raft_calloc(1, sizeof(raft_change)));
    change->data = this;
    const int status = raft_assign(&raft_, change, id_of(caller.client), role,
                                   [](raft_change* done, int) { raft_free(done); });
    if (status != 0) raft_free(change);
    reply(caller, status == 0 ? Status::done : Status::unknown);
  });
}

}  // namespace blackout::system::libraft
