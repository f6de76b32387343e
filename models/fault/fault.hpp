// Faults as typed intervals: each is one object from its start to its end, so that removing it is
// clean.
//
// Targets are resolved: a schedule names nodes and directed links, never roles or draws.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/ids.hpp"
#include "host/base/time.hpp"
#include "sim/random/distributions.hpp"

namespace blackout::fault {

enum class Kind : std::uint8_t {
  region_down,    // nodes, mode                  inverse: start
  zone_down,      // nodes, mode                  inverse: start
  node_restart,   // nodes, mode                  inverse: start
  node_pause,     // nodes                        inverse: resume
  partition,      // links                        inverse: heal
  link_degraded,  // links, delay_permille, loss  inverse: restore
  clock_step,     // nodes, by                    inverse: step back
  clock_drift,    // nodes, ppm                   inverse: the negative, added
  disk_slow,      // nodes, delay_permille        inverse: restore
  disk_error,     // nodes                        inverse: repair
};
std::string_view name_of(Kind kind);

enum class Mode : std::uint8_t { graceful, process_crash, power_loss };
std::string_view name_of(Mode mode);

struct Link {
  NodeId from, to;
  friend constexpr auto operator<=>(Link, Link) = default;
};

// Which members apply is said beside each Kind; the others are zero.
struct Fault {
  Kind kind{};
  Instant at;
  Duration length;  // 0: never healed before the calm phase, where the harness heals everything
  std::vector<NodeId> nodes;
  std::vector<Link> links;
  Mode mode{};
  std::uint32_t delay_permille = 1000;
  random::Probability loss;
  Duration by;
  std::int32_t ppm = 0;
};

}  // namespace blackout::fault
