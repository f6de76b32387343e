// The routing plan: which regions clients are sent to, and the rules by which it changes.
//
// A value, replicated by the director's group: each change is a compare-and-set on the plan's
// epoch, so that of two plans the one with the higher epoch is the newer, everywhere and for ever.
// A region is out of service while an operator has drained it or the director finds that it fails.
// The capacity floor is a rule of the plan and not of whoever asks: at most out_max() regions are
// out at once, whatever the probes say, since the rest must carry the load.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "host/base/bytes.hpp"
#include "host/base/ids.hpp"

namespace blackout::placement {

inline constexpr std::size_t regions_max = 64;

enum class RouteChange : std::uint8_t {
  drain,    // an operator takes the region out
  restore,  // ... and gives it back
  fail,     // the director finds that it cannot serve
  recover,  // ... and that it can again
};

struct RouteCommand {
  RouteChange change{};
  RegionId region;
  // The epoch of the plan that the change was decided on; none: whatever plan there is.
  std::optional<std::uint64_t> epoch;

  friend bool operator==(const RouteCommand&, const RouteCommand&) = default;
};

enum class RouteAnswer : std::uint8_t {
  changed,
  unchanged,       // it was so already
  stale,           // the epoch is another by now
  floor,           // too few regions would be left
  unknown_region,  // the plan has no such region
};

class RoutingPlan {
 public:
  RoutingPlan() = default;
  // The first plan, of epoch 1: all regions serve. At most regions_max, else CHECK.
  explicit RoutingPlan(std::size_t regions);

  // 0 of a plan that nobody made: older than all others, and every region serves.
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
  [[nodiscard]] std::size_t regions() const { return regions_.size(); }
  [[nodiscard]] bool serves(RegionId region) const;
  [[nodiscard]] bool drained(RegionId region) const;
  [[nodiscard]] bool failing(RegionId region) const;
  // Bit r: region r is out of service.
  [[nodiscard]] std::uint64_t out() const;
  // Half of the regions, rounded down: the others are built to carry twice their load.
  [[nodiscard]] std::size_t out_max() const;

  RouteAnswer apply(const RouteCommand& command);

  friend bool operator==(const RoutingPlan&, const RoutingPlan&) = default;

  void encode(Bytes& out) const;
  // nullopt unless all bytes are one plan that encode() could have written.
  static std::optional<RoutingPlan> decode(BytesView bytes);

 private:
  struct Region {
    bool drained = false, failing = false;
    friend bool operator==(const Region&, const Region&) = default;
  };
  [[nodiscard]] const Region& at(RegionId region) const;

  std::uint64_t epoch_ = 0;
  std::vector<Region> regions_;
};

// What a command met: the plan after it.
struct RouteResult {
  RouteAnswer answer{};
  RoutingPlan plan;
};

// Decoders return nothing unless all bytes are one well-formed value.
void encode(const RouteCommand& command, Bytes& out);
std::optional<RouteCommand> decode_route_command(BytesView bytes);
void encode(const RouteResult& result, Bytes& out);
std::optional<RouteResult> decode_route_result(BytesView bytes);

}  // namespace blackout::placement
