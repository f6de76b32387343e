#include "reports/text/cone.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "reports/text/event_text.hpp"
#include "reports/text/ghost.hpp"

namespace blackout::text {
namespace {

template <std::size_t count>
constexpr trace::KindSet kinds_of(const std::array<EventKind, count>& list) {
  trace::KindSet kinds{};
  for (const EventKind kind : list) kinds[static_cast<std::size_t>(kind)] = true;
  return kinds;
}

// Steps on the way that say nothing by themselves.
constexpr trace::KindSet silent = kinds_of(
    std::array{EventKind::message_sent, EventKind::message_dropped, EventKind::message_duplicated,
               EventKind::disk_written, EventKind::disk_synced, EventKind::match_advanced,
               EventKind::phase_started});

// What changes a node between two events of its own.
constexpr trace::KindSet turning = kinds_of(
    std::array{EventKind::fault_started, EventKind::node_stopped, EventKind::node_started,
               EventKind::node_paused, EventKind::node_resumed, EventKind::disk_unsynced_lost,
               EventKind::disk_replaced, EventKind::disk_sync_ignored, EventKind::clock_stepped,
               EventKind::term_persisted, EventKind::log_truncated, EventKind::log_recovered,
               EventKind::snapshot_restored});

// What shows which nodes a fault has to do with.
constexpr trace::KindSet entangling =
    kinds_of(std::array{EventKind::fault_started, EventKind::link_cut, EventKind::link_degraded,
                        EventKind::link_held, EventKind::link_flapping, EventKind::link_reset});

bool in(const trace::KindSet& kinds, EventKind kind) {
  return kinds[static_cast<std::size_t>(kind)];
}

using Events = std::map<EventId, Event>;

// The events that the finding names; of a crash, which names none, the last of the run.
std::set<EventId> roots_of(const record::Finding& finding, const record::RunRecord& run) {
  std::set<EventId> roots;
  const auto add = [&](EventId id) {
    if (id != EventId(0) && id.value() <= run.trace.size()) roots.insert(id);
  };
  add(finding.event);
  for (const record::StoryLine& line : finding.story) add(line.event);
  if (roots.empty() && finding.id.starts_with("crash.")) add(EventId(run.trace.size()));
  return roots;
}

// Backwards, a stretch between two checkpoints at a time: each is decoded once.
Events causes_of(const std::set<EventId>& roots, const trace::Trace& trace) {
  constexpr std::uint64_t stretch = trace::Trace::checkpoint_events;
  Events events;
  std::set<EventId> wanted = roots;
  std::vector<Event> decoded;
  while (!wanted.empty()) {
    const std::uint64_t first = (wanted.rbegin()->value() - 1) / stretch * stretch + 1;
    trace::Cursor cursor(trace, EventId(first));
    decoded.clear();
    for (Event event;
         decoded.size() < wanted.rbegin()->value() - first + 1 && cursor.next(event);) {
      decoded.push_back(event);
    }
    while (!wanted.empty() && wanted.rbegin()->value() >= first) {
      const EventId id = *wanted.rbegin();
      wanted.erase(id);
      const Event& event = decoded[id.value() - first];
      events.emplace(id, event);
      if (event.cause != EventId(0)) wanted.insert(event.cause);
    }
  }
  return events;
}

bool has(const std::set<NodeId>& nodes, const std::vector<NodeId>& any_of_these) {
  return std::any_of(any_of_these.begin(), any_of_these.end(),
                     [&](NodeId node) { return nodes.contains(node); });
}

// The faults that took hold of one of the nodes, or of a link from or to one of them between two
// nodes that are `involved`, while the finding came about: not over before `from`.
class FaultsOn {
 public:
  FaultsOn(const record::RunRecord& run, const std::set<NodeId>& nodes,
           const std::set<NodeId>& involved, Instant from)
      : run_(run), nodes_(nodes), involved_(involved), from_(from) {}

  // Every fault_started and link event, in order.
  void see(EventId id, const Event& event, Events& events) {
    if (event.kind == EventKind::fault_started) {
      started_[event.a] = {id, event};
      if (event.a < run_.faults.size() && has(nodes_, run_.faults[event.a].nodes)) {
        take(event.a, events);
      }
      return;
    }
    const NodeId to = node_of_word(event.a);
    const bool between = involved_.contains(event.node) && involved_.contains(to);
    if (between && has(nodes_, {event.node, to})) take(event.b, events);
  }

 private:
  void take(std::uint64_t fault, Events& events) const {
    const auto found = started_.find(fault);
    if (found == started_.end()) return;
    const bool over =
        fault < run_.faults.size() && run_.faults[fault].ended && *run_.faults[fault].ended < from_;
    if (!over) events.insert(found->second);
  }

