// The catalogue: every kind of fault and every parameter, one row each. Whatever speaks of kinds
// (the loader, the generator, `blackout list faults`, records) reads it here.
//
// A new kind is one Kind, one row, one handler in harness/world, one rule in the schema (a test
// compares), and two tests: its effect, and that its inverse takes exactly that away.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "models/fault/fault.hpp"

namespace blackout::fault {

enum class Group : std::uint8_t { network, clock, disk, node, region, load };
std::string_view name_of(Group group);

// What a target names in a scenario file.
enum class Target : std::uint8_t {
  nodes,
  zones,
  regions,       // with their clients
  region_share,  // regions; of their nodes and links the parameter `share`, drawn one by one
  machines,      // nodes, or all of a zone or region that are no clients
  two_sides,     // two places; the links between them
  shaped,        // places as the parameter `shape` asks; the links that it cuts
  clients,       // client groups, and regions for all clients that stand there
  client_hosts,  // regions; the hosts of their clients
};

// What of a node a fault holds for itself: two faults never hold the same part of one node at once.
enum class Part : std::uint8_t { none, process, clock, disk };

enum class Parameter : std::uint8_t {
  // words
  mode,
  shape,
  direction,
  moment,
  release,
  record,
  // amounts
  rtt,
  loss,
  factor,
  drift,
  share,
  count,
  // times
  by,
  period,
  down,
  gap,
  // clock and disk
  catch_up,
  window,
  operations,
  probability,
  free,
  sectors,
  bits,
  taken,
  // load
  attempt,
  retries,
  per_reply,
  // of links
  delay,
  tail_median,
  tail_p99,
  duplication,
  reordering,
  reordering_by,
  bandwidth,
  queue,
  size,
  duty,
  // of a process
  memory,
};

// The quantity of parameters that are whole numbers without a unit.
inline constexpr std::string_view count = "count";

struct ParameterRow {
  Parameter parameter{};
  std::string_view name;  // in scenario files
  // A quantity of scenario files ("factor"), `count`, or empty: it is one of `words`.
  std::string_view quantity;
  std::vector<std::string_view> words;
  // Takes the quantity's integer (ns, ppb, permille, ppm, bytes, bit/s) or the word's index.
  void (*set)(Fault& fault, std::int64_t value) = nullptr;
  // What it may be, so counted.
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

enum class Need : std::uint8_t {
  required,
  some,      // of all that are marked so, at least one
  optional,  // `fallback`, where the file is silent
};

struct Use {
  Parameter parameter{};
  Need need = Need::required;
  // As written in a scenario file. Of `some`, none: it stays as Fault has it, without effect.
  std::string_view fallback = {};
  // It is said only together with this one.
  std::optional<Parameter> with = {};
};

struct KindRow {
  Kind kind{};
  std::string_view name;  // in scenario files
  Group group{};
  Target target{};
  Part part = Part::none;
  bool stops = false;  // its nodes answer nobody while it lasts
  std::vector<Use> uses = {};
  std::string_view verb;
  std::string_view inverse = {};  // empty: it is a moment, and takes no "for"
  std::string_view effect;        // what is counted: "messages lost"
  // What a scenario file says of one, besides "at" and "kind".
  std::string_view example;
  std::string_view sentence;  // what it does, in words

  [[nodiscard]] bool momentary() const { return inverse.empty(); }
};

std::span<const KindRow> catalogue();  // by Kind
const KindRow& row_of(Kind kind);
// Null for a name that no kind has.
const KindRow* find_kind(std::string_view name);

std::span<const ParameterRow> parameters();  // by Parameter
const ParameterRow& row_of(Parameter parameter);

}  // namespace blackout::fault
