// The API consumer's library: one logical request, whatever fails behind it.
//
// A request goes to the nearest gateway that answered lately, those of regions that the routing
// plan has in service first, and with the same operation id to the next one after a time-out, until
// its deadline. Calls block the calling task; any number of tasks may call.
#pragma once

#include <functional>
#include <vector>

#include "host/base/result.hpp"
#include "platform/gateway/routes.hpp"
#include "platform/replica/calls.hpp"

namespace blackout::client {

struct Config {
  std::vector<NodeId> gateways;                 // the nearest first; not empty
  Duration attempt_first = milliseconds(1000);  // doubled at each further attempt up to attempt_max
  Duration attempt_max = milliseconds(4000);
  // A gateway that let an attempt time out is asked again after this, or when all others did too.
  // One that answered another request meanwhile may let one attempt of a request time out.
  Duration avoid = seconds(5);
  // Asked for each reply: how long the client is busy with it before it takes the next. Empty: not
  // at all.
  std::function<Duration()> reply_time = {};

  // The group that holds the routing plan, and where the gateways stand, in their order; none: all
  // gateways are alike.
  ShardId routes_shard = no_shard;
  std::vector<RegionId> regions = {};
  Duration routes_refresh = seconds(1);  // from one look at the plan to the next
  // What a name service in between makes of the plan that it was asked for: that, or one that it
  // kept. Empty: that.
  std::function<Bytes(Bytes)> through_names = {};
  std::uint32_t author = 0;  // of stamps; clients that write to the same records have others
#ifdef BLACKOUT_PLANTED_BUGS
  bool planted_adopt_older_routes = false;
  bool planted_forsake_gateway =
      false;  // after one attempt that timed out, whatever else it answers
#endif
};

struct Call {
  Instant deadline;      // of the node's monotonic clock
  bool retry = true;     // false: one attempt
  bool resumed = false;  // an earlier process may have sent it: a refusal says nothing
  // The first so many attempts are given up after `hasty_attempt` and made again at once, at the
  // same gateway.
  std::uint32_t hasty_attempts = 0;
  Duration hasty_attempt = {};
  std::uint32_t attempts = 0;  // set by the call: requests sent, also of one that failed
};

enum class Error : std::uint8_t {
  unknown,  // no answer by the deadline: the request may have had its effect, or may have it yet
  refused,  // certainly no effect: overload, or the platform does not know the shard
};

class Client {
 public:
  Client(env::Environment& environment, Config config);

  // Receives replies; run it in a task of its own.
  void run();

  // Keeps the routing plan up to date; run it in a task of its own.
  void follow_routes();
  // For operators: changes the routing plan.
  Result<placement::RouteResult, Error> steer(const placement::RouteCommand& command, Call& call);

  // The stamp of a write that begins now: above those of all writes that this client knows to
  // stand. A write keeps its stamp however often it is sent.
  ledger::Stamp stamp();

  Result<ledger::Answer, Error> write(ShardId shard, const ledger::Command& command, Call& call);
  // Linearizable. `tag` stands for the read in traces.
  Result<ledger::Answer, Error> read(ShardId shard, std::string_view account, OperationId tag,
                                     Call& call);
  // At most `accounts_max` accounts behind `after`, in key order.
  Result<std::vector<ledger::AccountRecord>, Error> page(ShardId shard, std::string_view after,
                                                         std::uint32_t accounts_max, Call& call);

  // At most `records_max` records in key order, starting with `from`.
  Result<std::vector<ledger::Record>, Error> records(ShardId shard, const ledger::RecordKey& from,
                                                     std::uint32_t records_max, Call& call);

 private:
  Result<Bytes, Error> ask(replica::Request request, Call& call);
  [[nodiscard]] std::size_t nearest_gateway() const;
  [[nodiscard]] bool in_service(std::size_t gateway) const;

  env::Environment& environment_;
  Config config_;
  replica::Calls calls_;
  gateway::Routes routes_;
  ledger::HybridClock hybrid_clock_;
  std::vector<Instant> avoid_until_;  // by gateway
  std::vector<Instant> answered_;     // when a gateway answered last
};

}  // namespace blackout::client
