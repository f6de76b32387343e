// Servers of the platform, three but where a test wants more, on the nodes from 0 on, any of which
// may lead, and client hosts behind them.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "platform/client/client.hpp"
#include "platform/director/routing_machine.hpp"
#include "platform/gateway/server.hpp"
#include "tests/platform/replica/machines.hpp"

namespace blackout::testing {

struct Options {
  std::uint32_t servers = 3;
  std::uint32_t shards = 1;
  std::uint32_t clients = 1;
  std::uint64_t seed = 1;
  std::uint64_t snapshot_entries = 10'000;
  bool leases = false;
  bool acknowledge_early = false;  // the planted bugs, where they are compiled in
  bool forget_vote = false;
  bool audit_trusts_itself = false;
  bool lease_outlives_pause = false;
  bool never_shed = false;
  // The newest that each server reads; plain where it is not said.
  std::map<std::uint32_t, raft::Encoding> encodings = {};
  // Each server is a region; their last shard holds the routing plan, and all are its voters.
  bool directed = false;
  ledger::Rules rules = {};  // of all shards
};

class Servers : public Machines {
 public:
  static constexpr Duration tick = milliseconds(25);
  // By then node 0, the preferred one, leads every shard.
  static constexpr Instant settled = Instant(0) + seconds(2);

  const std::uint32_t count;

  explicit Servers(Options options = {})
      : Machines(options.servers + options.clients, options.seed),
        count(options.servers),
        directed_(options.directed) {
    for (std::uint32_t id = 0; id < count; ++id) {
      gateway::ServerConfig made = config(options, id);
#ifdef BLACKOUT_PLANTED_BUGS
      made.replica.running = running_.emplace_back(std::make_shared<replica::Replica*>(nullptr));
#endif
      start(id, [made](env::Environment& environment) { gateway::run_server(environment, made); });
    }
  }

#ifdef BLACKOUT_PLANTED_BUGS
  // Flips a bit of the state that the server has in memory.
  void spoil(std::uint32_t id, ledger::Spoilt what, std::uint64_t draw = 0) {
    ASSERT_NE(*running_[id], nullptr);
    EXPECT_TRUE((*running_[id])->spoil(ShardId(0), what, draw).has_value());
  }
#endif

  // Runs `body` on client host `id` (behind the servers), whose gateways are the servers, nearest
  // first from `first`.
  using Body = std::function<void(env::Environment&, client::Client&)>;
  void start_client(std::uint32_t id, std::uint32_t first, Body body) {
    std::vector<NodeId> gateways;
    for (std::uint32_t i = 0; i < count; ++i) gateways.emplace_back((first + i) % count);
    start(id, [this, gateways, body = std::move(body)](env::Environment& environment) {
      client::Config config{.gateways = gateways};
      if (directed_) {
        config.routes_shard = ShardId(1);
        for (const NodeId gateway : gateways) config.regions.push_back(region_of(gateway));
      }
      client::Client client(environment, config);
      environment.tasks.spawn("receive", [&client] { client.run(); });
      body(environment, client);
      environment.tasks.park();
    });
  }

  // The last of a node's events of the kind; fails without one.
  [[nodiscard]] Event last(EventKind kind, std::uint32_t id) const {
    const auto found = events(kind, NodeId(id));
    EXPECT_FALSE(found.empty()) << "node " << id << " has no " << words_of(kind).kind;
    return found.empty() ? Event{} : found.back();
  }

  // All servers have applied the same entries to the same state.
  void expect_converged() const {
    const Event first = last(EventKind::entry_applied, 0);
    for (std::uint32_t id = 1; id < count; ++id) {
      const Event other = last(EventKind::entry_applied, id);
      EXPECT_EQ(other.a, first.a) << "node " << id;
      EXPECT_EQ(other.c, first.c) << "node " << id;
    }
  }

 private:
  static gateway::ServerConfig config(const Options& options, std::uint32_t id) {
    gateway::ServerConfig config;
    const auto encoding = options.encodings.find(id);
    if (encoding != options.encodings.end()) config.replica.encoding = encoding->second;
    config.replica.tick = tick;
    config.replica.founding = std::make_shared<bool>(true);
    std::vector<NodeId> voters;
    for (std::uint32_t i = 0; i < options.servers; ++i) voters.emplace_back(i);
    for (std::uint32_t i = 0; i < options.shards; ++i) {
      replica::ShardConfig shard;
      shard.shard = ShardId(i);
      shard.voters = shard.preferred = voters;
      shard.election_ticks_min = 24;
      shard.election_ticks_max = 48;
      shard.heartbeat_ticks = 4;
      shard.snapshot_entries = options.snapshot_entries;
      shard.leases = options.leases;
      shard.machine = [rules = options.rules] { return replica::make_ledger(rules); };
#ifdef BLACKOUT_PLANTED_BUGS
      shard.planted.acknowledge_early = options.acknowledge_early;
      shard.planted.raft.forget_vote = options.forget_vote;
      shard.planted.audit_trusts_itself = options.audit_trusts_itself;
      shard.planted.lease_outlives_pause = options.lease_outlives_pause;
      shard.planted.never_shed = options.never_shed;
#endif
      config.replica.shards.push_back(shard);
      config.gateway.routes.push_back({ShardId(i), voters});
    }
    if (options.directed) direct(config, id);
    return config;
  }

  static RegionId region_of(NodeId server) {
    return RegionId(static_cast<std::uint16_t>(server.value()));
  }

  // One shard more, and a director on every server.
  static void direct(gateway::ServerConfig& config, std::uint32_t id) {
    replica::ShardConfig routes = config.replica.shards.back();
    routes.shard = config.routes_shard = ShardId(1);
    const std::size_t regions = routes.voters.size();
    routes.machine = [regions] { return director::make_routing(regions); };
    config.replica.shards.push_back(routes);
    config.gateway.routes.push_back({routes.shard, routes.voters});
    config.gateway.region = region_of(NodeId(id));
    director::Config& director = config.director.emplace();
    director.shard = routes.shard;
    director.probed = {ShardId(0)};
    for (const NodeId voter : routes.voters) {
      config.regions.push_back(region_of(voter));
      director.gateways.push_back({voter});
    }
  }

  bool directed_;
#ifdef BLACKOUT_PLANTED_BUGS
  std::vector<std::shared_ptr<replica::Replica*>> running_;
#endif
};

// Calls that give up after two seconds.
inline Result<ledger::Answer, client::Error> write(env::Environment& environment,
                                                   client::Client& client, ShardId shard,
                                                   std::uint64_t operation,
                                                   const std::string& account) {
  client::Call call{.deadline = environment.clock.monotonic() + seconds(2)};
  return client.write(shard, *ledger::decode_command(post(operation, account)), call);
}

inline Result<ledger::Answer, client::Error> read(env::Environment& environment,
                                                  client::Client& client, ShardId shard,
                                                  const std::string& account) {
  client::Call call{.deadline = environment.clock.monotonic() + seconds(2)};
  return client.read(shard, account, OperationId(1'000'000), call);
}

// Writes one operation after the other from `first` on, 20 ms apart, and notes those that were
// answered.
inline Servers::Body writer(std::uint64_t first, std::uint64_t count,
                            std::vector<std::uint64_t>& done) {
  return [=, &done](env::Environment& environment, client::Client& client) {
    environment.tasks.sleep(Servers::settled - Instant(0));
    for (std::uint64_t operation = first; operation < first + count; ++operation) {
      if (write(environment, client, ShardId(0), operation, "k")) done.push_back(operation);
      environment.tasks.sleep(milliseconds(20));
    }
  };
}

}  // namespace blackout::testing
