// Faults as typed intervals: each is one object from its start to its end, so that removing it is
// clean.
//
// Targets are resolved: a schedule names nodes, directed links and clients, never roles or draws.
#pragma once

#include <cstdint>
#include <limits>
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
  // region
  zone_down,
  region_down,
  region_brownout,
  control_plane_down,
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

// A parameter that the kind does not take has no meaning.
struct Fault {
  Kind kind{};
  Instant at;
  Duration length;  // 0: never healed before the calm phase, where the harness heals everything
  std::vector<NodeId> nodes;
  std::vector<Link> links;
  std::vector<Clients> clients;  // ascending

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

  static constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();
};

}  // namespace blackout::fault
