#include "platform/gateway/server.hpp"

#include <utility>

namespace blackout::gateway {

void run_server(env::Environment& environment, ServerConfig config) {
  replica::Replica replica(environment, std::move(config.replica));
  replica.open();
  environment.tasks.spawn("stop", [&environment, &replica] {
    environment.tasks.wait_for_stop();
    replica.hand_over();
    environment.tasks.exit();
  });
  Gateway gateway(environment, std::move(config.gateway));
  while (true) {
    const env::Envelope envelope = environment.network.receive();
    const auto channel = replica::channel_of(envelope.message);
    if (!channel) continue;
    switch (*channel) {
      case replica::Channel::raft:
      case replica::Channel::raft_sparse:
        replica.on_raft(envelope.message);
        break;
      case replica::Channel::announcement:
        replica.on_announcement(envelope.from, envelope.message);
        break;
      case replica::Channel::forward:
        replica.on_forward(envelope.from, envelope.message);
        break;
      case replica::Channel::request:
        gateway.on_request(envelope.from, envelope.message);
        break;
      case replica::Channel::reply:
        gateway.on_reply(envelope.message);
        break;
    }
  }
}

}  // namespace blackout::gateway
