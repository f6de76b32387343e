#include "harness/check/judge.hpp"

#include <algorithm>
#include <array>

#include "harness/check/checker.hpp"
#include "harness/check/divergences.hpp"
#include "harness/check/objectives.hpp"
#include "harness/check/observers.hpp"
#include "harness/check/text.hpp"

namespace blackout::check {
namespace {

using record::Conclusion;
using record::Finding;
using record::Held;
using record::Verdict;

// The ghost state and the observers, and the one pass that feeds them.
class Pass {
 public:
  Pass(const record::PlanFacts& plan, const record::History& history, Instant simulated)
      : replicas(plan),
        reach(plan),
        order(plan, history),
        divergences(replicas),
        facts{plan, history, replicas, reach, order, divergences, simulated},
        checkers(all_checkers(facts)),
        exposure(facts),
        lag(facts),
        marks(facts) {
    for (const record::ResidencyObjective& objective : plan.objectives.residency) {
      residencies.push_back(std::make_unique<Residency>(facts, objective));
    }
  }

  void run(const trace::Trace& trace) {
    enlist();
    trace::Cursor cursor(trace);
    Event event;
    while (cursor.next_of(watched_, event)) see(event, cursor.id());
    reach.settle(Instant::never());
    for (Observer* observer : all_) observer->finish();
  }

  Replicas replicas;
  Reach reach;
  Order order;
  Divergences divergences;
  const Case facts;
  std::vector<CheckerPtr> checkers;
  Exposure exposure;
  Lag lag;
  Marks marks;
  std::vector<std::unique_ptr<Residency>> residencies;

 private:
  struct Route {
    bool consensus = false, ordered = false, changes_reach = false, spoils = false;
    Needs needs{};
    std::vector<Observer*> observers;
  };

  void enlist() {
    for (const CheckerPtr& checker : checkers) all_.push_back(checker.get());
    all_.insert(all_.end(), {&exposure, &lag, &marks});
    for (const auto& residency : residencies) all_.push_back(residency.get());
    for (Observer* observer : all_) {
      for (const EventKind kind : observer->kinds()) {
        route_[static_cast<std::size_t>(kind)].observers.push_back(observer);
      }
    }
    for (std::size_t k = 0; k < route_.size(); ++k) {
      const auto kind = static_cast<EventKind>(k);
      Route& route = route_[k];
      route.needs = needs_of(kind);
      route.consensus = Replicas::concerns(kind);
      route.ordered = Order::concerns(kind);
      route.changes_reach = Reach::concerns(kind);
      route.spoils = Divergences::concerns(kind);
      watched_[k] = route.consensus || route.ordered || route.changes_reach || route.spoils ||
                    !route.observers.empty();
    }
  }

  void see(const Event& event, EventId id) {
    const Route& route = route_[static_cast<std::size_t>(event.kind)];
    if (!names_known(event, route.needs, facts.plan)) return;
    if (route.changes_reach) {
      reach.change(event);
    } else {
      reach.settle(event.at);
    }
    if (route.consensus) replicas.update(event, id);
    if (route.ordered) order.update(event, id);
    if (route.spoils) divergences.update(event, id);
    for (Observer* observer : route.observers) observer->on(event, id);
  }

