#include <algorithm>

#include "harness/check/objectives.hpp"
#include "harness/check/text.hpp"

namespace blackout::check {
namespace {

using record::Held;
using record::ObjectiveRow;
using record::Operation;
using record::Outcome;

ObjectiveRow new_row(std::string name, std::string subject, std::string unit) {
  ObjectiveRow row;
  row.name = std::move(name);
  row.subject = std::move(subject);
  row.unit = std::move(unit);
  return row;
}

bool owed(const Case& facts, const Operation& operation) {
  return facts.reach.owed(operation.region, operation.shard)
      .throughout(operation.invoked, std::min(operation.completed, operation.deadline));
}

Held held_or_unknown(const Case& facts, bool held, const Span& span) {
  return !held ? Held::no : facts.simulated >= span.to ? Held::yes : Held::unknown;
}

// Whether a promise about the latency of this kind counts it.
bool counts(const Operation& operation, record::OperationKind kind, const Span& span) {
  return operation.kind == kind && operation.outcome == Outcome::ok && !operation.probe &&
         span.contains(operation.invoked);
}

Duration latency_of(const Operation& operation) { return operation.completed - operation.invoked; }

// The nearest rank of some values, which it sorts in part.
Duration percentile(std::vector<Duration>& values, std::uint32_t permille) {
  const std::size_t rank = std::max<std::size_t>((values.size() * permille + 999) / 1000, 1);
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(rank - 1),
                   values.end());
  return values[rank - 1];
}

template <class Objective>
ObjectiveRow latency_row(std::string name, const Objective& objective) {
  const std::uint32_t permille = objective.percentile_permille;
  const std::string rank_name = permille == 1000  ? " max"
                                : permille == 999 ? " p99.9"
                                                  : " p" + std::to_string(permille / 10);
  ObjectiveRow row = new_row(std::move(name), name_of(objective.kind) + rank_name, "ns");
  row.promised = "≤ " + format_duration(objective.max);
  row.promised_value = objective.max.ns();
  row.note = std::string("during ") + name_of(objective.over);
  row.margin = "-";
  return row;
}

void measure(Duration value, ObjectiveRow& row) {
  row.measured_value = value.ns();
  row.measured = format_duration(value);
  row.margin = format_duration(Duration(row.promised_value - row.measured_value));
}

bool in_time(const Operation& operation) {
  return operation.outcome == Outcome::ok && operation.completed <= operation.deadline;
}

}  // namespace

void judge_availability(const Case& facts, record::Verdict& verdict) {
  const std::vector<Operation>& operations = facts.history.operations;
  std::vector<bool> is_owed(operations.size());
  std::vector<std::uint32_t> clients;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (operations[i].probe || !owed(facts, operations[i])) continue;
    is_owed[i] = true;
    ++verdict.owed;
    if (in_time(operations[i])) {
      ++verdict.owed_ok;
      continue;
    }
    ++verdict.impact_operations;
    clients.push_back(operations[i].client);
  }
  std::sort(clients.begin(), clients.end());
  verdict.impact_clients =
      static_cast<std::uint64_t>(std::unique(clients.begin(), clients.end()) - clients.begin());

  for (const record::AvailabilityObjective& objective : facts.plan.objectives.availability) {
    const Span span = span_of(facts.plan.timeline, objective.over);
    std::uint64_t due = 0, good = 0;
    for (std::size_t i = 0; i < operations.size(); ++i) {
      if (!is_owed[i] || operations[i].group != objective.group ||
          !span.contains(operations[i].invoked)) {
        continue;
      }
      ++due;
      good += in_time(operations[i]);
    }
    ObjectiveRow row = new_row("availability", facts.plan.groups[objective.group].name, "ppm");
    row.promised = "≥ " + format_percent(objective.min_ppm);
    row.promised_value = objective.min_ppm;
    row.note = std::string("during ") + name_of(objective.over);
    if (due > 0) {
      row.measured_value = static_cast<std::int64_t>(good * 1'000'000 / due);
      row.measured = format_percent(row.measured_value);
      row.margin = format_points(row.measured_value - row.promised_value);
      const bool held = good * 1'000'000 >= due * objective.min_ppm;
      row.held = held_or_unknown(facts, held, span);
      if (!held) {
        verdict.findings.push_back(
            {"availability",
             "Operations that are owed end ok within their deadline.",
             format_count(due - good) + " of " + format_count(due, "operation") + " that " +
                 row.subject + " was owed " + row.note + " did not succeed in time: " +
                 row.measured + " of " + format_percent(objective.min_ppm) + ".",
             span.to,
             {},
             {}});
      }
    } else {
      row.measured = "nothing owed";
      row.margin = "-";
    }
    verdict.objectives.push_back(std::move(row));
  }
}

