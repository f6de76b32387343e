#include <algorithm>
#include <array>

#include "harness/check/objectives.hpp"
#include "harness/check/text.hpp"

namespace blackout::check {
namespace {

using record::Operation;
using record::OperationKind;
using record::RtoObjective;

// Operations of one kind from one client region: P(c, s, t) of objectives.md, sampled at
// invocations.
class Service {
 public:
  Service(const Case& facts, const RtoObjective& objective, RegionId region, OperationKind kind)
      : facts_(facts),
        objective_(objective),
        region_(region),
        kind_(kind),
        shard_(facts.plan.groups[objective.group].shard) {
    const Steps& owed = facts.reach.owed(region, shard_);
    for (const Operation& operation : facts.history.operations) {
      if (operation.group != objective.group || operation.region != region ||
          operation.kind != kind) {
        continue;
      }
      const Instant end = std::min(operation.completed, operation.invoked + objective.within);
      if (!owed.throughout(operation.invoked, end)) continue;
      samples_.push_back(
          {operation.invoked, operation.outcome == record::Outcome::ok &&
                                  operation.completed <= operation.invoked + objective.within});
    }
    find_windows();
  }

  struct Recovery {
    Instant until;      // the first invocation of the window
    Duration duration;  // of owed time, from the fault to there
    bool reached = true;
  };
  // Empty if nothing was owed after the fault.
  [[nodiscard]] std::optional<Recovery> after(Instant fault) const {
    const auto first = std::lower_bound(samples_.begin(), samples_.end(), fault,
                                        [](const Sample& s, Instant t) { return s.at < t; });
    if (first == samples_.end()) return {};
    auto i = static_cast<std::size_t>(first - samples_.begin());
    if (stable_from_[i] == i) return Recovery{fault, {}, true};
    i = stable_from_[i];
    const bool reached = i < samples_.size();
    const Instant until = reached ? samples_[i].at : facts_.plan.timeline.end();
    return Recovery{until, facts_.reach.owed(region_, shard_).measure(fault, until), reached};
  }

  // Owed time from each bad sample to the next sample.
  [[nodiscard]] Duration downtime(Instant from) const {
    Duration sum;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      if (samples_[i].good || samples_[i].at < from) continue;
      const Instant next =
          i + 1 < samples_.size() ? samples_[i + 1].at : facts_.plan.timeline.end();
      sum = sum + facts_.reach.owed(region_, shard_).measure(samples_[i].at, next);
    }
    return sum;
  }

  [[nodiscard]] RegionId region() const { return region_; }
  [[nodiscard]] OperationKind kind() const { return kind_; }

 private:
  struct Sample {
    Instant at;
    bool good;
  };

  // For every sample the next one that begins a window in which service is stable.
  void find_windows() {
    const std::size_t count = samples_.size();
    stable_from_.assign(count, count);
    std::uint64_t due = 0, good = 0;
    std::vector<bool> stable(count);
    for (std::size_t i = 0, end = 0; i < count; ++i) {
      const Instant window_end = samples_[i].at + objective_.window;
      for (; end < count && samples_[end].at < window_end; ++end) {
        ++due;
        good += samples_[end].good;
      }
      stable[i] = window_end <= facts_.plan.timeline.end() &&
                  good * 1'000'000 >= due * objective_.success_ppm;
      --due;
      good -= samples_[i].good;
    }
    for (std::size_t i = count; i-- > 0;) {
      stable_from_[i] = stable[i] ? i : (i + 1 < count ? stable_from_[i + 1] : count);
    }
  }

