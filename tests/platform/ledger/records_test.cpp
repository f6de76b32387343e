// Conflict rules (P6): what concurrent writes leave does not depend on the order in which they
// arrive, where the rule says so.
#include "platform/ledger/records.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/platform/ledger/commands.hpp"

namespace blackout::ledger {
namespace {

constexpr std::size_t all = 1'000;

const Record* standing(const Ledger& ledger, const Command& merge) {
  return ledger.records().find(merge);
}

std::string value(const Ledger& ledger, const Command& merge) {
  const Record* record = standing(ledger, merge);
  return record == nullptr ? "nothing" : record->value;
}

// Writes that several regions send at once to a few records: few keys, equal stamps among them.
std::vector<Command> concurrent_merges(Draws& draws, std::size_t count) {
  const std::vector<std::string> statuses = rules().types[verification].statuses;
  std::vector<Command> merges;
  for (std::uint64_t id = 1; id <= count; ++id) {
    const std::string key = "eu/merchants/" + std::to_string(draws.below(3));
    if (draws.below(2) == 0) {
      merges.push_back(status(id, key, statuses[draws.below(statuses.size())]));
    } else {
      const Stamp stamp{1 + draws.below(8), static_cast<std::uint32_t>(draws.below(3))};
      merges.push_back(field(id, key, draws.below(2) == 0 ? "address" : "name",
                             "value " + std::to_string(draws.below(4)), stamp));
    }
  }
  return merges;
}

// The records after these commands, applied in this order.
std::vector<Record> records_after(const std::vector<Command>& commands, const Rules& under) {
  Ledger ledger(under);
  for (const Command& command : commands) ledger.apply(command);
  return ledger.records().page({}, all);
}

TEST(Records, ARevocationBeatsAnApprovalInEitherOrder) {
  const Command approval = status(1, "m", "approved"), revocation = status(2, "m", "revoked");
  Ledger one(rules()), other(rules());
  EXPECT_EQ(one.apply(approval).code, AnswerCode::applied);
  EXPECT_EQ(one.apply(revocation).code, AnswerCode::applied);
  EXPECT_EQ(other.apply(revocation).code, AnswerCode::applied);
  const Answer late = other.apply(approval);
  EXPECT_EQ(late.code, AnswerCode::superseded);
  EXPECT_EQ(late.last_operation, OperationId(2)) << "it is told what stands";
  EXPECT_EQ(value(one, approval), "revoked");
  EXPECT_EQ(value(other, approval), "revoked");
}

TEST(Records, TheOrderOfStatusesIsTheRulesNotTheCodes) {
  Rules lenient = rules();
  std::reverse(lenient.types[verification].statuses.begin(),
               lenient.types[verification].statuses.end());
  Ledger ledger(lenient);
  ledger.apply(status(1, "m", "revoked"));
  ledger.apply(status(2, "m", "approved"));
  EXPECT_EQ(value(ledger, status(0, "m", "")), "approved");
}

TEST(Records, TheNewestStampStandsAndOfEqualOnesTheGreaterAuthorThenValue) {
  const std::vector<Command> rising = {
      field(9, "m", "name", "old", {5, 9}), field(8, "m", "name", "new", {6, 1}),
      field(7, "m", "name", "author", {6, 2}), field(6, "m", "name", "zebra", {6, 2}),
      field(10, "m", "name", "zebra", {6, 2})};
  for (std::size_t i = 1; i < rising.size(); ++i) {
    for (const bool in_order : {true, false}) {
      Ledger ledger(rules());
      ledger.apply(rising[in_order ? i - 1 : i]);
      const AnswerCode second = ledger.apply(rising[in_order ? i : i - 1]).code;
      EXPECT_EQ(second, in_order ? AnswerCode::applied : AnswerCode::superseded) << i;
      EXPECT_EQ(standing(ledger, rising[i])->operation, rising[i].operation) << i;
    }
  }
}

TEST(Records, FieldsTypesAndAccountsOfOneKeyAreApart) {
  Ledger ledger(rules());
  ledger.apply(post(1, "m", 100));
  ledger.apply(status(2, "m", "approved"));
  ledger.apply(field(3, "m", "name", "Ada", {1, 1}));
  ledger.apply(field(4, "m", "address", "Main Street", {1, 1}));
  EXPECT_EQ(ledger.records().size(), 3U);
  EXPECT_EQ(ledger.read("m").balance, 100);
  EXPECT_EQ(ledger.history("m").size(), 1U) << "a record is no entry of the account";
}

TEST(Records, OrderOfArrivalDoesNotChangeTheOutcome) {
  std::size_t contested = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Draws draws(seed);
    std::vector<Command> merges = concurrent_merges(draws, 2 + draws.below(40));
    const std::vector<Record> outcome = records_after(merges, rules());
    contested += outcome.size() < merges.size();
    for (int order = 0; order < 10; ++order) {
      draws.shuffle(merges);
      ASSERT_TRUE(records_after(merges, rules()) == outcome) << "seed " << seed;
    }
  }
  EXPECT_GT(contested, 250U);
}

TEST(Records, ArrivingMoreThanOnceDoesNotChangeTheOutcome) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Draws draws(seed);
    std::vector<Command> merges = concurrent_merges(draws, 20);
    const std::vector<Record> outcome = records_after(merges, rules());
    Records records(rules());
    for (int time = 0; time < 2; ++time) {
      draws.shuffle(merges);
      for (const Command& merge : merges) records.merge(merge);  // past the idempotency table
    }
    ASSERT_TRUE(records.page({}, all) == outcome) << "seed " << seed;
  }
}

