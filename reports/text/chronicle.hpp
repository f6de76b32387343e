// The events that matter of a run, in words: faults, stops and starts, elections, phases, and what
// the verdict found. Messages, disk writes and log entries are not among them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reports/record/run_record.hpp"

namespace blackout::text {

struct Moment {
  Instant at;
  EventId event;  // 0 where no single event stands for it
  EventId cause;
  std::string kind;    // "phase", "fault", "node", "role", "election", "log", "clock", "finding"
  std::string who;     // node or fault letter
  std::string region;  // the node's; else empty
  std::string what;
  bool minor = false;  // a first start, or of the way to an election
};

struct Chronicle {
  std::vector<Moment> moments;  // by time
  std::uint64_t of_kinds = 0;   // how many there are, listed or not
};

// At most `moments_max`: minor ones go first, then the last.
Chronicle chronicle_of(const record::RunRecord& run, std::size_t moments_max);

}  // namespace blackout::text
