#include "reports/graph/causality.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "reports/text/cone.hpp"
#include "reports/text/failover.hpp"
#include "reports/text/style.hpp"

namespace blackout::graph {
namespace {

using text::Cone;
using text::ConeEvent;

bool is_fault(const ConeEvent& event) {
  return event.id != EventId(0) &&
         (event.kind == EventKind::fault_started || event.kind == EventKind::fault_ended);
}

class Builder {
 public:
  Builder(const record::Finding& finding, const record::RunRecord& run)
      : finding_(finding), run_(run), cone_(text::cone_of(finding, run)) {
    text::shorten(cone_.events, text::cone_events_max);
    const std::size_t size = cone_.events.size() + 1;
    edges_.assign(size, std::vector<std::optional<EdgeKind>>(size));
  }

  std::optional<Causality> build() {
    if (cone_.events.empty()) return std::nullopt;
    add_nodes();
    add_causes();
    add_orders();
    add_faults();
    add_conclusion();
    reduce();
    causality_.name = finding_.id;
    causality_.depended_on = cone_.depended_on.size();
    return std::move(causality_);
  }

 private:
  [[nodiscard]] Node node_of(const ConeEvent& event, std::size_t index) const {
    Node node;
    node.id = event.id == EventId(0) ? fmt::format("seen-{}", index + 1)
                                     : fmt::format("e{}", event.id.value());
    node.kind = is_fault(event) ? NodeKind::fault : NodeKind::event;
    node.time = text::story_time(event.at);
    node.who = event.who;
    node.what = event.what;
    node.event = event.id;
    node.root = event.root;
    node.gap = event.gap;
    if (event.id == EventId(0) || is_fault(event)) return node;
    const NodeId at = cone_.depended_on.at(event.id).node;
    if (at.value() < run_.plan.nodes.size()) node.region = run_.plan.nodes[at.value()].region;
    return node;
  }

  void add_nodes() {
    for (std::size_t i = 0; i < cone_.events.size(); ++i) {
      const ConeEvent& event = cone_.events[i];
      causality_.nodes.push_back(node_of(event, i));
      if (event.id == EventId(0)) continue;
      causality_.stood_for += 1 + event.folded.size();
      shown_[event.id] = i;
      for (const EventId id : event.folded) shown_[id] = i;
    }
    Node conclusion;
    conclusion.id = "conclusion";
    conclusion.kind = NodeKind::conclusion;
    conclusion.time = text::story_time(finding_.at);
    conclusion.who = finding_.id;
    conclusion.what = finding_.sentence;
    causality_.nodes.push_back(std::move(conclusion));
  }

  void add(std::size_t from, std::size_t to, EdgeKind kind) {
    if (from < to && !edges_[from][to]) edges_[from][to] = kind;
  }

  // The nearest cause that is shown.
  void add_cause(EventId id, std::size_t to) {
    EdgeKind kind = EdgeKind::step;
    for (auto at = cone_.depended_on.find(id); at != cone_.depended_on.end();) {
      const Event& event = at->second;
      if (event.kind == EventKind::message_delivered) kind = EdgeKind::message;
      const auto found = shown_.find(event.cause);
      if (found != shown_.end()) {
        const bool fault = causality_.nodes[found->second].kind == NodeKind::fault;
        add(found->second, to, fault ? EdgeKind::fault : kind);
        return;
      }
      at = cone_.depended_on.find(event.cause);
    }
  }

  void add_causes() {
    for (const auto& [id, index] : shown_) add_cause(id, index);
  }

  void add_orders() {
    std::map<std::string, std::size_t> last;
    for (std::size_t i = 0; i < cone_.events.size(); ++i) {
      const auto before = last.find(cone_.events[i].who);
      if (before != last.end()) add(before->second, i, EdgeKind::order);
      last[cone_.events[i].who] = i;
    }
  }

  // A fault that no event names as its cause stands before the next thing on a node that it hit.
  void add_faults() {
    for (std::size_t i = 0; i < cone_.events.size(); ++i) {
      const ConeEvent& fault = cone_.events[i];
      if (!is_fault(fault) || fault.kind != EventKind::fault_started) continue;
      const auto& row = edges_[i];
      const bool told = std::any_of(row.begin(), row.end(),
                                    [](const auto& edge) { return edge == EdgeKind::fault; });
      if (told) continue;
      const std::uint64_t index = cone_.depended_on.at(fault.id).a;
      if (index >= run_.faults.size()) continue;
      const std::vector<NodeId>& nodes = run_.faults[index].nodes;
      for (std::size_t next = i + 1; next < cone_.events.size(); ++next) {
        const EventId id = cone_.events[next].id;
        if (id == EventId(0) || is_fault(cone_.events[next])) continue;
        const NodeId at = cone_.depended_on.at(id).node;
        if (std::find(nodes.begin(), nodes.end(), at) == nodes.end()) continue;
        add(i, next, EdgeKind::fault);
        break;
      }
    }
  }

  // From what the finding speaks of, and from whatever else leads nowhere.
  void add_conclusion() {
    const std::size_t end = cone_.events.size();
    for (std::size_t i = 0; i < end; ++i) {
      const auto& row = edges_[i];
      const bool leads_on =
          std::any_of(row.begin(), row.end(), [](const auto& edge) { return edge.has_value(); });
      if (cone_.events[i].root || !leads_on) add(i, end, EdgeKind::conclusion);
    }
  }

  // Keeps every cause; what came before where no longer way says so; and into the conclusion what
  // did not cause something else that is led there.
  void reduce() {
    const std::size_t size = edges_.size();
    std::vector<std::vector<bool>> reached(size, std::vector<bool>(size)), caused = reached;
    for (std::size_t from = size; from-- > 0;) {
      for (std::size_t to = from + 1; to < size; ++to) {
        if (!edges_[from][to]) continue;
        const EdgeKind kind = *edges_[from][to];
        if (kind == EdgeKind::order && reached[from][to]) continue;
        if (kind == EdgeKind::conclusion && caused[from][to]) continue;
        causality_.edges.push_back({from, to, kind});
        follow(reached, from, to);
        if (kind != EdgeKind::order) follow(caused, from, to);
      }
    }
    std::stable_sort(causality_.edges.begin(), causality_.edges.end(),
                     [](const Edge& a, const Edge& b) { return a.from < b.from; });
  }

  static void follow(std::vector<std::vector<bool>>& ways, std::size_t from, std::size_t to) {
    ways[from][to] = true;
    for (std::size_t next = to + 1; next < ways.size(); ++next) {
      if (ways[to][next]) ways[from][next] = true;
    }
  }

  const record::Finding& finding_;
  const record::RunRecord& run_;
  Cone cone_;
  Causality causality_;
  std::map<EventId, std::size_t> shown_;  // by event, what stands for it
  std::vector<std::vector<std::optional<EdgeKind>>> edges_;
};

}  // namespace

std::optional<Causality> causality_of(const record::RunRecord& run) {
  const std::optional<record::Finding> finding = text::to_explain(run);
  return finding ? Builder(*finding, run).build() : std::nullopt;
}

std::string left_out_text(const Causality& causality) {
  if (causality.stood_for == causality.depended_on) return {};
  return fmt::format(
      "{} of the {} events that it depended on are here; sends and disk writes are left out, and "
      "beyond {} lines what says least.",
      text::grouped(causality.stood_for), text::grouped(causality.depended_on),
      text::cone_events_max);
}

}  // namespace blackout::graph
