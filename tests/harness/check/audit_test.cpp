// Spoilt copies: what a wrong state excuses, what it does not, and how long it may last.
#include <gtest/gtest.h>

#include "tests/harness/check/scene.hpp"

namespace blackout::check {
namespace {

using record::Held;

constexpr std::uint64_t wrong = 666;

// c-1's state is wrong from 10 s on, as of entry 1, which all have applied.
Scene spoilt() {
  Scene scene;
  scene.plan.objectives.divergence = record::DivergenceObjective{seconds(5), seconds(10)};
  for (const NodeId node : {a1, a2, b1, b2, c1}) scene.store(node, 1, 1);
  scene.at(seconds(9)).commit(a1, 1, 1);
  for (const NodeId node : {a1, a2, b1, b2, c1}) scene.apply(node, 1, 0);
  scene.at(seconds(10)).event(EventKind::state_corrupted, c1, 0, 1);
  return scene;
}

// All have entry 2; c-1 makes `hash` of it and the others something else.
void apply_next(Scene& scene, Duration at, std::uint64_t hash) {
  for (const NodeId node : {a1, a2, b1, b2, c1}) scene.store(node, 2, 1);
  scene.at(at).commit(a1, 2, 1);
  for (const NodeId node : {a1, a2, b1, b2}) scene.event(EventKind::entry_applied, node, 2, 0, 7);
  scene.event(EventKind::entry_applied, c1, 2, 0, hash);
}

void accuse(Scene& scene, Duration at, std::uint64_t index, NodeId node = c1) {
  scene.at(at).event(EventKind::divergence_found, a1, node_word(node), index, 2);
}
void quarantine(Scene& scene, Duration at, NodeId node = c1) {
  scene.at(at).event(EventKind::replica_quarantined, node, 2);
}
void repair(Scene& scene, Duration at, std::uint64_t hash) {
  scene.at(at).event(EventKind::replica_repaired, c1, 2, node_word(a1), hash);
}

const record::ObjectiveRow& row(const record::Verdict& verdict, std::string_view subject) {
  for (const record::ObjectiveRow& one : verdict.objectives) {
    if (one.name == "divergence" && one.subject == subject) return one;
  }
  throw std::runtime_error("no such row");
}

TEST(Divergence, IsMeasuredFromTheCorruptionToTheAlarmAndFromThereToTheRepair) {
  Scene scene = spoilt();
  apply_next(scene, seconds(11), wrong);
  accuse(scene, seconds(12), 2);
  quarantine(scene, seconds(12) + milliseconds(20));
  repair(scene, seconds(13), 7);
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(row(verdict, "detect").measured, "2 s");
  EXPECT_EQ(row(verdict, "detect").margin, "3 s");
  EXPECT_EQ(row(verdict, "detect").note, "1 of 1 wrong state found");
  EXPECT_EQ(row(verdict, "repair").measured, "1 s");
  EXPECT_EQ(row(verdict, "repair").held, Held::yes);
  EXPECT_EQ(finding(verdict, "divergence"), nullptr);
  EXPECT_EQ(finding(verdict, "platform.audit"), nullptr) << all_findings(verdict);
  EXPECT_EQ(finding(verdict, "platform.checksum_agreement"), nullptr);
}

TEST(Divergence, FoundTooLateIsAViolation) {
  Scene scene = spoilt();
  apply_next(scene, seconds(11), wrong);
  accuse(scene, seconds(16), 2);
  const record::Verdict verdict = scene.verdict();
  ASSERT_NE(finding(verdict, "divergence"), nullptr);
  EXPECT_EQ(finding(verdict, "divergence")->sentence,
            "The wrong state of orders on c-1 was found only after 6 s; 5 s were promised.");
  EXPECT_EQ(row(verdict, "detect").held, Held::no);
}

TEST(Divergence, NeverFoundIsAViolation) {
  Scene scene = spoilt();
  const record::Verdict verdict = scene.verdict();
  ASSERT_NE(finding(verdict, "divergence"), nullptr);
  EXPECT_NE(finding(verdict, "divergence")->sentence.find("was not found for"), std::string::npos);
  EXPECT_EQ(row(verdict, "detect").note, "0 of 1 wrong state found");
}

TEST(Divergence, NeverRepairedIsAViolation) {
  Scene scene = spoilt();
  accuse(scene, seconds(12), 2);
  EXPECT_EQ(row(scene.verdict(), "repair").held, Held::no);
}

TEST(Divergence, ThatEndsWithItsProcessNeedsNoAlarm) {
  Scene scene = spoilt();
  scene.at(seconds(13)).stop(c1);
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(finding(verdict, "divergence"), nullptr);
  EXPECT_EQ(row(verdict, "detect").measured, "-");
}

TEST(Divergence, ComesBackWithASnapshotTakenMeanwhile) {
  Scene scene = spoilt();
  apply_next(scene, seconds(11), wrong);
  scene.at(seconds(12)).stop(c1);
  scene.at(seconds(13)).start(c1);
  scene.event(EventKind::log_recovered, c1, 2, 1, chain(2, 1));
  scene.event(EventKind::snapshot_restored, c1, 2, 1, chain(2, 1));
  accuse(scene, seconds(20), 3);
  const record::Verdict verdict = scene.verdict();
  EXPECT_EQ(row(verdict, "detect").measured, "7 s") << "since the restart";
  EXPECT_EQ(finding(verdict, "platform.audit"), nullptr) << all_findings(verdict);
}

TEST(Divergence, DoesNotComeBackWithASnapshotTakenBefore) {
  Scene scene = spoilt();
  scene.at(seconds(12)).stop(c1);
  scene.at(seconds(13)).start(c1);
  scene.event(EventKind::log_recovered, c1, 1, 1, chain(1, 1));
  apply_next(scene, seconds(14), wrong);
  EXPECT_NE(finding(scene.verdict(), "platform.checksum_agreement"), nullptr);
}

TEST(ChecksumAgreement, ExcusesAReplicaOnlyWhileItsStateIsKnownToBeWrong) {
  Scene before = spoilt();
  apply_next(before, seconds(11), wrong);
  EXPECT_EQ(finding(before.verdict(), "platform.checksum_agreement"), nullptr);
  Scene after = spoilt();
  repair(after, seconds(10) + milliseconds(500), 7);
  apply_next(after, seconds(11), wrong);
  EXPECT_NE(finding(after.verdict(), "platform.checksum_agreement"), nullptr);
}

TEST(ChecksumAgreement, ExcusesNobodyElse) {
  Scene scene = spoilt();
  for (const NodeId node : {a1, b1}) scene.store(node, 2, 1);
  scene.at(seconds(11)).commit(a1, 2, 1);
  scene.event(EventKind::entry_applied, a1, 2, 0, 7);
  scene.event(EventKind::entry_applied, b1, 2, 0, wrong);
  EXPECT_NE(finding(scene.verdict(), "platform.checksum_agreement"), nullptr);
}

TEST(ChecksumAgreement, TakesNoWrongStateForTheRightOne) {
  Scene scene = spoilt();
  for (const NodeId node : {a1, b1, c1}) scene.store(node, 2, 1);
  scene.at(seconds(11)).commit(a1, 2, 1);
  scene.event(EventKind::entry_applied, c1, 2, 0, wrong);
  scene.event(EventKind::entry_applied, a1, 2, 0, 7);
  scene.event(EventKind::entry_applied, b1, 2, 0, 7);
  EXPECT_EQ(finding(scene.verdict(), "platform.checksum_agreement"), nullptr);
}

TEST(ChecksumAgreement, HoldsForWhatARepairMadeOfTheState) {
  Scene scene = spoilt();
  apply_next(scene, seconds(11), wrong);
  repair(scene, seconds(13), wrong);
  EXPECT_NE(finding(scene.verdict(), "platform.checksum_agreement"), nullptr);
}

TEST(Audit, FlagsAnAlarmAboutAStateThatIsRight) {
  Scene scene = spoilt();
  accuse(scene, seconds(12), 2, b1);
  const record::Verdict verdict = scene.verdict();
  ASSERT_NE(finding(verdict, "platform.audit"), nullptr);
  EXPECT_EQ(finding(verdict, "platform.audit")->sentence,
            "a-1 calls the state of orders on b-1 wrong as of 2, which nothing had spoilt.");
}

TEST(Audit, FlagsAnAlarmAboutWhatWasRightBeforeItWentWrong) {
  Scene scene = spoilt();
  accuse(scene, seconds(12), 1);
  EXPECT_NE(finding(scene.verdict(), "platform.audit"), nullptr);
}

TEST(Audit, FlagsAQuarantineOfARightState) {
  Scene scene = spoilt();
  quarantine(scene, seconds(12), b1);
  EXPECT_NE(finding(scene.verdict(), "platform.audit"), nullptr);
}

TEST(Audit, FlagsAnAnswerFromQuarantineAndNoneAfterIt) {
  Scene scene = spoilt();
  quarantine(scene, seconds(12));
  scene.at(seconds(13)).event(EventKind::read_served, c1, 1, 1, 1);
  EXPECT_NE(finding(scene.verdict(), "platform.audit"), nullptr);
  Scene later = spoilt();
  quarantine(later, seconds(12));
  repair(later, seconds(13), 7);
  later.at(seconds(14)).event(EventKind::read_served, c1, 1, 1, 1);
  EXPECT_EQ(finding(later.verdict(), "platform.audit"), nullptr);
}

TEST(Audit, FlagsALeaderThatIsElectedInQuarantine) {
  Scene scene = spoilt();
  quarantine(scene, seconds(12));
  scene.at(seconds(13)).lead(c1, 2);
  EXPECT_NE(finding(scene.verdict(), "platform.audit"), nullptr);
}

}  // namespace
}  // namespace blackout::check
