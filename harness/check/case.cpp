#include "harness/check/case.hpp"

namespace blackout::check {

std::string Case::node(NodeId node) const {
  return node.value() < plan.nodes.size() ? plan.nodes[node.value()].name : "nobody";
}

std::string Case::operation(std::uint64_t id) const {
  const record::Operation* found = find(id);
  if (found == nullptr)
    return id == 0 ? "an entry of the protocol" : "operation " + std::to_string(id);
  std::string text = std::string(name_of(found->kind)) + " " + found->key;
  if (found->kind == record::OperationKind::transfer) text += " to " + found->other_key;
  if (found->kind == record::OperationKind::status) text += " " + found->value;
  return text;
}

std::string Case::client(const record::Operation& operation) const {
  return "client " + std::to_string(operation.client) + " in " + region(operation.region);
}

Span span_of(const record::Timeline& timeline, record::Phase phase) {
  switch (phase) {
    case record::Phase::warmup:
      return {Instant(0), timeline.chaos_start()};
    case record::Phase::chaos:
      return {timeline.chaos_start(), timeline.calm_start()};
    case record::Phase::calm:
      return {timeline.calm_start(), timeline.end()};
    case record::Phase::run:
      break;
  }
  return {Instant(0), timeline.end()};
}

const char* name_of(record::Phase phase) {
  switch (phase) {
    case record::Phase::warmup:
      return "warmup";
    case record::Phase::chaos:
      return "chaos";
    case record::Phase::calm:
      return "calm";
    case record::Phase::run:
      break;
  }
  return "the run";
}

const char* name_of(record::OperationKind kind) {
  switch (kind) {
    case record::OperationKind::put:
      return "put";
    case record::OperationKind::get:
      return "get";
    case record::OperationKind::cas:
      return "cas";
    case record::OperationKind::status:
      return "status";
    case record::OperationKind::profile:
      return "profile";
    case record::OperationKind::transfer:
      break;
  }
  return "transfer";
}

}  // namespace blackout::check
