// convergence: objectives.md, "Convergence". At the end of the run every voter that is up and
// connected votes, and has applied all that was committed when the clients stopped; equal indexes
// mean equal state by platform.checksum_agreement; all regions give the same answer to the audit;
// and every region that was owed service in the calm phase had an operation succeed in it. O(nodes
// + operations).
#include "harness/check/checker.hpp"

namespace blackout::check {
namespace {

class Convergence final : public Checker {
 public:
  explicit Convergence(const Case& facts) : Checker(facts, "convergence", {}) {}

  void finish() override {
    if (!facts_.finished()) {
      undecided_ = true;
      return;
    }
    for (std::uint32_t s = 0; s < facts_.plan.shards.size(); ++s) check_shard(ShardId(s));
    check_audits();
    for (std::uint32_t g = 0; g < facts_.plan.groups.size(); ++g) check_group(g);
  }

 private:
  void check_shard(ShardId shard) {
    const ShardGhost& ghost = facts_.replicas.shard(shard);
    std::uint64_t target = ghost.commits.size();
    while (target > 0 && ghost.commits[target - 1].at > facts_.plan.timeline.end()) --target;
    for (std::size_t v = 0; v < ghost.voters.size(); ++v) {
      if (!facts_.reach.attached(shard, v)) continue;
      ++checked_;
      const Replica& replica = facts_.replicas.at(ghost.voter_replicas[v]);
      if (facts_.reach.learns(replica.node, shard)) {
        found(facts_.simulated, {},
              facts_.node(replica.node) + ", which had another disk before, had no vote in " +
                  facts_.shard(shard) + " at the end.",
              {});
        continue;
      }
      if (replica.applied >= target) continue;
      found(facts_.simulated, {},
            facts_.node(replica.node) + " had applied " + std::to_string(replica.applied) + " of " +
                facts_.shard(shard) + " at the end; " + std::to_string(target) +
                " were committed before the clients stopped.",
            {{facts_.simulated,
              facts_.node(replica.node),
              "has applied " + std::to_string(replica.applied),
              {}}});
    }
  }

  void check_audits() {
    std::vector<const record::Audit*> first(facts_.plan.shards.size());
    for (const record::Audit& audit : facts_.history.audits) {
      if (!audit.complete) continue;
      const record::Audit*& other = first[audit.shard.value()];
      if (other == nullptr) {
        other = &audit;
        continue;
      }
      ++checked_;
      const std::string difference = first_difference(*other, audit);
      if (difference.empty()) continue;
      found(facts_.simulated, {},
            facts_.region(other->region) + " and " + facts_.region(audit.region) +
                " answer differently about " + difference + " of " + facts_.shard(audit.shard) +
                ".");
    }
  }

  // The key of the first account or record in which the answers differ; empty if they are equal.
  static std::string first_difference(const record::Audit& a, const record::Audit& b) {
    for (std::size_t i = 0; i < a.accounts.size() || i < b.accounts.size(); ++i) {
      if (i >= a.accounts.size()) return b.accounts[i].key;
      if (i >= b.accounts.size()) return a.accounts[i].key;
      const record::AuditedAccount &one = a.accounts[i], &two = b.accounts[i];
      if (one.key != two.key || one.balance != two.balance || one.entries != two.entries)
        return one.key;
    }
    for (std::size_t i = 0; i < a.records.size() || i < b.records.size(); ++i) {
      if (i >= a.records.size()) return b.records[i].key;
      if (i >= b.records.size()) return a.records[i].key;
      const record::AuditedRecord &one = a.records[i], &two = b.records[i];
      if (one.kind != two.kind || one.key != two.key || one.value != two.value ||
          one.operation != two.operation) {
        return one.key;
      }
    }
    return {};
  }

  void check_group(std::uint32_t group) {
    const record::ClientGroupFact& clients = facts_.plan.groups[group];
    const Span calm = span_of(facts_.plan.timeline, record::Phase::calm);
    std::vector<std::uint64_t> owed(facts_.plan.regions.size()), ok(facts_.plan.regions.size());
    for (const record::Operation& operation : facts_.history.operations) {
      if (operation.group != group || !calm.contains(operation.invoked)) continue;
      const Steps& steps = facts_.reach.owed(operation.region, operation.shard);
      if (!steps.throughout(operation.invoked, operation.deadline)) continue;
      ++owed[operation.region.value()];
      if (operation.outcome == record::Outcome::ok) ++ok[operation.region.value()];
    }
    for (const RegionId region : clients.from) {
      if (owed[region.value()] == 0) continue;
      ++checked_;
      if (ok[region.value()] != 0) continue;
      found(facts_.plan.timeline.end(), {},
            "None of the " + std::to_string(owed[region.value()]) + " operations that " +
                clients.name + " was owed in " + facts_.region(region) +
                " in the calm phase succeeded.");
    }
  }
};

}  // namespace

CheckerPtr convergence(const Case& facts) { return std::make_unique<Convergence>(facts); }

}  // namespace blackout::check
