#include "reports/text/chronicle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reports/text/style.hpp"

namespace blackout::text {
namespace {

constexpr auto kinds_told = std::to_array<EventKind>(
    {EventKind::phase_started, EventKind::fault_started, EventKind::fault_ended,
     EventKind::node_started, EventKind::node_stopped, EventKind::node_paused,
     EventKind::node_resumed, EventKind::clock_stepped, EventKind::task_failed,
     EventKind::election_timeout, EventKind::role_changed, EventKind::leadership_transfer,
     EventKind::log_truncated});

std::string shard_name(const record::PlanFacts& plan, ShardId shard) {
  return shard.value() < plan.shards.size() ? plan.shards[shard.value()].name
                                            : fmt::format("group {}", shard.value());
}

std::string phase_text(std::uint64_t phase) {
  constexpr std::array<std::string_view, 4> names = {"warmup", "chaos", "calm", "audit"};
  return fmt::format("{} begins", phase < names.size() ? names[phase] : "a phase");
}

std::string stop_text(std::uint64_t mode) {
  constexpr std::array<std::string_view, 3> modes = {"gracefully", "its process crashed",
                                                     "power lost"};
  return fmt::format("stops: {}", mode < modes.size() ? modes[mode] : "unknown mode");
}

std::string role_text(const record::PlanFacts& plan, const Event& event) {
  const std::string shard = shard_name(plan, event.shard);
  switch (static_cast<Role>(event.a)) {
    case Role::leader:
      return fmt::format("leads {} in term {}", shard, event.b);
    case Role::candidate:
      return fmt::format("is candidate for {} in term {}", shard, event.b);
    case Role::pre_candidate:
      return fmt::format("asks whether it could lead {}, in term {}", shard, event.b);
    case Role::follower:
      break;
  }
  return fmt::format("follows {} in term {}", shard, event.b);
}

class Teller {
 public:
  explicit Teller(const record::RunRecord& run) : run_(run), plan_(run.plan) {}

  std::vector<Moment> all() {
    trace::KindSet kinds{};
    for (const EventKind kind : kinds_told) kinds[static_cast<std::size_t>(kind)] = true;
    trace::Cursor cursor(run_.trace);
    Event event;
    while (cursor.next_of(kinds, event)) {
      at_ = cursor.id();
      see(event);
    }
    for (const record::Finding& finding : run_.verdict.findings) {
      moments_.push_back(
          {finding.at, finding.event, {}, "finding", finding.id, "", finding.sentence, false});
    }
    std::stable_sort(moments_.begin(), moments_.end(),
                     [](const Moment& a, const Moment& b) { return a.at < b.at; });
    return std::move(moments_);
  }

 private:
  void see(const Event& event) {
    switch (event.kind) {
      case EventKind::phase_started:
        return add(event, "phase", phase_text(event.a));
      case EventKind::fault_started:
      case EventKind::fault_ended:
        return add_fault(event);
      case EventKind::node_started:
        return add(event, "node", fmt::format("starts, incarnation {}", event.a), event.a <= 1);
      case EventKind::node_stopped:
        return add(event, "node", stop_text(event.a));
      case EventKind::node_paused:
        return add(event, "node", "pauses");
      case EventKind::node_resumed:
        return add(event, "node", "resumes");
      case EventKind::task_failed:
        return add(event, "node", "a task of it fails");
      case EventKind::clock_stepped:
        return add(event, "clock",
                   fmt::format("clock steps by {}",
                               format_duration(Duration(static_cast<std::int64_t>(event.a)))));
      case EventKind::election_timeout:
        return add(event, "election",
                   fmt::format("suspects the leader of {} in term {} after {} of silence",
                               shard_name(plan_, event.shard), event.a,
                               format_duration(Duration(static_cast<std::int64_t>(event.b)))),
                   true);
      case EventKind::role_changed:
        return add(event, "role", role_text(plan_, event),
                   static_cast<Role>(event.a) != Role::leader);
      case EventKind::leadership_transfer:
        return add(event, "election",
                   fmt::format("hands {} to {}", shard_name(plan_, event.shard),
                               node_name(plan_, node_of_word(event.a))));
      default:
        return add(event, "log",
                   fmt::format("drops its entries of {} from {} on", shard_name(plan_, event.shard),
                               event.a),
                   true);
    }
  }

  void add(const Event& event, const char* kind, std::string what, bool minor = false) {
    Moment moment{event.at, at_, event.cause, kind, "", "", std::move(what), minor};
    if (event.node != no_node) moment.who = node_name(plan_, event.node);
    if (event.node.value() < plan_.nodes.size()) {
      const RegionId region = plan_.nodes[event.node.value()].region;
      if (region.value() < plan_.regions.size()) moment.region = plan_.regions[region.value()].name;
    }
    moments_.push_back(std::move(moment));
  }

  void add_fault(const Event& event) {
    const bool begins = event.kind == EventKind::fault_started;
    const bool known = event.a < plan_.faults.size();
    Moment moment{event.at, at_, event.cause, "fault", "", "", "", false};
    moment.who = known ? plan_.faults[event.a].letter : fmt::format("fault {}", event.a);
    moment.what = begins ? "begins" : "ends";
    if (known) {
      const record::FaultFact& fault = plan_.faults[event.a];
      moment.what += ": " + (begins ? fault_text(fault) : fault.kind + " " + fault.target);
    }
    moments_.push_back(std::move(moment));
  }

  const record::RunRecord& run_;
  const record::PlanFacts& plan_;
  EventId at_;
  std::vector<Moment> moments_;
};

}  // namespace

std::string node_name(const record::PlanFacts& plan, NodeId node) {
  return node.value() < plan.nodes.size() ? plan.nodes[node.value()].name
                                          : fmt::format("node {}", node.value());
}

std::string fault_text(const record::FaultFact& fault) {
  std::string text = fault.kind + " " + fault.target;
  if (!fault.details.empty()) text += ", " + fault.details;
  return text;
}

Chronicle chronicle_of(const record::RunRecord& run, std::size_t moments_max) {
  Chronicle chronicle;
  chronicle.moments = Teller(run).all();
  std::vector<Moment>& moments = chronicle.moments;
  chronicle.of_kinds = moments.size();
  if (moments.size() <= moments_max) return chronicle;
  const auto minor = std::count_if(moments.begin(), moments.end(),
                                   [](const Moment& moment) { return moment.minor; });
  const std::size_t major = moments.size() - static_cast<std::size_t>(minor);
  std::size_t minor_left = moments_max > major ? moments_max - major : 0;
  std::erase_if(moments, [&](const Moment& moment) {
    if (!moment.minor) return false;
    if (minor_left == 0) return true;
    --minor_left;
    return false;
  });
  if (moments.size() > moments_max) moments.resize(moments_max);
  return chronicle;
}

}  // namespace blackout::text