  const Case& facts_;
  const RtoObjective& objective_;
  RegionId region_;
  OperationKind kind_;
  ShardId shard_;
  std::vector<Sample> samples_;           // owed ones, by time
  std::vector<std::size_t> stable_from_;  // by sample
};

// The slowest recovery of the run.
struct Slowest {
  Service::Recovery recovery;
  std::size_t fault = 0;
  RegionId region;
  OperationKind kind{};
};

// The milestones of a change of leader, in the order of the phases.
class Milestones {
 public:
  Milestones(const Case& facts, const trace::Trace& trace, const Slowest& slowest,
             const RtoObjective& objective)
      : facts_(facts),
        shard_(facts.plan.groups[objective.group].shard),
        from_(slowest.recovery.until - slowest.recovery.duration),
        until_(slowest.recovery.until + objective.within),
        region_(slowest.region),
        group_(objective.group),
        nodes_(facts.plan.nodes.size()) {
    find_election(trace);
    if (elected_ == Instant::never()) return;
    trace::Cursor cursor(trace);
    Event event;
    while (cursor.next(event) && event.at <= until_) see(event);
    for (const Operation& operation : facts.history.operations) {
      if (operation.group == group_ && operation.region == region_ &&
          operation.outcome == record::Outcome::ok && operation.completed >= promoted_) {
        routed_ = std::min(routed_, operation.completed);
      }
    }
  }

  // Clamped so that each phase is at least 0 and all add up to the recovery time.
  [[nodiscard]] record::RtoPhases phases(Instant recovered) const {
    std::array<Instant, 5> ends{suspected_, elected_, fenced_, promoted_, routed_};
    std::array<Duration, 6> spans{};
    Instant before = from_;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      // Without a change of leader nothing but the last phase took time.
      const Instant end = elected_ == Instant::never() ? from_ : ends[i];
      const Instant clamped = std::clamp(end, before, recovered);
      spans[i] = clamped - before;
      before = clamped;
    }
    spans[5] = recovered - before;
    return {spans[0], spans[1], spans[2], spans[3], spans[4], spans[5]};
  }

 private:
  // The last leader elected in the outage, and who led before it.
  void find_election(const trace::Trace& trace) {
    trace::Cursor cursor(trace);
    Event event;
    NodeId leader = no_node;
    while (cursor.next(event) && event.at <= until_) {
      if (event.kind != EventKind::role_changed || event.shard != shard_ ||
          static_cast<Role>(event.a) != Role::leader) {
        continue;
      }
      if (event.at >= from_) {
        if (elected_ == Instant::never()) old_ = leader;
        elected_ = event.at;
        new_ = event.node;
        term_ = event.b;
      }
      leader = event.node;
    }
  }

  void see(const Event& event) {
    if (event.kind == EventKind::node_stopped && event.node == old_) fence(event.at);
    if (event.shard != shard_) return;
    if (event.kind == EventKind::election_timeout && event.at >= from_ && event.at <= elected_) {
      suspected_ = std::min(suspected_, event.at);
    }
    if (event.kind == EventKind::role_changed && event.node == old_ &&
        static_cast<Role>(event.a) != Role::leader && event.at >= from_) {
      fence(event.at);
    }
    if (event.kind == EventKind::term_persisted && event.a >= term_) fence_by_majority(event);
    const bool acknowledges = event.kind == EventKind::write_acknowledged && event.c >= term_;
    const bool commits =
        event.kind == EventKind::commit_advanced && event.node == new_ && event.b >= term_;
    if (event.at >= elected_ && (acknowledges || commits))
      promoted_ = std::min(promoted_, event.at);
  }

  void fence(Instant at) { fenced_ = std::min(fenced_, std::max(at, from_)); }

  // Once a majority is in the new term, the old leader can commit nothing more.
  void fence_by_majority(const Event& event) {
    if (event.node.value() >= nodes_.size() || nodes_[event.node.value()]) return;
    nodes_[event.node.value()] = true;
    const record::ShardFact& shard = facts_.plan.shards[shard_.value()];
    if (++moved_ == shard.voters.size() / 2 + 1) fence(event.at);
  }

  const Case& facts_;
  ShardId shard_;
  Instant from_, until_;
  RegionId region_;
  std::uint32_t group_;
  NodeId old_ = no_node, new_ = no_node;
  std::uint64_t term_ = 0;
  std::vector<bool> nodes_;
  std::size_t moved_ = 0;
  Instant suspected_ = Instant::never(), elected_ = Instant::never(), fenced_ = Instant::never(),
          promoted_ = Instant::never(), routed_ = Instant::never();
};

