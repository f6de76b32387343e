// One server process of the platform: a replica of its shards, a gateway, and where the node is a
// voter of the director's group a director, behind one mailbox.
#pragma once

#include <optional>

#include "host/env/environment.hpp"
#include "platform/director/director.hpp"
#include "platform/gateway/gateway.hpp"
#include "platform/replica/replica.hpp"

namespace blackout::gateway {

struct ServerConfig {
  replica::Config replica;
  Config gateway;
  // The group that holds the routing plan; none: clients go where they like.
  ShardId routes_shard = no_shard;
  std::vector<RegionId> regions = {};  // of every node, by id
  std::optional<director::Config> director = {};
#ifdef BLACKOUT_PLANTED_BUGS
  bool planted_adopt_older_routes = false;
#endif
};

// How often a process asks for the routing plan.
inline constexpr Duration routes_refresh = seconds(1);

// Runs until the node stops, or until its log cannot be used: then it ends the process. Asked to
// stop, it hands over what it leads first; so it does with shards of which it is a voter in a
// drained region.
[[noreturn]] void run_server(env::Environment& environment, ServerConfig config);

}  // namespace blackout::gateway