  const record::RunRecord& run_;
  const std::set<NodeId>& nodes_;
  const std::set<NodeId>& involved_;
  Instant from_;
  std::map<std::uint64_t, std::pair<EventId, Event>> started_;
};

// What turned the nodes that the roots are on, from the first root to the last.
void add_turns(const std::set<EventId>& roots, const record::RunRecord& run, Events& events) {
  std::set<NodeId> nodes, involved;
  for (const EventId root : roots) nodes.insert(events.at(root).node);
  for (const auto& [id, event] : events) involved.insert(event.node);
  const EventId from = roots.size() == 1 ? events.begin()->first : *roots.begin();
  FaultsOn faults(run, nodes, involved, events.at(from).at);
  trace::KindSet kinds = turning;
  for (std::size_t i = 0; i < kinds.size(); ++i) kinds[i] = kinds[i] || entangling[i];
  trace::Cursor cursor(run.trace);
  Event event;
  while (cursor.next_of(kinds, event) && cursor.id() <= *roots.rbegin()) {
    if (in(entangling, event.kind)) {
      faults.see(cursor.id(), event, events);
    } else if (cursor.id() >= from && nodes.contains(event.node)) {
      events.emplace(cursor.id(), event);
    }
  }
}

// One event for a run of one kind on one node: "applies 3140: put a ... applies 3163: put b".
void fold_runs(std::vector<ConeEvent>& events) {
  std::vector<ConeEvent> folded;
  for (std::size_t i = 0; i < events.size();) {
    std::size_t end = i + 1;
    const auto alike = [&](const ConeEvent& other) {
      return other.kind == events[i].kind && other.who == events[i].who && !other.root &&
             !other.gap;
    };
    if (alike(events[i])) {
      while (end < events.size() && alike(events[end])) ++end;
    }
    folded.push_back(events[i]);
    if (end - i > 2) {
      folded.back() = events[end - 1];
      for (std::size_t k = i; k + 1 < end; ++k) folded.back().folded.push_back(events[k].id);
      folded.back().what += fmt::format("   (and {} before it)", end - i - 1);
    } else if (end - i == 2) {
      folded.push_back(events[i + 1]);
    }
    i = end;
  }
  events = std::move(folded);
}

// What goes first where there is no room: the messages, then the steps of the log.
int weight(const ConeEvent& event) {
  if (event.root || event.gap) return 3;
  switch (event.kind) {
    case EventKind::message_delivered:
    case EventKind::request_forwarded:
    case EventKind::operation_invoked:
    case EventKind::entry_applied:
      return 0;
    case EventKind::entry_appended:
    case EventKind::log_durable:
    case EventKind::commit_advanced:
    case EventKind::write_acknowledged:
      return 1;
    default:
      return 2;
  }
}

}  // namespace

Cone cone_of(const record::Finding& finding, const record::RunRecord& run) {
  const std::set<EventId> roots = roots_of(finding, run);
  Cone cone;
  if (!roots.empty()) {
    Events events = causes_of(roots, run.trace);
    add_turns(roots, run, events);
    Ghost ghost(run);
    std::set<std::uint64_t> faults;
    for (const auto& [id, event] : events) {
      if (event.kind == EventKind::fault_started || event.kind == EventKind::fault_ended) {
        faults.insert(event.a);
      }
      if (in(silent, event.kind) && !roots.contains(id)) continue;
      const Note note = ghost.note_at(id, event);
      cone.events.push_back({id, event.at, who_of(event, run),
                             event_sentence(event, run) + note.text, event.kind, roots.contains(id),
                             note.gap});
    }
    cone.faults = faults.size();
    cone.depended_on = std::move(events);
  }
  // What the finding tells without an event: what a client saw.
  for (const record::StoryLine& line : finding.story) {
    const bool fault = std::any_of(run.plan.faults.begin(), run.plan.faults.end(),
                                   [&](const auto& one) { return one.letter == line.who; });
    if (line.event != EventId(0) || fault) continue;
    cone.events.push_back({EventId(0), line.at, line.who, line.what, {}, true, false});
  }
  std::stable_sort(cone.events.begin(), cone.events.end(),
                   [](const ConeEvent& a, const ConeEvent& b) { return a.at < b.at; });
  fold_runs(cone.events);
  return cone;
}

void shorten(std::vector<ConeEvent>& events, std::size_t events_max) {
  for (int lightest = 0; events.size() > events_max && lightest <= 3; ++lightest) {
    std::size_t surplus = events.size() - events_max;
    std::erase_if(events, [&](const ConeEvent& event) {
      return weight(event) == lightest && surplus > 0 && surplus-- > 0;
    });
  }
}

}  // namespace blackout::text
