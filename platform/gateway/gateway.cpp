#include "platform/gateway/gateway.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace blackout::gateway {
namespace {

// A client may say that it waits for ever; a place here is not held that long.
constexpr Duration budget_max = seconds(60);

// The rest of the budget carries the bad news: a client that hears nothing blames the gateway.
Duration time_to_try(Duration budget) {
  const Duration held = std::min(budget, budget_max);
  return held - std::min(held / 4, milliseconds(200));
}

}  // namespace

using replica::Channel;
using replica::Reply;
using replica::Request;
using replica::Status;

Gateway::Gateway(env::Environment& environment, replica::Calls& calls, const Routes& routes,
                 Config config)
    : environment_(environment),
      calls_(calls),
      routes_(routes),
      config_(std::move(config)),
      leaders_(config_.routes.size(), no_node) {}

void Gateway::on_request(NodeId client, BytesView message) {
  auto request = replica::decode_request(message);
  if (!request || !once_.first(client, request->call)) return;
  if (request->shard.value() >= config_.routes.size()) {
    return refuse(client, request->call, Status::refused);
  }
  if (serving_ >= config_.requests_max || overloaded(*request)) {
    environment_.trace.report(EventKind::request_shed, request->shard, request->operation.value(),
                              serving_);
    return refuse(client, request->call, Status::refused);
  }
  const placement::RoutingPlan& plan = routes_.plan();
  if (request->routes_epoch < plan.epoch() && !plan.serves(config_.region) &&
      request->kind != replica::RequestKind::probe) {
    environment_.trace.report(EventKind::request_rerouted, request->shard,
                              request->operation.value(), plan.epoch());
    Bytes body;
    plan.encode(body);
    return refuse(client, request->call, Status::rerouted, std::move(body));
  }
  request->routes_epoch = 0;  // of no use to a replica
  ++serving_;
  ++starting_;
  const env::Deadline deadline(environment_.clock, time_to_try(request->budget));
  auto held = std::make_unique<Request>(std::move(*request));
  environment_.tasks.spawn("gateway-request", [this, client, deadline, held = std::move(held)] {
    --starting_;
    admission_.served(environment_.clock.monotonic());
    serve(client, std::move(*held), deadline);
    --serving_;
  });
}

// A region is judged by its probes, and one that is too busy for some requests serves others.
bool Gateway::overloaded(const Request& request) const {
#ifdef BLACKOUT_PLANTED_BUGS
  if (config_.planted_never_shed) return false;
#endif
  return request.kind != replica::RequestKind::probe &&
         !admission_.admits(starting_, environment_.clock.monotonic(), request.budget);
}

void Gateway::refuse(NodeId client, std::uint64_t call, Status status, Bytes body) {
  environment_.network.send(client, encode(Reply{call, status, no_node, std::move(body)}));
}

void Gateway::serve(NodeId client, Request request, const env::Deadline& deadline) {
  const std::uint64_t call = request.call;
  Reply reply = ask_leader(std::move(request), deadline)
                    .value_or(Reply{call, Status::unavailable, no_node, {}});
  reply.call = call;
  environment_.network.send(client, encode(reply));
}

std::optional<Reply> Gateway::ask_leader(Request request, const env::Deadline& deadline) {
  const std::vector<NodeId>& voters = config_.routes[request.shard.value()].voters;
  NodeId& known = leaders_[request.shard.value()];
  Duration backoff = config_.backoff_first;
  std::size_t candidate = 0;
  bool undecided = false;  // it may have its effect where it was sent before
  NodeId target = known;
  retries_.first(environment_.clock.monotonic());
  while (!deadline.passed()) {
    if (target == no_node) target = voters[candidate++ % voters.size()];
    environment_.trace.report(EventKind::request_forwarded, request.shard,
                              request.operation.value(), node_word(target));
    const std::uint64_t call = calls_.begin(Channel::forward, target, request, deadline.at());
    auto reply = calls_.await(call, deadline.within(config_.attempt));
    if (!reply) reply = wait_on(call, target, request.shard, deadline);
    calls_.end(call);
    if (reply && reply->status != Status::not_leader && reply->status != Status::deposed) {
      known = target;
      if (reply->status == Status::refused && undecided) return std::nullopt;
      return reply;
    }
    undecided = undecided || !reply || reply->status == Status::deposed;
    if (known == target) known = no_node;
    const NodeId asked = std::exchange(target, reply ? reply->leader : known);
    if (reply && (target == no_node || target == asked)) {
      target = no_node;
      environment_.tasks.sleep(std::min(backoff, deadline.left()));
      backoff = std::min(backoff * 2, config_.backoff_max);
      target = known;
    }
  }
  return std::nullopt;
}

std::optional<Reply> Gateway::wait_on(std::uint64_t call, NodeId asked, ShardId shard,
                                      const env::Deadline& deadline) {
  const NodeId& known = leaders_[shard.value()];
  std::optional<Reply> reply;
  while (!reply && !deadline.passed() && (known == no_node || known == asked) &&
         !retries_.take(environment_.clock.monotonic())) {
    reply = calls_.await(call, deadline.within(RetryBudget::pause));
  }
  return reply;
}

}  // namespace blackout::gateway
