// Writes to records: what answers and audits may show of them, by the rules of their types.
#include <gtest/gtest.h>

#include "tests/harness/check/scene.hpp"

namespace blackout::check {
namespace {

using record::Operation;
using record::OperationKind;
using record::Outcome;

constexpr std::int64_t pending = 1, approved = 2, revoked = 4;

class RecordScene : public Scene {
 public:
  // A write answered at `t`, 5 ms after it was sent; `stands` is the operation that the answer
  // names, 0: this one. Returns its id.
  std::uint64_t status(Duration t, std::int64_t rank, std::uint64_t stands = 0) {
    return answered(t, OperationKind::status, rank, 0, region_a, stands);
  }
  std::uint64_t profile(Duration t, std::uint64_t stamp, RegionId region = region_a,
                        std::uint64_t stands = 0) {
    return answered(t, OperationKind::profile, 0, stamp, region, stands);
  }
  // Every region's answer to the audit: the values of these operations stand.
  record::Verdict after(const std::vector<std::uint64_t>& standing) {
    audit();
    for (record::Audit& audit : history.audits) {
      for (const std::uint64_t id : standing) {
        const Operation& stands = operation(id);
        audit.records.push_back({stands.kind, stands.key, stands.value, stands.id});
      }
    }
    return judge_only();
  }

 private:
  std::uint64_t answered(Duration t, OperationKind kind, std::int64_t rank, std::uint64_t stamp,
                         RegionId region, std::uint64_t stands) {
    Operation& write = at(t - milliseconds(5)).invoke(kind, "m/1", rank);
    write.region = region;
    write.stamp = stamp;
    write.value = "value " + std::to_string(write.id.value());
    write.completed = Instant(0) + t;
    write.outcome = Outcome::ok;
    write.applied = stands == 0;
    write.last_operation = stands == 0 ? write.id : OperationId(stands);
    write.version = operation(write.last_operation.value()).stamp;
    return write.id.value();
  }
};

std::string broken(const record::Verdict& verdict) {
  const record::Finding* found = finding(verdict, "conflict_rules");
  return found == nullptr ? "" : found->sentence;
}

TEST(ConflictRules, HoldWhereTheHighestStatusAndTheNewestProfileStand) {
  RecordScene scene;
  const auto approval = scene.status(seconds(11), approved);
  const auto revocation = scene.status(seconds(12), revoked);
  scene.status(seconds(13), approved, revocation);
  const auto address = scene.profile(seconds(11), 70);
  scene.profile(seconds(12), 60, region_b, address);
  const record::Verdict verdict = scene.after({revocation, address});
  EXPECT_EQ(broken(verdict), "");
  EXPECT_EQ(finding(verdict, "rpo"), nullptr) << "what is superseded is not lost";
  EXPECT_EQ(mark(verdict, "records.superseded"), 2U);
  EXPECT_EQ(scene.operation(approval).applied, true);
}

TEST(ConflictRules, AreNotAskedWhereNobodyWritesToRecords) {
  Scene scene;
  scene.write(seconds(11), "eu/1");
  for (const record::InvariantRow& row : scene.verdict().invariants) {
    EXPECT_NE(row.id, "conflict_rules");
  }
}

TEST(ConflictRules, AnAcknowledgedRevocationThatAnApprovalShadowsInTheEndIsFoundAndLost) {
  RecordScene scene;
  scene.status(seconds(11), revoked);
  Operation& approval = scene.at(seconds(12)).invoke(OperationKind::status, "m/1", approved);
  const record::Verdict verdict = scene.after({approval.id.value()});
  EXPECT_EQ(broken(verdict),
            "After the run, by the answer in a: status m/1 value 1 (operation 1) was acknowledged, "
            "and status m/1  (operation 2) stands, which the rule puts below it.");
  EXPECT_NE(finding(verdict, "rpo"), nullptr);
}

TEST(ConflictRules, ARecordThatIsGoneIsFound) {
  RecordScene scene;
  scene.status(seconds(11), pending);
  EXPECT_NE(broken(scene.after({})), "");
}

TEST(ConflictRules, ANewerUnansweredWriteMayStand) {
  RecordScene scene;
  scene.profile(seconds(11), 70);
  Operation& late = scene.at(seconds(12)).invoke(OperationKind::profile, "m/1", 0);
  late.stamp = 71;
  EXPECT_EQ(broken(scene.after({late.id.value()})), "");
}

TEST(ConflictRules, EqualStampsAreDecidedByTheRegion) {
  RecordScene scene;
  const auto one = scene.profile(seconds(11), 70, region_a);
  const auto other = scene.profile(seconds(12), 70, region_b);
  EXPECT_EQ(broken(scene.after({other})), "");
  EXPECT_NE(broken(scene.after({one})), "");
}

TEST(ConflictRules, AnAnswerThatNamesAWriteBelowItsOwnIsFound) {
  RecordScene scene;
  const auto approval = scene.status(seconds(11), approved);
  const auto revocation = scene.status(seconds(12), revoked, approval);
  EXPECT_EQ(broken(scene.after({revocation})),
            "status m/1 value 2 (operation 2) was told that status m/1 value 1 (operation 1) "
            "stands, which it stands above.");
}

TEST(ConflictRules, AnAnswerThatForgetsWhatAnEarlierOneShowedIsFound) {
  RecordScene scene;
  const auto revocation = scene.status(seconds(11), revoked);
  scene.status(seconds(12), approved);
  EXPECT_EQ(broken(scene.after({revocation})),
            "status m/1 value 2 (operation 2) was told that it stands, after an answer had shown "
            "status m/1 value 1 (operation 1), which stands above it.");
}

TEST(ConflictRules, ConcurrentAnswersMayDiffer) {
  RecordScene scene;
  const auto revocation = scene.status(seconds(11), revoked);
  scene.status(seconds(11) + milliseconds(2), approved);
  EXPECT_EQ(broken(scene.after({revocation})), "");
}

TEST(ConflictRules, AnAnswerOfAWriteThatNobodySentIsFound) {
  RecordScene scene;
  const auto approval = scene.status(seconds(11), approved);
  scene.operation(approval).last_operation = OperationId(77);
  EXPECT_NE(broken(scene.after({approval})).find("operation 77, which nobody had sent"),
            std::string::npos);
}

TEST(ConflictRules, AnAuditOfAValueThatNobodyWroteIsFound) {
  RecordScene scene;
  const auto approval = scene.status(seconds(11), approved);
  scene.after({approval});
  scene.history.audits[1].records[0].value = "revoked";
  const record::Verdict verdict = scene.judge_only();
  EXPECT_EQ(broken(verdict),
            "After the run, by the answer in b: m/1 holds \"revoked\", which no client wrote.");
  EXPECT_NE(finding(verdict, "convergence"), nullptr) << "and regions differ";
}

}  // namespace
}  // namespace blackout::check
