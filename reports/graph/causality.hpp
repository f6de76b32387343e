// What a verdict depended on as a graph: events of the run, the arrows between them, and at the end
// what they led to.
//
// Arrows go forwards in time. One that only says what came before is left out where others say it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/record/run_record.hpp"

namespace blackout::graph {

enum class NodeKind : std::uint8_t { event, fault, conclusion };

struct Node {
  std::string id;  // "e4353", "seen-2" for what is told without an event, or "conclusion"
  NodeKind kind = NodeKind::event;
  std::string time, who, what;
  EventId event;                   // 0 without one
  std::optional<RegionId> region;  // where the event has a node
  bool root = false;               // the conclusion itself speaks of it
  bool gap = false;                // something that should be there is not
};

enum class EdgeKind : std::uint8_t {
  message,     // sent by the one, received by the other
  step,        // any other cause
  order,       // what came before on the same node
  fault,       // what a fault did
  conclusion,  // into the conclusion
};

struct Edge {
  std::size_t from, to;  // indices of nodes, from < to
  EdgeKind kind;
};

struct Causality {
  std::string name;               // the finding's id, or "failover"
  std::vector<Node> nodes;        // by time; the conclusion is last
  std::vector<Edge> edges;        // by `from`, then `to`
  std::uint64_t depended_on = 0;  // events
  std::uint64_t stood_for = 0;    // events that the nodes stand for
};

// Of the worst finding; of a run without any, of its failover. Nothing without either, or where the
// record names no event.
std::optional<Causality> causality_of(const record::RunRecord& run);

// "37 of the 264 events that it depended on are here; ...": empty where none is left out.
std::string left_out_text(const Causality& causality);

}  // namespace blackout::graph
