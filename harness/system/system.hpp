// The system under test as the harness sees it; one adapter per system, and nothing else names one.
//
// The harness starts a system's program on each server node, opens sessions for clients on client
// hosts, and judges only what sessions answer and what programs report through env::Trace.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/scenario/plan.hpp"
#include "host/env/environment.hpp"
#include "reports/record/history.hpp"

namespace blackout::system {

// How hastily a client asks again: so many times it gives an attempt no more than `attempt`, and
// sends the next one at once to whom it asked before.
struct Haste {
  Duration attempt;
  std::uint32_t retries = 0;
};

// Asked by a session for each reply: how long its client is busy with it before it takes the next.
using ReplyTime = std::function<Duration()>;

// Asked by a session for each answer about routes: whether its clients' name service gives the one
// before instead.
using RoutesKept = std::function<bool()>;

// What the world makes of the clients of one host.
struct ClientWorld {
  ReplyTime reply_time;
  RoutesKept routes_kept;
};

// A client's connection to the system, living on one client host; ends with it.
class Session {
 public:
  virtual ~Session() = default;

  // Performs `operation` (id, kind, keys, amount, deadline are set) and fills in what the client
  // saw: outcome, answer; adds to its attempts, of which there are some already where an earlier
  // process of the client may have sent it. Blocks the calling task at most until `deadline` on the
  // node's monotonic clock; not later, whatever the network does. Many tasks may call at once.
  virtual void perform(record::Operation& operation, Instant deadline, const Haste& haste) = 0;

  // Reads all accounts of a shard with their histories, in key order; empty if the system did not
  // answer by `deadline`.
  virtual std::optional<std::vector<record::AuditedAccount>> audit(ShardId shard,
                                                                   Instant deadline) = 0;

  // The same of its records, by kind and key. A system that keeps none has none.
  virtual std::optional<std::vector<record::AuditedRecord>> audit_records(ShardId shard,
                                                                          Instant deadline) {
    static_cast<void>(shard);
    static_cast<void>(deadline);
    return std::vector<record::AuditedRecord>();
  }

  // The hybrid time of a write to a record that begins now; 0 in a system that keeps none.
  virtual std::uint64_t stamp() { return 0; }

  // Takes a region out of service, or gives it back. False if the system did not accept that by
  // `deadline`; one that directs nobody never does.
  virtual bool steer(RegionId region, bool drained, Instant deadline) {
    static_cast<void>(region);
    static_cast<void>(drained);
    static_cast<void>(deadline);
    return false;
  }
};

// What a node runs from its start.
using Program = std::function<void(env::Environment&)>;

class System {
 public:
  virtual ~System() = default;

  [[nodiscard]] virtual std::string name() const = 0;
  // Planted bugs that this build can switch on; empty in production builds.
  [[nodiscard]] virtual std::vector<std::string> planted() const = 0;

  // Keys at the top of a scenario, and of a group in it, that this system has nothing for: one that
  // has them is refused, as it would promise what nobody tries.
  [[nodiscard]] virtual std::vector<std::string> unused_keys() const { return {}; }

  // The program of server `node`: runs in its main task at every start of the node. Servers begin
  // with the current release; the next one may take its place, and the current one that of the
  // next, while others run the other. Empty for a release that the system does not have: the
  // server then starts with what it ran before.
  virtual Program program(const scenario::Plan& plan, NodeId node, fault::Release release) = 0;

  // Flips a bit in the memory of the process that runs on `node`: of a record of that kind in the
  // state of its replica of `shard`; `draw` says which. The index that the state is as of. Empty
  // where there is no such record, no such process, or the system lets nobody at its memory.
  virtual std::optional<std::uint64_t> corrupt(NodeId node, ShardId shard, fault::Record record,
                                               std::uint64_t draw) {
    static_cast<void>(node);
    static_cast<void>(shard);
    static_cast<void>(record);
    static_cast<void>(draw);
    return std::nullopt;
  }

  // A session for the client host of `region`; called in a task of that host after each of its
  // starts.
  virtual std::unique_ptr<Session> open_session(const scenario::Plan& plan, RegionId region,
                                                env::Environment& environment,
                                                ClientWorld world) = 0;

  // What the program that runs on `node` says of itself, for a person with a debugger: one JSON
  // object. Empty where none runs, or the system says nothing.
  [[nodiscard]] virtual std::string state(NodeId node) const {
    static_cast<void>(node);
    return {};
  }
};

}  // namespace blackout::system
