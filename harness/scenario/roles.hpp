// Targets by role ("leader of orders", "region of leader of orders") and what faults wait for.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/places.hpp"
#include "harness/scenario/report.hpp"

namespace blackout::scenario {

// What `blackout list roles` prints.
struct RoleRow {
  fault::TargetRole role{};
  std::string_view phrase;  // as in scenario files; before a group's name where it ends in "of"
  std::string_view meaning;
};
std::span<const RoleRow> roles();  // by TargetRole

struct SignalRow {
  fault::Signal signal{};
  std::string_view name;  // "event" in scenario files
  std::string_view meaning;
};
std::span<const SignalRow> signals();  // by Signal

// A target's name that is a role: "signaller", or one with a blank, which no place has.
bool is_role(std::string_view name);

struct RoleTarget {
  fault::Aim aim;
  Level level{};                   // node, or the zone or region that it stands in
  std::vector<NodeId> candidates;  // ascending
  // The place of this level that the node stands for.
  [[nodiscard]] const Place& place_of(NodeId node, const Places& places) const;
};

// Reports a phrase that is no role, and a group that does not exist.
std::optional<RoleTarget> read_role(const Node& name, const Places& places, Report& report);

// "on" of a fault: reports what does not fit, or gives what the fault waits for.
std::optional<fault::Anchor> read_anchor(const Node& on, const Places& places, Report& report);

// "after the 2nd election of orders"
std::string anchor_text(const fault::Anchor& anchor, const Places& places);

}  // namespace blackout::scenario
