// The verdict on one run: what was promised, what was measured, what was broken and how to see it
// again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/base/ids.hpp"
#include "host/base/time.hpp"

namespace blackout::record {

enum class Held : std::uint8_t { yes, no, unknown };

enum class Conclusion : std::uint8_t {
  pass,          // every promise held, every expectation met
  violated,      // a promise or an invariant was broken, or the code under test crashed
  inconclusive,  // nothing broken, but a mark was not reached or a checker could not decide
};

// One row of the verdict's table.
struct ObjectiveRow {
  std::string name;     // "rto"
  std::string subject;  // "orders-eu", "put p99"
  Held held = Held::unknown;
  std::string promised, measured, margin;  // as printed: "≤ 12 s", "4.31 s", "7.69 s"
  std::string note;                        // "after A  region_down eu-de"
  std::int64_t promised_value = 0;         // ns, ppm or a count, for machines
  std::int64_t measured_value = 0;
  std::string unit;     // "ns", "ppm", "count"
  std::string fault{};  // letter of the fault that it is counted from; empty without one
};

struct StoryLine {
  Instant at;
  std::string who;  // node, client or fault letter
  std::string what;
  EventId event;  // 0 where no single event stands for it
};

// A broken invariant. `id` is stable: "raft.election_safety", "rpo", "exactly_once".
struct Finding {
  std::string id;
  std::string rule;      // the invariant in words
  std::string sentence;  // what contradicts it, with names, numbers and times
  Instant at;
  EventId event;
  std::vector<StoryLine> story;
};

struct InvariantRow {
  std::string id;
  Held held = Held::unknown;
  std::uint64_t checked = 0;  // how many instances were looked at: 0 means it proved nothing
};

struct MarkRow {
  std::string name;
  std::uint64_t count = 0;
  bool expected = false;
};

// The phases of a recovery, each >= 0; they add up exactly to the recovery time.
struct RtoPhases {
  Duration detect, decide, fence, promote, route, warm;
};

struct Verdict {
  Conclusion conclusion = Conclusion::inconclusive;
  std::string sentence;  // one line for people; empty on a plain pass
  std::vector<ObjectiveRow> objectives;
  std::vector<InvariantRow> invariants;
  std::vector<MarkRow> marks;
  std::vector<Finding> findings;  // by time
  // Without an expected violation: a pass. With one: whether it happened; the conclusion is then
  // violated in either case, because something was broken or the expectation was.
  bool expectation_met = true;
  std::vector<RtoPhases> rto_phases;  // one row, or none without recovery

  // Figures of objectives.md for statistics over seeds.
  std::uint64_t acknowledged = 0, lost = 0, duplicated = 0, phantom = 0;
  Duration rpo_time, rpo_tail, exposure_max, rto, downtime;
  std::uint64_t owed = 0, owed_ok = 0, impact_operations = 0, impact_clients = 0;
};

// The finding that the verdict's sentence speaks of, or else the first; null where none is.
const Finding* worst_finding(const Verdict& verdict);

}  // namespace blackout::record
