#include "harness/system/libraft/libraft.hpp"

#include <algorithm>
#include <utility>

#include "harness/system/distance.hpp"
#include "harness/system/libraft/server.hpp"
#include "harness/system/libraft/session.hpp"

namespace blackout::system::libraft {
namespace {

unsigned milliseconds_of(Duration span) {
  return static_cast<unsigned>(std::max<std::int64_t>(1, span.ns() / milliseconds(1).ns()));
}

ServerConfig server_config(const scenario::Plan& plan, NodeId node) {
  ServerConfig config;
  for (std::uint32_t i = 0; i < plan.groups.size(); ++i) {
    const scenario::GroupPlan& group = plan.groups[i];
    if (std::find(group.voters.begin(), group.voters.end(), node) == group.voters.end()) continue;
    MemberConfig member;
    member.shard = ShardId(i);
    member.voters = group.voters;
    // The library draws a time-out between once and twice the least.
    member.election_timeout_ms = milliseconds_of(group.election_timeout_min);
    member.heartbeat_ms = milliseconds_of(group.heartbeat);
    member.snapshot_entries =
        static_cast<unsigned>(std::min<std::uint64_t>(group.snapshot_every, 1'000'000));
    member.founding = std::make_shared<bool>(true);
    config.members.push_back(std::move(member));
  }
  return config;
}

}  // namespace

Program LibraftSystem::program(const scenario::Plan& plan, NodeId node, fault::Release release) {
  if (release != fault::Release::current) return {};
  return [config = server_config(plan, node)](env::Environment& environment) {
    std::make_shared<Server>(environment, config)->run();
  };
}

std::unique_ptr<Session> LibraftSystem::open_session(const scenario::Plan& plan, RegionId region,
                                                     env::Environment& environment,
                                                     ClientWorld world) {
  std::vector<std::vector<NodeId>> servers;
  for (const scenario::GroupPlan& group : plan.groups) {
    servers.push_back(by_distance(plan, region, group.voters));
  }
  return std::make_unique<ClientSession>(plan, std::move(servers), environment,
                                         std::move(world.reply_time));
}

}  // namespace blackout::system::libraft
