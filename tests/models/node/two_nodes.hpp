// Two nodes of one zone, one millisecond apart, for the tests of nodes and their verbs.
#pragma once

#include <cstddef>
#include <vector>

#include "models/node/cluster.hpp"

namespace blackout::node {

using env::Environment;

inline constexpr NodeId a(0), b(1);

inline Settings two_nodes() {
  Settings settings;
  settings.network.nodes = {{RegionId(0), 0}, {RegionId(0), 0}};
  settings.network.within_zones.resize(1);
  settings.network.within_zones[0].delay = milliseconds(1);
  settings.network.between_regions.resize(1);
  return settings;
}

class World {
 public:
  explicit World(const Settings& settings = two_nodes())
      : cluster(kernel, recorder, random::Key(1), settings) {}

  Node& node(NodeId id) { return cluster.node(id); }
  void run(Duration span) { kernel.run_until(kernel.now() + span); }
  // When the events of `kind` happened, in order.
  [[nodiscard]] std::vector<Instant> times(EventKind kind) const {
    trace::Cursor cursor(recorder.trace());
    std::vector<Instant> found;
    for (Event event; cursor.next(event);) {
      if (event.kind == kind) found.push_back(event.at);
    }
    return found;
  }
  [[nodiscard]] std::size_t count(EventKind kind) const { return times(kind).size(); }

  kernel::Kernel kernel;
  trace::Recorder recorder{kernel};
  Cluster cluster;
};

}  // namespace blackout::node
