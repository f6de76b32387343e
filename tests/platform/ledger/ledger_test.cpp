#include "platform/ledger/ledger.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>

#include "host/base/hash.hpp"
#include "tests/platform/ledger/commands.hpp"
#include "tests/platform/ledger/encoded.hpp"

namespace blackout::ledger {
namespace {

constexpr std::int64_t money_max = std::numeric_limits<std::int64_t>::max();

Answer answer(AnswerCode code, std::uint64_t version, std::int64_t balance, std::uint64_t last) {
  return {code, version, balance, OperationId(last), false};
}

std::vector<std::uint64_t> history(const Ledger& ledger, std::string_view account) {
  std::vector<std::uint64_t> out;
  for (const OperationId operation : ledger.history(account)) out.push_back(operation.value());
  return out;
}

// Random commands over few accounts, with repeated and reused ids among them.
std::vector<Command> random_commands(std::uint64_t seed, std::size_t count) {
  std::vector<Command> commands;
  std::uint64_t n = 0;
  const auto below = [&](std::uint64_t bound) { return combine64(seed, ++n) % bound; };
  const auto account = [&] { return "eu/accounts/" + std::to_string(below(12)); };
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t draw = below(10);
    const std::uint64_t operation = draw == 1 ? 1 + below(i + 1) : i + 1;
    const auto amount = static_cast<std::int64_t>(below(300)) - 100;
    const std::string from = account(), to = account();
    if (draw == 0 && i > 0) {
      const Command repeated = commands[below(i)];
      commands.push_back(repeated);
    } else if (draw < 6) {
      commands.push_back(transfer(operation, from, to, amount));
    } else if (draw < 9) {
      commands.push_back(post(operation, from, amount));
    } else {
      commands.push_back(compare_and_post(operation, from, amount, below(6)));
    }
  }
  return commands;
}

TEST(Ledger, PostsAddUpAndAreCounted) {
  Ledger ledger;
  EXPECT_EQ(ledger.apply(post(1, "a", 100)), answer(AnswerCode::applied, 1, 100, 1));
  EXPECT_EQ(ledger.apply(post(2, "a", -30)), answer(AnswerCode::applied, 2, 70, 2));
  EXPECT_EQ(ledger.read("a"), answer(AnswerCode::applied, 2, 70, 2));
  EXPECT_EQ(history(ledger, "a"), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(ledger.money_posted(), 70);
}

TEST(Ledger, AnUnknownAccountReadsAsEmpty) {
  const Ledger ledger;
  EXPECT_EQ(ledger.read("nobody"), answer(AnswerCode::applied, 0, 0, 0));
  EXPECT_TRUE(ledger.history("nobody").empty());
}

TEST(Ledger, ABalanceNeverGoesBelowZero) {
  Ledger ledger;
  EXPECT_EQ(ledger.apply(post(1, "a", -1)), answer(AnswerCode::insufficient_funds, 0, 0, 0));
  ledger.apply(post(2, "a", 10));
  EXPECT_EQ(ledger.apply(post(3, "a", -11)), answer(AnswerCode::insufficient_funds, 1, 10, 2));
  EXPECT_EQ(ledger.apply(transfer(4, "a", "b", 11)),
            answer(AnswerCode::insufficient_funds, 1, 10, 2));
  EXPECT_EQ(ledger.apply(post(5, "a", std::numeric_limits<std::int64_t>::min())),
            answer(AnswerCode::insufficient_funds, 1, 10, 2));
  EXPECT_EQ(ledger.apply(post(6, "a", -10)), answer(AnswerCode::applied, 2, 0, 6));
  EXPECT_EQ(ledger.accounts(), 1u) << "a refusal opens no account";
}

TEST(Ledger, ATransferEntersBothHistories) {
  Ledger ledger;
  ledger.apply(post(1, "a", 100));
  EXPECT_EQ(ledger.apply(transfer(2, "a", "b", 40)), answer(AnswerCode::applied, 2, 60, 2));
  EXPECT_EQ(ledger.read("b"), answer(AnswerCode::applied, 1, 40, 2));
  EXPECT_EQ(history(ledger, "a"), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(history(ledger, "b"), (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(ledger.money_total(), 100);
}

TEST(Ledger, CompareAndPostAppliesOnlyAtTheExpectedVersion) {
  Ledger ledger;
  EXPECT_EQ(ledger.apply(compare_and_post(1, "a", 5, 1)),
            answer(AnswerCode::version_mismatch, 0, 0, 0));
  EXPECT_EQ(ledger.apply(compare_and_post(2, "a", 5, 0)), answer(AnswerCode::applied, 1, 5, 2));
  EXPECT_EQ(ledger.apply(compare_and_post(3, "a", 5, 0)),
            answer(AnswerCode::version_mismatch, 1, 5, 2));
  EXPECT_EQ(ledger.apply(compare_and_post(4, "a", 5, 1)), answer(AnswerCode::applied, 2, 10, 4));
}

TEST(Ledger, ARepeatedOperationGetsTheFirstAnswerWithoutEffect) {
  Ledger ledger;
  const Answer first = ledger.apply(post(1, "a", 10));
  const Answer refusal = ledger.apply(post(2, "a", -50));
  ledger.apply(post(3, "a", 100));
  const std::uint64_t before = ledger.checksum();
  Answer expected = first;
  expected.duplicate = true;
  EXPECT_EQ(ledger.apply(post(1, "a", 10)), expected);
  expected = refusal;
  expected.duplicate = true;
  EXPECT_EQ(ledger.apply(post(2, "a", -50)), expected)
      << "now it could be paid, but it was refused";
  EXPECT_EQ(ledger.checksum(), before);
  EXPECT_EQ(ledger.read("a").balance, 110);
}

TEST(Ledger, AnOperationsIdWithAnyOtherBodyIsRefused) {
  Command original = compare_and_post(7, "a", 10, 0);
  original.memo = {1, 2, 3};
  std::vector<Command> others(6, original);
  others[0].kind = CommandKind::transfer;
  others[1].account = "b";
  others[2].counterparty = "b";
  others[3].amount = 11;
  others[4].expected_version = 1;
  others[5].memo = {1, 2, 4};
  for (const Command& other : others) {
    Ledger ledger;
    ASSERT_EQ(ledger.apply(original).code, AnswerCode::applied);
    const std::uint64_t before = ledger.checksum();
    const Answer refused = ledger.apply(other);
    EXPECT_EQ(refused.code, AnswerCode::key_reused);
    EXPECT_FALSE(refused.duplicate);
    EXPECT_EQ(ledger.checksum(), before);
    EXPECT_TRUE(ledger.apply(original).duplicate) << "the first answer stands";
  }
}

TEST(Ledger, RefusesWhatIsOutOfRange) {
  std::vector<Command> bad = {
      post(1, "a", 0),
      post(1, "", 1),
      post(1, std::string(account_bytes_max + 1, 'x'), 1),
      transfer(1, "rich", "rich", 1),
      transfer(1, "rich", "", 1),
      transfer(1, "rich", "b", -1),
      transfer(1, "rich", std::string(account_bytes_max + 1, 'x'), 1),
      post(1, "a", 1),
      post(1, "a", 1),
      post(1, "a", 1),
      post(0, "a", 1),
  };
  bad[7].counterparty = "b";
  bad[8].expected_version = 1;
  bad[9].memo.resize(memo_bytes_max + 1);
  for (std::size_t i = 0; i < bad.size(); ++i) {
    Ledger ledger;
    ledger.apply(post(99, "rich", 1000));
    EXPECT_EQ(ledger.apply(bad[i]).code, AnswerCode::bad_command) << i;
    EXPECT_EQ(ledger.accounts(), 1u) << i;
    EXPECT_EQ(ledger.money_total(), 1000) << i;
    EXPECT_EQ(ledger.apply(bad[i]).duplicate, bad[i].operation.value() != 0) << i;
  }
}

TEST(Ledger, MoneyNeverOverflows) {
  Ledger ledger;
  EXPECT_EQ(ledger.apply(post(1, "a", money_max)).code, AnswerCode::applied);
  EXPECT_EQ(ledger.apply(post(2, "b", 1)).code, AnswerCode::bad_command);
  EXPECT_EQ(ledger.apply(transfer(3, "a", "b", money_max)).code, AnswerCode::applied);
  EXPECT_EQ(ledger.apply(transfer(4, "b", "a", 1)).code, AnswerCode::applied);
  EXPECT_EQ(ledger.money_total(), money_max);
}

TEST(Ledger, ConservesMoneyAndKeepsEveryHistoryUnderRandomCommands) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Ledger ledger;
    std::map<std::string, std::pair<std::int64_t, std::vector<OperationId>>> model;
    std::map<OperationId, Command> known;
    for (const Command& command : random_commands(seed, 500)) {
      const std::uint64_t before = ledger.checksum();
      const Answer got = ledger.apply(command);
      ASSERT_EQ(ledger.money_total(), ledger.money_posted());
      const auto [place, fresh] = known.emplace(command.operation, command);
      if (!fresh) {
        ASSERT_EQ(ledger.checksum(), before);
        ASSERT_EQ(got.duplicate, place->second == command);
        ASSERT_EQ(got.code == AnswerCode::key_reused, place->second != command);
        continue;
      }
      ASSERT_NE(ledger.checksum(), before);
      if (got.code != AnswerCode::applied) continue;
      auto& [balance, operations] = model[command.account];
      const bool moves = command.kind == CommandKind::transfer;
      balance += moves ? -command.amount : command.amount;
      operations.push_back(command.operation);
      if (!moves) continue;
      model[command.counterparty].first += command.amount;
      model[command.counterparty].second.push_back(command.operation);
    }
    ASSERT_EQ(ledger.accounts(), model.size());
    const std::vector<AccountRecord> page = ledger.page("", 1000);
    ASSERT_EQ(page.size(), model.size());
    std::size_t at = 0;
    for (const auto& [account, state] : model) {
      ASSERT_EQ(page[at++],
                (AccountRecord{account, state.second.size(), state.first, state.second}));
      ASSERT_GE(state.first, 0);
    }
  }
}

TEST(Ledger, EqualCommandsGiveEqualAnswersChecksumsAndEncodings) {
  Ledger one, two;
  for (const Command& command : random_commands(5, 1000)) {
    ASSERT_EQ(one.apply(command), two.apply(command));
    ASSERT_EQ(one.checksum(), two.checksum());
  }
  Bytes first, second;
  one.encode(first);
  two.encode(second);
  EXPECT_EQ(first, second);
}

TEST(Ledger, ReplayingAnyPrefixAgainHasNoEffect) {
  const std::vector<Command> commands = random_commands(9, 120);
  for (std::size_t size = 0; size <= commands.size(); ++size) {
    Ledger ledger;
    for (std::size_t i = 0; i < size; ++i) ledger.apply(commands[i]);
    const std::uint64_t once = ledger.checksum();
    for (std::size_t i = 0; i < size; ++i) {
      const AnswerCode code = ledger.apply(commands[i]).code;
      ASSERT_TRUE(ledger.checksum() == once) << static_cast<int>(code);
    }
  }
}

TEST(Ledger, TheOrderOfConflictingCommandsShowsInTheChecksum) {
  Ledger one, two;
  one.apply(post(1, "a", 5));
  one.apply(post(2, "a", 7));
  two.apply(post(2, "a", 7));
  two.apply(post(1, "a", 5));
  EXPECT_EQ(one.read("a").balance, two.read("a").balance);
  EXPECT_NE(one.checksum(), two.checksum());
  EXPECT_NE(history(one, "a"), history(two, "a"));
}

TEST(Ledger, TheChecksumCoversTheIdempotencyTable) {
  Ledger one, two;
  one.apply(post(1, "a", 5));
  two.apply(post(1, "a", 5));
  one.apply(post(2, "a", -50));
  EXPECT_NE(one.checksum(), two.checksum()) << "a remembered refusal is state";
  two.apply(post(2, "a", -51));
  EXPECT_NE(one.checksum(), two.checksum()) << "so is the body it was given for";
}

TEST(Ledger, PagesVisitEveryAccountOnceInKeyOrder) {
  Ledger ledger;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    ledger.apply(post(i, "eu/" + std::to_string(i * 7919 % 101), 1));
  }
  std::vector<std::string> keys;
  std::string after;
  for (;;) {
    const std::vector<AccountRecord> page = ledger.page(after, 7);
    for (const AccountRecord& record : page) keys.push_back(record.account);
    if (page.size() < 7) break;
    after = page.back().account;
  }
  EXPECT_EQ(keys.size(), 100u);
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  EXPECT_EQ(std::adjacent_find(keys.begin(), keys.end()), keys.end());
}

TEST(Ledger, ADecodedStateGoesOnExactlyAsTheOriginal) { decoded_goes_on(random_commands(3, 800)); }

TEST(Ledger, ADamagedStateIsRefusedOrHasAnotherChecksum) {
  Ledger original;
  for (const Command& command : random_commands(4, 40)) original.apply(command);
  damaged_is_refused(original);
}

TEST(Command, ComesBackFromItsEncoding) {
  for (Command command : random_commands(6, 100)) {
    command.memo.assign(command.operation.value() % 50, 0xA5);
    Bytes bytes;
    encode(command, bytes);
    EXPECT_EQ(decode_command(bytes), command);
  }
}

TEST(Command, CutShortExtendedOrOfAnUnknownKindIsRefused) {
  Command command = transfer(1, "a", "b", 5);
  command.memo = {1, 2, 3};
  Bytes bytes;
  encode(command, bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_command(BytesView(bytes).first(size)).has_value()) << size;
  }
  Bytes unknown = bytes;
  unknown[8] = 7;
  EXPECT_FALSE(decode_command(unknown).has_value());
  bytes.push_back(0);
  EXPECT_FALSE(decode_command(bytes).has_value());
}

TEST(Answer, ComesBackFromItsEncodingAndIsRefusedIfMalformed) {
  const Answer original{AnswerCode::key_reused, 300, 12345, OperationId(9), true};
  Bytes bytes;
  encode(original, bytes);
  EXPECT_EQ(decode_answer(bytes), original);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_answer(BytesView(bytes).first(size)).has_value()) << size;
  }
  Bytes unknown = bytes;
  unknown[0] = 7;
  EXPECT_FALSE(decode_answer(unknown).has_value());
  unknown = bytes;
  unknown.back() = 2;
  EXPECT_FALSE(decode_answer(unknown).has_value());
}

}  // namespace
}  // namespace blackout::ledger
