// Commands of each kind in one line, and draws for random ones.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "platform/ledger/ledger.hpp"
#include "sim/random/distributions.hpp"
#include "sim/random/stream.hpp"

namespace blackout::ledger {

inline Command post(std::uint64_t operation, std::string account, std::int64_t amount) {
  Command command;
  command.operation = OperationId(operation);
  command.kind = CommandKind::post;
  command.account = std::move(account);
  command.amount = amount;
  return command;
}
inline Command transfer(std::uint64_t operation, std::string from, std::string to,
                        std::int64_t amount) {
  Command command = post(operation, std::move(from), amount);
  command.kind = CommandKind::transfer;
  command.counterparty = std::move(to);
  return command;
}
inline Command compare_and_post(std::uint64_t operation, std::string account, std::int64_t amount,
                                std::uint64_t expected_version) {
  Command command = post(operation, std::move(account), amount);
  command.kind = CommandKind::compare_and_post;
  command.expected_version = expected_version;
  return command;
}
inline Command hold(std::uint64_t operation, std::string account, std::int64_t amount) {
  Command command = post(operation, std::move(account), amount);
  command.kind = CommandKind::hold;
  return command;
}
inline Command capture(std::uint64_t operation, std::string account, std::uint64_t of,
                       std::string to, std::int64_t amount) {
  Command command = transfer(operation, std::move(account), std::move(to), amount);
  command.kind = CommandKind::capture;
  command.hold = OperationId(of);
  return command;
}
inline Command release(std::uint64_t operation, std::string account, std::uint64_t of) {
  Command command = post(operation, std::move(account), 0);
  command.kind = CommandKind::release;
  command.hold = OperationId(of);
  return command;
}

inline constexpr std::uint8_t verification = 0, profile = 1;

// Types of records as a business may set them.
inline Rules rules() {
  Rules rules;
  rules.types = {{"verification", Rule::lattice, {"pending", "approved", "rejected", "revoked"}},
                 {"profile", Rule::newest}};
  return rules;
}

inline Command status(std::uint64_t operation, std::string key, std::string value) {
  Command command = post(operation, std::move(key), 0);
  command.kind = CommandKind::merge;
  command.type = verification;
  command.value = std::move(value);
  return command;
}
inline Command field(std::uint64_t operation, std::string key, std::string name, std::string value,
                     Stamp stamp, std::uint8_t type = profile) {
  Command command = status(operation, std::move(key), std::move(value));
  command.type = type;
  command.field = std::move(name);
  command.stamp = stamp;
  return command;
}

// Draws of one test case.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : stream_(random::Key(seed)) {}

  std::uint64_t below(std::uint64_t bound) { return random::below(stream_.next(), bound); }
  template <class T>
  void shuffle(std::vector<T>& values) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

 private:
  random::Stream stream_;
};

}  // namespace blackout::ledger