  std::vector<Observer*> all_;
  std::array<Route, event_kinds> route_;
  trace::KindSet watched_{};
};

void judge_failure(const record::CodeFailure& failure, Verdict& verdict) {
  const std::string where = failure.node.empty() ? "" : " on " + failure.node;
  const std::string task = failure.task.empty() ? "" : " in task " + failure.task;
  verdict.findings.push_back({"crash." + failure.kind,
                              "The code under test runs to the end.",
                              "The code under test failed" + where + task + " at " +
                                  format_moment(failure.at) + " (" + failure.kind +
                                  "): " + failure.text,
                              failure.at,
                              {},
                              {{failure.at,
                                failure.node.empty() ? "the process" : failure.node,
                                failure.kind + ": " + failure.text,
                                {}}}});
}

void judge_marks(const record::PlanFacts& plan, const Marks& marks, Verdict& verdict) {
  const std::span<const Described> known = known_marks();
  for (std::size_t i = 0; i < known.size(); ++i) {
    const bool expected = std::find(plan.expect.marks.begin(), plan.expect.marks.end(),
                                    known[i].name) != plan.expect.marks.end();
    verdict.marks.push_back({std::string(known[i].name), marks.counts()[i], expected});
  }
  for (const std::string& name : plan.expect.marks) {
    const bool is_known = std::any_of(known.begin(), known.end(),
                                      [&](const Described& mark) { return mark.name == name; });
    if (!is_known) verdict.marks.push_back({name, 0, true});
  }
}

// What a reader should hear first: the loss that a customer sees, then its causes.
std::size_t severity(const std::string& id) {
  static constexpr auto order = std::to_array<std::string_view>({"crash.",
                                                                 "rpo",
                                                                 "exactly_once",
                                                                 "conflict_rules",
                                                                 "fencing",
                                                                 "linearizable",
                                                                 "residency",
                                                                 "raft.vote_uniqueness",
                                                                 "raft.election_safety",
                                                                 "platform.acknowledged_durable",
                                                                 "raft.",
                                                                 "platform.",
                                                                 "addressed",
                                                                 "convergence",
                                                                 "rto",
                                                                 "availability",
                                                                 "latency",
                                                                 "added_latency",
                                                                 "lag",
                                                                 "divergence"});
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (id.starts_with(order[i])) return i;
  }
  return order.size();
}

// "rpo" is also broken by "rpo.exposure".
bool is_a(const std::string& id, const std::string& wanted) {
  return id == wanted ||
         (id.size() > wanted.size() && id.starts_with(wanted) && id[wanted.size()] == '.');
}

const Finding* worst_of(const std::vector<Finding>& findings,
                        const std::vector<std::string>& wanted) {
  const Finding* worst = nullptr;
  for (const Finding& finding : findings) {
    const bool counts =
        wanted.empty() || std::any_of(wanted.begin(), wanted.end(),
                                      [&](const auto& id) { return is_a(finding.id, id); });
    if (counts && (worst == nullptr || severity(finding.id) < severity(worst->id)))
      worst = &finding;
  }
  return worst;
}

// A run that is meant to break something: expectation_met says whether it broke that.
void conclude_expected(const record::Expectation& expect, Verdict& verdict) {
  const Finding* broken = worst_of(verdict.findings, expect.invariants);
  verdict.expectation_met = broken != nullptr;
  verdict.conclusion = Conclusion::violated;
  if (broken != nullptr) {
    verdict.sentence = broken->sentence;
    return;
  }
  std::string wanted;
  for (const std::string& id : expect.invariants) wanted += (wanted.empty() ? "" : " or ") + id;
  verdict.sentence =
      "The run was expected to break " + (wanted.empty() ? "a promise" : wanted) + ", and did not.";
  if (!verdict.findings.empty()) verdict.sentence += " " + worst_of(verdict.findings, {})->sentence;
}

std::string what_is_open(const Verdict& verdict) {
  for (const record::MarkRow& mark : verdict.marks) {
    if (mark.expected && mark.count == 0) return "The mark " + mark.name + " was not reached.";
  }
  for (const record::InvariantRow& row : verdict.invariants) {
    if (row.held == Held::unknown) return row.id + " could not be decided.";
  }
  for (const record::ObjectiveRow& row : verdict.objectives) {
    if (row.held == Held::unknown) {
      return row.name + (row.subject.empty() ? "" : " of " + row.subject) +
             " could not be decided.";
    }
  }
  return {};
}

void conclude(const record::PlanFacts& plan, Verdict& verdict) {
  std::stable_sort(verdict.findings.begin(), verdict.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.at < b.at; });
  if (plan.expect.violates) return conclude_expected(plan.expect, verdict);
  const std::string open = what_is_open(verdict);
  if (!verdict.findings.empty()) {
    verdict.conclusion = Conclusion::violated;
    verdict.sentence = worst_of(verdict.findings, {})->sentence;
  } else if (!open.empty()) {
    verdict.conclusion = Conclusion::inconclusive;
    verdict.sentence = open;
  } else {
    verdict.conclusion = Conclusion::pass;
  }
  verdict.expectation_met = verdict.conclusion == Conclusion::pass;
}

void count_effects(const Case& facts, Verdict& verdict) {
  std::vector<std::uint32_t> seen(facts.history.operations.size());
  std::vector<std::uint8_t> state(facts.history.operations.size());  // 1: phantom, 2: duplicate
  std::uint32_t list = 0;
  for (const record::Audit& audit : facts.history.audits) {
    for (const record::AuditedAccount& account : audit.accounts) {
      ++list;
      for (const OperationId entry : account.entries) {
        const record::Operation* operation = facts.find(entry.value());
        if (operation == nullptr) continue;
        const std::size_t i = entry.value() - 1;
        if (seen[i] == list) state[i] |= 2;
        seen[i] = list;
        if (operation->outcome == record::Outcome::fail) state[i] |= 1;
      }
    }
  }
  for (const std::uint8_t s : state) {
    verdict.phantom += (s & 1) != 0;
    verdict.duplicated += (s & 2) != 0;
  }
}

}  // namespace

Verdict judge(const record::PlanFacts& plan, const trace::Trace& trace,
              const record::History& history, const std::optional<record::CodeFailure>& failure,
              Instant simulated, std::span<const Paired> paired) {
  Pass pass(plan, history, simulated);
  pass.run(trace);
  Verdict verdict;
  if (failure) judge_failure(*failure, verdict);
  judge_loss(pass.facts, trace, pass.exposure, verdict);
  if (plan.objectives.rto) judge_recovery(pass.facts, trace, verdict);
  judge_availability(pass.facts, verdict);
  judge_latency(pass.facts, verdict);
  judge_added_latency(pass.facts, paired, verdict);
  if (plan.objectives.lag) judge_lag(pass.facts, pass.lag, verdict);
  if (plan.objectives.divergence) judge_divergence(pass.facts, verdict);
  for (std::size_t i = 0; i < plan.objectives.residency.size(); ++i) {
    judge_residency(pass.facts, plan.objectives.residency[i], *pass.residencies[i], verdict);
  }
  count_effects(pass.facts, verdict);
  for (const CheckerPtr& checker : pass.checkers) {
    verdict.invariants.push_back(checker->row());
    if (checker->finding()) verdict.findings.push_back(*checker->finding());
  }
  judge_marks(plan, pass.marks, verdict);
  conclude(plan, verdict);
  return verdict;
}

}  // namespace blackout::check
