// A run as spans of time: what each node was, leader or candidate of its groups, down or paused;
// the phases; when each fault held.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "reports/record/run_record.hpp"

namespace blackout::text {

struct RoleSpan {
  Instant from, to;
  bool leader;  // else a candidate
  std::uint64_t term;
};

struct AbsentSpan {
  Instant from, to;
  bool paused;  // else down
};

// One node in one group, or in none.
struct Lane {
  NodeId node;
  ShardId shard = no_shard;
  std::vector<RoleSpan> roles;  // by time
};

struct Lanes {
  std::vector<Lane> lanes;                      // without client hosts; by region, node, group
  std::vector<std::vector<AbsentSpan>> absent;  // by node, by time
};

// As far as the run came; never 0.
Instant end_of(const record::RunRecord& run);

// Spans that are still open end at `end`.
Lanes lanes_of(const record::RunRecord& run, Instant end);

struct PhaseSpan {
  std::string_view name;
  Instant from, to;
};
// Those that the run came to.
std::vector<PhaseSpan> phases_of(const record::Timeline& timeline, Instant end);

// When a fault held: as the ledger has it, or as it was drawn where there is none. It does not
// count before it began.
struct FaultSpan {
  Instant from, to;
  bool began;
};
FaultSpan span_of(const record::RunRecord& run, std::size_t fault, Instant end);

}  // namespace blackout::text
