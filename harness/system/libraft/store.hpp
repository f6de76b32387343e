// The replicated state machine: accounts with their histories, by the model of
// reports/record/history.hpp, and a table of what was answered, so that a request that is sent
// twice has its effect once.
//
// A pure function of the commands applied, in their order.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/bytes.hpp"
#include "host/base/ids.hpp"
#include "reports/record/history.hpp"

namespace blackout::system::libraft {

struct Command {
  OperationId operation;
  record::OperationKind kind{};  // not get
  std::string key, other_key;
  std::int64_t amount = 0;
  std::uint64_t expected_version = 0;
  Bytes value;  // opaque
};
Bytes encode(const Command& command);
std::optional<Command> decode_command(BytesView bytes);

// The account of command.key after the command.
struct Answer {
  bool applied = false, duplicate = false;
  std::uint64_t version = 0;
  std::int64_t balance = 0;
  OperationId last_operation;
};
Bytes encode(const Answer& answer);
std::optional<Answer> decode_answer(BytesView bytes);

using Page = std::vector<record::AuditedAccount>;
Bytes encode(const Page& page);
std::optional<Page> decode_page(BytesView bytes);

class Store {
 public:
  Answer apply(const Command& command);
  [[nodiscard]] Answer read(std::string_view key) const;
  // At most `accounts_max` behind `after`, in key order.
  [[nodiscard]] Page page(std::string_view after, std::size_t accounts_max) const;
  // Equal for equal states.
  [[nodiscard]] std::uint64_t checksum() const { return checksum_; }

  void encode(Writer& writer) const;
  static std::optional<Store> decode(Reader& reader);

 private:
  struct Account {
    std::int64_t balance = 0;
    std::vector<OperationId> history;
  };
  static void enter(Account& account, std::int64_t amount, OperationId operation);
  bool execute(const Command& command);

  std::map<std::string, Account, std::less<>> accounts_;
  std::map<OperationId, Answer> answers_;
  std::uint64_t checksum_ = 0;  // over the effects, in their order
};

}  // namespace blackout::system::libraft
