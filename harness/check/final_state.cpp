#include "harness/check/final_state.hpp"

namespace blackout::check {

FinalState::FinalState(const Case& facts)
    : known_(facts.plan.shards.size()), holds_(facts.history.operations.size()) {
  for (const record::Audit& audit : facts.history.audits) {
    if (audit.complete) known_[audit.shard.value()] = true;
    for (const record::AuditedAccount& account : audit.accounts) {
      for (const OperationId entry : account.entries) {
        const record::Operation* operation = facts.find(entry.value());
        if (operation == nullptr) continue;
        std::uint8_t& holds = holds_[entry.value() - 1];
        if (operation->key == account.key) holds |= in_key;
        if (operation->other_key == account.key) holds |= in_other_key;
      }
    }
    for (const record::AuditedRecord& record : audit.records) {
      const record::Operation* operation = facts.find(record.operation.value());
      if (operation == nullptr) continue;
      const record::Operation*& standing = standing_[{record.kind, record.key}];
      if (standing == nullptr || stands_above(*operation, *standing)) standing = operation;
    }
  }
}

bool FinalState::holds(const record::Operation& operation) const {
  if (record::writes_record(operation.kind)) {
    const auto standing = standing_.find({operation.kind, operation.key});
    return standing != standing_.end() && !stands_above(operation, *standing->second);
  }
  const std::uint8_t holds = holds_[operation.id.value() - 1];
  const bool both = operation.kind == record::OperationKind::transfer;
  return (holds & in_key) != 0 && (!both || (holds & in_other_key) != 0);
}

}  // namespace blackout::check
