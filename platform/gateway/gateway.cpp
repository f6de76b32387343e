#include "platform/gateway/gateway.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace blackout::gateway {
namespace {

// A client may say that it waits for ever; a place here is not held that long.
constexpr Duration budget_max = seconds(60);

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
  if (!request) return;
  if (request->shard.value() >= config_.routes.size() || serving_ >= config_.requests_max) {
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
  auto held = std::make_unique<Request>(std::move(*request));
  environment_.tasks.spawn("gateway-request", [this, client, held = std::move(held)] {
    serve(client, std::move(*held));
    --serving_;
  });
}

void Gateway::refuse(NodeId client, std::uint64_t call, Status status, Bytes body) {
  environment_.network.send(client, encode(Reply{call, status, no_node, std::move(body)}));
}

void Gateway::serve(NodeId client, Request request) {
  const std::uint64_t call = request.call;
  // The rest of the budget carries the bad news: a client that hears nothing blames the gateway.
  const env::Deadline deadline(environment_.clock, std::min(request.budget, budget_max) * 3 / 4);
  Reply reply = ask_leader(std::move(request), deadline)
                    .value_or(Reply{call, Status::unavailable, no_node, {}});
  reply.call = call;
  environment_.network.send(client, encode(reply));
}

std::optional<Reply> Gateway::ask_leader(Request request, const env::Deadline& deadline) {
  const std::vector<NodeId>& voters = config_.routes[request.shard.value()].voters;
  NodeId& known = leaders_[request.shard.value()];
  Duration attempt = config_.attempt_first;
  Duration backoff = config_.backoff_first;
  std::size_t candidate = 0;
  NodeId target = known;
  while (!deadline.passed()) {
    if (target == no_node) target = voters[candidate++ % voters.size()];
    environment_.trace.report(EventKind::request_forwarded, request.shard,
                              request.operation.value(), node_word(target));
    const auto reply = calls_.call(Channel::forward, target, request, deadline.within(attempt));
    if (reply && reply->status != Status::not_leader) {
      known = target;
      return reply;
    }
    if (known == target) known = no_node;
    const NodeId asked = std::exchange(target, reply ? reply->leader : known);
    if (!reply) {
      attempt = std::min(attempt * 2, config_.attempt_max);
    } else if (target == no_node || target == asked) {
      target = no_node;
      environment_.tasks.sleep(std::min(backoff, deadline.left()));
      backoff = std::min(backoff * 2, config_.backoff_max);
      target = known;
    }
  }
  return std::nullopt;
}

}  // namespace blackout::gateway
