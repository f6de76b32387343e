#include "harness/system/libraft/store.hpp"

#include "host/base/hash.hpp"

namespace blackout::system::libraft {
namespace {

void write(Writer& writer, const Answer& answer) {
  writer.u8(static_cast<std::uint8_t>((answer.applied ? 1 : 0) | (answer.duplicate ? 2 : 0)));
  writer.varint(answer.version);
  writer.signed_varint(answer.balance);
  writer.varint(answer.last_operation.value());
}

Answer read_answer(Reader& reader) {
  Answer answer;
  const std::uint8_t flags = reader.u8();
  answer.applied = (flags & 1) != 0;
  answer.duplicate = (flags & 2) != 0;
  answer.version = reader.varint();
  answer.balance = reader.signed_varint();
  answer.last_operation = OperationId(reader.varint());
  return answer;
}

void write(Writer& writer, const std::vector<OperationId>& history) {
  writer.varint(history.size());
  for (const OperationId operation : history) writer.varint(operation.value());
}

std::vector<OperationId> read_history(Reader& reader) {
  std::vector<OperationId> history;
  const std::uint64_t count = reader.varint();
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) history.emplace_back(reader.varint());
  return history;
}

}  // namespace

Bytes encode(const Command& command) {
  Bytes out;
  Writer writer(out);
  writer.varint(command.operation.value());
  writer.u8(static_cast<std::uint8_t>(command.kind));
  writer.text(command.key);
  writer.text(command.other_key);
  writer.signed_varint(command.amount);
  writer.varint(command.expected_version);
  writer.blob(command.value);
  return out;
}

std::optional<Command> decode_command(BytesView bytes) {
  Reader reader(bytes);
  Command command;
  command.operation = OperationId(reader.varint());
  const std::uint8_t kind = reader.u8();
  command.kind = static_cast<record::OperationKind>(kind);
  command.key = reader.text();
  command.other_key = reader.text();
  command.amount = reader.signed_varint();
  command.expected_version = reader.varint();
  const BytesView value = reader.blob();
  command.value.assign(value.begin(), value.end());
  if (!reader.ok() || reader.left() != 0 || command.kind == record::OperationKind::get ||
      kind > static_cast<std::uint8_t>(record::OperationKind::transfer)) {
    return std::nullopt;
  }
  return command;
}

Bytes encode(const Answer& answer) {
  Bytes out;
  Writer writer(out);
  write(writer, answer);
  return out;
}

std::optional<Answer> decode_answer(BytesView bytes) {
  Reader reader(bytes);
  const Answer answer = read_answer(reader);
  if (!reader.ok() || reader.left() != 0) return std::nullopt;
  return answer;
}

Bytes encode(const Page& page) {
  Bytes out;
  Writer writer(out);
  writer.varint(page.size());
  for (const record::AuditedAccount& account : page) {
    writer.text(account.key);
    writer.signed_varint(account.balance);
    write(writer, account.entries);
  }
  return out;
}

std::optional<Page> decode_page(BytesView bytes) {
  Reader reader(bytes);
  Page page;
  const std::uint64_t count = reader.varint();
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    record::AuditedAccount account;
    account.key = reader.text();
    account.balance = reader.signed_varint();
    account.entries = read_history(reader);
    page.push_back(std::move(account));
  }
  if (!reader.ok() || reader.left() != 0) return std::nullopt;
  return page;
}

Answer Store::apply(const Command& command) {
  const auto known = answers_.find(command.operation);
  if (known != answers_.end()) {
    Answer again = known->second;
    again.duplicate = true;
    return again;
  }
  const bool applied = execute(command);
  Answer answer = read(command.key);
  answer.applied = applied;
  answers_.emplace(command.operation, answer);
  checksum_ = combine64(checksum_, command.operation.value());
  checksum_ = combine64(checksum_, applied ? static_cast<std::uint64_t>(answer.balance) : 0);
  return answer;
}

void Store::enter(Account& account, std::int64_t amount, OperationId operation) {
  account.balance += amount;
  account.history.push_back(operation);
}

bool Store::execute(const Command& command) {
  const auto account = accounts_.find(command.key);
  const bool known = account != accounts_.end();
  if (command.kind == record::OperationKind::cas &&
      (known ? account->second.history.size() : 0) != command.expected_version) {
    return false;
  }
  if (command.kind == record::OperationKind::transfer) {
    if (!known || account->second.balance < command.amount) return false;
    enter(account->second, -command.amount, command.operation);
    enter(accounts_[command.other_key], command.amount, command.operation);
    return true;
  }
  enter(accounts_[command.key], command.amount, command.operation);
  return true;
}

Answer Store::read(std::string_view key) const {
  Answer answer;
  answer.applied = true;
  const auto account = accounts_.find(key);
  if (account == accounts_.end()) return answer;
  answer.version = account->second.history.size();
  answer.balance = account->second.balance;
  answer.last_operation = account->second.history.back();
  return answer;
}

Page Store::page(std::string_view after, std::size_t accounts_max) const {
  Page page;
  for (auto at = accounts_.upper_bound(after); at != accounts_.end(); ++at) {
    if (page.size() == accounts_max) break;
    page.push_back({at->first, at->second.balance, at->second.history});
  }
  return page;
}

void Store::encode(Writer& writer) const {
  writer.u64(checksum_);
  writer.varint(accounts_.size());
  for (const auto& [key, account] : accounts_) {
    writer.text(key);
    writer.signed_varint(account.balance);
    write(writer, account.history);
  }
  writer.varint(answers_.size());
  for (const auto& [operation, answer] : answers_) {
    writer.varint(operation.value());
    write(writer, answer);
  }
}

std::optional<Store> Store::decode(Reader& reader) {
  Store store;
  store.checksum_ = reader.u64();
  const std::uint64_t accounts = reader.varint();
  for (std::uint64_t i = 0; i < accounts && reader.ok(); ++i) {
    const std::string key = reader.text();
    const std::int64_t balance = reader.signed_varint();
    store.accounts_.insert_or_assign(key, Account{balance, read_history(reader)});
  }
  const std::uint64_t answers = reader.varint();
  for (std::uint64_t i = 0; i < answers && reader.ok(); ++i) {
    const OperationId operation(reader.varint());
    store.answers_.insert_or_assign(operation, read_answer(reader));
  }
  if (!reader.ok() || reader.left() != 0) return std::nullopt;
  return store;
}

}  // namespace blackout::system::libraft
