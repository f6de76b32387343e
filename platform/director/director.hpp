// The traffic director: finds out which regions serve, and decides where clients are sent.
//
// The plan is decided by a consensus group of the director's own (placement::RoutingPlan), and by
// nobody else; a director works while its replica leads that group and stands by otherwise. It
// moves clients, never authority: which replica answers for a shard is that shard's own affair.
#pragma once

#include <vector>

#include "host/env/environment.hpp"
#include "platform/director/health.hpp"
#include "platform/placement/routing.hpp"
#include "platform/replica/calls.hpp"
#include "platform/replica/replica.hpp"

namespace blackout::director {

struct Config {
  ShardId shard = no_shard;                   // that holds the plan
  std::vector<ShardId> probed;                // those that must be served; not empty
  std::vector<std::vector<NodeId>> gateways;  // by region; a region without any is not judged
  Duration round = milliseconds(500);         // from one round of probes to the next
  Duration patience = milliseconds(800);      // for a probe
  HealthRules rules = {};
};

class Director {
 public:
  // All outlive it. `calls` is told of every reply that comes to this node.
  Director(env::Environment& environment, replica::Replica& replica, replica::Calls& calls,
           Config config);

  // Run it in a task of its own.
  [[noreturn]] void run();

 private:
  void probe_all();
  void decide();
  [[nodiscard]] bool probe(NodeId gateway, ShardId shard);
  std::optional<Bytes> ask(replica::RequestKind kind, Bytes body);

  env::Environment& environment_;
  replica::Replica& replica_;
  replica::Calls& calls_;
  Config config_;
  Health health_;
  std::uint64_t rounds_ = 0;
};

}  // namespace blackout::director
