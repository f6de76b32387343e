#include "harness/check/order.hpp"

#include "harness/check/replicas.hpp"

namespace blackout::check {

Order::Order(const record::PlanFacts& plan, const record::History& history)
    : applied_(plan.shards.size()),
      answered_(history.operations.size()),
      completed_(history.operations.size()) {}

bool Order::concerns(EventKind kind) {
  return kind == EventKind::entry_applied || kind == EventKind::write_acknowledged ||
         kind == EventKind::read_served || kind == EventKind::request_deduplicated ||
         kind == EventKind::operation_completed;
}

void Order::update(const Event& event, EventId id) {
  switch (event.kind) {
    case EventKind::entry_applied: {
      std::vector<AppliedEntry>& applied = applied_[event.shard.value()];
      if (event.a == 0 || event.a > applied.size() + index_gap_max) return;
      if (event.a > applied.size()) applied.resize(event.a);
      AppliedEntry& entry = applied[event.a - 1];
      if (entry.event == EventId(0)) entry = {event.b, id, event.node, event.at};
      break;
    }
    case EventKind::write_acknowledged:
      if (event.a == 0 || event.a > answered_.size()) return;
      answered_[event.a - 1] = {event.b, event.c, id, event.node, event.shard, event.at};
      break;
    case EventKind::read_served:
      if (event.a == 0 || event.a > answered_.size()) return;
      reads_.push_back({event.a, event.b, event.shard, event.at, id, event.node});
      break;
    case EventKind::operation_completed:
      if (event.a == 0 || event.a > completed_.size()) return;
      completed_[event.a - 1] = id;
      break;
    case EventKind::request_deduplicated:
      duplicates_.push_back({event.a, event.b});
      break;
    default:
      break;
  }
}

}  // namespace blackout::check
