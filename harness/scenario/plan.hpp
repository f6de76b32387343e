// The Plan: a scenario in which nothing is left to chance but the keyed streams of its seed.
//
// It is plain data. The same Plan and the same build give the same run, bit for bit. `document` is
// the plan as a scenario file with every draw replaced by its value and every generator by its
// list, and with the seed: loading that document and drawing from it gives this Plan again.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "models/fault/fault.hpp"
#include "reports/record/plan_facts.hpp"
#include "sim/random/distributions.hpp"

namespace blackout::scenario {

enum class Acknowledge : std::uint8_t { quorum, leader };
enum class Reads : std::uint8_t { quorum, lease };

struct GroupPlan {
  std::string name;
  std::string key_prefix;  // empty for the director's group
  std::vector<NodeId> voters;
  std::vector<NodeId>
      preferred;  // voters in order of preference, those of no preferred region last
  Acknowledge acknowledge = Acknowledge::quorum;
  Reads reads = Reads::quorum;
  Duration election_timeout_min, election_timeout_max, heartbeat;
  std::uint64_t snapshot_every = 10'000;  // applied entries
  bool records = false;                   // some clients write to records
  std::vector<std::string> statuses;      // of a verification, the lowest first
};

enum class KeyPick : std::uint8_t { uniform, zipf, sequential };
enum class Retry : std::uint8_t { none, same_request_id };

struct ClientGroupPlan {
  std::string name;
  ShardId shard;
  std::vector<RegionId> from;
  std::uint32_t clients = 0;     // spread over the regions in turn
  std::uint64_t rate_per_s = 0;  // of the whole group, open loop
  // Their sum is 1'000'000.
  std::uint32_t put_ppm = 0, get_ppm = 0, cas_ppm = 0, transfer_ppm = 0, status_ppm = 0,
                profile_ppm = 0;
  std::string key_prefix;
  std::uint32_t key_count = 0;
  KeyPick pick = KeyPick::uniform;
  std::uint32_t value_bytes = 0;
  Duration timeout;
  Retry retry = Retry::same_request_id;
};

struct LinkPlan {
  // Round-trip time between regions, symmetric, [a * regions + b]; on the diagonal between zones.
  std::vector<Duration> region_rtt;
  Duration zone_rtt;
  std::uint32_t jitter_ppm = 0;
  random::Probability loss;
  std::uint64_t bandwidth_bits_per_s = 0;         // 0: unlimited
  std::set<std::pair<RegionId, RegionId>> still;  // both directions: neither jitter nor loss
};

struct Plan {
  record::PlanFacts facts;
  std::string document;
  std::string system;  // under test; empty: the one that is tested unless another is named
  LinkPlan links;
  Duration fsync_median, fsync_p99;
  std::set<NodeId> still_disks;  // every access takes the median
  Duration clock_offset_max;
  std::uint32_t clock_drift_max_ppm = 0;
  std::set<NodeId> still_clocks;  // right, and without drift
  std::vector<GroupPlan> groups;  // index = ShardId; the director's, if there is one, is the last
  std::vector<ClientGroupPlan> clients;
  std::vector<fault::Fault> faults;  // by start; same order as facts.faults
  std::vector<std::string> planted;  // names of planted bugs to switch on
};

}  // namespace blackout::scenario
