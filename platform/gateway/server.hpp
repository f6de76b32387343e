// One server process of the platform: a replica of its shards and a gateway behind one mailbox.
#pragma once

#include "host/env/environment.hpp"
#include "platform/gateway/gateway.hpp"
#include "platform/replica/replica.hpp"

namespace blackout::gateway {

struct ServerConfig {
  replica::Config replica;
  Config gateway;
};

// Runs until the node stops, or until its log cannot be used: then it ends the process. Asked to
// stop, it hands over what it leads first.
[[noreturn]] void run_server(env::Environment& environment, ServerConfig config);

}  // namespace blackout::gateway
