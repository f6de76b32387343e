// A small network whose every node notes what arrives.
#pragma once

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "models/network/network.hpp"

namespace blackout::network {

inline constexpr NodeId a(0), b(1), c(2), far(3);

inline LinkProfile link(Duration delay) {
  LinkProfile profile;
  profile.delay = delay;
  return profile;
}

// Nodes 0 to 2 share a zone of region 0, node 3 stands in region 1.
inline Settings settings(LinkProfile within_zone = link(milliseconds(1))) {
  Settings result;
  result.nodes = {{RegionId(0), 0}, {RegionId(0), 0}, {RegionId(0), 0}, {RegionId(1), 0}};
  result.within_node = link(microseconds(10));
  result.within_zones.assign(2, within_zone);
  result.between_regions = {link(milliseconds(2)), link(milliseconds(40)), link(milliseconds(50)),
                            link(milliseconds(2))};
  return result;
}

struct Arrival {
  NodeId from;
  std::uint32_t number;
  Instant at;
  friend bool operator==(const Arrival&, const Arrival&) = default;
};

// Four nodes; every one has a task that notes what arrives.
class World : private Host {
 public:
  explicit World(Settings profile = settings(), bool receiving = true)
      : network(kernel, recorder, random::Key(7), std::move(profile)), arrivals(network.size()) {
    for (std::uint32_t id = 0; id < network.size(); ++id) start(NodeId(id), receiving);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  virtual ~World() = default;

  void start(NodeId id, bool receiving = true) {
    network.up(id, ++incarnation_, *this);
    if (!receiving) return;
    receivers_.resize(network.size());
    receivers_[id.value()] = kernel.fibers().create([this, id] { note(id); }, id.value(), "note");
    kernel.resume_at(kernel.now(), receivers_[id.value()]);
  }
  void stop(NodeId id) {
    network.down(id);
    kernel.fibers().kill(receivers_[id.value()]);
  }
  void send(NodeId from, NodeId to, std::size_t bytes = 100) {
    Bytes message;
    Writer(message).u32(numbers_++);
    message.resize(std::max<std::size_t>(bytes, 4));
    network.endpoint(from).send(to, std::move(message));
  }
  void send_at(Instant when, NodeId from, NodeId to, std::size_t bytes = 100) {
    kernel.at(when, [=, this] { send(from, to, bytes); });
  }
  void at(Instant when, Callback action) { kernel.at(when, std::move(action)); }
  void run() { kernel.run_until(kernel.now() + seconds(100'000)); }
  std::uint64_t dropped(DropReason reason) const {
    return network.totals().dropped[static_cast<std::size_t>(reason)];
  }
  std::size_t count(NodeId node) const { return arrivals[node.value()].size(); }

  kernel::Kernel kernel;
  trace::Recorder recorder{kernel};
  Network network;
  std::vector<std::vector<Arrival>> arrivals;
  // Only if asked for, by the receiver: what each message holds on arrival.
  bool keep_messages = false;
  std::map<NodeId, std::vector<Bytes>> messages;

 private:
  void suspend() override { kernel.fibers().suspend(); }
  void message_waits() override {}
  void note(NodeId id) {
    while (true) {
      env::Envelope envelope = network.endpoint(id).receive();
      const std::uint32_t number = Reader(envelope.message).u32();
      arrivals[id.value()].push_back({envelope.from, number, kernel.now()});
      if (keep_messages) messages[id].push_back(std::move(envelope.message));
    }
  }

  std::vector<fiber::FiberId> receivers_;
  std::uint32_t incarnation_ = 0;
  std::uint32_t numbers_ = 0;
};

inline Instant ms(std::int64_t n) { return Instant() + milliseconds(n); }

// `count` messages from a to b, one every `gap`, the first at `gap`.
inline void stream(World& world, int count, Duration gap) {
  for (int i = 1; i <= count; ++i) world.send_at(Instant() + gap * i, a, b);
}

}  // namespace blackout::network
