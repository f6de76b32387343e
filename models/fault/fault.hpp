// Faults as typed intervals: each is one object from its start to its end, so that removing it is
// clean.
//
// Nothing is left to draw. A target that is a role ("leader of orders") is known when its fault
// begins; for each way to fill it the fault has the nodes, directed links and clients ready.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "host/base/ids.hpp"
#include "host/base/time.hpp"
#include "sim/random/distributions.hpp"

namespace blackout::fault {

// What each does, and what takes it back, is said once: in the catalogue.
enum class Kind : std::uint8_t {
  // network
  partition,
  link_degraded,
  link_corrupted,
  mtu_black_hole,
  link_held,
  link_flapping,
  connection_reset,
  routes_stale,
  // clock
  clock_step,
  clock_drift,
  clock_frozen,
  clock_smear,
  time_service_lies,
  clock_bound_violated,
  // disk
  disk_slow,
  disk_stall,
  disk_error,
  disk_full,
  disk_read_only,
  disk_lying,
  disk_misdirected,
  disk_bad_sector,
  disk_bit_rot,
  disk_replaced,
  disk_restored,
  // node
  node_restart,
  node_pause,
  node_slow,
  node_crash_at,
  node_crash_loop,
  rolling_restart,
  rolling_version_change,
  node_memory_limit,
  state_corrupted,
  // region
  zone_down,
  region_down,
  region_brownout,
  control_plane_down,
  region_drained,
  // load
  load_surge,
  hot_key,
  thundering_herd,
  retry_storm,
  slow_client,
  client_clock_skew,
  client_crash,
};

// Words of parameters, in the order of the catalogue.
enum class Mode : std::uint8_t { graceful, process_crash, power_loss };
enum class Shape : std::uint8_t {
  isolate_node,
  isolate_region,
  halves,
  bridge,
  ring,
  cut,
  clients
};
enum class Direction : std::uint8_t { both, one_way };
enum class Moment : std::uint8_t { before_persist, after_persist, before_send, after_send };
enum class CatchUp : std::uint8_t { jump, none };
enum class Release : std::uint8_t { current, next };
enum class Record : std::uint8_t { account, operation };
enum class Operations : std::uint8_t { all, read, write, sync };

struct Link {
  NodeId from, to;
  friend constexpr auto operator<=>(Link, Link) = default;
};

// The clients of one client group that stand in one region.
struct Clients {
  std::uint32_t group = 0;  // index of the Plan's clients
  RegionId region;
  friend constexpr auto operator<=>(Clients, Clients) = default;
};

// What a fault takes hold of.
struct Extent {
  std::vector<NodeId> nodes;     // ascending
  std::vector<Link> links;       // ascending
  std::vector<Clients> clients;  // ascending
};

// Who a target is at the moment when its fault begins; of equals the one with the lowest id.
enum class TargetRole : std::uint8_t {
  leader,                // the last elected
  follower_most_behind,  // of the running voters that do not lead, the one with least on disk
  slowest_in_quorum,     // the voter whose disk made the last majority
  bridge,                // the voter connected to most pairs of voters that are cut from each other
  most_leaders,          // a leader in the region that has most leaders
  signaller,             // the node whose event the fault waited for
};

struct Aim {
  TargetRole role{};
  ShardId shard = no_shard;  // none for most_leaders and signaller
};

// What a fault takes if its aims are filled so.
struct Choice {
  std::vector<NodeId> fillers;  // by aim
  std::string target;           // as printed
  Extent extent;
};

// What a fault waits for.
enum class Signal : std::uint8_t {
  election,  // a voter of the shard becomes leader
  failover,  // a voter of the shard suspects that the leader is gone
  vote,      // a voter of the shard has made its vote for another durable, and not yet answered
  snapshot,  // the leader of the shard starts to send a snapshot to a voter
  mark,      // the mark is reached
};

struct Anchor {
  Signal signal{};
  ShardId shard = no_shard;  // none for a mark
  std::string mark;
  std::uint64_t nth = 1;  // counted from Fault::at
  Duration after;         // from the signal to the fault
};

// A parameter that the kind does not take has no meaning.
struct Fault : Extent {
  Kind kind{};
  Instant at;          // of an anchored fault: from when it waits
  Duration length;     // 0: never healed before the calm phase, where the harness heals everything
  bool muted = false;  // recorded, but not carried out: what a proof compares with
  std::optional<Anchor> anchor;
  std::vector<Aim> aims;        // empty: the extent is known
  std::vector<Choice> choices;  // of a fault with aims; ways to fill them that it cannot take lack

  // One member for each parameter, named as in scenario files with its unit as the last word.
  Mode mode{};
  Shape shape = Shape::cut;
  Direction direction{};
  std::uint32_t rtt_permille = 1000;
  random::Probability loss;
  std::uint32_t factor_permille = 1000;
  Duration by;
  std::int32_t drift_ppm = 0;
  Moment moment{};
  std::uint64_t count = 1;
  Duration period, down, gap;
  random::Probability share;
  CatchUp catch_up{};
  Release release{};
  Record record{};
  Duration window;
  Operations operations{};
  random::Probability probability{1'000'000'000};
  std::uint64_t free_bytes = 0;
  std::uint64_t sectors = 1;
  std::uint64_t bits = 1;
  Duration taken;  // before `at`
  Duration attempt;
  std::uint32_t retries = 0;
  Duration per_reply;
  // of links; as they stand here, without effect
  Duration delay, tail_median, tail_p99, reordering_by;
  random::Probability duplication, reordering, duty;
  std::uint64_t bandwidth_bits_per_s = no_limit, queue_bytes = no_limit, size_bytes = no_limit;
  std::uint64_t memory_bytes = no_limit;

  static constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();
};

}  // namespace blackout::fault
