// The replicated state machine of one shard: accounts, their histories, money set aside, records
// that join by rules, and the idempotency table.
//
// A pure function of the commands applied, in their order: equal sequences give equal answers,
// equal checksums and equal encodings on every replica. No command fails halfway; a refusal changes
// only the idempotency table. The table is never pruned, so an id is known for the ledger's whole
// life.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/bytes.hpp"
#include "host/base/ids.hpp"
#include "platform/ledger/command.hpp"
#include "platform/ledger/holds.hpp"
#include "platform/ledger/index.hpp"
#include "platform/ledger/records.hpp"

namespace blackout::ledger {

// One account for an audit. `operations` is its whole history, oldest first: whether a write was
// kept, and how often, is decided by looking for its id.
struct AccountRecord {
  std::string account;
  std::uint64_t version = 0;  // == operations.size()
  std::int64_t balance = 0;
  std::vector<OperationId> operations;

  friend bool operator==(const AccountRecord&, const AccountRecord&) = default;
};

// Accounts by the hash of their key, then operations by the hash of their id.
inline constexpr std::size_t account_ranges = 32;
inline constexpr std::size_t operation_ranges = 32;
using RangeChecksums = std::array<std::uint64_t, account_ranges + operation_ranges>;

#ifdef BLACKOUT_PLANTED_BUGS
// What a flipped bit spoils.
enum class Spoilt : std::uint8_t { account, operation };
#endif

class Ledger {
 public:
  // `rules` are those of the records, for good.
  explicit Ledger(Rules rules = {}) : records_(std::move(rules)) {}

  // Applies the command, or gives the first answer of its operation again. Both sides of a transfer
  // or capture get the operation in their history. Every answer but key_reused, and bad_command for
  // an id of 0, is remembered.
  Answer apply(const CommandView& command);

  // The account as of now, with code applied.
  [[nodiscard]] Answer read(std::string_view account) const;

  // The account's history, oldest first, valid until the next apply; empty for an unknown account.
  [[nodiscard]] std::span<const OperationId> history(std::string_view account) const;

  // Digest of the whole state: balances, histories in their order, holds, records and their rules,
  // idempotency table. O(1): kept up with every change as a sum of one digest per account, hold,
  // record and operation. Not for adversaries.
  [[nodiscard]] std::uint64_t checksum() const;
  // The same by range, of which the whole is the root: the digest of several ranges together is the
  // sum of theirs. Holds, records and the sum of all posts are in the whole alone.
  [[nodiscard]] const RangeChecksums& range_checksums() const { return ranges_; }
  // Digests the next `records` accounts and operations anew from their content, whole histories
  // included. Checksums then tell what memory holds, where without it they tell what was applied:
  // what spoils memory changes them within one walk of accounts() + operations().
  void scrub(std::size_t records);

  // Money is conserved if these are equal: the sum of all balances, counted anew in O(accounts),
  // and of all open holds, and the sum of all posts applied.
  [[nodiscard]] std::int64_t money_total() const;
  [[nodiscard]] std::int64_t money_posted() const { return money_posted_; }

  // Accounts in order of their keys (bytewise), at most `accounts_max`, starting behind `after` (""
  // for the first page); fewer than accounts_max: there are no more. O(accounts).
  [[nodiscard]] std::vector<AccountRecord> page(std::string_view after,
                                                std::size_t accounts_max) const;

  [[nodiscard]] const Holds& holds() const { return holds_; }
  [[nodiscard]] const Records& records() const { return records_; }

  [[nodiscard]] std::size_t accounts() const { return accounts_.size(); }
  [[nodiscard]] std::size_t operations() const { return operations_.size(); }

  // The whole state, for a snapshot. decode() gives nothing unless the bytes are a state that
  // encode() could have written under these rules; its checksum is computed anew from the content.
  // A state without rules and holds is in the first format, which every release reads.
  void encode(Bytes& out) const;
  static std::optional<Ledger> decode(BytesView bytes, Rules rules = {});
#ifdef BLACKOUT_PLANTED_BUGS
  // As if encode() left the idempotency table out.
  void forget_operations();
  // Flips a bit of a balance, or of a first answer, and nothing that is derived from it; `draw`
  // says which. False if there is none.
  bool spoil(Spoilt what, std::uint64_t draw);
#endif

 private:
  static constexpr std::uint8_t state_format = 1;
  static constexpr std::uint8_t state_format_with_rules = 2;  // holds and records behind the rest

  struct Account {
    std::string key;
    std::uint64_t key_hash = 0;
    std::int64_t balance = 0;
    std::uint64_t chain = 0;   // over the history, order-sensitive
    std::uint64_t digest = 0;  // this account's share of the checksum
    std::vector<OperationId> history;
  };
  struct Operation {
    OperationId id;
    std::uint64_t body_hash = 0;
    Answer first;
    std::uint64_t digest = 0;  // as of an account
  };

  // Position in accounts_ or operations_; Index::none if absent.
  [[nodiscard]] std::uint32_t find_account(std::string_view key, std::uint64_t key_hash) const;
  [[nodiscard]] std::uint32_t find_operation(OperationId id) const;
  std::uint32_t add_account(std::string_view key, std::uint64_t key_hash);
  void add_operation(OperationId id, std::uint64_t body_hash, const Answer& first);

  // `account` is the position of command.account, and is set if that is created.
  AnswerCode execute(const CommandView& command, std::uint64_t key_hash,
                     std::uint64_t counterparty_hash, std::uint32_t& account);
  AnswerCode post(const CommandView& command, std::uint64_t key_hash, std::uint32_t& account);
  AnswerCode transfer(const CommandView& command, std::uint64_t counterparty_hash,
                      std::uint32_t account);
  AnswerCode hold(const CommandView& command, std::uint32_t account);
  AnswerCode capture(const CommandView& command, std::uint64_t counterparty_hash,
                     std::uint32_t account);
  AnswerCode release(const CommandView& command, std::uint32_t account);
  void enter(std::uint32_t position, std::int64_t amount, OperationId operation);
  void digest(Account& account);
  void add_digest(std::size_t range, std::uint64_t digest);
  void digest(Operation& operation);
  void scrub(Account& account);
  bool decode_accounts(Reader& reader);
  bool decode_operations(Reader& reader);
  bool decode_further(Reader& reader);
  [[nodiscard]] Answer answer_of(std::uint32_t position, AnswerCode code) const;
  [[nodiscard]] Answer answer_to(const CommandView& command, std::uint32_t account,
                                 AnswerCode code) const;

  // In order of their creation; the indexes only find, nothing iterates over them.
  std::vector<Account> accounts_;
  std::vector<Operation> operations_;
  Index account_index_, operation_index_;
  Holds holds_;
  Records records_;
  std::int64_t money_posted_ = 0;
  std::uint64_t digests_ = 0;  // the sum of ...
  RangeChecksums ranges_{};

  std::size_t accounts_walked_ = 0, operations_walked_ = 0;  // of scrub(); accounts first
};

}  // namespace blackout::ledger
