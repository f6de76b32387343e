#include "models/fault/catalogue.hpp"

#include <algorithm>
#include <array>

#include "models/fault/rows.hpp"

namespace blackout::fault {
namespace {

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
       .example = R"("target": ["eu-de", "eu-gb"], "share": "30%", "for": "4s")",
       .sentence =
           "Bits of a share of the messages flip on their way; their checksum drops them."});
  rows.push_back({.kind = Kind::mtu_black_hole,
                  .name = "mtu_black_hole",
                  .group = Group::network,
                  .target = Target::two_sides,
                  .uses = {{Parameter::size}, {Parameter::direction, Need::optional, "both"}},
                  .verb = "narrow",
                  .inverse = "restore",
                  .effect = "messages lost",
                  .example = R"("target": ["eu-de", "eu-gb"], "size": "600B", "for": "4s")",
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
                  .example = R"("target": ["eu-de", "eu-gb"], "for": "2s")",
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
                  .example = R"("target": "eu-es", "shape": "isolate_region", )"
                             R"("period": "1s", "duty": "40%", "for": "5s")",
                  .sentence = "Links are cut for the first part of each period."});
  rows.push_back({.kind = Kind::connection_reset,
                  .name = "connection_reset",
                  .group = Group::network,
                  .target = Target::two_sides,
                  .verb = "reset",
                  .effect = "messages lost",
                  .example = R"("target": ["eu-de", "eu-gb"])",
                  .sentence = "All that is in flight between two places is lost, both ways."});
  rows.push_back(
      {.kind = Kind::routes_stale,
       .name = "routes_stale",
       .group = Group::network,
       .target = Target::client_hosts,
       .verb = "freeze",
       .inverse = "refresh",
       .effect = "answers from the past",
       .example = R"("target": "eu-de", "for": "6s")",
       .sentence = "The name service of clients answers with the routing plan that it had."});
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
                  .example = R"("target": "leader of orders", "shape": "isolate_node", )"
                             R"("for": "4s")",
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
                  .example = R"("target": ["eu-de", "eu-gb"], "rtt": "x20", )"
                             R"("loss": "5%", "for": "4s")",
                  .sentence = "Messages between two places are slow, lost, doubled or overtaken."});
  add_links(rows);
}

void add_clock(std::vector<KindRow>& rows) {
  rows.push_back({.kind = Kind::clock_step,
                  .name = "clock_step",
                  .group = Group::clock,
                  .target = Target::machines,
                  .part = Part::clock,
                  .uses = {{Parameter::by}},
                  .verb = "step",
                  .inverse = "step back",
                  .effect = "readings of the wall shifted",
                  .example = R"("target": "eu-de-1", "by": "-3s", "for": "4s")",
                  .sentence = "The wall clock jumps forward or back; the monotonic one does not."});
  rows.push_back({.kind = Kind::clock_drift,
                  .name = "clock_drift",
                  .group = Group::clock,
                  .target = Target::machines,
                  .part = Part::clock,
                  .uses = {{Parameter::drift}},
                  .verb = "drift",
                  .inverse = "drift by the negative",
                  .effect = "readings of both clocks shifted",
                  .example = R"("target": "eu-de", "drift": "500ppm", "for": "5s")",
                  .sentence = "Both clocks run fast or slow, and with them every timer."});
  rows.push_back(
      {.kind = Kind::clock_frozen,
       .name = "clock_frozen",
       .group = Group::clock,
       .target = Target::machines,
       .part = Part::process,
       .stops = true,
       .uses = {{Parameter::catch_up, Need::optional, "jump"}},
       .verb = "pause and freeze",
       .inverse = "thaw and resume",
       .effect = "wakes held",
       .example = R"("target": "leader of orders", "catch_up": "jump", "for": "3s")",
       .sentence =
           "A virtual machine is paused: its clocks stand still, and then jump or do not."});
  rows.push_back({.kind = Kind::clock_smear,
                  .name = "clock_smear",
                  .group = Group::clock,
                  .target = Target::machines,
                  .part = Part::clock,
                  .uses = {{Parameter::by}, {Parameter::window}},
                  .verb = "smear",
                  .inverse = "unsmear",
                  .effect = "readings of the wall shifted",
                  .example = R"("target": "eu-de", "by": "1s", "window": "4s", "for": "5s")",
                  .sentence = "A leap second that never was: the wall falls behind bit by bit."});
}

