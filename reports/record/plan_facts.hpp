// What a judge and a reader must know of the Plan that was run: names, places, promises, no
// mechanisms.
//
// It is part of the record, so that a verdict can be computed again from saved files alone. Ids
// index these vectors.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/base/ids.hpp"
#include "host/base/time.hpp"

namespace blackout::record {

struct RegionFact {
  std::string name;
};

struct NodeFact {
  std::string name;  // "eu-de-1"; client hosts "clients-eu-de"
  RegionId region;
  std::uint16_t zone = 0;
  bool client_host = false;
};

struct ShardFact {
  std::string name;
  std::string key_prefix;
  std::vector<NodeId> voters;
  bool routes = false;  // it holds the director's routing plan, and no accounts
};

struct ClientGroupFact {
  std::string name;
  ShardId shard;
  std::vector<RegionId> from;
  std::uint32_t clients = 0;
  Duration timeout;
};

// A fault, an interval, or a moment where `length` is 0: as it was drawn, and after a run as it
// took place.
struct FaultFact {
  std::string letter;  // "A".."Z", "AA"..
  std::string kind;
  std::string target;   // as printed: "eu-de", "eu-gb us-east"
  std::string details;  // "power_loss, 45 s"
  Instant at;           // never(): it did not begin
  Duration length;
  std::string why;
  std::string cause = {};  // the event that brought it with others; most have none
};

enum class Phase : std::uint8_t { warmup, chaos, calm, run };

struct Timeline {
  Duration warmup, chaos, calm;
  [[nodiscard]] Instant chaos_start() const { return Instant(0) + warmup; }
  [[nodiscard]] Instant calm_start() const { return chaos_start() + chaos; }
  // Clients stop here; what follows is the audit that reads the final state.
  [[nodiscard]] Instant end() const { return calm_start() + calm; }
};

enum class OperationKind : std::uint8_t { put, get, cas, transfer, status, profile };
inline constexpr OperationKind last_operation_kind = OperationKind::profile;

// Writes to records, which join by rules; the other kinds concern accounts.
constexpr bool writes_record(OperationKind kind) {
  return kind == OperationKind::status || kind == OperationKind::profile;
}

struct RtoObjective {
  Duration max;
  std::uint32_t group;  // index of the client group
  std::uint32_t success_ppm;
  Duration window;
  Duration
      within;  // the SLO latency L of objectives.md; the clients' timeout where the file is silent
};
struct AvailabilityObjective {
  std::uint32_t min_ppm;
  std::uint32_t group;
  Phase over;
};
struct LatencyObjective {
  OperationKind kind;
  std::uint32_t percentile_permille;  // 500, 900, 990, 999, 1000
  Duration max;
  Phase over;
};
// What replication between regions adds to the same operation with all regions in one place.
struct AddedLatencyObjective {
  OperationKind kind;
  std::uint32_t percentile_permille;  // as of a LatencyObjective
  Duration max;
  std::uint32_t floor_max_permille;  // of the floor: what the distances alone make it take
  Phase over;
};
struct LagObjective {
  Duration max;
  Phase over;
};
struct DivergenceObjective {
  Duration detect, repair;
};
struct ResidencyObjective {
  std::string key_prefix;
  std::vector<RegionId> stay_in;
};

struct Objectives {
  Duration rpo_max;
  std::optional<RtoObjective> rto;
  std::vector<AvailabilityObjective> availability;
  std::vector<LatencyObjective> latency;
  std::vector<AddedLatencyObjective> added_latency;
  std::optional<LagObjective> lag;
  std::optional<DivergenceObjective> divergence;
  std::vector<ResidencyObjective> residency;
};

struct Expectation {
  bool violates = false;
  std::vector<std::string> invariants;  // ids that a violating run must break; empty: any
  std::vector<std::string> marks;       // must be reached
};

struct PlanFacts {
  std::string scenario;
  std::string summary;
  std::uint64_t seed = 0;
  std::vector<RegionFact> regions;
  std::vector<NodeFact> nodes;
  std::vector<ShardFact> shards;
  std::vector<ClientGroupFact> groups;
  std::vector<FaultFact> faults;
  Timeline timeline;
  Objectives objectives;
  Expectation expect;
  // The declared bounds; beyond them a node owes nothing.
  Duration clock_offset_max;
  std::uint32_t clock_drift_max_ppm = 0;
};

// The shard of the director; no_shard where there is none.
ShardId routes_shard(const PlanFacts& plan);

// "0x51c9e0a77d3b2f14": how a seed is printed everywhere.
std::string seed_text(std::uint64_t seed);

}  // namespace blackout::record
