// Observers of the pass over a trace; a checker is the observer that watches one invariant.
//
// An observer gets the events of its kinds in order. The ghost state of Case already includes the
// event. Each is O(1) per event, keeps flat vectors, and allocates only where a new term, index or
// finding makes it. A checker reports its first contradiction; what follows from a broken invariant
// proves little.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/check/case.hpp"
#include "harness/check/order.hpp"
#include "harness/check/reach.hpp"
#include "harness/check/replicas.hpp"
#include "host/base/event.hpp"

namespace blackout::check {

class Observer {
 public:
  Observer(const Case& facts, std::initializer_list<EventKind> kinds)
      : facts_(facts), kinds_(kinds) {}
  virtual ~Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  // An event of one of kinds(); its node and shard are the plan's where the kind has them.
  virtual void on(const Event& event, EventId id) {
    static_cast<void>(event);
    static_cast<void>(id);
  }
  // After the last event.
  virtual void finish() {}

  [[nodiscard]] std::span<const EventKind> kinds() const { return kinds_; }

 protected:
  const Case& facts_;

 private:
  std::vector<EventKind> kinds_;
};

class Checker : public Observer {
 public:
  // `id` is one of known_invariants().
  Checker(const Case& facts, std::string_view id, std::initializer_list<EventKind> kinds)
      : Observer(facts, kinds), id_(id) {}

  [[nodiscard]] record::InvariantRow row() const;
  [[nodiscard]] const std::optional<record::Finding>& finding() const { return finding_; }

 protected:
  // The contradiction in one sentence: names, numbers, times. Only the first is kept.
  void found(Instant at, EventId event, std::string sentence,
             std::vector<record::StoryLine> story = {});
  [[nodiscard]] bool broken() const { return finding_.has_value(); }

  std::uint64_t checked_ = 0;  // instances looked at
  bool undecided_ = false;

 private:
  std::string_view id_;
  std::optional<record::Finding> finding_;
};

// The rule of an invariant in words.
std::string_view rule_of(std::string_view id);

using CheckerPtr = std::unique_ptr<Checker>;

// raft.*: Ongaro, "Consensus: Bridging Theory and Practice" (2014), figure 3.2, and the ghost
// invariants of exploration.md section 3.
CheckerPtr election_safety(const Case& facts);
CheckerPtr vote_uniqueness(const Case& facts);
CheckerPtr term_monotonic(const Case& facts);
CheckerPtr log_matching(const Case& facts);
CheckerPtr leader_completeness(const Case& facts);
CheckerPtr match_honesty(const Case& facts);
CheckerPtr commit_durable(const Case& facts);
CheckerPtr commit_current_term(const Case& facts);
CheckerPtr committed_entry_replaced(const Case& facts);
CheckerPtr log_contiguous(const Case& facts);
CheckerPtr state_machine_safety(const Case& facts);
// platform.*
CheckerPtr checksum_agreement(const Case& facts);
CheckerPtr acknowledged_durable(const Case& facts);
CheckerPtr audit(const Case& facts);
CheckerPtr routes_agree(const Case& facts);
CheckerPtr lag_honest(const Case& facts);
// Of every program.
CheckerPtr addressed(const Case& facts);
// What clients see.
CheckerPtr fencing(const Case& facts);
CheckerPtr exactly_once(const Case& facts);
CheckerPtr linearizable(const Case& facts);
CheckerPtr conflict_rules(const Case& facts);
CheckerPtr convergence(const Case& facts);

// All of the above; what concerns routes or records, only where there are some.
std::vector<CheckerPtr> all_checkers(const Case& facts);

}  // namespace blackout::check
