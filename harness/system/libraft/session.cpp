#include "harness/system/libraft/session.hpp"

#include <algorithm>
#include <utility>

namespace blackout::system::libraft {
namespace {

constexpr Duration attempt_max = milliseconds(1000);
constexpr Duration pause_first = milliseconds(25), pause_max = milliseconds(200);

}  // namespace

ClientSession::ClientSession(const scenario::Plan& plan, std::vector<std::vector<NodeId>> servers,
                             env::Environment& environment, ReplyTime reply_time)
    : plan_(plan),
      servers_(std::move(servers)),
      environment_(environment),
      reply_time_(std::move(reply_time)),
      // Begins anywhere: a reply that was meant for an earlier process may still come.
      next_call_(environment.random.next() >> 16),
      leaders_(servers_.size(), no_node) {
  environment.tasks.spawn("client-receive", [this] { receive_for_ever(); });
}

void ClientSession::receive_for_ever() {
  while (true) {
    const env::Envelope envelope = environment_.network.receive();
    if (channel_of(envelope.message) != Channel::reply) continue;
    auto reply = decode_reply(envelope.message);
    if (!reply) continue;
    const Duration busy = reply_time_ ? reply_time_() : Duration();
    if (busy > Duration()) environment_.tasks.sleep(busy);
    const auto waiting = waiting_.find(reply->call);
    if (waiting == waiting_.end() || waiting->second.reply) continue;
    waiting->second.reply = std::move(*reply);
    environment_.tasks.wake(waiting->second.task);
  }
}

std::optional<Reply> ClientSession::call(NodeId to, Request& request, Instant deadline) {
  request.call = next_call_++;
  waiting_.emplace(request.call, Waiting{environment_.tasks.current(), std::nullopt});
  environment_.network.send(to, encode(request));
  // A wake that was meant for an earlier wait of this task may come late.
  while (environment_.tasks.park(deadline) && !waiting_.at(request.call).reply) {
  }
  auto waiting = waiting_.extract(request.call);
  return std::move(waiting.mapped().reply);
}

std::optional<Bytes> ClientSession::ask(Ask& ask) {
  const ShardId shard = ask.request.shard;
  const std::vector<NodeId>& servers = servers_[shard.value()];
  NodeId& leader = leaders_[shard.value()];
  Duration pause = pause_first;
  std::size_t next = 0;
  bool done = false;
  for (std::uint32_t made = 0; !done && environment_.clock.monotonic() < ask.deadline; ++made) {
    const NodeId to = leader != no_node ? leader : servers[next++ % servers.size()];
    const Instant now = environment_.clock.monotonic();
    const Duration patience = made < ask.haste.retries ? ask.haste.attempt : attempt_max;
    const Instant give_up = ask.retry ? std::min(ask.deadline, now + patience) : ask.deadline;
    if (ask.attempts++ > 0) {
      environment_.trace.report(EventKind::operation_retried, shard, ask.request.operation.value(),
                                ask.attempts, node_word(to));
    }
    auto reply = call(to, ask.request, give_up);
    if (reply && reply->status == Status::done) {
      leader = to;
      return std::move(reply->body);
    }
    leader = reply && reply->leader != to ? reply->leader : no_node;
    done = !ask.retry && !(reply && reply->status == Status::not_leader);
    if (!reply || leader != no_node) continue;
    environment_.tasks.sleep(std::min(pause, ask.deadline - environment_.clock.monotonic()));
    pause = std::min(pause * 2, pause_max);
  }
  return std::nullopt;
}

void ClientSession::perform(record::Operation& operation, Instant deadline, const Haste& haste) {
  if (record::writes_record(operation.kind)) {
    operation.outcome = record::Outcome::fail;  // its store keeps accounts alone
    return;
  }
  Ask ask;
  ask.request.shard = operation.shard;
  ask.request.operation = operation.id;
  ask.deadline = deadline;
  ask.haste = haste;
  const scenario::ClientGroupPlan& group = plan_.clients[operation.group];
  ask.retry = group.retry == scenario::Retry::same_request_id;
  ask.attempts = operation.attempts;
  if (operation.kind == record::OperationKind::get) {
    ask.request.kind = RequestKind::read;
    ask.request.body.assign(operation.key.begin(), operation.key.end());
  } else {
    ask.request.kind = RequestKind::write;
    ask.request.body =
        encode(Command{operation.id, operation.kind, operation.key, operation.other_key,
                       operation.amount, operation.expected_version,
                       Bytes(group.value_bytes, static_cast<std::uint8_t>(operation.id.value()))});
  }
  const auto body = this->ask(ask);
  operation.attempts = ask.attempts;
  operation.outcome = record::Outcome::info;
  const auto seen = body ? decode_answer(*body) : std::nullopt;
  if (!seen) return;
  operation.outcome = record::Outcome::ok;
  operation.applied = seen->applied;
  operation.duplicate = seen->duplicate;
  operation.version = seen->version;
  operation.balance = seen->balance;
  operation.last_operation = seen->last_operation;
}

std::optional<std::vector<record::AuditedAccount>> ClientSession::audit(ShardId shard,
                                                                        Instant deadline) {
  std::vector<record::AuditedAccount> accounts;
  while (true) {
    Ask ask;
    ask.request.shard = shard;
    ask.request.kind = RequestKind::page;
    if (!accounts.empty()) {
      ask.request.body.assign(accounts.back().key.begin(), accounts.back().key.end());
    }
    ask.deadline = deadline;
    const auto body = this->ask(ask);
    auto page = body ? decode_page(*body) : std::nullopt;
    if (!page) return std::nullopt;
    if (page->empty()) return accounts;
    for (record::AuditedAccount& account : *page) accounts.push_back(std::move(account));
  }
}

}  // namespace blackout::system::libraft
