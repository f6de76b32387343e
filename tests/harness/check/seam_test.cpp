// Invariants at the seam to disk and network, which need no knowledge of the system behind it.
#include <gtest/gtest.h>

#include "tests/harness/check/scene.hpp"

namespace blackout::check {
namespace {

void expect_broken(Scene& scene, const std::string& id, const std::string& sentence) {
  const record::Verdict verdict = scene.verdict();
  ASSERT_NE(finding(verdict, id), nullptr) << all_findings(verdict);
  EXPECT_EQ(finding(verdict, id)->sentence, sentence);
  EXPECT_EQ(invariant(verdict, id).held, record::Held::no);
}

void expect_held(Scene& scene, const std::string& id) {
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(finding(verdict, id), nullptr) << all_findings(verdict);
  EXPECT_EQ(invariant(verdict, id).held, record::Held::yes);
  EXPECT_GT(invariant(verdict, id).checked, 0U);
}

void store_everywhere(Scene& scene, std::uint64_t index, std::uint64_t term) {
  for (const NodeId node : {a1, a2, b1, b2, c1}) scene.store(node, index, term);
}

TEST(CommitCurrentTerm, FlagsALeaderThatCommitsAnEntryOfAnEarlierTerm) {
  Scene scene;
  store_everywhere(scene, 1, 1);
  scene.at(seconds(3)).lead(b1, 2);
  scene.commit(b1, 1, 1);
  expect_broken(scene, "raft.commit_current_term",
                "b-1 leads orders in term 2 and commits 1 (term 1) by counting its copies.");
}

TEST(CommitCurrentTerm, AllowsALeaderItsOwnEntryWithTheEarlierOnesBeforeIt) {
  Scene scene;
  store_everywhere(scene, 1, 1);
  scene.at(seconds(3)).lead(b1, 2);
  store_everywhere(scene, 2, 2);
  scene.commit(b1, 2, 2);
  expect_held(scene, "raft.commit_current_term");
}

TEST(CommitCurrentTerm, AllowsAFollowerWhatItsLeaderCommittedBefore) {
  Scene scene;
  store_everywhere(scene, 1, 1);
  scene.commit(a1, 1, 1);
  scene.at(seconds(3)).lead(b1, 2);
  scene.follow(c1, 2, b1);
  scene.commit(c1, 1, 1);
  expect_held(scene, "raft.commit_current_term");
}

TEST(CommitCurrentTerm, AllowsALeaderThatRestartedWhatItLearnsAsAFollower) {
  Scene scene;
  store_everywhere(scene, 1, 1);
  scene.commit(a1, 1, 1);
  scene.at(seconds(3)).lead(b1, 2);
  scene.at(seconds(4)).stop(b1);
  scene.at(seconds(5)).start(b1);
  scene.commit(b1, 1, 1);
  expect_held(scene, "raft.commit_current_term");
}

TEST(LogContiguous, FlagsAnEntryBehindAHole) {
  Scene scene;
  scene.append(b1, 1, 1);
  scene.append(b1, 3, 1);
  expect_broken(scene, "raft.log_contiguous",
                "b-1 stores entry 3 of orders behind entry 1: what is between is missing.");
}

TEST(LogContiguous, FlagsAHoleThatATruncationLeft) {
  Scene scene;
  for (std::uint64_t index = 1; index <= 3; ++index) scene.append(b1, index, 1);
  scene.event(EventKind::log_truncated, b1, 2, 2);
  scene.append(b1, 4, 2);
  expect_broken(scene, "raft.log_contiguous",
                "b-1 stores entry 4 of orders behind entry 1: what is between is missing.");
}

TEST(LogContiguous, FlagsAHoleBehindWhatARestartRecovered) {
  Scene scene;
  for (std::uint64_t index = 1; index <= 3; ++index) scene.append(b1, index, 1);
  scene.stop(b1);
  scene.start(b1);
  scene.event(EventKind::log_recovered, b1, 2, 1, chain(2, 1));
  scene.append(b1, 4, 1);
  expect_broken(scene, "raft.log_contiguous",
                "b-1 stores entry 4 of orders behind entry 2: what is between is missing.");
}

TEST(LogContiguous, AllowsAnEntryInThePlaceOfOneAndOneBehindASnapshot) {
  Scene scene;
  for (std::uint64_t index = 1; index <= 3; ++index) scene.append(b1, index, 1);
  scene.append(b1, 2, 2);
  scene.append(b1, 3, 2);
  scene.event(EventKind::snapshot_restored, c1, 7, 2, chain(7, 2));
  scene.append(c1, 8, 2);
  expect_held(scene, "raft.log_contiguous");
}

TEST(LogContiguous, AllowsAnotherDiskToBeginAnew) {
  Scene scene;
  for (std::uint64_t index = 1; index <= 3; ++index) scene.append(b1, index, 1);
  scene.event(EventKind::disk_replaced, b1, 0, 0, 0, no_shard);
  scene.append(b1, 1, 1);
  expect_held(scene, "raft.log_contiguous");
}

TEST(Addressed, FlagsAMessageToNobody) {
  Scene scene;
  scene.event(EventKind::message_dropped, b1, 0, 60, 11, no_shard);
  expect_broken(scene, "addressed", "b-1 sends 60 bytes to nobody.");
}

TEST(Addressed, SaysSinceWhenTheSenderKnowsNoLeader) {
  Scene scene;
  const auto role = [&](Role to, std::uint64_t term, std::uint64_t leader) {
    scene.event(EventKind::role_changed, b1, static_cast<std::uint64_t>(to), term, leader);
  };
  scene.at(seconds(11));
  role(Role::follower, 2, node_word(a1));
  scene.at(seconds(12));
  role(Role::candidate, 3, 0);
  scene.at(seconds(13));
  role(Role::follower, 4, 0);
  scene.event(EventKind::message_dropped, b1, 0, 60, 11, no_shard);
  const record::Verdict verdict = scene.verdict();
  const record::Finding* broken = finding(verdict, "addressed");
  ASSERT_NE(broken, nullptr);
  EXPECT_EQ(broken->sentence,
            "b-1 sends 60 bytes to nobody, as it knows no leader since 12.000 s.");
  ASSERT_EQ(broken->story.size(), 3u);
  EXPECT_EQ(broken->story[0].what, "follows a-1 in term 2");
  EXPECT_EQ(broken->story[1].what, "knows no leader any more in term 3");
}

TEST(Addressed, ForgetsThatOnceALeaderIsKnownAgain) {
  Scene scene;
  scene.event(EventKind::role_changed, b1, static_cast<std::uint64_t>(Role::candidate), 3, 0);
  scene.event(EventKind::role_changed, b1, static_cast<std::uint64_t>(Role::follower), 3,
              node_word(a1));
  scene.event(EventKind::message_dropped, b1, 0, 60, 11, no_shard);
  expect_broken(scene, "addressed", "b-1 sends 60 bytes to nobody.");
}

TEST(Addressed, AllowsAMessageThatIsLostOnTheWayToTheFirstNode) {
  Scene scene;
  scene.event(EventKind::message_dropped, b1, node_word(a1), 60, 0, no_shard);
  expect_held(scene, "addressed");
}

}  // namespace
}  // namespace blackout::check