// What clocks are told, and what they claim.
void add_time_service(std::vector<KindRow>& rows) {
  rows.push_back(
      {.kind = Kind::time_service_lies,
       .name = "time_service_lies",
       .group = Group::clock,
       .target = Target::regions,
       .part = Part::clock,
       .uses = {{Parameter::by}},
       .verb = "mislead",
       .inverse = "correct",
       .effect = "readings of the wall shifted",
       .example = R"("target": "eu-de", "by": "2s", "for": "4s")",
       .sentence =
           "A region's time service is wrong, and the error that clocks claim does not say so."});
  rows.push_back({.kind = Kind::clock_bound_violated,
                  .name = "clock_bound_violated",
                  .group = Group::clock,
                  .target = Target::machines,
                  .part = Part::clock,
                  .uses = {{Parameter::by}},
                  .verb = "step and understate",
                  .inverse = "step back and admit",
                  .effect = "readings off by more than they claim",
                  .example = R"("target": "eu-de-1", "by": "90ms", "for": "4s")",
                  .sentence = "The wall clock is off by more than the error that it claims."});
}

void add_disk(std::vector<KindRow>& rows) {
  rows.push_back({.kind = Kind::disk_slow,
                  .name = "disk_slow",
                  .group = Group::disk,
                  .target = Target::machines,
                  .part = Part::disk,
                  .uses = {{Parameter::factor}},
                  .verb = "slow",
                  .inverse = "restore",
                  .effect = "operations slowed",
                  .example = R"("target": "leader of orders", "factor": "x50", "for": "4s")",
                  .sentence = "Every operation of the disk takes longer."});
  rows.push_back({.kind = Kind::disk_stall,
                  .name = "disk_stall",
                  .group = Group::disk,
                  .target = Target::machines,
                  .part = Part::disk,
                  .verb = "stall",
                  .inverse = "release",
                  .effect = "operations held up",
                  .example = R"("target": "leader of orders", "for": "3s")",
                  .sentence = "The device stands still; nothing is lost."});
  rows.push_back({.kind = Kind::disk_error,
                  .name = "disk_error",
                  .group = Group::disk,
                  .target = Target::machines,
                  .part = Part::disk,
                  .uses = {{Parameter::operations, Need::optional, "all"},
                           {Parameter::probability, Need::optional, "100%"}},
                  .verb = "fail",
                  .inverse = "repair",
                  .effect = "operations failed",
                  .example = R"("target": "eu-gb-1", "operations": "sync", )"
                             R"("probability": "20%", "for": "3s")",
                  .sentence = "Operations fail; after a failed sync the un-synced data is gone."});
  rows.push_back({.kind = Kind::disk_full,
                  .name = "disk_full",
                  .group = Group::disk,
                  .target = Target::machines,
                  .part = Part::disk,
                  .uses = {{Parameter::free, Need::optional, "0B"}},
                  .verb = "fill",
                  .inverse = "drain",
                  .effect = "operations refused",
                  .example = R"("target": "eu-gb-1", "free": "4KiB", "for": "4s")",
                  .sentence = "No more than some bytes can be added to what is there."});
  rows.push_back(
      {.kind = Kind::disk_read_only,
       .name = "disk_read_only",
       .group = Group::disk,
       .target = Target::machines,
       .part = Part::disk,
       .verb = "remount read-only",
       .inverse = "remount writable",
       .effect = "operations refused",
       .example = R"("target": "eu-gb-1", "for": "4s")",
       .sentence = "Nothing can be changed; what is cached and not synced stays cached."});
  rows.push_back({.kind = Kind::disk_lying,
                  .name = "disk_lying",
                  .group = Group::disk,
                  .target = Target::machines,
                  .part = Part::disk,
                  .verb = "ignore syncs",
                  .inverse = "honour syncs",
                  .effect = "syncs falsely acknowledged",
                  .example = R"("target": "eu-gb/z1", "for": "4s")",
                  .sentence = "A sync succeeds and makes nothing durable."});
}

