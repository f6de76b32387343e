// Simulated machines for tests of the platform's drivers: one way between any two takes 5 ms.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/node/cluster.hpp"
#include "platform/replica/protocol.hpp"

namespace blackout::testing {

class Machines {
 public:
  static constexpr Duration one_way = milliseconds(5);

  explicit Machines(std::uint32_t count, std::uint64_t seed = 1)
      : cluster(kernel, recorder, random::Key(seed), settings(count)) {}

  node::Node& node(std::uint32_t id) { return cluster.node(NodeId(id)); }
  disk::Disk& disk(std::uint32_t id) { return node(id).disk(); }
  void start(std::uint32_t id, node::Program program) { node(id).start(std::move(program)); }
  // Runs until `when`; no task may fail.
  void run_until(Instant when) {
    kernel.run_until(when);
    ASSERT_FALSE(cluster.failure()) << cluster.failure()->text;
  }
  void at(Instant when, Callback action) { kernel.at(when, std::move(action)); }
  // Both directions.
  void cut(std::uint32_t a, std::uint32_t b) {
    cluster.network().cut(NodeId(a), NodeId(b), 0);
    cluster.network().cut(NodeId(b), NodeId(a), 0);
  }
  void heal(std::uint32_t a, std::uint32_t b) {
    cluster.network().heal(NodeId(a), NodeId(b), 0);
    cluster.network().heal(NodeId(b), NodeId(a), 0);
  }

  [[nodiscard]] std::vector<Event> events() const {
    std::vector<Event> all;
    trace::Cursor cursor(recorder.trace());
    for (Event event; cursor.next(event);) all.push_back(event);
    return all;
  }
  [[nodiscard]] std::vector<Event> events(EventKind kind, NodeId node = no_node) const {
    std::vector<Event> found;
    for (const Event& event : events()) {
      if (event.kind == kind && (node == no_node || event.node == node)) found.push_back(event);
    }
    return found;
  }

  kernel::Kernel kernel;
  trace::Recorder recorder{kernel};
  node::Cluster cluster;

 private:
  static node::Settings settings(std::uint32_t count) {
    node::Settings settings;
    for (std::uint16_t i = 0; i < count; ++i) settings.network.nodes.push_back({RegionId(0), i});
    settings.network.within_node.delay = microseconds(10);
    settings.network.between_regions.resize(1);
    settings.network.between_regions[0].delay = one_way;
    return settings;
  }
};

constexpr Instant at_ms(std::int64_t ms) { return Instant(0) + milliseconds(ms); }

// A program that answers requests and forwards as `handler` says, in the order of their arrival,
// and notes what came. Lives as long as the machines.
class Scripted {
 public:
  struct Seen {
    Instant at;
    NodeId from;
    replica::Request request;
  };
  // Empty: no answer. The call number is filled in.
  using Handler = std::function<std::optional<replica::Reply>(const replica::Request&)>;

  Scripted(Machines& machines, Handler answer)
      : handler(std::move(answer)), kernel_(machines.kernel) {}

  node::Program program() {
    return [this](env::Environment& environment) {
      while (true) {
        const env::Envelope envelope = environment.network.receive();
        auto request = replica::decode_request(envelope.message);
        if (!request) continue;
        seen.push_back({kernel_.now(), envelope.from, *request});
        auto reply = handler(*request);
        if (!reply) continue;
        reply->call = request->call;
        const Duration pause = delay;
        environment.tasks.spawn(
            "reply", [&environment, pause, to = envelope.from, message = encode(*reply)] {
              environment.tasks.sleep(pause);
              environment.network.send(to, message);
            });
      }
    };
  }

  Handler handler;
  Duration delay;  // before each answer
  std::vector<Seen> seen;

 private:
  kernel::Kernel& kernel_;
};

inline replica::Reply reply_of(replica::Status status, NodeId leader = no_node) {
  return {.call = 0, .status = status, .leader = leader, .body = {}};
}

inline Bytes post(std::uint64_t operation, const std::string& account, std::int64_t amount = 1) {
  ledger::Command command;
  command.operation = OperationId(operation);
  command.kind = ledger::CommandKind::post;
  command.account = account;
  command.amount = amount;
  Bytes body;
  encode(command, body);
  return body;
}

}  // namespace blackout::testing
