#include "platform/ledger/ledger.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "host/base/check.hpp"
#include "host/base/hash.hpp"

namespace blackout::ledger {
namespace {

// The digest of what only the kinds after compare_and_post have.
std::uint64_t hash_further_fields(const CommandView& command) {
  std::uint64_t hash = combine64(command.hold.value(), command.type);
  hash = combine64(hash, hash_key(command.field));
  hash = combine64(hash, hash_key(command.value));
  hash = combine64(hash, command.stamp.time);
  return combine64(hash, command.stamp.author);
}

// The digest of everything in a command but its id.
std::uint64_t hash_body(const CommandView& command, std::uint64_t key_hash,
                        std::uint64_t counterparty_hash) {
  std::uint64_t hash = combine64(static_cast<std::uint64_t>(command.kind), key_hash);
  hash = combine64(hash, counterparty_hash);
  hash = combine64(hash, static_cast<std::uint64_t>(command.amount));
  hash = combine64(hash, command.expected_version);
  hash = combine64(hash, command.memo.size());
  if (command.kind > CommandKind::compare_and_post) {
    hash = combine64(hash, hash_further_fields(command));
  }
  return command.memo.empty() ? hash : combine64(hash, hash64(command.memo));
}

// A field that another kind uses has its default.
bool in_range(const CommandView& command) {
  using enum CommandKind;
  const CommandKind kind = command.kind;
  const bool pays = kind == transfer || kind == capture;
  const bool ends_hold = kind == capture || kind == release;
  const bool signed_amount = kind == post || kind == compare_and_post;
  const bool no_amount = kind == release || kind == merge;
  if (command.account.empty() || command.account.size() > account_bytes_max) return false;
  if (command.memo.size() > memo_bytes_max) return false;
  if (no_amount != (command.amount == 0) || (command.amount < 0 && !signed_amount)) return false;
  if (kind != compare_and_post && command.expected_version != 0) return false;
  if (ends_hold != (command.hold.value() != 0)) return false;
  if (kind != merge && (command.type != 0 || !command.field.empty() || !command.value.empty() ||
                        command.stamp != Stamp())) {
    return false;
  }
  if (!pays) return command.counterparty.empty();
  return !command.counterparty.empty() && command.counterparty.size() <= account_bytes_max &&
         command.counterparty != command.account;
}

// Ids are often given out in turn: eight neighbours share a line of the cache in the index. Longer
// runs would be worse: where two of them meet, each look-up walks past a whole run.
std::uint64_t hash_id(OperationId id) {
  constexpr unsigned run_bits = 3;
  constexpr std::uint64_t in_run = (1U << run_bits) - 1;
  const std::uint64_t run = mix64(id.value() >> run_bits) & ~(in_run << 32);
  return run | (id.value() & in_run) << 32;
}

// A polynomial over the ids, cheap enough to walk; the digest of the account mixes it.
std::uint64_t chained(std::uint64_t chain, OperationId next) {
  return chain * 0x9E3779B97F4A7C15 + next.value();
}

// Ahead of the walk, which waits for memory longer than it computes.
void prefetch(std::span<const OperationId> history) {
  constexpr std::size_t in_a_line = 64 / sizeof(OperationId);
  for (std::size_t i = 0; i < history.size(); i += in_a_line) __builtin_prefetch(&history[i]);
}

std::size_t range_of(std::uint64_t hash, std::size_t ranges) {
  return hash >> (64 - std::countr_zero(ranges));
}

}  // namespace

Answer Ledger::apply(const CommandView& command) {
  const std::uint64_t key_hash = hash_key(command.account);
  std::uint32_t account = find_account(command.account, key_hash);
  if (command.operation.value() == 0) return answer_to(command, account, AnswerCode::bad_command);
  const std::uint64_t counterparty_hash = hash_key(command.counterparty);
  const std::uint64_t body_hash = hash_body(command, key_hash, counterparty_hash);

  if (const std::uint32_t known = find_operation(command.operation); known != Index::none) {
    const Operation& before = operations_[known];
    if (before.body_hash != body_hash) return answer_to(command, account, AnswerCode::key_reused);
    Answer again = before.first;
    again.duplicate = true;
    return again;
  }

  const AnswerCode code = execute(command, key_hash, counterparty_hash, account);
  const Answer answer = answer_to(command, account, code);
  add_operation(command.operation, body_hash, answer);
  return answer;
}

AnswerCode Ledger::execute(const CommandView& command, std::uint64_t key_hash,
                           std::uint64_t counterparty_hash, std::uint32_t& account) {
  if (!in_range(command)) return AnswerCode::bad_command;
  switch (command.kind) {
    case CommandKind::post:
    case CommandKind::compare_and_post:
      return post(command, key_hash, account);
    case CommandKind::transfer:
      return transfer(command, counterparty_hash, account);
    case CommandKind::hold:
      return hold(command, account);
    case CommandKind::capture:
      return capture(command, counterparty_hash, account);
    case CommandKind::release:
      return release(command, account);
    case CommandKind::merge:
      if (!records_.accepts(command)) return AnswerCode::bad_command;
      return records_.merge(command) ? AnswerCode::applied : AnswerCode::superseded;
  }
  return AnswerCode::bad_command;
}

AnswerCode Ledger::post(const CommandView& command, std::uint64_t key_hash,
                        std::uint32_t& account) {
  const bool known = account != Index::none;
  const std::uint64_t version = known ? accounts_[account].history.size() : 0;
  const std::int64_t balance = known ? accounts_[account].balance : 0;
  if (command.kind == CommandKind::compare_and_post && version != command.expected_version) {
    return AnswerCode::version_mismatch;
  }
  // No balance passes the total, so this bounds every balance too.
  if (command.amount > 0 &&
      money_posted_ > std::numeric_limits<std::int64_t>::max() - command.amount) {
    return AnswerCode::bad_command;
  }
  if (balance + command.amount < 0) return AnswerCode::insufficient_funds;
  if (!known) account = add_account(command.account, key_hash);
  enter(account, command.amount, command.operation);
  money_posted_ += command.amount;
  return AnswerCode::applied;
}

AnswerCode Ledger::transfer(const CommandView& command, std::uint64_t counterparty_hash,
                            std::uint32_t account) {
  if (account == Index::none || accounts_[account].balance < command.amount) {
    return AnswerCode::insufficient_funds;
  }
  std::uint32_t to = find_account(command.counterparty, counterparty_hash);
  if (to == Index::none) to = add_account(command.counterparty, counterparty_hash);
  enter(account, -command.amount, command.operation);
  enter(to, command.amount, command.operation);
  return AnswerCode::applied;
}

AnswerCode Ledger::hold(const CommandView& command, std::uint32_t account) {
  if (account == Index::none || accounts_[account].balance < command.amount) {
    return AnswerCode::insufficient_funds;
  }
  enter(account, -command.amount, command.operation);
  holds_.open(command.operation, command.account, command.amount);
  return AnswerCode::applied;
}

AnswerCode Ledger::capture(const CommandView& command, std::uint64_t counterparty_hash,
                           std::uint32_t account) {
  const std::int64_t held = holds_.amount(command.hold, command.account);
  if (held < command.amount) return AnswerCode::no_hold;
  std::uint32_t to = find_account(command.counterparty, counterparty_hash);
  if (to == Index::none) to = add_account(command.counterparty, counterparty_hash);
  holds_.close(command.hold);
  enter(account, held - command.amount, command.operation);
  enter(to, command.amount, command.operation);
  return AnswerCode::applied;
}

AnswerCode Ledger::release(const CommandView& command, std::uint32_t account) {
  const std::int64_t held = holds_.amount(command.hold, command.account);
  if (held == 0) return AnswerCode::no_hold;
  holds_.close(command.hold);
  enter(account, held, command.operation);
  return AnswerCode::applied;
}

void Ledger::enter(std::uint32_t position, std::int64_t amount, OperationId operation) {
  Account& account = accounts_[position];
  account.balance += amount;
  account.history.push_back(operation);
  account.chain = chained(account.chain, operation);
  digest(account);
}

void Ledger::digest(Account& account) {
  const std::uint64_t before = account.digest;
  account.digest = combine64(
      combine64(account.key_hash, static_cast<std::uint64_t>(account.balance)), account.chain);
  add_digest(range_of(account.key_hash, account_ranges), account.digest - before);
}

void Ledger::add_digest(std::size_t range, std::uint64_t digest) {
  ranges_[range] += digest;
  digests_ += digest;
}

Answer Ledger::read(std::string_view account) const {
  return answer_of(find_account(account, hash_key(account)), AnswerCode::applied);
}

std::span<const OperationId> Ledger::history(std::string_view account) const {
  const std::uint32_t position = find_account(account, hash_key(account));
  if (position == Index::none) return {};
  return accounts_[position].history;
}

std::uint64_t Ledger::checksum() const {
  const std::uint64_t digests = digests_ + holds_.digest() + records_.digest();
  return combine64(digests, static_cast<std::uint64_t>(money_posted_));
}

std::int64_t Ledger::money_total() const {
  std::int64_t total = holds_.money_total();
  for (const Account& account : accounts_) total += account.balance;
  return total;
}

std::vector<AccountRecord> Ledger::page(std::string_view after, std::size_t accounts_max) const {
  std::vector<const Account*> behind;
  for (const Account& account : accounts_) {
    if (account.key > after) behind.push_back(&account);
  }
  const std::size_t size = std::min(accounts_max, behind.size());
  std::partial_sort(behind.begin(), behind.begin() + static_cast<std::ptrdiff_t>(size),
                    behind.end(),
                    [](const Account* a, const Account* b) { return a->key < b->key; });
  std::vector<AccountRecord> page;
  page.reserve(size);
  for (std::size_t i = 0; i < size; ++i) {
    const Account& account = *behind[i];
    page.push_back({account.key, account.history.size(), account.balance, account.history});
  }
  return page;
}

std::uint32_t Ledger::find_account(std::string_view key, std::uint64_t key_hash) const {
  return account_index_.find(
      key_hash, [&](std::uint32_t position) { return accounts_[position].key == key; });
}

std::uint32_t Ledger::find_operation(OperationId id) const {
  return operation_index_.find(
      hash_id(id), [&](std::uint32_t position) { return operations_[position].id == id; });
}

std::uint32_t Ledger::add_account(std::string_view key, std::uint64_t key_hash) {
  CHECK(accounts_.size() < Index::none);
  const auto position = static_cast<std::uint32_t>(accounts_.size());
  Account& account = accounts_.emplace_back();
  account.key = key;
  account.key_hash = key_hash;
  account_index_.insert(key_hash, position);
  return position;
}

void Ledger::add_operation(OperationId id, std::uint64_t body_hash, const Answer& first) {
  CHECK(operations_.size() < Index::none);
  const auto position = static_cast<std::uint32_t>(operations_.size());
  operation_index_.insert(hash_id(id), position);
  digest(operations_.emplace_back(Operation{id, body_hash, first, 0}));
}

void Ledger::digest(Operation& operation) {
  const std::uint64_t before = operation.digest;
  const Answer& first = operation.first;
  // The pairs are independent, so that the walk of scrub() waits for no product. Digits of pi.
  operation.digest = mix64(
      fold64(operation.id.value() ^ 0x243F6A8885A308D3, operation.body_hash ^ 0x13198A2E03707344) +
      fold64(static_cast<std::uint64_t>(first.code) ^ 0xA4093822299F31D0,
             first.version ^ 0x082EFA98EC4E6C89) +
      fold64(static_cast<std::uint64_t>(first.balance) ^ 0x452821E638D01377,
             first.last_operation.value() ^ 0xBE5466CF34E90C6C));
  if (operation.digest == before) return;
  add_digest(account_ranges + range_of(hash_id(operation.id), operation_ranges),
             operation.digest - before);
}

void Ledger::scrub(std::size_t records) {
  constexpr std::size_t accounts_ahead = 4, operations_ahead = 24;  // about a KiB
  for (; records > 0; --records) {
    if (accounts_walked_ < accounts_.size()) {
      if (const std::size_t soon = accounts_walked_ + accounts_ahead; soon < accounts_.size()) {
        prefetch(accounts_[soon].history);
      }
      scrub(accounts_[accounts_walked_++]);
    } else if (operations_walked_ < operations_.size()) {
      __builtin_prefetch(operations_.data() +
                         std::min(operations_walked_ + operations_ahead, operations_.size()));
      digest(operations_[operations_walked_++]);
    } else {
      accounts_walked_ = operations_walked_ = 0;
      return;
    }
  }
}

void Ledger::scrub(Account& account) {
  account.chain = 0;
  for (const OperationId each : account.history) {
    account.chain = chained(account.chain, each);
  }
  digest(account);
}

#ifdef BLACKOUT_PLANTED_BUGS
void Ledger::forget_operations() {
  for (const Operation& known : operations_) {
    add_digest(account_ranges + range_of(hash_id(known.id), operation_ranges),
               std::uint64_t{0} - known.digest);
  }
  operations_.clear();
  operation_index_ = Index();
  operations_walked_ = 0;
}

bool Ledger::spoil(Spoilt what, std::uint64_t draw) {
  constexpr std::uint64_t bits = 16;
  const std::int64_t bit = std::int64_t{1} << draw % bits;
  const std::uint64_t nth = draw / bits;
  if (what == Spoilt::account) {
    if (accounts_.empty()) return false;
    accounts_[nth % accounts_.size()].balance ^= bit;
  } else {
    if (operations_.empty()) return false;
    operations_[nth % operations_.size()].first.balance ^= bit;
  }
  return true;
}
#endif

Answer Ledger::answer_of(std::uint32_t position, AnswerCode code) const {
  Answer answer;
  answer.code = code;
  if (position == Index::none) return answer;
  const Account& account = accounts_[position];
  answer.version = account.history.size();
  answer.balance = account.balance;
  if (!account.history.empty()) answer.last_operation = account.history.back();
  return answer;
}

Answer Ledger::answer_to(const CommandView& command, std::uint32_t account, AnswerCode code) const {
  if (command.kind != CommandKind::merge) return answer_of(account, code);
  Answer answer;
  answer.code = code;
  const Record* record = records_.find(command);
  if (record == nullptr) return answer;
  answer.version = record->stamp.time;
  answer.last_operation = record->operation;
  return answer;
}

void Ledger::encode(Bytes& out) const {
  Writer writer(out);
  const bool further = records_.ruled() || holds_.size() > 0;
  writer.u8(further ? state_format_with_rules : state_format);
  writer.varint(accounts_.size());
  for (const Account& account : accounts_) {
    writer.text(account.key);
    writer.signed_varint(account.balance);
    writer.varint(account.history.size());
    for (const OperationId operation : account.history) writer.u64(operation.value());
  }
  writer.varint(operations_.size());
  for (const Operation& operation : operations_) {
    writer.u64(operation.id.value());
    writer.u64(operation.body_hash);
    Bytes first;
    ledger::encode(operation.first, first);
    writer.blob(first);
  }
  if (!further) return;
  holds_.encode(writer);
  records_.encode(writer);
}

bool Ledger::decode_accounts(Reader& reader) {
  const std::uint64_t count = reader.varint();
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    const std::string key = reader.text();
    const std::int64_t balance = reader.signed_varint();
    const std::uint64_t entries = reader.varint();
    const std::uint64_t key_hash = hash_key(key);
    if (key.empty() || key.size() > account_bytes_max || balance < 0 || entries == 0) return false;
    if (money_posted_ > std::numeric_limits<std::int64_t>::max() - balance) return false;
    if (find_account(key, key_hash) != Index::none) return false;
    const std::uint32_t position = add_account(key, key_hash);
    for (std::uint64_t entry = 0; entry < entries && reader.ok(); ++entry) {
      enter(position, entry == 0 ? balance : 0, OperationId(reader.u64()));
    }
    money_posted_ += balance;
  }
  return reader.ok();
}