// What befalls the medium, or puts another in its place.
void add_medium(std::vector<KindRow>& rows) {
  rows.push_back(
      {.kind = Kind::disk_misdirected,
       .name = "disk_misdirected",
       .group = Group::disk,
       .target = Target::machines,
       .part = Part::disk,
       .uses = {{Parameter::probability}},
       .verb = "misdirect",
       .inverse = "aim",
       .effect = "writes misdirected",
       .example = R"("target": "eu-gb-1", "probability": "20%", "for": "4s")",
       .sentence = "Writes reach another place of their file, unseen while they are cached."});
  rows.push_back({.kind = Kind::disk_bad_sector,
                  .name = "disk_bad_sector",
                  .group = Group::disk,
                  .target = Target::machines,
                  .part = Part::disk,
                  .uses = {{Parameter::sectors}},
                  .verb = "damage",
                  .inverse = "mend",
                  .effect = "operations failed",
                  .example = R"("target": "eu-es-1", "sectors": 200, "for": "4s")",
                  .sentence = "Sectors can no longer be read from the device."});
  rows.push_back({.kind = Kind::disk_bit_rot,
                  .name = "disk_bit_rot",
                  .group = Group::disk,
                  .target = Target::machines,
                  .part = Part::disk,
                  .uses = {{Parameter::bits}},
                  .verb = "rot",
                  .effect = "bits flipped",
                  .example = R"("target": "eu-gb-1", "bits": 8)",
                  .sentence = "Bits flip on the medium, unseen while they are cached."});
  rows.push_back({.kind = Kind::disk_replaced,
                  .name = "disk_replaced",
                  .group = Group::disk,
                  .target = Target::machines,
                  .part = Part::process,
                  .stops = true,
                  .verb = "stop and replace",
                  .inverse = "start",
                  .effect = "files gone",
                  .example = R"("target": "eu-gb-1", "for": "3s")",
                  .sentence = "The node loses power and comes back with an empty disk."});
  rows.push_back(
      {.kind = Kind::disk_restored,
       .name = "disk_restored",
       .group = Group::disk,
       .target = Target::machines,
       .part = Part::process,
       .stops = true,
       .uses = {{Parameter::taken}},
       .verb = "stop and restore",
       .inverse = "start",
       .effect = "files gone or changed",
       .example = R"("target": "eu-gb-1", "taken": "2s", "for": "3s")",
       .sentence = "The node loses power and comes back with what was durable some time ago."});
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
                  .example = R"("target": "leader of orders", "mode": "power_loss", "for": "3s")",
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
                  .example = R"("target": "leader of orders", "for": "3s")",
                  .sentence = "The node stands still and knows nothing of it afterwards."});
  rows.push_back({.kind = Kind::node_slow,
                  .name = "node_slow",
                  .group = Group::node,
                  .target = Target::nodes,
                  .uses = {{Parameter::factor}},
                  .verb = "slow",
                  .inverse = "restore",
                  .effect = "wake-ups delayed",
                  .example = R"("target": "leader of orders", "factor": "x20", "for": "4s")",
                  .sentence = "Each wake-up of a task takes its turn at a slow processor."});
}

