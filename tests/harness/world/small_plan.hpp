// A Plan of three regions with one server each, one shard and one client group: 20 seconds, no
// faults.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/scenario/plan.hpp"
#include "models/fault/catalogue.hpp"

namespace blackout::testing {

inline scenario::Plan small_plan(std::uint64_t seed) {
  scenario::Plan plan;
  record::PlanFacts& facts = plan.facts;
  facts.scenario = "small";
  facts.seed = seed;
  facts.regions = {{"a"}, {"b"}, {"c"}};
  for (std::uint16_t region = 0; region < 3; ++region) {
    facts.nodes.push_back({facts.regions[region].name + "-1", RegionId(region), 0, false});
  }
  for (std::uint16_t region = 0; region < 3; ++region) {
    facts.nodes.push_back({"clients-" + facts.regions[region].name, RegionId(region), 0, true});
  }
  facts.timeline = {seconds(5), seconds(10), seconds(5)};
  facts.clock_offset_max = plan.clock_offset_max = milliseconds(20);
  plan.links.region_rtt.assign(9, milliseconds(20));
  plan.links.zone_rtt = milliseconds(1);
  plan.fsync_median = microseconds(500);
  plan.fsync_p99 = milliseconds(2);

  scenario::GroupPlan group;
  group.name = "orders";
  group.voters = group.preferred = {NodeId(0), NodeId(1), NodeId(2)};
  group.election_timeout_min = milliseconds(600);
  group.election_timeout_max = milliseconds(1200);
  group.heartbeat = milliseconds(100);
  facts.shards.push_back({group.name, "", group.voters});
  plan.groups.push_back(std::move(group));

  scenario::ClientGroupPlan clients;
  clients.name = "traders";
  clients.from = {RegionId(0), RegionId(1), RegionId(2)};
  clients.clients = 3;
  clients.rate_per_s = 60;
  clients.put_ppm = 500'000;
  clients.get_ppm = 300'000;
  clients.cas_ppm = 100'000;
  clients.transfer_ppm = 100'000;
  clients.key_prefix = "k/";
  clients.key_count = 20;
  clients.value_bytes = 64;
  clients.timeout = seconds(3);
  facts.groups.push_back(
      {clients.name, ShardId(0), clients.from, clients.clients, clients.timeout});
  plan.clients.push_back(std::move(clients));
  return plan;
}

// All servers vote on where clients go.
inline void add_director(scenario::Plan& plan) {
  scenario::GroupPlan group = plan.groups.front();
  group.name = "director";
  plan.facts.shards.push_back({group.name, "", group.voters, true});
  plan.groups.push_back(std::move(group));
}

// Adds the fault to both of the Plan's lists.
inline void add_fault(scenario::Plan& plan, fault::Fault fault) {
  const std::string letter(1, static_cast<char>('A' + plan.faults.size()));
  plan.facts.faults.push_back(
      {letter, std::string(row_of(fault.kind).name), "target", "", fault.at, fault.length, ""});
  plan.faults.push_back(std::move(fault));
}

}  // namespace blackout::testing
