// What every checker is given: the plan, the history, and the ghost state of the pass.
#pragma once

#include <string>
#include <vector>

#include "host/base/event.hpp"
#include "reports/record/history.hpp"
#include "reports/record/plan_facts.hpp"
#include "reports/record/verdict.hpp"

namespace blackout::check {

class Replicas;
class Reach;
class Order;
class Divergences;

// What an event must name to be judged.
enum class Needs : std::uint8_t { nothing, node, replica };

constexpr Needs needs_of(EventKind kind) {
  if (kind >= EventKind::election_timeout && kind <= EventKind::read_served) return Needs::replica;
  if (kind >= EventKind::link_cut && kind <= EventKind::task_failed) return Needs::node;
  if (kind >= EventKind::disk_sync_ignored && kind <= EventKind::link_reset) return Needs::node;
  if (kind >= EventKind::snapshot_taken && kind <= EventKind::disk_disowned) return Needs::replica;
  if (kind >= EventKind::program_changed && kind <= EventKind::request_rerouted) return Needs::node;
  if (kind >= EventKind::lag_received && kind <= EventKind::lag_applied) return Needs::replica;
  if (kind >= EventKind::state_corrupted && kind <= EventKind::replica_repaired) {
    return Needs::replica;
  }
  if (kind == EventKind::request_shed) return Needs::node;
  return kind == EventKind::request_deduplicated ? Needs::replica : Needs::nothing;
}

inline bool names_known(const Event& event, Needs needs, const record::PlanFacts& plan) {
  return (needs == Needs::nothing || event.node.value() < plan.nodes.size()) &&
         (needs != Needs::replica || event.shard.value() < plan.shards.size());
}

struct Case {
  const record::PlanFacts& plan;
  const record::History& history;
  const Replicas& replicas;
  const Reach& reach;
  const Order& order;
  const Divergences& divergences;
  Instant simulated;  // true time at the end of the run

  [[nodiscard]] std::string node(NodeId node) const;
  [[nodiscard]] std::string node_of_word(std::uint64_t word) const {
    return node(blackout::node_of_word(word));
  }
  [[nodiscard]] const std::string& shard(ShardId shard) const {
    return plan.shards[shard.value()].name;
  }
  [[nodiscard]] const std::string& region(RegionId region) const {
    return plan.regions[region.value()].name;
  }
  // "put eu/orders/1187", "transfer a to b"; a number where the history does not know it.
  [[nodiscard]] std::string operation(std::uint64_t id) const;
  // "client 7 in eu-de"
  [[nodiscard]] std::string client(const record::Operation& operation) const;
  // Null for an id of no operation.
  [[nodiscard]] const record::Operation* find(std::uint64_t id) const {
    return id == 0 || id > history.operations.size() ? nullptr : &history.operations[id - 1];
  }
  // "A  region_down eu-de"
  [[nodiscard]] static std::string fault(const record::FaultFact& fault) {
    return fault.letter + "  " + fault.kind + " " + fault.target;
  }
  // The whole timeline was simulated: liveness can be judged.
  [[nodiscard]] bool finished() const { return simulated >= plan.timeline.end(); }
};

// The half-open interval [from, to) of a phase; the whole of the clients' time for Phase::run.
struct Span {
  Instant from, to;
  [[nodiscard]] bool contains(Instant t) const { return from <= t && t < to; }
};
Span span_of(const record::Timeline& timeline, record::Phase phase);
const char* name_of(record::Phase phase);
const char* name_of(record::OperationKind kind);

// An acknowledged write: the client saw success and the rules did not refuse it.
inline bool acknowledged_write(const record::Operation& operation) {
  return operation.outcome == record::Outcome::ok && operation.applied &&
         operation.kind != record::OperationKind::get;
}

}  // namespace blackout::check
