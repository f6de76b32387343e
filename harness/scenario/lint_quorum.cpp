#include <algorithm>
#include <map>

#include "harness/scenario/lint.hpp"

namespace blackout::scenario {

namespace {

using fault::Kind;

// What comes after so many turns of a cycle repeats them.
constexpr std::size_t turns_max = 10'000;

// The group that serves the clients of the RTO, as an index.
std::optional<std::size_t> promised_group(const Node& root) {
  const Node* clients = at_path(root, {"objectives", "rto", "clients"});
  const Node* workload = root.find("workload");
  const Node* groups = root.find("groups");
  if (clients == nullptr || workload == nullptr || groups == nullptr) return {};
  for (const Node& client_group : workload->children) {
    const Node* name = client_group.find("name");
    const Node* prefix = at_path(client_group, {"keys", "prefix"});
    if (name == nullptr || prefix == nullptr || name->text != clients->text) continue;
    const std::size_t index = group_of(root, prefix->text);
    if (index < groups->children.size()) return index;
  }
  return {};
}

// When a voter is down for certain.
struct Absence {
  Instant from, to;
  const FaultExtent* fault;
  NodeId voter;
};

// Of a quantity that may be drawn the least.
Duration least(const FaultExtent& fault, std::string_view key) {
  const auto span = span_of(fault.node->find(key), Quantity::duration);
  return Duration(span ? span->min : 0);
}

constexpr bool one_by_one(Kind kind) {
  return kind == Kind::rolling_restart || kind == Kind::rolling_version_change;
}

void add_absences(const FaultExtent& fault, NodeId voter, std::vector<Absence>& absences) {
  const auto& nodes = fault.extent.nodes;
  const auto place = std::find(nodes.begin(), nodes.end(), voter);
  if (place == nodes.end() || !fault.certain) return;
  const Instant start = fault.start + fault.spread, end = fault.end - fault.spread;
  const auto add = [&](Instant from, Duration length) {
    const Instant to = std::min(end, from + length - fault.spread);
    if (from < to) absences.push_back({from, to, &fault, voter});
  };
  if (row_of(fault.kind).stops) add(start, end - fault.start);
  if (one_by_one(fault.kind)) {
    const Duration down = least(fault, "down");
    add(start + (down + least(fault, "gap")) * (place - nodes.begin()), down);
  }
  const Duration period = least(fault, "period");
  if (fault.kind != Kind::node_crash_loop || period <= Duration()) return;
  Instant from = start;
  for (std::size_t turn = 0; turn < turns_max && from < end; ++turn) {
    add(from, period / 2);
    from = from + period;
  }
}

struct Outage {
  Instant start, end;
  std::size_t voters_left = 0;
};

// The spans without a majority; one that lasts less than `window` ends none.
std::vector<Outage> outages_of(const std::vector<Absence>& absences, std::size_t voters,
                               Duration window) {
  struct Change {
    Instant at;
    int down;
    NodeId voter;
  };
  std::vector<Change> changes;
  for (const Absence& one : absences) {
    changes.push_back({one.from, 1, one.voter});
    changes.push_back({one.to, -1, one.voter});
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const Change& a, const Change& b) { return a.at < b.at; });
  std::map<NodeId, int> down;
  std::vector<Outage> outages;
  bool without = false;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    down[changes[i].voter] += changes[i].down;
    const Instant now = changes[i].at;
    if (i + 1 < changes.size() && changes[i + 1].at == now) continue;
    const auto lost = static_cast<std::size_t>(
        std::count_if(down.begin(), down.end(), [](const auto& one) { return one.second > 0; }));
    const std::size_t left = voters - lost;
    if (without) outages.back().end = now;
    without = left * 2 <= voters;
    if (!without) continue;
    if (outages.empty() || now - outages.back().end >= window) outages.push_back({now, now, left});
    outages.back().voters_left = std::min(outages.back().voters_left, left);
  }
  return outages;
}

std::string targets_of(const FaultExtent& fault) {
  std::string text;
  const std::vector<const Node*> names = target_names(fault.node->get("target"));
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i]->text;
  }
  return text;
}

std::string story_of(const FaultExtent& fault) {
  std::string how = " down";
  if (fault.kind == Kind::node_crash_loop) how = " down again and again";
  if (one_by_one(fault.kind)) how = " down one by one";
  return fault.letter + " takes " + targets_of(fault) + how + " from " + seconds_text(fault.start) +
         " to " + seconds_text(fault.end);
}

bool expects_a_broken_rto(const Node& root) {
  const Node* verdict = at_path(root, {"expect", "verdict"});
  if (verdict == nullptr || verdict->text != "violates") return false;
  const Node* list = at_path(root, {"expect", "violates"});
  return list == nullptr || std::any_of(list->children.begin(), list->children.end(),
                                        [](const Node& one) { return one.text == "rto"; });
}

}  // namespace

void check_quorum(const Node& root, const std::vector<FaultExtent>& faults, const Places& places,
                  Report& report) {
  if (expects_a_broken_rto(root)) return;
  const auto rto = value_of(at_path(root, {"objectives", "rto", "max"}), Quantity::duration);
  const auto window = value_of(at_path(root, {"objectives", "rto", "window"}), Quantity::duration);
  const auto group = promised_group(root);
  if (!rto || !window || !group) return;
  const auto& [name, voters] = places.groups()[*group];
  if (name.empty()) return;
  std::vector<Absence> absences;
  for (const FaultExtent& fault : faults) {
    for (const NodeId voter : voters) add_absences(fault, voter, absences);
  }
  const auto outages = outages_of(absences, voters.size(), Duration(*window));
  const auto outage = std::find_if(outages.begin(), outages.end(), [&](const Outage& one) {
    return one.end - one.start >= Duration(*rto);
  });
  if (outage == outages.end()) return;
  std::string places_down, story;
  for (const FaultExtent& fault : faults) {
    const bool takes = std::any_of(absences.begin(), absences.end(), [&](const Absence& one) {
      return one.fault == &fault && one.from < outage->end && one.to > outage->start;
    });
    if (!takes) continue;
    places_down += (places_down.empty() ? "" : " and ") + targets_of(fault);
    story += (story.empty() ? "fault " : ", fault ") + story_of(fault);
  }
  report.add(
      Code::no_quorum_for_rto, groups_of(root)[*group]->at,
      "group " + quote(name) + " has no quorum without " + places_down + " (" +
          std::to_string(outage->voters_left) + " of " + std::to_string(voters.size()) +
          " voters left)",
      {story + ", so rto \u2264 " + format_duration(Duration(*rto)) + " cannot hold",
       "give another region a voter, raise objectives.rto.max, or expect \"rto\" to be violated"});
}

}  // namespace blackout::scenario
