#include "reports/text/ghost.hpp"

#include <gtest/gtest.h>

#include "tests/reports/text/two_votes.hpp"

namespace blackout::text {
namespace {

// Three voters; events one millisecond apart.
class Notes : public ::testing::Test {
 protected:
  Notes() {
    run_.plan.nodes = {{"de-1", RegionId(0)}, {"gb-1", RegionId(0)}, {"es-1", RegionId(0)}};
    run_.plan.shards = {{"orders", "", {one, two, three}}};
  }
  void add(EventKind kind, NodeId node, std::uint64_t a, std::uint64_t b = 0, std::uint64_t c = 0) {
    now_ = now_ + milliseconds(1);
    last_ = {now_, EventId(0), kind, node, orders, a, b, c};
    id_ = run_.trace.append(last_);
  }
  void store(NodeId node, std::uint64_t index, std::uint64_t term) {
    add(EventKind::entry_appended, node, index, term, 100 * term + index);
    add(EventKind::log_durable, node, index, term, 100 * term + index);
  }
  void vote(NodeId voter, NodeId candidate, std::uint64_t term) {
    add(EventKind::term_persisted, voter, term, node_word(candidate));
    add(EventKind::vote_cast, voter, node_word(candidate), term);
  }
  // Of the last event.
  Note note() { return Ghost(run_).note_at(id_, last_); }

  record::RunRecord run_;
  Instant now_;
  Event last_;
  EventId id_;
};

TEST_F(Notes, OfACommitNameWhoHasTheEntryWhereThatIsNoMajority) {
  store(one, 1, 1);
  add(EventKind::entry_appended, two, 1, 1, 101);
  add(EventKind::commit_advanced, one, 1, 1, 101);
  EXPECT_EQ(note().text, "; on disk at 1 of 3 voters: de-1");
  EXPECT_TRUE(note().gap);
  add(EventKind::log_durable, two, 1, 1, 101);
  add(EventKind::commit_advanced, one, 1, 1, 101);
  EXPECT_EQ(note().text, "");
}

TEST_F(Notes, OfACommitDoNotCountAnotherEntryAtTheIndex) {
  store(one, 1, 1);
  store(two, 1, 2);
  store(three, 1, 2);
  add(EventKind::commit_advanced, one, 1, 1, 101);
  EXPECT_EQ(note().text, "; on disk at 1 of 3 voters: de-1");
}

TEST_F(Notes, OfAnElectionCountTheVotesWhereTheyAreTooFew) {
  vote(one, one, 2);
  add(EventKind::role_changed, one, static_cast<std::uint64_t>(Role::leader), 2);
  EXPECT_EQ(note().text, "; votes de-1: 1 of 3");
  EXPECT_TRUE(note().gap);
  vote(two, one, 2);
  add(EventKind::role_changed, one, static_cast<std::uint64_t>(Role::leader), 2);
  EXPECT_EQ(note().text, "; votes de-1, gb-1");
  EXPECT_FALSE(note().gap);
}

TEST_F(Notes, OfAVoteNameTheLogThatIsAhead) {
  store(one, 1, 1);
  store(two, 1, 1);
  vote(two, one, 2);
  EXPECT_EQ(note().text, "");
  store(two, 2, 1);
  vote(two, one, 3);
  EXPECT_EQ(note().text, "; its log ends at 2 (term 1), that of de-1 at 1 (term 1)");
  store(one, 2, 2);
  vote(two, one, 4);
  EXPECT_EQ(note().text, "");
}

TEST_F(Notes, OfAReadNameWhatHadBeenAnsweredBeforeItWasAsked) {
  run_.history.operations.resize(1);
  run_.history.operations[0].invoked = Instant(0) + milliseconds(2);
  add(EventKind::write_acknowledged, two, 9, 5, 2);
  add(EventKind::read_served, one, 1, 4, 1);
  EXPECT_EQ(note().text, "; gb-1 had answered success for 5 before that was asked");
  EXPECT_TRUE(note().gap);
  add(EventKind::read_served, one, 1, 5, 1);
  EXPECT_EQ(note().text, "");
  add(EventKind::write_acknowledged, two, 9, 6, 2);
  add(EventKind::read_served, one, 1, 5, 1);
  EXPECT_EQ(note().text, "") << "success for 6 came after the question";
}

}  // namespace
}  // namespace blackout::text
