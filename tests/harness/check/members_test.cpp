// What snapshots and changes of the members are judged by: each rule with what it must flag and
// what it must let pass.
#include <gtest/gtest.h>

#include "tests/harness/check/scene.hpp"

namespace blackout::check {
namespace {

using record::Held;

void restore(Scene& scene, NodeId node, std::uint64_t index, std::uint64_t term) {
  scene.event(EventKind::snapshot_restored, node, index, term, chain(index, term));
}

void replace_disk(Scene& scene, NodeId node) {
  scene.event(EventKind::disk_replaced, node, 0, 0, 0, no_shard);
}

// The leader a-1 has changed the member by the entry at `index`, and it is committed.
void change_member(Scene& scene, NodeId node, bool votes, std::uint64_t index) {
  for (const NodeId voter : {a1, a2, b1, b2}) scene.store(voter, index, 1);
  scene.event(EventKind::member_changed, a1, node_word(node), votes ? 1 : 0, index);
  for (const NodeId voter : {a1, a2, b1, b2}) {
    scene.commit(voter, index, 1);
    scene.apply(voter, index, 0);
  }
}

// Four of five store, commit and apply the entry.
void four_apply(Scene& scene, std::uint64_t index) {
  for (const NodeId node : {a1, a2, b1, b2}) scene.store(node, index, 1);
  for (const NodeId node : {a1, a2, b1, b2}) {
    scene.commit(node, index, 1);
    scene.apply(node, index, 0);
  }
}

TEST(RestoredSnapshot, StandsForAllEntriesBeforeIt) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  four_apply(scene, 2);
  four_apply(scene, 3);
  restore(scene, c1, 3, 1);
  scene.durable(c1, 3, 1);
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(all_findings(verdict), "");
}

TEST(RestoredSnapshot, OfAnotherLogThanTheCommittedOneIsFlagged) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  four_apply(scene, 2);
  restore(scene, c1, 2, 7);
  const record::Verdict verdict = scene.verdict();
  const record::Finding* found = finding(verdict, "raft.committed_entry_replaced");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->sentence,
            "c-1 restores a snapshot at 2 (term 7) of orders; a-1 had committed 2 (term 1).");
}

TEST(RestoredSnapshot, ThatGoesBackIsFlagged) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  for (const NodeId node : {a1, a2, b1, b2, c1}) {
    scene.store(node, 2, 1);
    scene.commit(node, 2, 1);
    scene.apply(node, 2, 0);
  }
  restore(scene, c1, 1, 1);
  EXPECT_NE(finding(scene.verdict(), "raft.state_machine_safety"), nullptr);
}

TEST(RestoredSnapshot, IsFollowedByTheEntryBehindItAndNoOther) {
  for (const std::uint64_t next : {3, 4}) {
    Scene scene;
    scene.write(seconds(11), "eu/1");
    for (const std::uint64_t index : {2, 3, 4}) four_apply(scene, index);
    restore(scene, c1, 2, 1);
    for (std::uint64_t index = next; index <= 4; ++index) {
      scene.store(c1, index, 1);
      scene.commit(c1, index, 1);
      scene.apply(c1, index, 0);
    }
    const bool flagged = finding(scene.verdict(), "raft.state_machine_safety") != nullptr;
    EXPECT_EQ(flagged, next == 4);
  }
}

TEST(RestoredSnapshot, DoesNotHideHowLongTheFirstOfItsEntriesHadToWait) {
  Scene scene;
  scene.plan.objectives.lag = record::LagObjective{seconds(5), record::Phase::chaos};
  scene.write(seconds(11), "eu/1");
  scene.at(seconds(12));
  four_apply(scene, 2);
  scene.at(seconds(14));
  four_apply(scene, 3);
  scene.at(seconds(15));
  restore(scene, c1, 3, 1);
  EXPECT_EQ(objective(scene.verdict(), "lag").measured, "3 s");
}

TEST(CommitDurable, CountsAnAcknowledgementThatWasTrueWhenItsDiskWasLost) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  for (const NodeId node : {a1, a2, c1}) scene.store(node, 2, 1);
  replace_disk(scene, c1);
  scene.commit(a1, 2, 1);
  EXPECT_EQ(finding(scene.verdict(), "raft.commit_durable"), nullptr);
}

