// Who fills a role at this moment: what is true, read from the trace, known to no node.
//
// The trace is read when somebody asks, from where the last question left it: a run without such
// targets pays nothing.
#pragma once

#include <vector>

#include "harness/scenario/plan.hpp"
#include "models/node/cluster.hpp"
#include "sim/trace/trace.hpp"

namespace blackout::world {

class Roles {
 public:
  // All outlive it.
  Roles(const scenario::Plan& plan, const trace::Trace& trace, node::Cluster& cluster);

  // Who fills the aim now; no_node where nobody does.
  NodeId filler(const fault::Aim& aim);

 private:
  struct Voter {
    NodeId node;
    std::uint64_t durable = 0;  // the last index on its disk
    EventId reached;            // the event that brought it there
  };
  struct Shard {
    std::vector<Voter> voters;  // by id
    NodeId leader = no_node;
    std::uint64_t term = 0;
  };

  void catch_up();
  void see(const Event& event, EventId id);
  [[nodiscard]] NodeId most_behind(const Shard& shard) const;
  [[nodiscard]] static NodeId slowest_in_quorum(const Shard& shard);
  [[nodiscard]] NodeId bridge(const Shard& shard) const;
  [[nodiscard]] NodeId most_leaders() const;
  [[nodiscard]] bool connected(NodeId a, NodeId b) const;

  const scenario::Plan& plan_;
  node::Cluster& cluster_;
  trace::Cursor cursor_;
  std::vector<Shard> shards_;
};

}  // namespace blackout::world
