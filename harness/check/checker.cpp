#include "harness/check/checker.hpp"

#include <algorithm>
#include <array>

#include "harness/check/judge.hpp"
#include "harness/check/text.hpp"

namespace blackout::check {
namespace {

constexpr auto invariants = std::to_array<Described>({
    {"raft.election_safety", "At most one node ever leads a shard in a term."},
    {"raft.vote_uniqueness",
     "A node votes for at most one candidate of a shard in a term, across restarts."},
    {"raft.term_monotonic", "The term that a node has on disk never falls."},
    {"raft.log_matching",
     "If two logs hold an entry of the same index and term, they are equal up to it."},
    {"raft.leader_completeness",
     "A leader holds every entry that was committed in an earlier term."},
    {"raft.match_honesty",
     "A leader believes of a follower only what the follower had made durable."},
    {"raft.commit_durable",
     "A node calls an entry committed only where a majority of voters has it on disk."},
    {"raft.commit_current_term",
     "A leader calls committed, by counting copies, only entries of its own term."},
    {"raft.committed_entry_replaced",
     "Once a node has committed an entry, no node ever commits another at that index."},
    {"raft.log_contiguous", "A log has no holes: an entry is stored behind the one before it."},
    {"raft.state_machine_safety",
     "All nodes apply the same operation at an index, in order and without gaps."},
    {"platform.checksum_agreement", "Equal applied indexes mean equal state."},
    {"platform.acknowledged_durable",
     "A write is answered with success only when a majority of voters has it on disk."},
    {"platform.lag_honest",
     "A lag that is exported is never below the true one by more than its tolerance."},
    {"platform.audit",
     "Only a state that something spoilt is called wrong, and who has it neither serves nor leads "
     "until it is right."},
    {"addressed", "Every message is sent to a node that exists."},
    {"fencing",
     "Nobody is told success by an authority that was superseded, or that no majority stands "
     "behind."},
    {"exactly_once",
     "A write has its effect at most once; one that was refused or never sent has none."},
    {"linearizable", "All answers agree with one order of the operations that respects real time."},
    {"convergence",
     "After the faults, all live voters reach the same state and every client region is served."},
    {"platform.routes_agree",
     "A process goes by ever newer routing plans, and an epoch names one plan."},
    {"conflict_rules",
     "Of all writes to a record that were answered, none stands above what answers show of it."},
});

}  // namespace

std::span<const Described> known_invariants() { return invariants; }

std::string_view rule_of(std::string_view id) {
  for (const Described& known : invariants) {
    if (known.name == id) return known.text;
  }
  return {};
}

record::InvariantRow Checker::row() const {
  record::Held held = undecided_ ? record::Held::unknown : record::Held::yes;
  if (broken()) held = record::Held::no;
  return {std::string(id_), held, checked_};
}

void Checker::found(Instant at, EventId event, std::string sentence,
                    std::vector<record::StoryLine> story) {
  if (broken()) return;
  finding_ =
      record::Finding{std::string(id_), std::string(rule_of(id_)), std::move(sentence), at, event,
                      std::move(story)};
}

std::vector<CheckerPtr> all_checkers(const Case& facts) {
  std::vector<CheckerPtr> all;
  for (const auto make : {election_safety,
                          vote_uniqueness,
                          term_monotonic,
                          log_matching,
                          leader_completeness,
                          match_honesty,
                          commit_durable,
                          commit_current_term,
                          committed_entry_replaced,
                          log_contiguous,
                          state_machine_safety,
                          checksum_agreement,
                          acknowledged_durable,
                          lag_honest,
                          audit,
                          addressed,
                          fencing,
                          exactly_once,
                          linearizable,
                          convergence}) {
    all.push_back(make(facts));
  }
  if (record::routes_shard(facts.plan) != no_shard) all.push_back(routes_agree(facts));
  const auto& operations = facts.history.operations;
  if (std::any_of(operations.begin(), operations.end(),
                  [](const auto& operation) { return record::writes_record(operation.kind); })) {
    all.push_back(conflict_rules(facts));
  }
  return all;
}

}  // namespace blackout::check