// Two replicas that saw different parts join each other's records.
TEST(Records, JoiningPartsGivesWhatTheWholeGives) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Draws draws(seed);
    const std::vector<Command> merges = concurrent_merges(draws, 30);
    Records left(rules()), right(rules()), whole(rules());
    for (const Command& merge : merges) {
      const std::uint64_t side = draws.below(3);
      if (side != 0) left.merge(merge);
      if (side != 1) right.merge(merge);
      whole.merge(merge);
    }
    for (const Record& record : right.page({}, all)) {
      left.merge(field(record.operation.value(), record.at.key, record.at.field, record.value,
                       record.stamp, record.at.type));
    }
    ASSERT_TRUE(left.page({}, all) == whole.page({}, all)) << "seed " << seed;
    ASSERT_EQ(left.digest(), whole.digest());
  }
}

TEST(Records, CreditsAndDebitsThatNeverMeetZeroCommute) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Draws draws(seed);
    std::vector<Command> moves;
    for (std::uint64_t id = 10; id < 60; ++id) {
      const std::string from = "a" + std::to_string(draws.below(3));
      const std::string to = "b" + std::to_string(draws.below(3));
      const auto amount = static_cast<std::int64_t>(1 + draws.below(100));
      moves.push_back(draws.below(2) == 0 ? transfer(id, from, to, amount)
                                          : post(id, from, draws.below(2) ? amount : -amount));
    }
    std::map<std::string, std::int64_t> outcome;
    for (int order = 0; order < 10; ++order) {
      Ledger ledger;
      for (std::uint64_t n = 0; n < 3; ++n) {
        ledger.apply(post(1 + n, "a" + std::to_string(n), 50 * 100));
      }
      for (const Command& move : moves) {
        ASSERT_EQ(ledger.apply(move).code, AnswerCode::applied);
      }
      std::map<std::string, std::int64_t> balances;
      for (const AccountRecord& account : ledger.page("", all)) {
        balances[account.account] = account.balance;
      }
      if (order == 0) outcome = balances;
      ASSERT_EQ(balances, outcome) << "seed " << seed;
      draws.shuffle(moves);
    }
  }
}

TEST(Records, RefusesWhatItsRuleCannotDecideOn) {
  std::vector<Command> bad = {
      status(1, "m", "unheard of"),
      status(1, "m", ""),
      status(1, "", "approved"),
      field(1, "m", "name", "Ada", {}),
      field(1, "m", std::string(field_bytes_max + 1, 'x'), "Ada", {1, 1}),
      field(1, "m", "name", std::string(value_bytes_max + 1, 'x'), {1, 1}),
      status(1, "m", "approved"),
      status(1, "m", "approved"),
      status(1, "m", "approved"),
      status(1, "m", "approved"),
  };
  bad[6].stamp = {1, 1};
  bad[7].type = 2;
  bad[8].amount = 1;
  bad[9].hold = OperationId(5);
  for (std::size_t i = 0; i < bad.size(); ++i) {
    Ledger ledger(rules());
    EXPECT_EQ(ledger.apply(bad[i]).code, AnswerCode::bad_command) << i;
    EXPECT_EQ(ledger.records().size(), 0U) << i;
  }
  Ledger without;
  EXPECT_EQ(without.apply(status(1, "m", "approved")).code, AnswerCode::bad_command);
}

TEST(Records, ARepeatedMergeGetsItsFirstAnswerAndAnotherBodyIsRefused) {
  const Command original = field(1, "m", "name", "Ada", {5, 1});
  std::vector<Command> others(4, original);
  others[0].field = "address";
  others[1].value = "Eve";
  others[2].stamp = {6, 1};
  others[3].stamp = {5, 2};
  Ledger ledger(rules());
  const Answer first = ledger.apply(original);
  ledger.apply(field(2, "m", "name", "Grace", {9, 1}));
  const std::uint64_t before = ledger.checksum();
  Answer again = first;
  again.duplicate = true;
  EXPECT_EQ(ledger.apply(original), again);
  for (const Command& other : others) {
    EXPECT_EQ(ledger.apply(other).code, AnswerCode::key_reused);
  }
  EXPECT_EQ(ledger.checksum(), before);
}

