// What a client asks of a ledger, and what it is answered; with their codecs for log, wire and
// snapshot.
//
// The operation's id is the idempotency key: everything else of a command is its body. Decoders
// accept any bytes and return nothing unless all of them are one well-formed value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/bytes.hpp"
#include "host/base/ids.hpp"
#include "platform/ledger/hybrid_clock.hpp"

namespace blackout::ledger {

enum class CommandKind : std::uint8_t {
  post,              // adds a signed amount from outside the ledger
  transfer,          // moves a positive amount from account to counterparty
  compare_and_post,  // a post that applies only at expected_version
  hold,              // sets a positive amount of account aside, under the operation's id
  capture,           // pays so much of a hold to counterparty; the rest of it goes back to account
  release,           // gives a hold back to account
  merge,             // joins value into a record by the rule of the record's type
};

inline constexpr std::size_t account_bytes_max = 256;
inline constexpr std::size_t field_bytes_max = 64;
inline constexpr std::size_t value_bytes_max = 4096;
inline constexpr std::size_t memo_bytes_max = 1u << 20;

struct Command {
  OperationId operation;  // never 0
  CommandKind kind{};
  // 1..account_bytes_max bytes, such as "eu/orders/1187"; for a merge the record's key
  std::string account;
  std::string counterparty;            // transfer and capture only: another account; else empty
  std::int64_t amount = 0;             // minor units; 0 for release and merge, not 0 for a post,
                                       // positive for the others
  std::uint64_t expected_version = 0;  // compare_and_post only; 0 for the other kinds
  Bytes memo;                          // opaque; the ledger keeps only its hash, within the body's

  OperationId hold;       // capture and release only: the operation that made the hold
  std::uint8_t type = 0;  // merge only, as all that follow: the record's, an index in Rules
  std::string field;      // at most field_bytes_max bytes; a record is one field of one key
  std::string value;      // at most value_bytes_max bytes; as the type's rule demands
  Stamp stamp;            // as the type's rule demands

  friend bool operator==(const Command&, const Command&) = default;
};

// A command whose texts and memo lie in bytes that someone else keeps.
struct CommandView {
  OperationId operation;
  CommandKind kind{};
  std::string_view account, counterparty;
  std::int64_t amount = 0;
  std::uint64_t expected_version = 0;
  BytesView memo;
  OperationId hold;
  std::uint8_t type = 0;
  std::string_view field, value;
  Stamp stamp;

  CommandView() = default;
  CommandView(const Command& command)  // NOLINT(google-explicit-constructor): a view of the same
      : operation(command.operation),
        kind(command.kind),
        account(command.account),
        counterparty(command.counterparty),
        amount(command.amount),
        expected_version(command.expected_version),
        memo(command.memo),
        hold(command.hold),
        type(command.type),
        field(command.field),
        value(command.value),
        stamp(command.stamp) {}
};

enum class AnswerCode : std::uint8_t {
  applied,
  insufficient_funds,  // the balance would go below zero: no effect
  version_mismatch,    // compare_and_post found another version: no effect
  key_reused,          // the operation's id was used with another body: no effect
  bad_command,  // outside the ranges above, or the ledger's money would pass 2^63-1: no effect
  no_hold,      // no such hold of this account is open, or it is smaller: no effect
  superseded,   // what stands in the record stands above the value: no effect
};

// The state of command.account after the command (for a read: now). Of a record, `last_operation`
// is the one whose value stands and `version` its stamp's time; there is no balance.
struct Answer {
  AnswerCode code{};
  std::uint64_t version = 0;   // entries in the account's history; 0 for an unknown account
  std::int64_t balance = 0;    // minor units, never negative
  OperationId last_operation;  // of the newest entry; 0 if there is none
  bool duplicate = false;      // the first answer again: this time nothing was applied

  friend bool operator==(const Answer&, const Answer&) = default;
};

void encode(const Command& command, Bytes& out);
std::optional<Command> decode_command(BytesView bytes);
// The same in place: valid as long as `bytes` are.
std::optional<CommandView> view_command(BytesView bytes);

void encode(const Answer& answer, Bytes& out);
std::optional<Answer> decode_answer(BytesView bytes);

}  // namespace blackout::ledger
