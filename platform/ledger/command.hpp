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

namespace blackout::ledger {

enum class CommandKind : std::uint8_t {
  post,              // adds a signed amount from outside the ledger
  transfer,          // moves a positive amount from account to counterparty
  compare_and_post,  // a post that applies only at expected_version
};

inline constexpr std::size_t account_bytes_max = 256;
inline constexpr std::size_t memo_bytes_max = 1u << 20;

struct Command {
  OperationId operation;  // never 0
  CommandKind kind{};
  std::string account;                 // 1..account_bytes_max bytes; such as "eu/orders/1187"
  std::string counterparty;            // transfer only, another account; empty for the other kinds
  std::int64_t amount = 0;             // minor units; not 0, and positive for a transfer
  std::uint64_t expected_version = 0;  // compare_and_post only; 0 for the other kinds
  Bytes memo;                          // opaque; the ledger keeps only its hash, within the body's

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

  CommandView() = default;
  CommandView(const Command& command)  // NOLINT(google-explicit-constructor): a view of the same
      : operation(command.operation),
        kind(command.kind),
        account(command.account),
        counterparty(command.counterparty),
        amount(command.amount),
        expected_version(command.expected_version),
        memo(command.memo) {}
};

enum class AnswerCode : std::uint8_t {
  applied,
  insufficient_funds,  // the balance would go below zero: no effect
  version_mismatch,    // compare_and_post found another version: no effect
  key_reused,          // the operation's id was used with another body: no effect
  bad_command,  // outside the ranges above, or the ledger's money would pass 2^63-1: no effect
};

// The state of command.account after the command (for a read: now).
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
