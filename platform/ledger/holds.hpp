// Money that was set aside: taken from an account's balance, and not yet anybody else's.
//
// An account's balance is what it can dispose of, so that no rule about balances needs to know of
// holds; the money of a ledger is that of its accounts and of its open holds.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "host/base/bytes.hpp"
#include "host/base/ids.hpp"

namespace blackout::ledger {

class Holds {
 public:
  // `amount` is positive; no hold of this operation is open.
  void open(OperationId operation, std::string_view account, std::int64_t amount);
  // What the open hold of this account has; 0 if there is none.
  [[nodiscard]] std::int64_t amount(OperationId operation, std::string_view account) const;
  // It is open.
  void close(OperationId operation);

  [[nodiscard]] std::size_t size() const { return open_.size(); }
  [[nodiscard]] std::int64_t money_total() const { return money_total_; }
  // Of all open holds, O(1).
  [[nodiscard]] std::uint64_t digest() const { return digests_; }

  // A share of a snapshot. decode() begins with none, and is false unless the bytes are what
  // encode() could have written with `money_max` in all and accounts for which exists(account).
  void encode(Writer& writer) const;
  template <class Exists>
  bool decode(Reader& reader, std::int64_t money_max, const Exists& exists) {
    const std::uint64_t count = reader.varint();
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
      const OperationId operation(reader.u64());
      const std::string account = reader.text();
      const std::int64_t amount = reader.signed_varint();
      if (!reader.ok() || amount <= 0 || amount > money_max - money_total_) return false;
      const bool in_order =
          open_.empty() ? operation.value() > 0 : operation > open_.rbegin()->first;
      if (!in_order || !exists(account)) return false;
      open(operation, account, amount);
    }
    return reader.ok();
  }

 private:
  struct Hold {
    std::string account;
    std::int64_t amount = 0;
  };

  std::map<OperationId, Hold> open_;  // by the operation that made it
  std::int64_t money_total_ = 0;
  std::uint64_t digests_ = 0;  // the sum
};

}  // namespace blackout::ledger
