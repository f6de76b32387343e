// A small record, made by hand: one region is lost, another takes over, one write is gone.
#pragma once

#include "reports/record/run_record.hpp"

namespace blackout::html {

// With `name` wherever a scenario's author or the code under test chooses the words.
inline record::RunRecord sample(const std::string& name = "orders") {
  const auto at = [](std::int64_t ms) { return Instant(0) + milliseconds(ms); };
  record::RunRecord run;
  run.plan_document = "{\"name\": \"" + name + "\"}";
  run.overrides = {"groups.0.name=" + name};
  run.build = {"4f1c9a2", "gcc 12.2.0", "Release"};
  run.simulated = at(60'000);
  record::PlanFacts& plan = run.plan;
  plan.scenario = name;
  plan.summary = name;
  plan.seed = 7;
  plan.regions = {{"eu-de"}, {"eu-gb"}};
  plan.nodes = {{"eu-de-1", RegionId(0), 0, false},
                {"eu-gb-1", RegionId(1), 0, false},
                {"clients-eu-gb", RegionId(1), 0, true}};
  plan.shards = {{name, "eu/", {NodeId(0), NodeId(1)}}};
  plan.groups = {{name, ShardId(0), {RegionId(1)}, 3, seconds(2)}};
  plan.faults = {{"A", "region_down", name, "power_loss, 20 s", at(20'000), seconds(20), name}};
  plan.timeline = {seconds(10), seconds(30), seconds(20)};
  plan.objectives.latency = {
      {record::OperationKind::put, 990, milliseconds(250), record::Phase::calm}};
  run.faults = {{"A",
                 "region_down",
                 name,
                 {NodeId(0)},
                 0,
                 at(20'000),
                 at(40'000),
                 record::FaultEnd::healed,
                 8,
                 "tasks ended",
                 ""}};

  const auto add = [&](std::int64_t ms, EventKind kind, NodeId node, ShardId shard, std::uint64_t a,
                       std::uint64_t b = 0, std::uint64_t c = 0) {
    run.trace.append({at(ms), {}, kind, node, shard, a, b, c});
  };
  constexpr auto leader = static_cast<std::uint64_t>(Role::leader);
  constexpr auto candidate = static_cast<std::uint64_t>(Role::candidate);
  add(0, EventKind::node_started, NodeId(0), no_shard, 1);
  add(0, EventKind::node_started, NodeId(1), no_shard, 1);
  add(1'000, EventKind::role_changed, NodeId(0), ShardId(0), leader, 1, 1);
  add(10'000, EventKind::phase_started, no_node, no_shard, 1);
  add(15'000, EventKind::commit_advanced, NodeId(0), ShardId(0), 1, 1, 0);
  add(15'030, EventKind::entry_applied, NodeId(1), ShardId(0), 1, 1, 0);
  add(20'000, EventKind::fault_started, no_node, no_shard, 0);
  add(20'000, EventKind::node_stopped, NodeId(0), no_shard, 2, 1);
  add(21'000, EventKind::election_timeout, NodeId(1), ShardId(0), 1, 1'000'000'000);
  add(21'200, EventKind::role_changed, NodeId(1), ShardId(0), candidate, 2, 0);
  add(21'500, EventKind::role_changed, NodeId(1), ShardId(0), leader, 2, 2);
  add(40'000, EventKind::fault_ended, no_node, no_shard, 0);
  add(40'000, EventKind::node_started, NodeId(0), no_shard, 2);

  for (std::uint64_t i = 0; i < 50; ++i) {
    record::Operation operation;
    operation.id = OperationId(i + 1);
    operation.kind = record::OperationKind::put;
    operation.region = RegionId(1);
    operation.key = name;
    operation.invoked = at(static_cast<std::int64_t>(i) * 1'000);
    operation.completed = operation.invoked + milliseconds(20);
    operation.outcome = i == 20 ? record::Outcome::info : record::Outcome::ok;
    run.history.operations.push_back(operation);
  }
  record::Verdict& verdict = run.verdict;
  verdict.conclusion = record::Conclusion::violated;
  verdict.sentence = "1 of 49 acknowledged writes is gone: " + name;
  verdict.objectives = {{"rpo", name, record::Held::no, "0 s", "38 ms", "-38 ms",
                         "after A  region_down " + name, 0, 38'000'000, "ns", "A"},
                        {"rto", name, record::Held::yes, "≤ 12 s", "1.5 s", "10.5 s",
                         "after A  region_down " + name, 12'000'000'000, 1'500'000'000, "ns", "A"}};
  verdict.invariants = {{"raft.election_safety", record::Held::yes, 7}};
  verdict.marks = {{"client.retried", 3, true}};
  verdict.findings = {
      {"rpo",
       "An acknowledged write is in every answer after the run.",
       "put " + name + " is absent",
       at(21'500),
       EventId(11),
       {{at(20'000), "A", name, EventId(7)}, {at(21'500), name, name, EventId(0)}}}};
  verdict.rto_phases = {{seconds(1), milliseconds(500), {}, {}, {}, {}}};
  verdict.rto = milliseconds(1'500);
  verdict.rpo_time = milliseconds(38);
  return run;
}

}  // namespace blackout::html
