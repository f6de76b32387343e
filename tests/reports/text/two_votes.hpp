// A small record, made by hand, in which a voter answers two candidates of one term.
#pragma once

#include "reports/record/run_record.hpp"

namespace blackout::text {

inline constexpr NodeId one{0}, two{1}, three{2};
inline constexpr ShardId orders{0};

// A voter that answers two candidates of term 7, with a restart between; its votes reach its disk
// as `on_disk`.
class TwoVotes {
 public:
  explicit TwoVotes(bool on_disk) {
    run_.plan.nodes = {{"de-1", RegionId(0)}, {"gb-1", RegionId(0)}, {"es-1", RegionId(0)}};
    run_.plan.shards = {{"orders", "", {one, two, three}}};
    run_.plan.faults = {{"A", "node_restart", "es-1", "power_loss, 1 s", at(30), seconds(1), ""},
                        {"B", "disk_slow", "de-1", "x5, 1 s", at(31), seconds(1), ""}};
    run_.faults.resize(2);
    run_.faults[0].nodes = {three};
    run_.faults[1].nodes = {one};
    add(1, EventKind::phase_started, no_node);
    const EventId asked = vote(10, one, on_disk);
    add(30, EventKind::fault_started, no_node, 0);
    add(30, EventKind::node_stopped, three, 2);
    add(31, EventKind::fault_started, no_node, 1);
    add(40, EventKind::node_started, three, 2);
    const EventId again = vote(50, two, on_disk);
    record::Finding finding;
    finding.id = "raft.vote_uniqueness";
    finding.rule = "A node votes once in a term.";
    finding.sentence = "es-1 voted twice.";
    finding.at = at(53);
    finding.event = again;
    finding.story = {{at(13), "es-1", "votes for de-1", asked},
                     {at(53), "es-1", "votes for gb-1", again}};
    run_.verdict.findings = {finding};
    run_.verdict.conclusion = record::Conclusion::violated;
  }

  [[nodiscard]] const record::RunRecord& run() const { return run_; }

 private:
  static Instant at(std::int64_t ms) { return Instant(0) + milliseconds(ms); }

  EventId add(std::int64_t ms, EventKind kind, NodeId node, std::uint64_t a = 0,
              std::uint64_t b = 0, EventId cause = EventId(0)) {
    return run_.trace.append({at(ms), cause, kind, node, orders, a, b, 0});
  }

  EventId vote(std::int64_t ms, NodeId candidate, bool on_disk) {
    const std::uint64_t word = node_word(candidate);
    EventId last = add(ms, EventKind::role_changed, candidate, 2, 7);
    last = add(ms, EventKind::message_sent, candidate, node_word(three), 16, last);
    last = add(ms + 2, EventKind::message_delivered, three, word, 16, last);
    last = add(ms + 3, EventKind::term_persisted, three, 7, on_disk ? word : 0, last);
    return add(ms + 3, EventKind::vote_cast, three, word, 7, last);
  }

  record::RunRecord run_;
};

}  // namespace blackout::text
