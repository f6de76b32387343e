#include "reports/text/failover.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "reports/text/event_text.hpp"

namespace blackout::text {
namespace {

struct Seen {
  EventId id;
  Event event;
};

class Search {
 public:
  explicit Search(const record::RunRecord& run) : run_(run) {}

  std::optional<record::Finding> find() {
    trace::KindSet kinds{};
    for (const EventKind kind :
         {EventKind::fault_started, EventKind::node_stopped, EventKind::node_paused,
          EventKind::role_changed, EventKind::write_acknowledged}) {
      kinds[static_cast<std::size_t>(kind)] = true;
    }
    trace::Cursor cursor(run_.trace);
    for (Event event; !answered_ && cursor.next_of(kinds, event);) take({cursor.id(), event});
    if (!leader_) return std::nullopt;
    return told();
  }

 private:
  void take(const Seen& seen) {
    const Event& event = seen.event;
    if (event.kind == EventKind::write_acknowledged) {
      if (leader_ && event.node == leader_->event.node && event.shard == leader_->event.shard) {
        answered_ = seen;
      }
    } else if (leader_) {
      return;
    } else if (event.kind == EventKind::fault_started) {
      faults_.push_back(seen);
    } else if (event.kind == EventKind::role_changed) {
      if (static_cast<Role>(event.a) == Role::leader) elected(seen);
    } else {
      stops_[event.node] = seen;
    }
  }

  void elected(const Seen& seen) {
    const auto before = leaders_.find(seen.event.shard);
    const bool changed = before != leaders_.end() && before->second != seen.event.node;
    if (changed && !faults_.empty()) {
      leader_ = seen;
      fault_ = fault_on(before->second);
      const auto stop = stops_.find(before->second);
      if (stop != stops_.end() && stop->second.id > fault_.id) stopped_ = stop->second;
    }
    leaders_[seen.event.shard] = seen.event.node;
  }

  // The last that took hold of the node, else the last.
  [[nodiscard]] Seen fault_on(NodeId node) const {
    for (auto fault = faults_.rbegin(); fault != faults_.rend(); ++fault) {
      if (fault->event.a >= run_.faults.size()) continue;
      const std::vector<NodeId>& nodes = run_.faults[fault->event.a].nodes;
      if (std::find(nodes.begin(), nodes.end(), node) != nodes.end()) return *fault;
    }
    return faults_.back();
  }

  [[nodiscard]] record::Finding told() const {
    record::Finding finding;
    finding.id = "failover";
    finding.sentence = fmt::format("{} {}, {} after {} began.", who_of(leader_->event, run_),
                                   event_sentence(leader_->event, run_),
                                   format_duration(leader_->event.at - fault_.event.at),
                                   who_of(fault_.event, run_));
    finding.at = leader_->event.at;
    finding.event = leader_->id;
    for (const std::optional<Seen>& seen :
         std::array{std::optional(fault_), stopped_, leader_, answered_}) {
      if (!seen) continue;
      finding.story.push_back(
          {seen->event.at, who_of(seen->event, run_), event_sentence(seen->event, run_), seen->id});
    }
    return finding;
  }

  const record::RunRecord& run_;
  std::map<ShardId, NodeId> leaders_;
  std::map<NodeId, Seen> stops_;  // the last of each
  std::vector<Seen> faults_;
  Seen fault_;
  std::optional<Seen> stopped_, leader_, answered_;
};

}  // namespace

std::optional<record::Finding> failover_of(const record::RunRecord& run) {
  return Search(run).find();
}

std::optional<record::Finding> to_explain(const record::RunRecord& run) {
  const record::Finding* worst = record::worst_finding(run.verdict);
  return worst == nullptr ? failover_of(run) : std::optional(*worst);
}

}  // namespace blackout::text
