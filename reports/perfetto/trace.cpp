#include "reports/perfetto/trace.hpp"

#include <fmt/format.h>

#include <limits>

#include "reports/record/document.hpp"
#include "reports/text/chronicle.hpp"
#include "reports/text/cone.hpp"
#include "reports/text/event_text.hpp"
#include "reports/text/failover.hpp"
#include "reports/text/lanes.hpp"

namespace blackout::perfetto {
namespace {

using record::Json;

// Processes: the run, then the nodes. Threads of a node: its state, its causes, then its groups.
constexpr std::uint64_t run_process = 1, first_node = 2;
constexpr std::uint64_t state_thread = 1, causes_thread = 2, first_shard = 3;

double microseconds_of(std::int64_t ns) { return static_cast<double>(ns) / 1000; }

struct Track {
  std::uint64_t process, thread;
};

class Writer {
 public:
  explicit Writer(const record::RunRecord& run) : run_(run), end_(text::end_of(run)) {}

  std::string write() {
    name_tracks();
    add_phases();
    add_faults();
    add_lanes();
    add_moments();
    add_causes();
    Json json = Json::object();
    json["displayTimeUnit"] = "ms";
    json["otherData"] = {{"scenario", run_.plan.scenario},
                         {"seed", record::seed_text(run_.plan.seed)},
                         {"build", run_.build.commit}};
    json["traceEvents"] = std::move(events_);
    return record::dump(json) + "\n";
  }

 private:
  // Where an event of the node stands; what is no node's is the run's.
  [[nodiscard]] static Track track_of(NodeId node, std::uint64_t thread) {
    if (node == no_node) return {run_process, thread};
    return {first_node + node.value(), thread};
  }

  Json& add(const char* kind, const Track& track, const std::string& name, Instant at) {
    Json event = Json::object();
    event["ph"] = kind;
    event["pid"] = track.process;
    event["tid"] = track.thread;
    event["name"] = name;
    event["ts"] = microseconds_of(at.ns());
    events_.push_back(std::move(event));
    return events_.back();
  }

  void add_slice(const Track& track, const std::string& name, Instant from, Instant to) {
    add("X", track, name, from)["dur"] = microseconds_of((to - from).ns());
  }

  void name_process(std::uint64_t process, const std::string& name) {
    const Track track{process, 0};
    add("M", track, "process_name", Instant(0))["args"] = {{"name", name}};
    add("M", track, "process_sort_index", Instant(0))["args"] = {{"sort_index", process}};
  }

  void name_thread(const Track& track, const std::string& name) {
    add("M", track, "thread_name", Instant(0))["args"] = {{"name", name}};
    add("M", track, "thread_sort_index", Instant(0))["args"] = {{"sort_index", track.thread}};
  }

  void name_tracks() {
    name_process(run_process, "run");
    name_thread({run_process, state_thread}, "phases and findings");
    name_thread({run_process, causes_thread}, "causes");
    for (std::size_t i = 0; i < run_.plan.nodes.size(); ++i) {
      name_process(first_node + i, run_.plan.nodes[i].name);
      name_thread({first_node + i, state_thread}, "state");
      name_thread({first_node + i, causes_thread}, "causes");
    }
  }

  void add_phases() {
    for (const text::PhaseSpan& phase : text::phases_of(run_.plan.timeline, end_)) {
      add_slice({run_process, state_thread}, std::string(phase.name), phase.from, phase.to);
    }
  }

  // Asynchronous slices: they may overlap.
  void add_faults() {
    for (std::size_t i = 0; i < run_.plan.faults.size(); ++i) {
      const text::FaultSpan span = text::span_of(run_, i, end_);
      if (!span.began) continue;
      const record::FaultFact& fault = run_.plan.faults[i];
      const std::string name = fault.letter + "  " + text::fault_text(fault);
      const auto half = [&](const char* kind, Instant at) {
        Json& event = add(kind, {run_process, state_thread}, name, at);
        event["cat"] = "fault";
        event["id"] = i + 1;
      };
      half("b", span.from);
      half("e", span.to);
    }
  }

  void add_lanes() {
    const text::Lanes lanes = text::lanes_of(run_, end_);
    for (const text::Lane& lane : lanes.lanes) {
      if (lane.shard == no_shard) continue;
      const Track track = track_of(lane.node, first_shard + lane.shard.value());
      name_thread(track, run_.plan.shards[lane.shard.value()].name);
      for (const text::RoleSpan& span : lane.roles) {
        add_slice(track,
                  fmt::format("{}, term {}", span.leader ? "leader" : "candidate", span.term),
                  span.from, span.to);
      }
    }
    for (std::uint32_t i = 0; i < lanes.absent.size(); ++i) {
      for (const text::AbsentSpan& span : lanes.absent[i]) {
        add_slice(track_of(NodeId(i), state_thread), span.paused ? "paused" : "down", span.from,
                  span.to);
      }
    }
  }

  // Where the chronicle says who, the trace says which node.
  void add_moments() {
    constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
    for (const text::Moment& moment : text::chronicle_of(run_, all).moments) {
      Event event;
      const bool found = moment.kind != "finding" && moment.event != EventId(0) &&
                         trace::Cursor(run_.trace, moment.event).next(event);
      Json& instant = add("i", track_of(found ? event.node : no_node, state_thread),
                          moment.who + " " + moment.what, moment.at);
      instant["s"] = "t";
      instant["cat"] = moment.kind;
    }
  }

  // A point for each event that was depended on, and an arrow for each message among them.
  void add_causes() {
    const std::optional<record::Finding> finding = text::to_explain(run_);
    if (!finding) return;
    const text::Cone cone = text::cone_of(*finding, run_);
    for (const auto& [id, event] : cone.depended_on) {
      const Track track = track_of(event.node, causes_thread);
      add_slice(track, text::event_sentence(event, run_), event.at, event.at + Duration(1));
      events_.back()["args"] = {{"event", id.value()}, {"cause", event.cause.value()}};
      if (event.kind != EventKind::message_delivered) continue;
      const auto sent = cone.depended_on.find(event.cause);
      if (sent == cone.depended_on.end()) continue;
      add_half("s", track_of(sent->second.node, causes_thread), id, sent->second.at);
      add_half("f", track, id, event.at)["bp"] = "e";
    }
  }

  Json& add_half(const char* kind, const Track& track, EventId id, Instant at) {
    Json& event = add(kind, track, "message", at);
    event["cat"] = "message";
    event["id"] = id.value();
    return event;
  }

  const record::RunRecord& run_;
  Instant end_;
  Json events_ = Json::array();
};

}  // namespace

std::string trace(const record::RunRecord& run) { return Writer(run).write(); }

}  // namespace blackout::perfetto
