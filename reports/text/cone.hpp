// What a finding depended on: the events that led to it, oldest first.
//
// The causes of the finding's own events back to their roots, and of the nodes that contradict each
// other what stopped, started or changed them meanwhile, with the faults that took hold of them.
// Facts that a single event does not show (who voted, how many disks have an entry) are notes,
// counted over the whole trace. Costs one pass over the trace.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "reports/record/run_record.hpp"

namespace blackout::text {

struct ConeEvent {
  EventId id;  // 0: the record tells of it without an event
  Instant at;
  std::string who, what;
  EventKind kind{};
  bool root = false;              // the finding itself speaks of it
  bool gap = false;               // something that should be there is not; `what` ends with it
  std::vector<EventId> folded{};  // earlier ones of its kind that it stands for too
};

struct Cone {
  std::vector<ConeEvent> events;         // by time
  std::map<EventId, Event> depended_on;  // those that `events` leaves out included
  std::uint64_t faults = 0;
};

Cone cone_of(const record::Finding& finding, const record::RunRecord& run);

// As many as a reader takes in.
inline constexpr std::size_t cone_events_max = 40;

// Leaves at most `events_max`: messages go first, then steps of the log, then the oldest; what the
// finding speaks of goes last.
void shorten(std::vector<ConeEvent>& events, std::size_t events_max);

}  // namespace blackout::text
