// The region-agnostic front of the platform: any gateway serves any request for any shard.
//
// A client that came by an older routing plan than the gateway goes by, to a region that the newer
// one has out of service, is sent elsewhere with that plan. One that knows the plan and comes all
// the same is served: it may have nowhere else to go.
//
// It keeps nothing that matters: a request is forwarded to the shard's leader, and to the next
// candidate after a time-out or where there is no leader, with the same operation id, for most of
// the time that the client gave it; then it answers `unavailable`. The idempotency table behind the
// leader makes the repetition harmless. All requests share a RetryBudget: one that timed out and
// may not be sent again waits on, until an answer comes or another leader is known.
//
// `refused` is passed on where it is certain: the request was sent to nobody else. A request that
// would wait too long for its task to run is refused (Admission), and one that nobody waits for any
// more is forwarded to nobody.
#pragma once

#include <vector>

#include "host/env/deadline.hpp"
#include "platform/gateway/retry_budget.hpp"
#include "platform/gateway/routes.hpp"
#include "platform/replica/admission.hpp"
#include "platform/replica/calls.hpp"
#include "platform/replica/once.hpp"

namespace blackout::gateway {

struct ShardRoute {
  ShardId shard;
  std::vector<NodeId> voters;  // the nearest first
};

struct Config {
  std::vector<ShardRoute> routes;  // by shard, dense from 0
  RegionId region;                 // where it stands
  // One attempt is given up after this, where the budget lets it be made again.
  Duration attempt = milliseconds(400);
  // Pause before asking again when no leader is known, doubled at each further one up to
  // backoff_max.
  Duration backoff_first = milliseconds(25);
  Duration backoff_max = milliseconds(200);
  // Requests under way at most; further ones are refused, with no effect.
  std::size_t requests_max = 10'000;
#ifdef BLACKOUT_PLANTED_BUGS
  bool planted_never_shed = false;
#endif
};

class Gateway {
 public:
  // All outlive it. `calls` is told of every reply that comes to this node.
  Gateway(env::Environment& environment, replica::Calls& calls, const Routes& routes,
          Config config);

  // Serves a client's request in a task of its own. One for an unknown shard or one too many is
  // refused at once; a malformed message is dropped, as it names no call, and so is the second copy
  // of a request.
  void on_request(NodeId client, BytesView message);
  // For a task of this node: the leader's reply, or empty when the deadline passed.
  std::optional<replica::Reply> ask_leader(replica::Request request, const env::Deadline& deadline);

 private:
  void serve(NodeId client, replica::Request request, const env::Deadline& deadline);
  [[nodiscard]] bool overloaded(const replica::Request& request) const;
  // Waits on for the reply of a call that timed out, until it may be made again, or need not be.
  std::optional<replica::Reply> wait_on(std::uint64_t call, NodeId asked, ShardId shard,
                                        const env::Deadline& deadline);
  void refuse(NodeId client, std::uint64_t call, replica::Status status, Bytes body = {});

  env::Environment& environment_;
  replica::Calls& calls_;
  const Routes& routes_;
  Config config_;
  std::vector<NodeId> leaders_;  // by shard: where the last request succeeded, or no_node
  std::size_t serving_ = 0;
  std::size_t starting_ = 0;  // of them: those whose tasks did not run yet
  replica::Admission admission_;
  replica::Once once_;
  RetryBudget retries_;
};

}  // namespace blackout::gateway
