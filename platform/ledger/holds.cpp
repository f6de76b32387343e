#include "platform/ledger/holds.hpp"

#include "host/base/check.hpp"
#include "platform/ledger/index.hpp"

namespace blackout::ledger {
namespace {

std::uint64_t digest_of(OperationId operation, std::string_view account, std::int64_t amount) {
  return combine64(combine64(operation.value(), hash_key(account)),
                   static_cast<std::uint64_t>(amount));
}

}  // namespace

void Holds::open(OperationId operation, std::string_view account, std::int64_t amount) {
  CHECK(open_.emplace(operation, Hold{std::string(account), amount}).second);
  money_total_ += amount;
  digests_ += digest_of(operation, account, amount);
}

std::int64_t Holds::amount(OperationId operation, std::string_view account) const {
  const auto found = open_.find(operation);
  return found == open_.end() || found->second.account != account ? 0 : found->second.amount;
}

void Holds::close(OperationId operation) {
  const auto found = open_.find(operation);
  CHECK(found != open_.end());
  const Hold& hold = found->second;
  money_total_ -= hold.amount;
  digests_ -= digest_of(operation, hold.account, hold.amount);
  open_.erase(found);
}

void Holds::encode(Writer& writer) const {
  writer.varint(open_.size());
  for (const auto& [operation, hold] : open_) {
    writer.u64(operation.value());
    writer.text(hold.account);
    writer.signed_varint(hold.amount);
  }
}

}  // namespace blackout::ledger
