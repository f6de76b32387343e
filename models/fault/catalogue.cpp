#include "models/fault/catalogue.hpp"

#include <algorithm>
#include <array>

namespace blackout::fault {
namespace {

void add_common_parameters(std::vector<ParameterRow>& rows) {
  rows = {
      {Parameter::mode,
       "mode",
       "",
       {"graceful", "process_crash", "power_loss"},
       [](Fault& fault, std::int64_t word) { fault.mode = static_cast<Mode>(word); }},
      {Parameter::shape,
       "shape",
       "",
       {"isolate_node", "isolate_region", "halves", "bridge", "ring", "cut"},
       [](Fault& fault, std::int64_t word) { fault.shape = static_cast<Shape>(word); }},
      {Parameter::direction,
       "direction",
       "",
       {"both", "one_way"},
       [](Fault& fault, std::int64_t word) { fault.direction = static_cast<Direction>(word); }},
      {Parameter::rtt,
       "rtt",
       "factor",
       {},
       [](Fault& fault, std::int64_t permille) {
         fault.rtt_permille = static_cast<std::uint32_t>(permille);
       }},
      {Parameter::loss,
       "loss",
       "percent",
       {},
       [](Fault& fault, std::int64_t ppb) { fault.loss.ppb = static_cast<std::uint32_t>(ppb); }},
      {Parameter::factor,
       "factor",
       "factor",
       {},
       [](Fault& fault, std::int64_t permille) {
         fault.factor_permille = static_cast<std::uint32_t>(permille);
       }},
      {Parameter::by,
       "by",
       "signed_duration",
       {},
       [](Fault& fault, std::int64_t ns) { fault.by = Duration(ns); }},
      {Parameter::drift,
       "drift",
       "signed_ppm",
       {},
       [](Fault& fault, std::int64_t ppm) { fault.drift_ppm = static_cast<std::int32_t>(ppm); }},
  };
}

void add_load_parameters(std::vector<ParameterRow>& rows) {
  rows.insert(
      rows.end(),
      {{Parameter::share,
        "share",
        "percent",
        {},
        [](Fault& fault, std::int64_t ppb) { fault.share.ppb = static_cast<std::uint32_t>(ppb); },
        10},
       {Parameter::attempt,
        "attempt",
        "duration",
        {},
        [](Fault& fault, std::int64_t ns) { fault.attempt = Duration(ns); },
        1'000'000},
       {Parameter::retries,
        "retries",
        count,
        {},
        [](Fault& fault, std::int64_t retries) {
          fault.retries = static_cast<std::uint32_t>(retries);
        }},
       {Parameter::per_reply,
        "per_reply",
        "duration",
        {},
        [](Fault& fault, std::int64_t ns) { fault.per_reply = Duration(ns); },
        1'000}});
}

std::vector<ParameterRow> make_parameters() {
  std::vector<ParameterRow> rows;
  add_common_parameters(rows);
  add_load_parameters(rows);
  return rows;
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
                  .uses = {{Parameter::rtt, Need::some, "x1"}, {Parameter::loss, Need::some, "0%"}},
                  .verb = "degrade",
                  .inverse = "restore",
                  .effect = "messages lost or delayed",
                  .sentence = "Messages between two places take longer, and some are lost."});
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
}

void add_load(std::vector<KindRow>& rows) {
  rows.push_back(
      {.kind = Kind::load_surge,
       .name = "load_surge",
       .group = Group::load,
       .target = Target::clients,
       .uses = {{Parameter::factor}},
       .verb = "surge",
       .inverse = "ebb",
       .effect = "operations added",
       .sentence = "Clients send more; what they would have sent anyway stays the same."});
  rows.push_back({.kind = Kind::hot_key,
                  .name = "hot_key",
                  .group = Group::load,
                  .target = Target::clients,
                  .uses = {{Parameter::share}},
                  .verb = "heat",
                  .inverse = "cool",
                  .effect = "operations redirected",
                  .sentence = "A share of the operations goes to one key, drawn for each group."});
  rows.push_back(
      {.kind = Kind::thundering_herd,
       .name = "thundering_herd",
       .group = Group::load,
       .target = Target::clients,
       .verb = "hold",
       .inverse = "release",
       .effect = "operations released together",
       .sentence = "Clients wait, and then send all that they held back at one instant."});
  rows.push_back({.kind = Kind::retry_storm,
                  .name = "retry_storm",
                  .group = Group::load,
                  .target = Target::clients,
                  .uses = {{Parameter::attempt}, {Parameter::retries}},
                  .verb = "hurry",
                  .inverse = "calm",
                  .effect = "retries sent in haste",
                  .sentence = "Clients give each of their first attempts little time, and ask the "
                              "same gateway again at once."});
}

// What befalls the hosts of clients.
void add_client_hosts(std::vector<KindRow>& rows) {
  rows.push_back(
      {.kind = Kind::slow_client,
       .name = "slow_client",
       .group = Group::load,
       .target = Target::client_hosts,
       .uses = {{Parameter::per_reply}},
       .verb = "slow",
       .inverse = "restore",
       .effect = "replies read late",
       .sentence = "Each reply keeps the client busy for a time, and the next one waits."});
  rows.push_back(
      {.kind = Kind::client_clock_skew,
       .name = "client_clock_skew",
       .group = Group::load,
       .target = Target::client_hosts,
       .part = Part::clock,
       .uses = {{Parameter::by, Need::some, "0s"}, {Parameter::drift, Need::some, "0ppm"}},
       .verb = "step and drift",
       .inverse = "step and drift by the negative",
       .effect = "readings shifted",
       .sentence = "The clocks of clients are wrong: the wall by a step, both by a rate."});
  rows.push_back({.kind = Kind::client_crash,
                  .name = "client_crash",
                  .group = Group::load,
                  .target = Target::client_hosts,
                  .part = Part::process,
                  .stops = true,
                  .verb = "crash",
                  .inverse = "start",
                  .effect = "operations interrupted",
                  .sentence = "Clients crash, and ask again for what their journal says is open, "
                              "under the same operation ids."});
}

std::vector<KindRow> make_catalogue() {
  std::vector<KindRow> rows;
  add_network(rows);
  add_clock(rows);
  add_disk(rows);
  add_node(rows);
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

std::span<const ParameterRow> parameters() {
  static const std::vector<ParameterRow> rows = make_parameters();
  return rows;
}

const ParameterRow& row_of(Parameter parameter) {
  return parameters()[static_cast<std::size_t>(parameter)];
}

}  // namespace blackout::fault