TEST(Records, TheChecksumCoversRulesValuesAndStamps) {
  Rules other = rules();
  std::swap(other.types[verification].statuses[0], other.types[verification].statuses[1]);
  EXPECT_NE(Ledger(rules()).checksum(), Ledger(other).checksum());
  EXPECT_EQ(Ledger().checksum(), Ledger(Rules()).checksum());
  const Command original = field(1, "m", "name", "Ada", {5, 1});
  std::vector<Command> others(4, original);
  others[0].value = "Eve";
  others[1].stamp.time = 6;
  others[2].stamp.author = 2;
  others[3].operation = OperationId(2);
  Records one(rules());
  one.merge(original);
  for (const Command& merge : others) {
    Records changed(rules());
    changed.merge(merge);
    EXPECT_NE(one.digest(), changed.digest());
  }
}

TEST(Records, PagesVisitEveryRecordOnceInKeyOrder) {
  Ledger ledger(rules());
  for (std::uint64_t i = 1; i <= 100; ++i) {
    const std::string key = "eu/" + std::to_string(i * 7919 % 101);
    ledger.apply(i % 2 == 0 ? status(i, key, "approved") : field(i, key, "name", "x", {i, 1}));
  }
  std::vector<RecordKey> keys;
  RecordKey from;
  while (true) {
    const std::vector<Record> page = ledger.records().page(from, 7);
    for (const Record& record : page) keys.push_back(record.at);
    if (page.size() < 7) break;
    from = next(page.back().at);
  }
  EXPECT_EQ(keys.size(), 100U);
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  EXPECT_EQ(std::adjacent_find(keys.begin(), keys.end()), keys.end());
}

TEST(Records, ADecodedStateGoesOnExactlyAsTheOriginalAndOnlyUnderItsRules) {
  Draws draws(3);
  const std::vector<Command> merges = concurrent_merges(draws, 200);
  Ledger original(rules());
  for (std::size_t i = 0; i < 100; ++i) original.apply(merges[i]);
  Bytes bytes;
  original.encode(bytes);
  std::optional<Ledger> copy = Ledger::decode(bytes, rules());
  ASSERT_TRUE(copy.has_value());
  for (const Command& merge : merges) {
    ASSERT_EQ(copy->apply(merge), original.apply(merge));
    ASSERT_EQ(copy->checksum(), original.checksum());
  }
  Rules other = rules();
  other.types[profile].name = "another";
  EXPECT_FALSE(Ledger::decode(bytes, other).has_value());
  EXPECT_FALSE(Ledger::decode(bytes).has_value());
}

TEST(Records, ADamagedStateIsRefusedOrHasAnotherChecksum) {
  Draws draws(4);
  Ledger original(rules());
  for (const Command& merge : concurrent_merges(draws, 12)) original.apply(merge);
  Bytes bytes;
  original.encode(bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_FALSE(Ledger::decode(BytesView(bytes).first(size), rules()).has_value()) << size;
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes damaged = bytes;
    damaged[i] ^= 0x41;
    const std::optional<Ledger> decoded = Ledger::decode(damaged, rules());
    ASSERT_TRUE(!decoded || decoded->checksum() != original.checksum()) << i;
  }
}

TEST(Command, OfALaterKindComesBackFromItsEncodingAndIsRefusedCutShortOrExtended) {
  for (const Command& command :
       {hold(1, "a", 5), capture(2, "a", 1, "b", 5), release(3, "a", 1), status(4, "m", "approved"),
        field(5, "m", "name", "Ada", {77, 3})}) {
    Bytes bytes;
    encode(command, bytes);
    EXPECT_EQ(decode_command(bytes), command);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(decode_command(BytesView(bytes).first(size)).has_value()) << size;
    }
    bytes.push_back(0);
    EXPECT_FALSE(decode_command(bytes).has_value());
  }
}

#ifdef BLACKOUT_PLANTED_BUGS
TEST(Records, LastArrivalWinsBreaksEachOfTheseProperties) {
  Rules wrong = rules();
  wrong.last_arrival_wins = true;
  std::size_t different = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Draws draws(seed);
    std::vector<Command> merges = concurrent_merges(draws, 20);
    const std::vector<Record> outcome = records_after(merges, wrong);
    draws.shuffle(merges);
    different += records_after(merges, wrong) != outcome;
  }
  EXPECT_GT(different, 250U);
}
#endif

}  // namespace
}  // namespace blackout::ledger
