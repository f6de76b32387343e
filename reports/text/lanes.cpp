#include "reports/text/lanes.hpp"

#include <algorithm>

namespace blackout::text {
namespace {

class Collector {
 public:
  Collector(const record::RunRecord& run, Instant end) : run_(run), end_(end) {
    const record::PlanFacts& plan = run.plan;
    result_.absent.resize(plan.nodes.size());
    for (std::uint32_t r = 0; r < plan.regions.size(); ++r) {
      for (std::uint32_t n = 0; n < plan.nodes.size(); ++n) {
        if (plan.nodes[n].region.value() == r && !plan.nodes[n].client_host) add_lanes(NodeId(n));
      }
    }
    open_.resize(result_.lanes.size());
  }

  Lanes collect() {
    trace::KindSet kinds{};
    for (const EventKind kind :
         {EventKind::node_started, EventKind::node_stopped, EventKind::node_paused,
          EventKind::node_resumed, EventKind::role_changed}) {
      kinds[static_cast<std::size_t>(kind)] = true;
    }
    trace::Cursor cursor(run_.trace);
    Event event;
    while (cursor.next_of(kinds, event)) {
      if (event.node.value() < result_.absent.size()) see(event);
    }
    for (std::size_t i = 0; i < open_.size(); ++i) close_role(i, end_);
    return std::move(result_);
  }

 private:
  void add_lanes(NodeId node) {
    bool votes = false;
    for (std::uint32_t s = 0; s < run_.plan.shards.size(); ++s) {
      const std::vector<NodeId>& voters = run_.plan.shards[s].voters;
      if (std::find(voters.begin(), voters.end(), node) == voters.end()) continue;
      result_.lanes.push_back({node, ShardId(s), {}});
      votes = true;
    }
    if (!votes) result_.lanes.push_back({node, no_shard, {}});
  }

  void see(const Event& event) {
    std::vector<AbsentSpan>& absent = result_.absent[event.node.value()];
    const bool open = !absent.empty() && absent.back().to == Instant::never();
    if (event.kind == EventKind::role_changed) return change_role(event);
    if (open) absent.back().to = event.at;
    const bool stops = event.kind == EventKind::node_stopped;
    if (stops || event.kind == EventKind::node_paused) {
      absent.push_back({event.at, Instant::never(), !stops});
    }
    if (!stops) return;
    for (std::size_t i = 0; i < open_.size(); ++i) {
      if (result_.lanes[i].node == event.node) close_role(i, event.at);
    }
  }

  void change_role(const Event& event) {
    for (std::size_t i = 0; i < open_.size(); ++i) {
      const Lane& lane = result_.lanes[i];
      if (lane.node != event.node || lane.shard != event.shard) continue;
      const auto role = static_cast<Role>(event.a);
      const bool leads = role == Role::leader;
      const bool same = open_[i] && !leads && !open_[i]->leader && role != Role::follower;
      if (same) continue;  // one candidacy, however many terms it takes
      close_role(i, event.at);
      if (role != Role::follower) open_[i] = RoleSpan{event.at, event.at, leads, event.b};
    }
  }

  void close_role(std::size_t lane, Instant at) {
    if (!open_[lane]) return;
    open_[lane]->to = at;
    result_.lanes[lane].roles.push_back(*open_[lane]);
    open_[lane].reset();
  }

  const record::RunRecord& run_;
  Instant end_;
  Lanes result_;
  std::vector<std::optional<RoleSpan>> open_;  // by lane
};

}  // namespace

Instant end_of(const record::RunRecord& run) {
  const Instant end = run.simulated > Instant(0) ? run.simulated : run.plan.timeline.end();
  return std::max(end, Instant(1));
}

Lanes lanes_of(const record::RunRecord& run, Instant end) {
  Lanes lanes = Collector(run, end).collect();
  for (std::vector<AbsentSpan>& spans : lanes.absent) {
    for (AbsentSpan& span : spans) span.to = std::min(span.to, end);
  }
  return lanes;
}

std::vector<PhaseSpan> phases_of(const record::Timeline& timeline, Instant end) {
  std::vector<PhaseSpan> phases = {{"warmup", Instant(0), timeline.chaos_start()},
                                   {"chaos", timeline.chaos_start(), timeline.calm_start()},
                                   {"calm", timeline.calm_start(), timeline.end()},
                                   {"audit", timeline.end(), end}};
  for (PhaseSpan& phase : phases) phase.to = std::min(phase.to, end);
  std::erase_if(phases, [](const PhaseSpan& phase) { return phase.from >= phase.to; });
  return phases;
}

FaultSpan span_of(const record::RunRecord& run, std::size_t fault, Instant end) {
  if (fault < run.faults.size()) {
    const record::FaultOutcome& outcome = run.faults[fault];
    if (!outcome.began) return {end, end, false};
    return {*outcome.began, std::min(outcome.ended.value_or(end), end), true};
  }
  const record::FaultFact& fact = run.plan.faults[fault];
  if (fact.at >= end) return {end, end, false};
  return {fact.at, std::min(fact.at + fact.length, end), true};
}

}  // namespace blackout::text