bool Ledger::decode_operations(Reader& reader) {
  const std::uint64_t count = reader.varint();
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    const OperationId id(reader.u64());
    const std::uint64_t body_hash = reader.u64();
    const std::optional<Answer> first = decode_answer(reader.blob());
    if (!first || first->duplicate || first->code == AnswerCode::key_reused) return false;
    if (id.value() == 0 || find_operation(id) != Index::none) return false;
    add_operation(id, body_hash, *first);
  }
  return reader.ok();
}

// What the second format has behind the first.
bool Ledger::decode_further(Reader& reader) {
  constexpr std::int64_t money_max = std::numeric_limits<std::int64_t>::max();
  const auto exists = [&](std::string_view account) {
    return find_account(account, hash_key(account)) != Index::none;
  };
  if (!holds_.decode(reader, money_max - money_posted_, exists)) return false;
  money_posted_ += holds_.money_total();
  return records_.decode(reader) && (records_.ruled() || holds_.size() > 0);
}

std::optional<Ledger> Ledger::decode(BytesView bytes, Rules rules) {
  Reader reader(bytes);
  Ledger ledger(std::move(rules));
  const std::uint8_t format = reader.u8();
  if (format != state_format && format != state_format_with_rules) return std::nullopt;
  if (!ledger.decode_accounts(reader) || !ledger.decode_operations(reader)) return std::nullopt;
  if (format == state_format ? ledger.records_.ruled() : !ledger.decode_further(reader)) {
    return std::nullopt;
  }
  return reader.left() == 0 ? std::optional(std::move(ledger)) : std::nullopt;
}

}  // namespace blackout::ledger