std::optional<Slowest> slowest_of(const Case& facts, const std::vector<Service>& services) {
  std::optional<Slowest> slowest;
  for (const Service& service : services) {
    for (std::size_t f = 0; f < facts.plan.faults.size(); ++f) {
      const auto recovery = service.after(facts.plan.faults[f].at);
      if (!recovery) continue;
      const bool worse = !slowest || (slowest->recovery.reached && !recovery->reached) ||
                         (slowest->recovery.reached == recovery->reached &&
                          recovery->duration > slowest->recovery.duration);
      if (worse) slowest = Slowest{*recovery, f, service.region(), service.kind()};
    }
  }
  return slowest;
}

void find_slow(const Case& facts, const RtoObjective& objective, const Slowest& slowest,
               const std::string& measured, record::Verdict& verdict) {
  const record::FaultFact& fault = facts.plan.faults[slowest.fault];
  const std::string who = std::string(name_of(slowest.kind)) + " of " +
                          facts.plan.groups[objective.group].name + " in " +
                          facts.region(slowest.region);
  std::string sentence =
      slowest.recovery.reached
          ? "After " + Case::fault(fault) + ", " + who + " took " + measured + " to recover"
          : "After " + Case::fault(fault) + ", " + who + " did not recover before the end";
  sentence += "; " + format_duration(objective.max) + " were promised.";
  verdict.findings.push_back(
      {"rto",
       "Service that is owed is back within the promised time.",
       std::move(sentence),
       fault.at,
       {},
       {{fault.at, fault.letter, fault.kind + " " + fault.target, {}},
        {slowest.recovery.until,
         who,
         slowest.recovery.reached ? "is served again" : "is still not served",
         {}}}});
}

}  // namespace

void judge_recovery(const Case& facts, const trace::Trace& trace, record::Verdict& verdict) {
  const RtoObjective& objective = *facts.plan.objectives.rto;
  const record::ClientGroupFact& group = facts.plan.groups[objective.group];
  std::vector<Service> services;
  for (const RegionId region : group.from) {
    for (auto kind = OperationKind(); kind <= record::last_operation_kind;
         kind = static_cast<OperationKind>(static_cast<int>(kind) + 1)) {
      services.emplace_back(facts, objective, region, kind);
    }
  }
  Instant first = Instant::never();
  for (const record::FaultFact& fault : facts.plan.faults) first = std::min(first, fault.at);
  for (const Service& service : services) {
    verdict.downtime = std::max(verdict.downtime, service.downtime(first));
  }
  record::ObjectiveRow row;
  row.name = "rto";
  row.subject = group.name;
  row.unit = "ns";
  row.promised = "≤ " + format_duration(objective.max);
  row.promised_value = objective.max.ns();
  row.margin = "-";
  const std::optional<Slowest> slowest = slowest_of(facts, services);
  if (!facts.finished() || !slowest) {
    const bool quiet = first == Instant::never();
    row.measured = quiet ? "no fault" : "nothing owed";
    if (facts.finished() && quiet) row.held = record::Held::yes;
    if (!facts.finished()) row.measured = "not finished";
    verdict.objectives.push_back(std::move(row));
    return;
  }
  const Service::Recovery& recovery = slowest->recovery;
  verdict.rto = recovery.duration;
  if (recovery.duration > Duration()) {
    verdict.rto_phases.push_back(
        Milestones(facts, trace, *slowest, objective).phases(recovery.until));
  }
  row.measured_value = recovery.duration.ns();
  row.measured = (recovery.reached ? "" : "> ") + format_duration(recovery.duration);
  row.margin = recovery.reached ? format_duration(objective.max - recovery.duration) : "-";
  row.note = recovery.duration > Duration()
                 ? "after " + Case::fault(facts.plan.faults[slowest->fault])
                 : "never below " + format_percent(objective.success_ppm) + " within " +
                       format_duration(objective.within);
  if (recovery.duration > Duration()) row.fault = facts.plan.faults[slowest->fault].letter;
  const bool held = recovery.reached && recovery.duration <= objective.max;
  row.held = held ? record::Held::yes : record::Held::no;
  if (!held) find_slow(facts, objective, *slowest, row.measured, verdict);
  verdict.objectives.push_back(std::move(row));
}

}  // namespace blackout::check
