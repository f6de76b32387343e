// The region-agnostic front of the platform: any gateway serves any request for any shard.
//
// A client that came by an older routing plan than the gateway goes by, to a region that the newer
// one has out of service, is sent elsewhere with that plan. One that knows the plan and comes all
// the same is served: it may have nowhere else to go.
//
// It keeps nothing that matters: a request is forwarded to the shard's leader, and to the next
// candidate after a time-out or a refusal, with the same operation id, for most of the time that
// the client gave it; then it answers `unavailable`. The idempotency table behind the leader makes
// the repetition harmless.
#pragma once

#include <vector>

#include "host/env/deadline.hpp"
#include "platform/gateway/routes.hpp"
#include "platform/replica/calls.hpp"

namespace blackout::gateway {

struct ShardRoute {
  ShardId shard;
  std::vector<NodeId> voters;  // the nearest first
};

struct Config {
  std::vector<ShardRoute> routes;  // by shard, dense from 0
  RegionId region;                 // where it stands
  // One attempt is given up after this, doubled at each further one up to attempt_max.
  Duration attempt_first = milliseconds(400);
  Duration attempt_max = milliseconds(1600);
  // Pause before asking again when no leader is known, doubled at each further one up to
  // backoff_max.
  Duration backoff_first = milliseconds(25);
  Duration backoff_max = milliseconds(200);
  // Requests under way at most; further ones are refused, with no effect.
  std::size_t requests_max = 10'000;
};

class Gateway {
 public:
  // All outlive it. `calls` is told of every reply that comes to this node.
  Gateway(env::Environment& environment, replica::Calls& calls, const Routes& routes,
          Config config);

  // Serves a client's request in a task of its own. One for an unknown shard or one too many is
  // refused at once; a malformed message is dropped, as it names no call.
  void on_request(NodeId client, BytesView message);
  // For a task of this node: the leader's reply, or empty when the deadline passed.
  std::optional<replica::Reply> ask_leader(replica::Request request, const env::Deadline& deadline);

 private:
  void serve(NodeId client, replica::Request request);
  void refuse(NodeId client, std::uint64_t call, replica::Status status, Bytes body = {});

  env::Environment& environment_;
  replica::Calls& calls_;
  const Routes& routes_;
  Config config_;
  std::vector<NodeId> leaders_;  // by shard: where the last request succeeded, or no_node
  std::size_t serving_ = 0;
};

}  // namespace blackout::gateway
