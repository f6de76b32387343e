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
  }
}

bool FinalState::holds(const record::Operation& operation) const {
  const std::uint8_t holds = holds_[operation.id.value() - 1];
  const bool both = operation.kind == record::OperationKind::transfer;
  return (holds & in_key) != 0 && (!both || (holds & in_other_key) != 0);
}

}  // namespace blackout::check
