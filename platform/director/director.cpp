#include "platform/director/director.hpp"

#include <utility>

#include "host/env/task_group.hpp"

namespace blackout::director {

using placement::RouteChange;
using replica::Channel;
using replica::RequestKind;

Director::Director(env::Environment& environment, replica::Replica& replica, replica::Calls& calls,
                   Config config)
    : environment_(environment),
      replica_(replica),
      calls_(calls),
      config_(std::move(config)),
      health_(config_.gateways.size(), config_.probed.size(), config_.rules) {
  CHECK(!config_.probed.empty());
}

void Director::run() {
  while (true) {
    environment_.tasks.sleep(config_.round);
    if (replica_.leads(config_.shard)) {
      probe_all();
      decide();
    } else {
      health_.forget();
    }
  }
}

// A region's gateways are asked in turn, as it is the region that is judged.
void Director::probe_all() {
  ++rounds_;
  env::TaskGroup probes(environment_.tasks);
  for (std::uint16_t r = 0; r < config_.gateways.size(); ++r) {
    const std::vector<NodeId>& gateways = config_.gateways[r];
    if (gateways.empty()) continue;
    const NodeId gateway = gateways[rounds_ % gateways.size()];
    for (std::uint32_t s = 0; s < config_.probed.size(); ++s) {
      probes.spawn("director-probe", [this, gateway, r, s] {
        health_.probed(RegionId(r), s, probe(gateway, config_.probed[s]));
      });
    }
  }
  probes.wait();
  health_.end_round();
}

bool Director::probe(NodeId gateway, ShardId shard) {
  replica::Request request;
  request.shard = shard;
  request.kind = RequestKind::probe;
  const Instant deadline = environment_.clock.monotonic() + config_.patience;
  const auto reply = calls_.call(Channel::request, gateway, request, deadline);
  return reply && reply->status == replica::Status::done;
}

// Each change is decided on the plan as it is: another leader, or an operator, may have been first.
// What the plan would refuse, or has already, is not asked for.
void Director::decide() {
  const auto answer = ask(RequestKind::read, {});
  auto plan = answer ? placement::RoutingPlan::decode(*answer) : std::nullopt;
  for (std::uint16_t r = 0; plan && r < config_.gateways.size(); ++r) {
    const RegionId region(r);
    if (health_.undecided(region)) continue;
    const RouteChange change = health_.failing(region) ? RouteChange::fail : RouteChange::recover;
    const placement::RouteCommand command{change, region, plan->epoch()};
    placement::RoutingPlan changed = *plan;
    if (changed.apply(command) != placement::RouteAnswer::changed) continue;
    Bytes body;
    placement::encode(command, body);
    const auto result = ask(RequestKind::write, std::move(body));
    const auto decoded = result ? placement::decode_route_result(*result) : std::nullopt;
    if (!decoded) return;
    plan = decoded->plan;
  }
}

// The own replica: it leads.
std::optional<Bytes> Director::ask(RequestKind kind, Bytes body) {
  replica::Request request;
  request.shard = config_.shard;
  request.kind = kind;
  request.body = std::move(body);
  const Instant deadline = environment_.clock.monotonic() + config_.patience;
  auto reply = calls_.call(Channel::forward, environment_.self, request, deadline);
  if (!reply || reply->status != replica::Status::done) return std::nullopt;
  return std::move(reply->body);
}

}  // namespace blackout::director