void judge_latency(const Case& facts, record::Verdict& verdict) {
  for (const record::LatencyObjective& objective : facts.plan.objectives.latency) {
    const Span span = span_of(facts.plan.timeline, objective.over);
    std::vector<Duration> latencies;
    for (const Operation& operation : facts.history.operations) {
      if (counts(operation, objective.kind, span)) latencies.push_back(latency_of(operation));
    }
    ObjectiveRow row = latency_row("latency", objective);
    if (latencies.empty()) {
      row.measured = "none ended ok";
      verdict.objectives.push_back(std::move(row));
      continue;
    }
    measure(percentile(latencies, objective.percentile_permille), row);
    const bool held = row.measured_value <= row.promised_value;
    row.held = held_or_unknown(facts, held, span);
    if (!held) {
      verdict.findings.push_back({"latency",
                                  "Operations that end ok do so within the promised time.",
                                  row.subject + " " + row.note + " was " + row.measured + "; " +
                                      format_duration(objective.max) + " were promised.",
                                  span.to,
                                  {},
                                  {}});
    }
    verdict.objectives.push_back(std::move(row));
  }
}

void judge_added_latency(const Case& facts, std::span<const Paired> paired,
                         record::Verdict& verdict) {
  for (const record::AddedLatencyObjective& objective : facts.plan.objectives.added_latency) {
    const Span span = span_of(facts.plan.timeline, objective.over);
    std::vector<Duration> here, there, floors;
    for (const Paired& pair : paired) {
      const Operation* operation = facts.find(pair.id.value());
      if (operation == nullptr || !counts(*operation, objective.kind, span)) continue;
      here.push_back(latency_of(*operation));
      there.push_back(pair.one_region);
      floors.push_back(pair.floor);
    }
    ObjectiveRow row = latency_row("added_latency", objective);
    if (here.empty()) {
      row.measured = "none ended ok in both runs";
      verdict.objectives.push_back(std::move(row));
      continue;
    }
    const std::uint32_t rank = objective.percentile_permille;
    const Duration added = percentile(here, rank) - percentile(there, rank);
    const Duration floor = percentile(floors, rank);
    measure(added, row);
    const std::int64_t permille = floor.ns() > 0 ? added.ns() * 1'000 / floor.ns() : 0;
    row.note += ", " + format_factor(permille) + " of the floor of " + format_duration(floor) +
                " (≤ " + format_factor(objective.floor_max_permille) + ")";
    const bool held = added <= objective.max && permille <= objective.floor_max_permille;
    row.held = held_or_unknown(facts, held, span);
    if (!held) {
      verdict.findings.push_back(
          {"added_latency",
           "Replication between regions adds no more than promised to what the same operations "
           "take in one region.",
           row.subject + " took " + row.measured + " more than in one region " + row.note + "; " +
               format_duration(objective.max) + " were promised.",
           span.to,
           {},
           {}});
    }
    verdict.objectives.push_back(std::move(row));
  }
}

void judge_lag(const Case& facts, const Lag& lag, record::Verdict& verdict) {
  const record::LagObjective& objective = *facts.plan.objectives.lag;
  ObjectiveRow row = new_row("lag", "", "ns");
  row.promised = "≤ " + format_duration(objective.max);
  row.measured = format_duration(lag.max());
  row.margin = format_duration(objective.max - lag.max());
  row.promised_value = objective.max.ns();
  row.measured_value = lag.max().ns();
  row.note = std::string("during ") + name_of(objective.over);
  const bool held = lag.max() <= objective.max;
  const Span span = span_of(facts.plan.timeline, objective.over);
  row.held = !held ? Held::no : facts.simulated >= span.to ? Held::yes : Held::unknown;
  if (!held) {
    verdict.findings.push_back(
        {"lag",
         "While a shard has a leader, a connected voter applies what is committed within the "
         "promised time.",
         facts.node(lag.node()) + " was " + row.measured + " behind at " + format_moment(lag.at()) +
             "; " + format_duration(objective.max) + " were promised.",
         lag.at(),
         {},
         {}});
  }
  verdict.objectives.push_back(std::move(row));
}

void judge_residency(const Case& facts, const record::ResidencyObjective& objective,
                     const Residency& residency, record::Verdict& verdict) {
  ObjectiveRow row = new_row("residency", objective.key_prefix, "count");
  row.promised = format_count(objective.stay_in.size(), "region");
  row.measured_value = static_cast<std::int64_t>(residency.outside());
  row.margin = "-";
  row.note = format_count(residency.outside()) + " of " + format_count(residency.copies()) +
             (residency.copies() == 1 ? " stored copy" : " stored copies") + " outside";
  row.held = residency.finding() ? Held::no : facts.finished() ? Held::yes : Held::unknown;
  row.measured = residency.finding() ? "broken" : "held";
  if (residency.finding()) verdict.findings.push_back(*residency.finding());
  verdict.objectives.push_back(std::move(row));
}

}  // namespace blackout::check
