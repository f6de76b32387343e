#include "platform/gateway/server.hpp"

#include <utility>

namespace blackout::gateway {
namespace {

using replica::Channel;

// Everything that a server's tasks share; lives as long as the process.
class Server {
 public:
  Server(env::Environment& environment, ServerConfig config)
      : environment_(environment),
        config_(std::move(config)),
        replica_(environment, std::move(config_.replica)) {
    replica_.open();
    calls_.emplace(environment);
    gateway_.emplace(environment, *calls_, routes_, std::move(config_.gateway));
#ifdef BLACKOUT_PLANTED_BUGS
    routes_.planted_adopt_older = config_.planted_adopt_older_routes;
#endif
  }

  [[noreturn]] void run() {
    environment_.tasks.spawn("stop", [this] {
      environment_.tasks.wait_for_stop();
      replica_.hand_over();
      environment_.tasks.exit();
    });
    if (config_.routes_shard != no_shard) {
      environment_.tasks.spawn("routes", [this] { follow_routes(); });
    }
    if (config_.director) {
      director_.emplace(environment_, replica_, *calls_, std::move(*config_.director));
      environment_.tasks.spawn("director", [this] { director_->run(); });
    }
    while (true) dispatch(environment_.network.receive());
  }

 private:
  void dispatch(const env::Envelope& envelope) {
    const auto channel = replica::channel_of(envelope.message);
    if (!channel) return;
    switch (*channel) {
      case Channel::raft:
      case Channel::raft_sparse:
        return replica_.on_raft(envelope.message);
      case Channel::announcement:
        return replica_.on_announcement(envelope.from, envelope.message);
      case Channel::audit:
        return replica_.on_audit(envelope.from, envelope.message);
      case Channel::forward:
        return replica_.on_forward(envelope.from, envelope.message);
      case Channel::request:
        return gateway_->on_request(envelope.from, envelope.message);
      case Channel::reply:
        if (auto reply = replica::decode_reply(envelope.message)) {
          calls_->deliver(std::move(*reply));
        }
    }
  }

  void follow_routes() {
    while (true) {
      replica::Request request;
      request.shard = config_.routes_shard;
      request.kind = replica::RequestKind::read;
      const auto reply =
          gateway_->ask_leader(request, env::Deadline(environment_.clock, routes_refresh));
      if (reply && reply->status == replica::Status::done && routes_.adopt(reply->body)) {
        replica_.avoid(drained_nodes());
      }
      environment_.tasks.sleep(routes_refresh);
    }
  }

  [[nodiscard]] std::vector<NodeId> drained_nodes() const {
    std::vector<NodeId> nodes;
    for (std::uint32_t id = 0; id < config_.regions.size(); ++id) {
      if (routes_.plan().drained(config_.regions[id])) nodes.emplace_back(id);
    }
    return nodes;
  }

  env::Environment& environment_;
  ServerConfig config_;
  replica::Replica replica_;
  Routes routes_{environment_};
  // Made once the log is open: replies to what came before a crash are no answers.
  std::optional<replica::Calls> calls_;
  std::optional<Gateway> gateway_;
  std::optional<director::Director> director_;
};

}  // namespace

void run_server(env::Environment& environment, ServerConfig config) {
  Server server(environment, std::move(config));
  server.run();
}

}  // namespace blackout::gateway
