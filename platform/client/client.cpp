#include "platform/client/client.hpp"

#include <utility>

namespace blackout::client {

using replica::Request;
using replica::RequestKind;
using replica::Status;

Client::Client(env::Environment& environment, Config config)
    : environment_(environment),
      config_(std::move(config)),
      calls_(environment),
      routes_(environment),
      hybrid_clock_(config_.author),
      avoid_until_(config_.gateways.size()),
      answered_(config_.gateways.size()) {
  CHECK(!config_.gateways.empty());
  CHECK(config_.regions.empty() || config_.regions.size() == config_.gateways.size());
#ifdef BLACKOUT_PLANTED_BUGS
  routes_.planted_adopt_older = config_.planted_adopt_older_routes;
#endif
}

void Client::run() {
  while (true) {
    const env::Envelope envelope = environment_.network.receive();
    auto reply = replica::decode_reply(envelope.message);
    if (!reply) continue;
    const Duration busy = config_.reply_time ? config_.reply_time() : Duration();
    if (busy > Duration()) environment_.tasks.sleep(busy);
    calls_.deliver(std::move(*reply));
  }
}

void Client::follow_routes() {
  while (true) {
    Call call{.deadline = environment_.clock.monotonic() + config_.routes_refresh};
    auto plan = ask({0, config_.routes_shard, RequestKind::read, OperationId(), {}, {}}, call);
    if (plan) {
      routes_.adopt(config_.through_names ? config_.through_names(std::move(plan.value()))
                                          : plan.value());
    }
    environment_.tasks.sleep(config_.routes_refresh);
  }
}

Result<placement::RouteResult, Error> Client::steer(const placement::RouteCommand& command,
                                                    Call& call) {
  Request request{0, config_.routes_shard, RequestKind::write, OperationId(), {}, {}};
  placement::encode(command, request.body);
  const auto body = ask(std::move(request), call);
  if (!body) return failure(body.error());
  auto result = placement::decode_route_result(body.value());
  if (!result) return failure(Error::unknown);
  return std::move(*result);
}

ledger::Stamp Client::stamp() { return hybrid_clock_.now(environment_.clock.wall().unix_ns); }

Result<ledger::Answer, Error> Client::write(ShardId shard, const ledger::Command& command,
                                            Call& call) {
  Request request{0, shard, RequestKind::write, command.operation, {}, {}};
  encode(command, request.body);
  const auto body = ask(std::move(request), call);
  if (!body) return failure(body.error());
  const auto answer = ledger::decode_answer(body.value());
  if (!answer) return failure(Error::unknown);
  if (command.kind == ledger::CommandKind::merge) {
    hybrid_clock_.observe(answer->version, environment_.clock.wall().unix_ns);
  }
  return *answer;
}

Result<ledger::Answer, Error> Client::read(ShardId shard, std::string_view account, OperationId tag,
                                           Call& call) {
  const auto body =
      ask({0, shard, RequestKind::read, tag, {}, {account.begin(), account.end()}}, call);
  if (!body) return failure(body.error());
  const auto answer = ledger::decode_answer(body.value());
  if (!answer) return failure(Error::unknown);
  return *answer;
}

Result<std::vector<ledger::AccountRecord>, Error> Client::page(ShardId shard,
                                                               std::string_view after,
                                                               std::uint32_t accounts_max,
                                                               Call& call) {
  const replica::PageQuery query{std::string(after), accounts_max};
  const auto body =
      ask({0, shard, RequestKind::page, OperationId(), {}, replica::encode(query)}, call);
  if (!body) return failure(body.error());
  auto page = replica::decode_page(body.value());
  if (!page) return failure(Error::unknown);
  return std::move(*page);
}

Result<std::vector<ledger::Record>, Error> Client::records(ShardId shard,
                                                           const ledger::RecordKey& from,
                                                           std::uint32_t records_max, Call& call) {
  const replica::RecordsQuery query{from, records_max};
  const auto body =
      ask({0, shard, RequestKind::records, OperationId(), {}, replica::encode(query)}, call);
  if (!body) return failure(body.error());
  auto records = replica::decode_records(body.value());
  if (!records) return failure(Error::unknown);
  return std::move(*records);
}

Result<Bytes, Error> Client::ask(Request request, Call& call) {
  Duration attempt = config_.attempt_first;
  bool sent_before = call.resumed;
  std::size_t spared = config_.gateways.size();  // none yet
  while (environment_.clock.monotonic() < call.deadline) {
    const std::size_t gateway = nearest_gateway();
    const NodeId to = config_.gateways[gateway];
    const bool hasty = call.attempts < call.hasty_attempts;
    ++call.attempts;
    if (sent_before) {
      environment_.trace.report(EventKind::operation_retried, request.shard,
                                request.operation.value(), call.attempts, node_word(to));
    }
    request.routes_epoch = routes_.plan().epoch();
    const Instant sent = environment_.clock.monotonic();
    const Duration patience = hasty ? call.hasty_attempt : attempt;
    const Instant give_up = call.retry ? std::min(call.deadline, sent + patience) : call.deadline;
    auto reply = calls_.call(replica::Channel::request, to, request, give_up);
    if (reply) answered_[gateway] = environment_.clock.monotonic();
    if (reply && reply->status == Status::done) return std::move(reply->body);
    if (reply && reply->status == Status::rerouted && routes_.adopt(reply->body)) continue;
    if (reply && reply->status == Status::refused && !sent_before) return failure(Error::refused);
    sent_before = true;
    if (!call.retry) break;
    // One that answers `unavailable` lives; it is the shard that has no leader.
    if (reply ? reply->status != Status::refused : hasty) continue;
    attempt = std::min(attempt * 2, config_.attempt_max);
    // One that answered others since lives: a message was lost, or its way to this leader is.
    bool lives = !reply && answered_[gateway] > sent;
#ifdef BLACKOUT_PLANTED_BUGS
    if (config_.planted_forsake_gateway) lives = false;
#endif
    if (lives && std::exchange(spared, gateway) != gateway) continue;
    avoid_until_[gateway] = environment_.clock.monotonic() + config_.avoid;
  }
  return failure(Error::unknown);
}

bool Client::in_service(std::size_t gateway) const {
  return config_.regions.empty() || routes_.plan().serves(config_.regions[gateway]);
}

std::size_t Client::nearest_gateway() const {
  const Instant now = environment_.clock.monotonic();
  for (std::size_t i = 0; i < avoid_until_.size(); ++i) {
    if (avoid_until_[i] <= now && in_service(i)) return i;
  }
  std::size_t best = 0;
  for (std::size_t i = 0; i < avoid_until_.size(); ++i) {
    if (avoid_until_[i] <= now) return i;
    if (avoid_until_[i] < avoid_until_[best]) best = i;
  }
  return best;
}

}  // namespace blackout::client
