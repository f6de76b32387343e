#include "reports/text/chronicle.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "reports/text/event_text.hpp"

namespace blackout::text {
namespace {

struct Told {
  EventKind kind;
  std::string_view name;  // Moment::kind
  bool minor = false;
};

constexpr auto told = std::to_array<Told>({
    {EventKind::phase_started, "phase"},
    {EventKind::fault_started, "fault"},
    {EventKind::fault_ended, "fault"},
    {EventKind::node_started, "node"},
    {EventKind::node_stopped, "node"},
    {EventKind::node_paused, "node"},
    {EventKind::node_resumed, "node"},
    {EventKind::clock_stepped, "clock"},
    {EventKind::task_failed, "node"},
    {EventKind::election_timeout, "election", true},
    {EventKind::role_changed, "role"},
    {EventKind::leadership_transfer, "election"},
    {EventKind::log_truncated, "log", true},
    {EventKind::disk_replaced, "disk"},
    {EventKind::disk_disowned, "disk"},
    {EventKind::member_changed, "member"},
    {EventKind::snapshot_offered, "snapshot"},
    {EventKind::program_changed, "node"},
    {EventKind::encoding_changed, "node", true},
    {EventKind::routes_adopted, "routes", true},
    {EventKind::state_corrupted, "audit"},
    {EventKind::divergence_found, "audit"},
    {EventKind::replica_quarantined, "audit"},
    {EventKind::replica_repaired, "audit"},
});

bool is_minor(const Event& event, bool minor_kind) {
  const bool leads =
      event.kind == EventKind::role_changed && static_cast<Role>(event.a) == Role::leader;
  const bool first_start = event.kind == EventKind::node_started && event.a <= 1;
  return minor_kind || first_start || (event.kind == EventKind::role_changed && !leads);
}

std::string region_of(const record::PlanFacts& plan, NodeId node) {
  if (node.value() >= plan.nodes.size()) return {};
  const RegionId region = plan.nodes[node.value()].region;
  return region.value() < plan.regions.size() ? plan.regions[region.value()].name : "";
}

std::vector<Moment> all_moments(const record::RunRecord& run) {
  trace::KindSet kinds{};
  for (const Told& one : told) kinds[static_cast<std::size_t>(one.kind)] = true;
  std::vector<Moment> moments;
  trace::Cursor cursor(run.trace);
  for (Event event; cursor.next_of(kinds, event);) {
    const Told& one = *std::find_if(told.begin(), told.end(),
                                    [&](const Told& each) { return each.kind == event.kind; });
    moments.push_back({event.at, cursor.id(), event.cause, std::string(one.name),
                       who_of(event, run), region_of(run.plan, event.node),
                       event_sentence(event, run), is_minor(event, one.minor)});
  }
  for (const record::Finding& finding : run.verdict.findings) {
    moments.push_back(
        {finding.at, finding.event, {}, "finding", finding.id, "", finding.sentence, false});
  }
  std::stable_sort(moments.begin(), moments.end(),
                   [](const Moment& a, const Moment& b) { return a.at < b.at; });
  return moments;
}

}  // namespace

Chronicle chronicle_of(const record::RunRecord& run, std::size_t moments_max) {
  Chronicle chronicle;
  chronicle.moments = all_moments(run);
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