void add_node_when(std::vector<KindRow>& rows) {
  rows.push_back({.kind = Kind::node_crash_at,
                  .name = "node_crash_at",
                  .group = Group::node,
                  .target = Target::nodes,
                  .part = Part::process,
                  .uses = {{Parameter::moment}, {Parameter::count}, {Parameter::mode}},
                  .verb = "arm",
                  .inverse = "disarm and start",
                  .effect = "tasks ended",
                  .example = R"("target": "eu-gb-1", "moment": "after_persist", )"
                             R"("count": 20, "mode": "power_loss", "for": "4s")",
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
                  .example = R"("target": "eu-gb-1", "period": "1s", )"
                             R"("mode": "process_crash", "for": "4s")",
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
                  .example = R"("target": ["eu-gb-1", "eu-gb-2"], "down": "1s", )"
                             R"("gap": "500ms", "mode": "graceful", "for": "5s")",
                  .sentence = "One node after the other is down for a while, a gap between them."});
  rows.push_back(
      {.kind = Kind::rolling_version_change,
       .name = "rolling_version_change",
       .group = Group::node,
       .target = Target::nodes,
       .part = Part::process,
       .uses = {{Parameter::release}, {Parameter::down}, {Parameter::gap}, {Parameter::mode}},
       .verb = "change",
       .inverse = "end the change and start",
       .effect = "programs changed",
       .example = R"("target": ["eu-gb-1", "eu-gb-2"], "release": "next", "down": "1s", )"
                  R"("gap": "500ms", "mode": "graceful", "for": "5s")",
       .sentence = "One node after the other is stopped and starts with another release of the "
                   "program, which it keeps."});
  rows.push_back(
      {.kind = Kind::node_memory_limit,
       .name = "node_memory_limit",
       .group = Group::node,
       .target = Target::nodes,
       .uses = {{Parameter::memory}},
       .verb = "limit",
       .inverse = "lift the limit",
       .effect = "tasks ended",
       .example = R"("target": "leader of orders", "memory": "512KiB", "for": "4s")",
       .sentence = "The kernel kills the process when its tasks' stacks and unread messages need "
                   "more; the machine starts it again."});
  rows.push_back({.kind = Kind::state_corrupted,
                  .name = "state_corrupted",
                  .group = Group::node,
                  .target = Target::nodes,
                  .uses = {{Parameter::record, Need::optional, "account"}},
                  .verb = "corrupt",
                  .effect = "bits flipped",
                  .example = R"("target": "follower most behind of orders", "record": "account")",
                  .sentence =
                      "A bit flips in the memory of a server: of a balance, or of an answer "
                      "that is kept for who asks again."});
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
                  .example = R"("target": "eu-de/z1", "mode": "power_loss", "for": "4s")",
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
                  .example = R"("target": "region of leader of orders", )"
                             R"("mode": "power_loss", "for": "4s")",
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
                  .example = R"("target": "eu-de", "share": "60%", "factor": "x10", )"
                             R"("rtt": "x3", "loss": "2%", "for": "4s")",
                  .sentence = "Some nodes of a region are slow, and some of its links bad."});
  rows.push_back({.kind = Kind::control_plane_down,
                  .name = "control_plane_down",
                  .group = Group::region,
                  .target = Target::regions,
                  .verb = "bar starts",
                  .inverse = "allow starts",
                  .effect = "starts put off",
                  .example = R"("target": "eu-es", "for": "5s")",
                  .sentence = "No node that was stopped starts again in a region meanwhile."});
  rows.push_back({.kind = Kind::region_drained,
                  .name = "region_drained",
                  .group = Group::region,
                  .target = Target::regions,
                  .verb = "drain",
                  .inverse = "restore",
                  .effect = "commands accepted",
                  .example = R"("target": "eu-es", "for": "6s")",
                  .sentence = "An operator takes a region out of service, and gives it back: "
                              "clients and leaders go elsewhere, and nothing fails."});
}

std::vector<KindRow> make_catalogue() {
  std::vector<KindRow> rows;
  add_network(rows);
  add_clock(rows);
  add_time_service(rows);
  add_disk(rows);
  add_medium(rows);
  add_node(rows);
  add_node_when(rows);
  add_region(rows);
  add_load(rows);
  add_client_hosts(rows);
  return rows;
}

}  // namespace

std::string_view name_of(Group group) {
  static constexpr std::array<std::string_view, 6> names{"network", "clock",  "disk",
                                                         "node",    "region", "load"};
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

}  // namespace blackout::fault
