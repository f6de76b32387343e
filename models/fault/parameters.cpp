#include <algorithm>

#include "models/fault/catalogue.hpp"

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
  rows.push_back(
      {Parameter::release, "release", "", {"current", "next"}, [](Fault& fault, std::int64_t word) {
         fault.release = static_cast<Release>(word);
       }});
  rows.push_back(
      {Parameter::record,
       "record",
       "",
       {"account", "operation"},
       [](Fault& fault, std::int64_t word) { fault.record = static_cast<Record>(word); }});
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

void add_clock_and_disk_parameters(std::vector<ParameterRow>& rows) {
  rows.insert(
      rows.end(),
      {{Parameter::catch_up,
        "catch_up",
        "",
        {"jump", "none"},
        [](Fault& fault, std::int64_t word) { fault.catch_up = static_cast<CatchUp>(word); }},
       // A draw may give no time at all.
       {Parameter::window,
        "window",
        "duration",
        {},
        [](Fault& fault, std::int64_t ns) {
          fault.window = Duration(std::max<std::int64_t>(ns, 1));
        }},
       {Parameter::operations,
        "operations",
        "",
        {"all", "read", "write", "sync"},
        [](Fault& fault, std::int64_t word) { fault.operations = static_cast<Operations>(word); }},
       {Parameter::probability,
        "probability",
        "percent",
        {},
        [](Fault& fault, std::int64_t ppb) {
          fault.probability.ppb = static_cast<std::uint32_t>(ppb);
        }},
       {Parameter::free,
        "free",
        "bytes",
        {},
        [](Fault& fault, std::int64_t bytes) {
          fault.free_bytes = static_cast<std::uint64_t>(bytes);
        }},
       {Parameter::sectors,
        "sectors",
        count,
        {},
        [](Fault& fault, std::int64_t sectors) {
          fault.sectors = static_cast<std::uint64_t>(sectors);
        }},
       {Parameter::bits,
        "bits",
        count,
        {},
        [](Fault& fault, std::int64_t bits) { fault.bits = static_cast<std::uint64_t>(bits); }},
       {Parameter::taken, "taken", "duration", {}, [](Fault& fault, std::int64_t ns) {
          fault.taken = Duration(ns);
        }}});
}

void add_load_parameters(std::vector<ParameterRow>& rows) {
  rows.insert(rows.end(), {{Parameter::attempt,
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
  rows.push_back(
      {Parameter::duplication, "duplication", "percent", {}, [](Fault& fault, std::int64_t ppb) {
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
  rows.push_back({Parameter::size,
                  "size",
                  "bytes",
                  {},
                  [](Fault& fault, std::int64_t bytes) {
                    fault.size_bytes = static_cast<std::uint64_t>(bytes);
                  },
                  1});
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

// A task's stack is the least that a process can have.
void add_process_limits(std::vector<ParameterRow>& rows) {
  rows.push_back({Parameter::memory,
                  "memory",
                  "bytes",
                  {},
                  [](Fault& fault, std::int64_t bytes) {
                    fault.memory_bytes = static_cast<std::uint64_t>(bytes);
                  },
                  65'536});
}

std::vector<ParameterRow> make_parameters() {
  std::vector<ParameterRow> rows;
  add_words(rows);
  add_amounts(rows);
  add_times(rows);
  add_clock_and_disk_parameters(rows);
  add_load_parameters(rows);
  add_link_times(rows);
  add_link_shares(rows);
  add_link_limits(rows);
  add_process_limits(rows);
  return rows;
}

}  // namespace

std::span<const ParameterRow> parameters() {
  static const std::vector<ParameterRow> rows = make_parameters();
  return rows;
}

const ParameterRow& row_of(Parameter parameter) {
  return parameters()[static_cast<std::size_t>(parameter)];
}

}  // namespace blackout::fault