TEST(CommitDurable, DoesNotCountWhatALostDiskNeverHeld) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  for (const NodeId node : {a1, a2}) scene.store(node, 2, 1);
  scene.append(c1, 2, 1);
  replace_disk(scene, c1);
  scene.commit(a1, 2, 1);
  EXPECT_NE(finding(scene.verdict(), "raft.commit_durable"), nullptr);
}

// a-1 leads a change from five voters to a-1, a-2 and b-1, by its entries 2, joint, and 3.
void report_change(Scene& scene, Suffrage suffrage, std::uint64_t index) {
  scene.store(a1, index, 1);
  for (const NodeId node : {b2, c1}) {
    scene.event(EventKind::member_changed, a1, node_word(node),
                static_cast<std::uint64_t>(suffrage), index);
  }
}

bool commits(Scene& scene, const std::vector<NodeId>& stores, std::uint64_t index) {
  for (const NodeId node : stores) scene.store(node, index, 1);
  scene.commit(a1, index, 1);
  return finding(scene.verdict(), "raft.commit_durable") == nullptr;
}

TEST(CommitDurable, NeedsBothMajoritiesWhileTheConfigurationIsJoint) {
  const std::map<std::vector<NodeId>, bool> cases = {
      {{b2, c1}, false}, {{a2}, false}, {{a2, b1}, true}, {{a2, c1}, true}};
  for (const auto& [stores, durable] : cases) {
    Scene scene;
    scene.write(seconds(11), "eu/1");
    report_change(scene, Suffrage::outgoing, 2);
    EXPECT_EQ(commits(scene, stores, 2), durable) << stores.size();
  }
}

TEST(CommitDurable, NeedsTheNewMajorityAloneOnceTheLeaderHasTheLastStep) {
  for (const NodeId node : {a2, c1}) {
    Scene scene;
    scene.write(seconds(11), "eu/1");
    report_change(scene, Suffrage::outgoing, 2);
    for (const NodeId other : {a2, b1}) scene.store(other, 2, 1);
    scene.commit(a1, 2, 1);
    report_change(scene, Suffrage::none, 3);
    EXPECT_EQ(commits(scene, {node}, 3), node == a2);
  }
}

TEST(CommitDurable, GoesByTheLogOfWhoeverCommits) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  report_change(scene, Suffrage::outgoing, 2);
  // Its entry 2 was overruled: these three never had it.
  for (const NodeId node : {b1, b2, c1}) scene.store(node, 2, 2);
  scene.commit(b1, 2, 2);
  EXPECT_EQ(finding(scene.verdict(), "raft.commit_durable"), nullptr);
}

TEST(AcknowledgedDurable, CountsALostDiskAsTheCommitDoes) {
  for (const bool held : {false, true}) {
    Scene scene;
    scene.write(seconds(11), "eu/1");
    for (const NodeId node : {a1, a2}) scene.store(node, 2, 1);
    if (held) scene.store(c1, 2, 1);
    replace_disk(scene, c1);
    scene.acknowledge(a1, 1, 2, 1);
    EXPECT_EQ(finding(scene.verdict(), "platform.acknowledged_durable") == nullptr, held);
  }
}

TEST(Convergence, FlagsAVoterWhoseNewDiskHasNoVoteAtTheEnd) {
  for (const bool votes : {false, true}) {
    Scene scene;
    scene.write(seconds(11), "eu/1");
    scene.at(seconds(12));
    replace_disk(scene, c1);
    change_member(scene, c1, votes, 2);
    restore(scene, c1, 2, 1);
    scene.durable(c1, 2, 1);
    const record::Verdict verdict = scene.verdict();
    const record::Finding* found = finding(verdict, "convergence");
    ASSERT_EQ(found == nullptr, votes) << all_findings(verdict);
    if (found != nullptr) {
      EXPECT_EQ(found->sentence,
                "c-1, which had another disk before, had no vote in orders at the end.");
    }
  }
}

TEST(Residency, CountsASnapshotThatIsRestoredOutside) {
  for (const bool outside : {false, true}) {
    Scene scene;
    scene.plan.objectives.residency = {{"eu/", {region_a, region_b}}};
    scene.event(EventKind::snapshot_restored, outside ? c1 : b1, 3, 1, chain(3, 1));
    const record::Verdict verdict = scene.verdict();
    const record::Finding* found = finding(verdict, "residency");
    ASSERT_NE(found, nullptr) << "c-1 is a voter outside";
    EXPECT_EQ(found->event != EventId(0), outside);
  }
}

}  // namespace
}  // namespace blackout::check
