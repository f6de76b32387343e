#include "harness/system/libraft/server.hpp"

#include <algorithm>
#include <utility>

namespace blackout::system::libraft {
namespace {

constexpr std::size_t inbox_max = 4096;

}  // namespace

Server::Server(env::Environment& environment, const ServerConfig& config)
    : environment_(environment),
      links_(environment, static_cast<std::uint8_t>(Channel::raft)),
      inbox_(environment.tasks, inbox_max) {
  for (const MemberConfig& member : config.members) {
    members_.push_back(std::make_unique<Member>(environment, heap_, links_, inbox_, member));
  }
}

void Server::run() {
  const bool opened = std::all_of(members_.begin(), members_.end(),
                                  [](const auto& member) { return member->open(); });
  if (!opened) environment_.tasks.exit();
  start_tasks();
  while (turn()) {
  }
  environment_.tasks.exit();
}

// Each task keeps the server: a crash ends them in any order.
void Server::start_tasks() {
  env::Tasks& tasks = environment_.tasks;
  tasks.spawn("receive", [self = shared_from_this()] { self->receive_for_ever(); });
  tasks.spawn("stop", [self = shared_from_this()] {
    self->environment_.tasks.wait_for_stop();
    self->inbox_.send([server = self.get()] { server->stopping_ = true; });
  });
  for (const auto& member : members_) {
    tasks.spawn("disk",
                [self = shared_from_this(), disk = member.get()] { disk->work_for_ever(); });
  }
}

void Server::receive_for_ever() {
  while (true) {
    env::Envelope envelope = environment_.network.receive();
    inbox_.send([this, held = std::move(envelope)] { on_message(held); });
  }
}

bool Server::turn() {
  auto work = inbox_.receive(next_tick());
  if (work) (*work)();
  for (const auto& member : members_) {
    member->tick_if_due();
    member->finish_calls();
  }
  links_.close_gaps();
  if (std::any_of(members_.begin(), members_.end(),
                  [](const auto& member) { return member->unavailable(); })) {
    return false;
  }
  if (!stopping_) return true;
  bool done = true;
  for (const auto& member : members_) done = member->leave() && done;
  return !done;
}

Instant Server::next_tick() const {
  Instant next = Instant::never();
  for (const auto& member : members_) next = std::min(next, member->next_tick());
  return next;
}

void Server::on_message(const env::Envelope& envelope) {
  const auto channel = channel_of(envelope.message);
  if (channel == Channel::request) return on_request(envelope);
  if (channel == Channel::reply) {
    const auto reply = decode_reply(envelope.message);
    for (const auto& member : members_) {
      if (reply) member->on_reply(*reply);
    }
    return;
  }
  if (channel != Channel::raft) return;
  links_.receive(envelope.from, envelope.message,
                 [&](BytesView payload) { on_raft(envelope.from, payload); });
}

void Server::on_raft(NodeId from, BytesView payload) {
  Reader reader(payload);
  const auto shard = decode_shard(reader);
  Member* member = shard ? find(*shard) : nullptr;
  if (member != nullptr && !member->unavailable()) member->receive(from, reader);
}

void Server::on_request(const env::Envelope& envelope) {
  auto request = decode_request(envelope.message);
  if (!request) return;
  Member* member = find(request->shard);
  if (member != nullptr) return member->serve(envelope.from, std::move(*request));
  environment_.network.send(envelope.from,
                            encode(Reply{request->call, Status::not_leader, no_node, {}}));
}

Member* Server::find(ShardId shard) {
  for (const auto& member : members_) {
    if (member->shard() == shard) return member.get();
  }
  return nullptr;
}

}  // namespace blackout::system::libraft
