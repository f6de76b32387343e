#include "platform/raft/log.hpp"

#include <gtest/gtest.h>

#include "platform/raft/configuration.hpp"
#include "tests/platform/raft/cluster.hpp"

namespace blackout::raft {
namespace {

Entry entry_of(std::uint64_t index, std::uint64_t term, std::string_view text = "x") {
  Entry entry;
  entry.index = Index(index);
  entry.term = Term(term);
  entry.payload = payload_of(text);
  return entry;
}

Log log_of(const std::vector<std::uint64_t>& terms, Position base = {}) {
  Log log(base);
  for (const std::uint64_t term : terms) log.append(entry_of(log.last_index().value() + 1, term));
  return log;
}

TEST(Log, KnowsItsBaseAndNothingBeforeIt) {
  const Log log = log_of({4, 5}, {Index(10), Term(3), 77});
  EXPECT_EQ(log.last_index(), Index(12));
  EXPECT_TRUE(log.matches(Index(10), Term(3)));
  EXPECT_TRUE(log.matches(Index(12), Term(5)));
  EXPECT_FALSE(log.matches(Index(9), Term(3)));
  EXPECT_FALSE(log.matches(Index(13), Term(5)));
  EXPECT_EQ(log.at(Index(10))->chain_hash, 77u);
}

TEST(Log, EqualChainHashesMeanEqualPrefixes) {
  const Log log = log_of({1, 1, 2});
  EXPECT_EQ(log.last().chain_hash, log_of({1, 1, 2}).last().chain_hash);
  EXPECT_NE(log.last().chain_hash, log_of({1, 2, 2}).last().chain_hash);
  Log other = log_of({1, 1});
  other.append(entry_of(3, 2, "y"));
  EXPECT_NE(log.last().chain_hash, other.last().chain_hash);
  other.truncate(Index(3));
  other.append(entry_of(3, 2));
  EXPECT_EQ(log.last().chain_hash, other.last().chain_hash);
}

TEST(Log, FindsWhereALogThatEndsInATermCanMatch) {
  const Log log = log_of({1, 1, 4, 4, 6});
  EXPECT_EQ(log.last_not_after(Index(5), Term(5)), Index(4));
  EXPECT_EQ(log.last_not_after(Index(5), Term(6)), Index(5));
  EXPECT_EQ(log.last_not_after(Index(3), Term(3)), Index(2));
  EXPECT_EQ(log.last_not_after(Index(9), Term(9)), Index(5));
  EXPECT_EQ(log.last_not_after(Index(5), Term(0)), Index(0));
}

TEST(Log, ABatchHoldsAtLeastOneEntryAndAtMostItsBytes) {
  const Log log = log_of({1, 1, 1, 1});
  const std::uint64_t one = Log::entry_overhead_bytes + 1;
  EXPECT_EQ(log.fitting(Index(0), 0), Index(1));
  EXPECT_EQ(log.fitting(Index(0), 2 * one), Index(2));
  EXPECT_EQ(log.fitting(Index(1), 3 * one - 1), Index(3));
  EXPECT_EQ(log.fitting(Index(1), 100 * one), Index(4));
  EXPECT_EQ(log.fitting(Index(4), 100 * one), Index(4));
  EXPECT_EQ(log.bytes_between(Index(1), Index(3)), 2 * one);
}

TEST(Log, ReleasedEntriesAreGoneAndEverythingBehindThemStays) {
  Log log = log_of({1, 1, 2, 2});
  const Position second = *log.at(Index(2));
  const std::uint64_t bytes = log.bytes_between(Index(2), Index(4));
  log.release(Index(2));
  log.release(Index(1));
  EXPECT_EQ(log.base(), second);
  EXPECT_FALSE(log.at(Index(1)));
  EXPECT_EQ(log.last_index(), Index(4));
  EXPECT_EQ(log.bytes_between(Index(2), Index(4)), bytes);
  EXPECT_EQ(log.last_not_after(Index(4), Term(1)), Index(2));
}

TEST(Log, AHoleOrAFallingTermIsAProgrammingError) {
  Log log = log_of({1, 2});
  EXPECT_THROW(log.append(entry_of(4, 2)), CheckFailed);
  EXPECT_THROW(log.append(entry_of(3, 1)), CheckFailed);
}

TEST(Configuration, AMajorityValueIsReachedByAMajority) {
  const auto value_of = [](const MemberId& id) { return id.node.value() * 10; };
  EXPECT_EQ(Configuration({NodeId(0), NodeId(1), NodeId(2)}).majority_value(value_of), 10u);
  EXPECT_EQ(Configuration({NodeId(0), NodeId(1), NodeId(2), NodeId(3)}).majority_value(value_of),
            10u);
  EXPECT_EQ(Configuration({NodeId(4)}).majority_value(value_of), 40u);
  EXPECT_THROW(Configuration({NodeId(1), NodeId(1)}), CheckFailed);
  EXPECT_THROW(Configuration(std::vector<NodeId>{}), CheckFailed);
}

}  // namespace
}  // namespace blackout::raft
