#include "models/fault/catalogue.hpp"

#include <algorithm>
#include <array>

namespace blackout::fault {
namespace {

void add_words(std::vector<ParameterRow>& rows) {
  rows.push_back({Parameter::mode,
                  "mode",
                  "",
                  {"graceful", "process_crash", "power_loss"},
                  [](Fault& fault, std::int64_t word) { fault.mode = static_cast<Mode>(word); }});
  rows.push_back({Parameter::shape,
                  "shape",
                  "",
                  {"isolate_node", "isolate_region", "halves", "bridge", "ring", "cut", "clients"},
                  [](Fault& fault, std::int64_t word) { fault.shape = static_cast<Shape>(word); }});
  rows.push_back(
      {Parameter::direction,
       "direction",
       "",
       {"both", "one_way"},
       [](Fault& fault, std::int64_t word) { fault.direction = static_cast<Direction>(word); }});
  rows.push_back(
      {Parameter::moment,
       "moment",
       "",
       {"before_persist", "after_persist", "before_send", "after_send"},
       [](Fault& fault, std::int64_t word) { fault.moment = static_cast<Moment>(word); }});
}

void add_amounts(std::vector<ParameterRow>& rows) {
  rows.push_back({Parameter::rtt, "rtt", "factor", {}, [](Fault& fault, std::int64_t permille) {
                    fault.rtt_permille = static_cast<std::uint32_t>(permille);
                  }});
  rows.push_back({Parameter::loss, "loss", "percent", {}, [](Fault& fault, std::int64_t ppb) {
                    fault.loss.ppb = static_cast<std::uint32_t>(ppb);
                  }});
  rows.push_back(
      {Parameter::factor, "factor", "factor", {}, [](Fault& fault, std::int64_t permille) {
         fault.factor_permille = static_cast<std::uint32_t>(permille);
       }});
  rows.push_back({Parameter::drift, "drift", "signed_ppm", {}, [](Fault& fault, std::int64_t ppm) {
                    fault.drift_ppm = static_cast<std::int32_t>(ppm);
                  }});
  rows.push_back(
      {Parameter::share,
       "share",
       "percent",
       {},
       [](Fault& fault, std::int64_t ppb) { fault.share.ppb = static_cast<std::uint32_t>(ppb); },
       10});
  rows.push_back(
      {Parameter::count,
       "count",
       count,
       {},
       [](Fault& fault, std::int64_t number) { fault.count = static_cast<std::uint64_t>(number); },
       1});
}

void add_times(std::vector<ParameterRow>& rows) {
  rows.push_back({Parameter::by, "by", "signed_duration", {}, [](Fault& fault, std::int64_t ns) {
                    fault.by = Duration(ns);
                  }});
  rows.push_back({Parameter::period,
                  "period",
                  "duration",
                  {},
                  [](Fault& fault, std::int64_t ns) { fault.period = Duration(ns); },
                  milliseconds(10).ns()});
  rows.push_back({Parameter::down,
                  "down",
                  "duration",
                  {},
                  [](Fault& fault, std::int64_t ns) { fault.down = Duration(ns); },
                  milliseconds(1).ns()});
  rows.push_back({Parameter::gap, "gap", "duration", {}, [](Fault& fault, std::int64_t ns) {
                    fault.gap = Duration(ns);
                  }});
}

// Longer than any link's delay between two places of one planet, many times over.
constexpr Duration delay_most = seconds(60);

void add_link_times(std::vector<ParameterRow>& rows) {
  rows.push_back({Parameter::delay,
                  "delay",
                  "duration",
                  {},
                  [](Fault& fault, std::int64_t ns) { fault.delay = Duration(ns); },
                  0,
                  delay_most.ns()});
  rows.push_back({Parameter::tail_median,
                  "tail_median",
                  "duration",
                  {},
                  [](Fault& fault, std::int64_t ns) { fault.tail_median = Duration(ns); },
                  microseconds(1).ns(),
                  delay_most.ns()});
  rows.push_back({Parameter::tail_p99,
                  "tail_p99",
                  "duration",
                  {},
                  [](Fault& fault, std::int64_t ns) { fault.tail_p99 = Duration(ns); },
                  microseconds(1).ns(),
                  delay_most.ns()});
}

void add_link_shares(std::vector<ParameterRow>& rows) {
  rows.push_back({Parameter::duplication,
                  "duplication",
                  "percent",
                  {},
                  [](Fault& fault, std::int64_t ppb) {
                    fault.duplication.ppb = static_cast<std::uint32_t>(ppb);
                  }});
  rows.push_back(
      {Parameter::reordering, "reordering", "percent", {}, [](Fault& fault, std::int64_t ppb) {
         fault.reordering.ppb = static_cast<std::uint32_t>(ppb);
       }});
  rows.push_back({Parameter::reordering_by,
                  "reordering_by",
                  "duration",
                  {},
                  [](Fault& fault, std::int64_t ns) { fault.reordering_by = Duration(ns); },
                  microseconds(1).ns(),
                  delay_most.ns()});
}

void add_link_limits(std::vector<ParameterRow>& rows) {
  rows.push_back(
      {Parameter::bandwidth, "bandwidth", "bandwidth", {}, [](Fault& fault, std::int64_t rate) {
         fault.bandwidth_bits_per_s = static_cast<std::uint64_t>(rate);
       }});
  rows.push_back({Parameter::queue, "queue", "bytes", {}, [](Fault& fault, std::int64_t bytes) {
                    fault.queue_bytes = static_cast<std::uint64_t>(bytes);
                  }});
  rows.push_back(
      {Parameter::size,
       "size",
       "bytes",
       {},
       [](Fault& fault, std::int64_t bytes) {
         fault.size_bytes = static_cast<std::uint64_t>(bytes);
       },
       1});
  rows.push_back(
      {Parameter::bits,
       "bits",
       count,
       {},
       [](Fault& fault, std::int64_t bits) { fault.bits = static_cast<std::uint64_t>(bits); },
       1,
       1'000});
  // So that of the shortest period something is left on both sides.
  rows.push_back(
      {Parameter::duty,
       "duty",
       "percent",
       {},
       [](Fault& fault, std::int64_t ppb) { fault.duty.ppb = static_cast<std::uint32_t>(ppb); },
       1'000'000,
       999'000'000});
}

std::vector<ParameterRow> make_parameters() {
  std::vector<ParameterRow> rows;
  add_words(rows);
  add_amounts(rows);
  add_times(rows);
  add_link_times(rows);
  add_link_shares(rows);
  add_link_limits(rows);
  return rows;
}

void add_links(std::vector<KindRow>& rows) {
  rows.push_back(
      {.kind = Kind::link_corrupted,
       .name = "link_corrupted",
       .group = Group::network,
       .target = Target::two_sides,
       .uses = {{Parameter::share},
                {Parameter::bits, Need::optional, "8"},
                {Parameter::direction, Need::optional, "both"}},
       .verb = "corrupt",
       .inverse = "restore",
       .effect = "messages corrupted",
       .sentence = "Bits of a share of the messages flip on their way, up to so many of each."});
  rows.push_back({.kind = Kind::mtu_black_hole,
                  .name = "mtu_black_hole",
                  .group = Group::network,
                  .target = Target::two_sides,
                  .uses = {{Parameter::size}, {Parameter::direction, Need::optional, "both"}},
                  .verb = "narrow",
                  .inverse = "restore",
                  .effect = "messages lost",
                  .sentence = "Messages above a size vanish; small ones pass."});
  rows.push_back({.kind = Kind::link_held,
                  .name = "link_held",
                  .group = Group::network,
                  .target = Target::shaped,
                  .uses = {{Parameter::shape, Need::optional, "cut"},
                           {Parameter::direction, Need::optional, "both"}},
                  .verb = "hold",
                  .inverse = "release",
                  .effect = "messages held",
                  .sentence = "A jam: nothing arrives until the end, and nothing is lost."});
  rows.push_back({.kind = Kind::link_flapping,
                  .name = "link_flapping",
                  .group = Group::network,
                  .target = Target::shaped,
                  .uses = {{Parameter::shape},
                           {Parameter::period},
                           {Parameter::duty},
                           {Parameter::direction, Need::optional, "both"}},
                  .verb = "flap",
                  .inverse = "settle",
                  .effect = "messages lost",
                  .sentence = "Links are cut for the first part of each period."});
  rows.push_back({.kind = Kind::connection_reset,
                  .name = "connection_reset",
                  .group = Group::network,
                  .target = Target::two_sides,
                  .verb = "reset",
                  .effect = "messages lost",
                  .sentence = "All that is in flight between two places is lost, both ways."});
}

void add_network(std::vector<KindRow>& rows) {
  rows.push_back({.kind = Kind::partition,
                  .name = "partition",
                  .group = Group::network,
                  .target = Target::shaped,
                  .uses = {{Parameter::shape}, {Parameter::direction, Need::optional, "both"}},
                  .verb = "cut",
                  .inverse = "heal",
                  .effect = "messages lost",
                  .sentence = "Messages from one side to the other are lost."});
  rows.push_back({.kind = Kind::link_degraded,
                  .name = "link_degraded",
                  .group = Group::network,
                  .target = Target::two_sides,
                  .uses = {{Parameter::rtt, Need::some},
                           {Parameter::delay, Need::some},
                           {Parameter::tail_median, Need::some, {}, Parameter::tail_p99},
                           {Parameter::tail_p99, Need::some, {}, Parameter::tail_median},
                           {Parameter::loss, Need::some},
                           {Parameter::duplication, Need::some},
                           {Parameter::reordering, Need::some, {}, Parameter::reordering_by},
                           {Parameter::reordering_by, Need::some, {}, Parameter::reordering},
                           {Parameter::bandwidth, Need::some},
                           {Parameter::queue, Need::some, {}, Parameter::bandwidth},
                           {Parameter::direction, Need::optional, "both"}},
                  .verb = "degrade",
                  .inverse = "restore",
                  .effect = "messages lost, delayed or doubled",
                  .sentence = "Messages between two places are slow, lost, doubled or overtaken."});
  add_links(rows);
}

void add_clock(std::vector<KindRow>& rows) {
  rows.push_back({.kind = Kind::clock_step,
                  .name = "clock_step",
                  .group = Group::clock,
                  .target = Target::nodes,
                  .part = Part::clock,
                  .uses = {{Parameter::by}},
                  .verb = "step",
                  .inverse = "step back",
                  .effect = "clocks stepped",
                  .sentence = "The wall clock jumps forward or back; the monotonic one does not."});
  rows.push_back({.kind = Kind::clock_drift,
                  .name = "clock_drift",
                  .group = Group::clock,
                  .target = Target::nodes,
                  .part = Part::clock,
                  .uses = {{Parameter::drift}},
                  .verb = "drift",
                  .inverse = "drift by the negative",
                  .effect = "clocks set to drift",
                  .sentence = "Both clocks run fast or slow, and with them every timer."});
}

void add_disk(std::vector<KindRow>& rows) {
  rows.push_back({.kind = Kind::disk_slow,
                  .name = "disk_slow",
                  .group = Group::disk,
                  .target = Target::nodes,
                  .part = Part::disk,
                  .uses = {{Parameter::factor}},
                  .verb = "slow",
                  .inverse = "restore",
                  .effect = "operations slowed",
                  .sentence = "Every operation of the disk takes longer."});
  rows.push_back({.kind = Kind::disk_error,
                  .name = "disk_error",
                  .group = Group::disk,
                  .target = Target::nodes,
                  .part = Part::disk,
                  .verb = "fail",
                  .inverse = "repair",
                  .effect = "operations failed",
                  .sentence = "Every operation that changes the disk fails."});
}

void add_node(std::vector<KindRow>& rows) {
  rows.push_back({.kind = Kind::node_restart,
                  .name = "node_restart",
                  .group = Group::node,
                  .target = Target::nodes,
                  .part = Part::process,
                  .stops = true,
                  .uses = {{Parameter::mode}},
                  .verb = "stop",
                  .inverse = "start",
                  .effect = "tasks ended",
                  .sentence = "The node stops, and starts again from its disk."});
  rows.push_back({.kind = Kind::node_pause,
                  .name = "node_pause",
                  .group = Group::node,
                  .target = Target::nodes,
                  .part = Part::process,
                  .stops = true,
                  .verb = "pause",
                  .inverse = "resume",
                  .effect = "wakes held",
                  .sentence = "The node stands still and knows nothing of it afterwards."});
  rows.push_back({.kind = Kind::node_slow,
                  .name = "node_slow",
                  .group = Group::node,
                  .target = Target::nodes,
                  .uses = {{Parameter::factor}},
                  .verb = "slow",
                  .inverse = "restore",
                  .effect = "wake-ups delayed",
                  .sentence = "Each wake-up of a task takes its turn at a slow processor."});
  rows.push_back({.kind = Kind::node_crash_at,
                  .name = "node_crash_at",
                  .group = Group::node,
                  .target = Target::nodes,
                  .part = Part::process,
                  .uses = {{Parameter::moment}, {Parameter::count}, {Parameter::mode}},
                  .verb = "arm",
                  .inverse = "disarm and start",
                  .effect = "tasks ended",
                  .sentence = "The node stops at its n-th persist or send from now on."});
  rows.push_back({.kind = Kind::node_crash_loop,
                  .name = "node_crash_loop",
                  .group = Group::node,
                  .target = Target::nodes,
                  .part = Part::process,
                  .uses = {{Parameter::period}, {Parameter::mode}},
                  .verb = "cycle",
                  .inverse = "end the cycle and start",
                  .effect = "tasks ended",
                  .sentence = "The node stops once a period, and is down for half of it."});
  rows.push_back({.kind = Kind::rolling_restart,
                  .name = "rolling_restart",
                  .group = Group::node,
                  .target = Target::nodes,
                  .part = Part::process,
                  .uses = {{Parameter::down}, {Parameter::gap}, {Parameter::mode}},
                  .verb = "cycle",
                  .inverse = "end the cycle and start",
                  .effect = "tasks ended",
                  .sentence = "One node after the other is down for a while, a gap between them."});
}

void add_region(std::vector<KindRow>& rows) {
  rows.push_back({.kind = Kind::zone_down,
                  .name = "zone_down",
                  .group = Group::region,
                  .target = Target::zones,
                  .part = Part::process,
                  .stops = true,
                  .uses = {{Parameter::mode}},
                  .verb = "stop",
                  .inverse = "start",
                  .effect = "tasks ended",
                  .sentence = "Every node of a zone stops at once."});
  rows.push_back({.kind = Kind::region_down,
                  .name = "region_down",
                  .group = Group::region,
                  .target = Target::regions,
                  .part = Part::process,
                  .stops = true,
                  .uses = {{Parameter::mode}},
                  .verb = "stop",
                  .inverse = "start",
                  .effect = "tasks ended",
                  .sentence = "Every node of a region, and its clients, stop at once."});
  rows.push_back({.kind = Kind::region_brownout,
                  .name = "region_brownout",
                  .group = Group::region,
                  .target = Target::region_share,
                  .uses = {{Parameter::share},
                           {Parameter::factor, Need::some, "x1"},
                           {Parameter::rtt, Need::some, "x1"},
                           {Parameter::loss, Need::some, "0%"}},
                  .verb = "slow and degrade",
                  .inverse = "restore",
                  .effect = "wake-ups, disk operations and messages delayed or lost",
                  .sentence = "Some nodes of a region are slow, and some of its links bad."});
  rows.push_back({.kind = Kind::control_plane_down,
                  .name = "control_plane_down",
                  .group = Group::region,
                  .target = Target::regions,
                  .verb = "bar starts",
                  .inverse = "allow starts",
                  .effect = "starts put off",
                  .sentence = "No node that was stopped starts again in a region meanwhile."});
}

std::vector<KindRow> make_catalogue() {
  std::vector<KindRow> rows;
  add_network(rows);
  add_clock(rows);
  add_disk(rows);
  add_node(rows);
  add_region(rows);
  return rows;
}

}  // namespace

std::string_view name_of(Group group) {
  static constexpr std::array<std::string_view, 5> names{"network", "clock", "disk", "node",
                                                         "region"};
  return names[static_cast<std::size_t>(group)];
}

std::span<const KindRow> catalogue() {
  static const std::vector<KindRow> rows = make_catalogue();
  return rows;
}

const KindRow& row_of(Kind kind) { return catalogue()[static_cast<std::size_t>(kind)]; }

const KindRow* find_kind(std::string_view name) {
  const auto rows = catalogue();
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const KindRow& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

std::span<const ParameterRow> parameters() {
  static const std::vector<ParameterRow> rows = make_parameters();
  return rows;
}

const ParameterRow& row_of(Parameter parameter) {
  return parameters()[static_cast<std::size_t>(parameter)];
}

}  // namespace blackout::fault
