#include "platform/ledger/holds.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <map>

#include "tests/platform/ledger/commands.hpp"
#include "tests/platform/ledger/encoded.hpp"

namespace blackout::ledger {
namespace {

// Random commands that move money, over few accounts and holds, with repeated and reused ids.
std::vector<Command> random_commands(std::uint64_t seed, std::size_t count) {
  Draws draws(seed);
  std::vector<Command> commands, holds;
  for (std::uint64_t id = 1; id <= count; ++id) {
    const std::uint64_t operation = draws.below(12) == 0 ? 1 + draws.below(id) : id;
    const std::string from = "eu/" + std::to_string(draws.below(5));
    const std::string to = "eu/" + std::to_string(draws.below(5));
    const auto amount = static_cast<std::int64_t>(1 + draws.below(200));
    const Command of = holds.empty() || draws.below(8) == 0 ? hold(1 + draws.below(id), from, 1)
                                                            : holds[draws.below(holds.size())];
    switch (draws.below(6)) {
      case 0:
        commands.push_back(post(operation, from, draws.below(2) ? amount : -amount));
        break;
      case 1:
        commands.push_back(transfer(operation, from, to, amount));
        break;
      case 2:
        commands.push_back(hold(operation, from, amount));
        holds.push_back(commands.back());
        break;
      case 3:
        commands.push_back(capture(operation, of.account, of.operation.value(), to, amount));
        break;
      case 4:
        commands.push_back(release(operation, of.account, of.operation.value()));
        break;
      default:
        commands.push_back(commands.empty() ? post(operation, from, amount)
                                            : Command(commands[draws.below(commands.size())]));
    }
  }
  return commands;
}

TEST(Holds, SetMoneyAsideThatNothingElseCanSpend) {
  Ledger ledger;
  ledger.apply(post(1, "a", 100));
  EXPECT_EQ(ledger.apply(hold(2, "a", 70)), (Answer{AnswerCode::applied, 2, 30, OperationId(2)}));
  EXPECT_EQ(ledger.apply(transfer(3, "a", "b", 31)).code, AnswerCode::insufficient_funds);
  EXPECT_EQ(ledger.apply(post(4, "a", -31)).code, AnswerCode::insufficient_funds);
  EXPECT_EQ(ledger.apply(hold(5, "a", 31)).code, AnswerCode::insufficient_funds);
  EXPECT_EQ(ledger.apply(hold(6, "nobody", 1)).code, AnswerCode::insufficient_funds);
  EXPECT_EQ(ledger.holds().money_total(), 70);
  EXPECT_EQ(ledger.money_total(), 100);
}

TEST(Holds, ACapturePaysAndGivesTheRestBack) {
  Ledger ledger;
  ledger.apply(post(1, "a", 100));
  ledger.apply(hold(2, "a", 70));
  EXPECT_EQ(ledger.apply(capture(3, "a", 2, "b", 50)),
            (Answer{AnswerCode::applied, 3, 50, OperationId(3)}));
  EXPECT_EQ(ledger.read("b"), (Answer{AnswerCode::applied, 1, 50, OperationId(3)}));
  EXPECT_EQ(ledger.holds().size(), 0U);
}

TEST(Holds, AReleaseGivesItAllBack) {
  Ledger ledger;
  ledger.apply(post(1, "a", 100));
  ledger.apply(hold(2, "a", 70));
  EXPECT_EQ(ledger.apply(release(3, "a", 2)),
            (Answer{AnswerCode::applied, 3, 100, OperationId(3)}));
  EXPECT_EQ(ledger.holds().money_total(), 0);
}

TEST(Holds, EndOnceAndOnlyForTheirOwnAccountAndAmount) {
  Ledger ledger;
  ledger.apply(post(1, "a", 100));
  ledger.apply(post(2, "b", 100));
  ledger.apply(hold(3, "a", 70));
  EXPECT_EQ(ledger.apply(capture(4, "a", 3, "b", 71)).code, AnswerCode::no_hold);
  EXPECT_EQ(ledger.apply(capture(5, "b", 3, "a", 1)).code, AnswerCode::no_hold);
  EXPECT_EQ(ledger.apply(release(6, "b", 3)).code, AnswerCode::no_hold);
  EXPECT_EQ(ledger.apply(release(7, "a", 1)).code, AnswerCode::no_hold) << "1 was a post";
  EXPECT_EQ(ledger.apply(capture(8, "a", 3, "b", 70)).code, AnswerCode::applied);
  EXPECT_EQ(ledger.apply(capture(9, "a", 3, "b", 1)).code, AnswerCode::no_hold);
  EXPECT_EQ(ledger.apply(release(10, "a", 3)).code, AnswerCode::no_hold);
  EXPECT_TRUE(ledger.apply(hold(3, "a", 70)).duplicate) << "and it is not opened again";
  EXPECT_EQ(ledger.holds().size(), 0U);
}

TEST(Holds, RefuseWhatIsOutOfRange) {
  std::vector<Command> bad = {
      hold(5, "a", 0),
      hold(5, "a", -1),
      capture(5, "a", 2, "b", 0),
      capture(5, "a", 2, "a", 1),
      capture(5, "a", 2, "", 1),
      capture(5, "a", 0, "b", 1),
      release(5, "a", 0),
      release(5, "a", 2),
      hold(5, "a", 1),
      hold(5, "a", 1),
      transfer(5, "a", "b", 1),
      post(5, "a", 1),
  };
  bad[7].amount = 1;
  bad[8].hold = OperationId(2);
  bad[9].counterparty = "b";
  bad[10].hold = OperationId(2);
  bad[11].value = "x";
  for (std::size_t i = 0; i < bad.size(); ++i) {
    Ledger ledger;
    ledger.apply(post(1, "a", 100));
    ledger.apply(hold(2, "a", 50));
    EXPECT_EQ(ledger.apply(bad[i]).code, AnswerCode::bad_command) << i;
    EXPECT_EQ(ledger.holds().money_total(), 50) << i;
  }
}

TEST(Holds, MoneyOnHoldCountsAgainstOverflow) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  Ledger ledger;
  ledger.apply(post(1, "a", most));
  ledger.apply(hold(2, "a", most));
  EXPECT_EQ(ledger.apply(post(3, "a", 1)).code, AnswerCode::bad_command);
  EXPECT_EQ(ledger.apply(release(4, "a", 2)).balance, most);
}

TEST(Holds, MoneyIsConservedAtEveryCommandAndNoBalanceIsBelowZero) {
  std::map<std::pair<CommandKind, AnswerCode>, int> seen;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Ledger ledger;
    std::int64_t posted = 0;
    for (const Command& command : random_commands(seed, 300)) {
      const std::uint64_t before = ledger.checksum();
      const Answer answer = ledger.apply(command);
      ASSERT_EQ(ledger.checksum() == before,
                answer.duplicate || answer.code == AnswerCode::key_reused);
      const bool effective = answer.code == AnswerCode::applied && !answer.duplicate;
      if (effective && command.kind == CommandKind::post) posted += command.amount;
      if (!answer.duplicate) ++seen[{command.kind, answer.code}];
      std::int64_t balances = 0;
      for (const AccountRecord& account : ledger.page("", 100)) {
        ASSERT_GE(account.balance, 0);
        balances += account.balance;
      }
      ASSERT_GE(ledger.holds().money_total(), 0);
      ASSERT_EQ(balances + ledger.holds().money_total(), posted);
      ASSERT_EQ(ledger.money_total(), posted);
      ASSERT_EQ(ledger.money_posted(), posted);
    }
  }
  for (const CommandKind kind : {CommandKind::hold, CommandKind::capture, CommandKind::release}) {
    EXPECT_GT((seen[{kind, AnswerCode::applied}]), 100);
  }
  EXPECT_GT((seen[{CommandKind::hold, AnswerCode::insufficient_funds}]), 100);
  EXPECT_GT((seen[{CommandKind::capture, AnswerCode::no_hold}]), 100);
}

TEST(Holds, ADecodedStateGoesOnExactlyAsTheOriginal) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) decoded_goes_on(random_commands(seed, 300));
}

TEST(Holds, AStateOfAnUnknownAccountOrWithTooMuchMoneyIsRefused) {
  Ledger original;
  original.apply(post(1, "a", 100));
  original.apply(hold(2, "a", 60));
  damaged_is_refused(original);
}

TEST(Ledger, WithoutHoldsAndRulesItsStateIsInTheFormatThatEveryReleaseReads) {
  Ledger ledger;
  ledger.apply(post(1, "a", 100));
  Bytes before;
  ledger.encode(before);
  EXPECT_EQ(before.front(), 1);
  ledger.apply(hold(2, "a", 60));
  ledger.apply(release(3, "a", 2));
  Bytes after;
  ledger.encode(after);
  EXPECT_EQ(after.front(), 1) << "again, once the last hold ended";
}

}  // namespace
}  // namespace blackout::ledger
