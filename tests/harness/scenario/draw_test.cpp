#include <algorithm>
#include <map>
#include <set>

#include "harness/scenario/draws.hpp"
#include "harness/scenario/fault_rules.hpp"
#include "harness/scenario/quantity.hpp"
#include "tests/harness/scenario/support.hpp"

namespace blackout::scenario {
namespace {

using fault::Link;

std::string name_of_node(const Plan& plan, NodeId node) {
  return plan.facts.nodes.at(node.value()).name;
}

NodeId node_named(const Plan& plan, const std::string& name) {
  for (std::uint32_t n = 0; n < plan.facts.nodes.size(); ++n) {
    if (plan.facts.nodes[n].name == name) return NodeId(n);
  }
  ADD_FAILURE() << name;
  return no_node;
}

std::vector<std::string> names_of(const Plan& plan, const std::vector<NodeId>& nodes) {
  std::vector<std::string> names;
  for (const NodeId node : nodes) names.push_back(name_of_node(plan, node));
  return names;
}

std::vector<std::string> shipped_names() {
  std::set<std::string> names;
  const std::filesystem::path folder = source_path("scenarios");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::filesystem::path file = entry.path().lexically_relative(folder);
    const std::string first = file.begin()->string();
    if (file.extension() != ".json" || first == "schema" || first == "topologies") continue;
    names.insert((file.parent_path() / file.stem()).string());
  }
  return {names.begin(), names.end()};
}

Plan plan_with_fault(const std::string& fault) {
  Source source = source_of(source_path("scenarios/region-loss-during-writes.json"));
  return draw(loaded(source, {{"faults", "[" + fault + "]"}}), 1);
}

TEST(Plan, FaultsOfMachinesSpareTheClientsAndAWrongTimeServiceDoesNot) {
  const auto nodes = [](const std::string& kind, const std::string& target) {
    const Plan plan = plan_with_fault(R"({"at": "20s", "kind": )" + kind + R"(, "target": )" +
                                      target + R"(, "for": "5s"})");
    return names_of(plan, plan.faults.at(0).nodes);
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(nodes(R"("disk_stall")", R"(["eu-de", "eu-gb/z2", "eu-es-1"])"),
            (Names{"eu-de-1", "eu-de-2", "eu-gb-2", "eu-es-1"}));
  EXPECT_EQ(nodes(R"("time_service_lies", "by": "3s")", R"("eu-de")"),
            (Names{"eu-de-1", "eu-de-2", "clients-eu-de"}));
}

TEST(Plan, HasTheParametersOfClockAndDiskFaultsAsTheFileSays) {
  const auto fault = [](const std::string& said) {
    return plan_with_fault(R"({"at": "20s", "target": "eu-de-1", )" + said + "}").faults.at(0);
  };
  EXPECT_EQ(fault(R"("kind": "clock_frozen", "catch_up": "none")").catch_up, fault::CatchUp::none);
  EXPECT_EQ(fault(R"("kind": "clock_smear", "by": "-1s", "window": "9s")").window, seconds(9));
  const auto error = fault(R"("kind": "disk_error", "operations": "sync", "probability": "2%")");
  EXPECT_EQ(error.operations, fault::Operations::sync);
  EXPECT_EQ(error.probability.ppb, 20'000'000U);
  EXPECT_EQ(fault(R"("kind": "disk_error")").operations, fault::Operations::all);
  EXPECT_EQ(fault(R"("kind": "disk_error")").probability.ppb, 1'000'000'000U);
  EXPECT_EQ(fault(R"("kind": "disk_full", "free": "4KiB")").free_bytes, 4096U);
  EXPECT_EQ(fault(R"("kind": "disk_bad_sector", "sectors": 7)").sectors, 7U);
  EXPECT_EQ(fault(R"("kind": "disk_bit_rot", "bits": 9)").bits, 9U);
  EXPECT_EQ(fault(R"("kind": "disk_restored", "taken": "8s")").taken, seconds(8));
}

TEST(Plan, OfTheRegionLossIsWhatTheFileSays) {
  const Plan plan = draw(shipped("region-loss-during-writes"), 7);
  EXPECT_EQ(plan.facts.seed, 7U);
  ASSERT_EQ(plan.facts.regions.size(), 4U);
  ASSERT_EQ(plan.facts.nodes.size(), 10U);
  EXPECT_EQ(plan.facts.nodes[1].name, "eu-de-2");
  EXPECT_EQ(plan.facts.nodes[1].zone, 1U);
  EXPECT_EQ(plan.facts.nodes[6].name, "clients-eu-de");
  EXPECT_TRUE(plan.facts.nodes[6].client_host);
  EXPECT_EQ(plan.links.region_rtt[0 * 4 + 3], milliseconds(91));
  EXPECT_EQ(plan.links.region_rtt[3 * 4 + 0], milliseconds(91));
  EXPECT_EQ(plan.links.region_rtt[0], milliseconds(2));
  EXPECT_EQ(plan.links.jitter_ppm, 80'000U);
  EXPECT_EQ(plan.links.loss.ppb, 100'000U);
  EXPECT_EQ(plan.fsync_p99, milliseconds(6));
  EXPECT_EQ(plan.facts.clock_offset_max, milliseconds(20));
  ASSERT_EQ(plan.groups.size(), 2U);
  EXPECT_EQ(names_of(plan, plan.groups[0].voters),
            (std::vector<std::string>{"eu-de-1", "eu-de-2", "eu-gb-1", "eu-gb-2", "eu-es-1"}));
  EXPECT_EQ(plan.clients[1].shard, ShardId(1));
  EXPECT_EQ(plan.clients[0].cas_ppm, 50'000U);
  ASSERT_EQ(plan.faults.size(), 2U);
  EXPECT_EQ(names_of(plan, plan.faults[0].nodes),
            (std::vector<std::string>{"eu-de-1", "eu-de-2", "clients-eu-de"}));
  EXPECT_EQ(plan.facts.faults[0].details, "power_loss, 45 s");
  EXPECT_EQ(plan.facts.faults[1].target, "eu-gb us-east");
  EXPECT_EQ(plan.facts.faults[1].details, "rtt x3, loss 2%, 20 s");
  EXPECT_EQ(plan.faults[1].rtt_permille, 3'000U);
  EXPECT_EQ(plan.facts.objectives.rto->within, milliseconds(500));
  EXPECT_EQ(plan.facts.objectives.rto->success_ppm, 990'000U);
  EXPECT_EQ(plan.facts.objectives.latency[0].percentile_permille, 990U);
}

TEST(Plan, OfEveryShippedScenarioIsGivenAgainByItsDocument) {
  for (const std::string& name : shipped_names()) {
    const Scenario scenario = shipped(name);
    EXPECT_EQ(scenario.name(), std::filesystem::path(name).filename());
    EXPECT_TRUE(scenario.warnings().empty()) << format_diagnostics(scenario.warnings(), "");
    for (const std::uint64_t seed : {1ULL, 0x51C9E0A77D3B2F14ULL}) {
      const Plan first = draw(scenario, seed);
      // No directory: a drawn scenario needs no topology file.
      const Scenario again = loaded({"drawn.json", first.document, ""});
      EXPECT_EQ(again.undrawn(), "");
      ASSERT_EQ(again.seeds().size(), 1U);
      EXPECT_EQ(std::stoull(again.seeds()[0], nullptr, 16), seed);
      const Plan second = draw(again, seed);
      EXPECT_EQ(first.document, second.document) << name;
      ASSERT_EQ(first.faults.size(), second.faults.size()) << name;
      for (std::size_t i = 0; i < first.faults.size(); ++i) {
        EXPECT_EQ(first.faults[i].at, second.faults[i].at);
        EXPECT_EQ(first.faults[i].length, second.faults[i].length);
        EXPECT_EQ(first.faults[i].nodes, second.faults[i].nodes);
        EXPECT_EQ(first.faults[i].links, second.faults[i].links);
        EXPECT_EQ(first.facts.faults[i].details, second.facts.faults[i].details);
      }
    }
  }
}

TEST(Plan, AScenarioThatIsNoneNamesWhatIsLeftToChance) {
  EXPECT_EQ(shipped("fuzz-partition-schedules").undrawn(), "topology.links.jitter");
  EXPECT_EQ(shipped("planted-vote-not-persisted").undrawn(), "faults.generate");
  EXPECT_EQ(shipped("region-loss-during-writes").undrawn(), "");
}

TEST(Draw, IsAFunctionOfTheSeed) {
  const Scenario scenario = shipped("fuzz-partition-schedules");
  EXPECT_EQ(draw(scenario, 3).document, draw(scenario, 3).document);
  EXPECT_NE(draw(scenario, 3).document, draw(scenario, 4).document);
}

TEST(Draw, OfOneFieldDoesNotDependOnTheOthers) {
  const Source source = source_of(source_path("scenarios/fuzz-partition-schedules.json"));
  const Plan whole = draw(loaded(source), 5);
  const Plan without = draw(loaded(source, {{"topology.links.jitter", "1%"}}), 5);
  EXPECT_EQ(whole.links.loss, without.links.loss);
  EXPECT_EQ(whole.clock_offset_max, without.clock_offset_max);
  EXPECT_EQ(whole.groups[0].election_timeout_min, without.groups[0].election_timeout_min);
  EXPECT_EQ(whole.facts.faults.size(), without.facts.faults.size());
}

TEST(Draw, OfAParameterOfAGeneratedFaultLeavesAllOtherFaultsAlone) {
  const Source source = source_of(source_path("scenarios/fuzz-partition-schedules.json"));
  const std::vector<Override> all{{"faults.generate.swarm.enable_each", "100%"}};
  std::vector<Override> fixed = all;
  fixed.push_back({"faults.generate.menu.2.mode", "graceful"});
  const Plan whole = draw(loaded(source, all), 5);
  const Plan other = draw(loaded(source, fixed), 5);
  ASSERT_EQ(whole.faults.size(), other.faults.size());
  std::size_t changed = 0;
  for (std::size_t i = 0; i < whole.faults.size(); ++i) {
    EXPECT_EQ(whole.faults[i].at, other.faults[i].at);
    EXPECT_EQ(whole.facts.faults[i].target, other.facts.faults[i].target);
    changed += whole.facts.faults[i].details != other.facts.faults[i].details;
    if (whole.faults[i].kind != fault::Kind::node_restart) {
      EXPECT_EQ(whole.facts.faults[i].details, other.facts.faults[i].details);
    }
  }
  EXPECT_GT(changed, 0U);
}

TEST(Draw, StaysBetweenTheEndsAndReachesBothHalves) {
  const Source source =
      small_with("\"jitter\": \"8%\"", "\"jitter\": { \"uniform\": [\"2%\", \"10%\"] }");
  const Scenario scenario = loaded(source);
  std::uint32_t low = 1'000'000, high = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const std::uint32_t jitter = draw(scenario, seed).links.jitter_ppm;
    low = std::min(low, jitter);
    high = std::max(high, jitter);
  }
  EXPECT_GE(low, 20'000U);
  EXPECT_LT(low, 30'000U);
  EXPECT_LE(high, 100'000U);
  EXPECT_GT(high, 90'000U);
}

TEST(Generator, KeepsItsFaultsInChaosAndWithinActiveMax) {
  const Scenario scenario = shipped("fuzz-partition-schedules");
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Plan plan = draw(scenario, seed);
    EXPECT_FALSE(plan.faults.empty());
    for (const fault::Fault& one : plan.faults) {
      EXPECT_GE(one.at, plan.facts.timeline.chaos_start());
      EXPECT_LE(one.at + one.length, plan.facts.timeline.calm_start());
      std::size_t active = 0;
      for (const fault::Fault& other : plan.faults) {
        active += other.at <= one.at && one.at < other.at + other.length;
      }
      EXPECT_LE(active, 4U);
    }
  }
}

TEST(Generator, NeverTakesANodeDownTwice) {
  const Scenario scenario = shipped("fuzz-partition-schedules");
  const auto stops = [](const fault::Fault& f) {
    return f.kind == fault::Kind::node_restart || f.kind == fault::Kind::node_pause;
  };
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Plan plan = draw(scenario, seed);
    for (std::size_t a = 0; a < plan.faults.size(); ++a) {
      for (std::size_t b = a + 1; b < plan.faults.size(); ++b) {
        const fault::Fault &first = plan.faults[a], &second = plan.faults[b];
        if (!stops(first) || !stops(second) || first.nodes != second.nodes) continue;
        if (!first.aims.empty() || !second.aims.empty()) continue;  // known only in the run
        EXPECT_LE(first.at + first.length, second.at);
      }
    }
  }
}

TEST(Generator, DrawsWhereItsFileIsSilentAsFailuresWereFound) {
  const Source source = source_of(source_path("scenarios/fuzz-partition-schedules.json"));
  const Scenario scenario = loaded(source, {{"faults", R"({ "generate": { "gap": "300ms" } })"}});
  std::map<std::string, double> mix;
  double all = 0, single = 0, roles = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    for (const fault::Fault& one : draw(scenario, seed).faults) {
      const bool flapping = one.kind == fault::Kind::link_flapping;
      const bool partial = one.shape == fault::Shape::bridge || one.shape == fault::Shape::cut ||
                           one.shape == fault::Shape::ring;
      ++all;
      ++mix[flapping                                     ? "flapping"
            : one.direction == fault::Direction::one_way ? "one way"
            : partial                                    ? "partial"
                                                         : "complete"];
      if (one.shape != fault::Shape::isolate_node && one.shape != fault::Shape::isolate_region)
        continue;
      ++single;
      roles += !one.aims.empty();
    }
  }
  ASSERT_GT(all, 5'000);
  EXPECT_NEAR(mix["complete"] / all, 0.45, 0.03);
  EXPECT_NEAR(mix["partial"] / all, 0.35, 0.03);
  EXPECT_NEAR(mix["one way"] / all, 0.15, 0.03);
  EXPECT_NEAR(mix["flapping"] / all, 0.05, 0.03);
  EXPECT_NEAR(roles / single, 0.60, 0.03);
}

TEST(Role, HasAChoiceForEachVoterThatTheFaultCanTake) {
  const Plan plan = plan_with_fault(
      R"({"at": "20s", "kind": "partition", "shape": "cut",
          "target": ["leader of orders", "eu-gb"],
          "on": {"event": "vote", "group": "orders", "nth": 3, "after": "40ms"}})");
  const fault::Fault& one = plan.faults[0];
  ASSERT_TRUE(one.anchor);
  EXPECT_EQ(one.anchor->signal, fault::Signal::vote);
  EXPECT_EQ(one.anchor->nth, 3U);
  EXPECT_EQ(one.anchor->after, milliseconds(40));
  EXPECT_TRUE(one.links.empty());
  const auto& voters = plan.groups[0].voters;
  std::size_t inside = 0;
  for (const NodeId voter : voters) {
    const bool there =
        plan.facts.regions[plan.facts.nodes[voter.value()].region.value()].name == "eu-gb";
    const auto choice = std::find_if(one.choices.begin(), one.choices.end(),
                                     [&](const auto& c) { return c.fillers[0] == voter; });
    EXPECT_EQ(choice == one.choices.end(), there) << name_of_node(plan, voter);
    inside += there;
    if (there) continue;
    EXPECT_EQ(choice->target, name_of_node(plan, voter) + " eu-gb");
    EXPECT_FALSE(choice->extent.links.empty());
    for (const Link link : choice->extent.links) {
      EXPECT_TRUE(link.from == voter || link.to == voter);
    }
  }
  EXPECT_GT(inside, 0U);
  EXPECT_EQ(one.choices.size(), voters.size() - inside);
  EXPECT_EQ(plan.facts.faults[0].target, "leader of orders, eu-gb");
  EXPECT_EQ(plan.facts.faults[0].details, "cut, until calm, 40 ms after the 3rd vote of orders");
}

constexpr const char* brownout =
    R"({ "at": "20s", "kind": "region_brownout", "target": "eu-de", "for": "9s", "share": "40%",
         "factor": "x3", "loss": "2%" })";

TEST(Brownout, TakesADrawnShareOfTheNodesAndLinksOfItsRegion) {
  const Plan plan = plan_with_fault(brownout);
  const fault::Fault& fault = plan.faults.at(0);
  EXPECT_EQ(fault.factor_permille, 3'000U);
  EXPECT_EQ(fault.rtt_permille, 1'000U);
  EXPECT_EQ(fault.share.ppb, 400'000'000U);
  const NodeId clients = node_named(plan, "clients-eu-de");
  const auto inside = [&](NodeId node) { return node.value() < 2 || node == clients; };
  ASSERT_FALSE(fault.nodes.empty());
  for (const NodeId node : fault.nodes) EXPECT_TRUE(node.value() < 2) << node.value();
  for (const Link link : fault.links) EXPECT_TRUE(inside(link.from) || inside(link.to));
  // 3 inside and 7 outside: 48 directed links, of which 40 %.
  EXPECT_TRUE(fault.links.size() > 9 && fault.links.size() < 30) << fault.links.size();
  EXPECT_TRUE(std::is_sorted(fault.links.begin(), fault.links.end()));
}

TEST(Brownout, DrawsTheSameWhateverElseGoesWrong) {
  const Plan alone = plan_with_fault(brownout);
  const Plan second = plan_with_fault(
      R"({ "at": "15s", "kind": "node_pause", "target": "eu-gb-1", "for": "1s" }, )" +
      std::string(brownout));
  EXPECT_EQ(second.faults.at(1).nodes, alone.faults.at(0).nodes);
  EXPECT_EQ(second.faults.at(1).links, alone.faults.at(0).links);
  const Plan again = draw(loaded({"again.json", alone.document, ""}), 1);
  EXPECT_EQ(again.faults.at(0).links, alone.faults.at(0).links);
}

TEST(Brownout, OfATinyShareTakesOneNodeAndOneLink) {
  std::string text = brownout;
  text.replace(text.find("40%"), 3, "0.000001%");
  const Plan plan = plan_with_fault(text);
  EXPECT_EQ(plan.faults.at(0).nodes.size(), 1U);
  EXPECT_EQ(plan.faults.at(0).links.size(), 1U);
}

TEST(Plan, CountsAndMomentsOfFaultsAreRead) {
  const Plan plan = plan_with_fault(
      R"({ "at": "20s", "kind": "node_crash_at", "target": "eu-de-1", "for": "9s",
           "moment": "before_send", "count": 12, "mode": "process_crash" })");
  EXPECT_EQ(plan.faults.at(0).moment, fault::Moment::before_send);
  EXPECT_EQ(plan.faults.at(0).count, 12U);
  EXPECT_EQ(plan.facts.faults.at(0).details, "before_send, count 12, process_crash, 9 s");
}

TEST(Draws, KeepTheUnitOfTheirEnds) {
  const auto drawn = [](const char* low, const char* high) {
    Node draw, ends;
    draw.type = NodeType::object;
    ends.type = NodeType::array;
    ends.key = "uniform";
    ends.children = {string_node(low), string_node(high)};
    draw.children = {ends};
    replace_draws(draw, random::Key(5));
    return draw.text;
  };
  const std::int64_t size = quantity_of(string_node(drawn("512B", "4KiB")), Quantity::bytes);
  EXPECT_TRUE(size > 512 && size < 4'096) << size;
  const std::int64_t rate =
      quantity_of(string_node(drawn("1Mbit/s", "1Gbit/s")), Quantity::bandwidth);
  EXPECT_TRUE(rate > 1'000'000 && rate < 1'000'000'000) << rate;
}

TEST(Generator, SwarmLeavesKindsOutOfSomeRunsButNeverAll) {
  const Source source = source_of(source_path("scenarios/fuzz-partition-schedules.json"));
  const Scenario rare = loaded(source, {{"faults.generate.swarm.enable_each", "1%"}});
  std::set<fault::Kind> seen;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    std::set<fault::Kind> kinds;
    for (const fault::Fault& one : draw(rare, seed).faults) kinds.insert(one.kind);
    EXPECT_EQ(kinds.size(), 1U);
    seen.insert(kinds.begin(), kinds.end());
  }
  EXPECT_EQ(seen.size(), 6U);
}

TEST(Generator, LeavesOutFaultsThatCanTakeNothing) {
  const std::string one_region = R"({"use": "one", "region_rtt": [["north", "south", "20ms"]],
    "zone_rtt": "1ms", "regions": {"north": {"zones": 2, "nodes_per_zone": 1}}})";
  const std::string faults = R"({"generate": {"gap": "1s", "menu": [
    {"kind": "partition", "weight": 3, "for": "100ms",
     "shape": {"choice": ["isolate_region", "ring", "bridge", "cut"]}},
    {"kind": "link_degraded", "weight": 1, "rtt": "x2", "for": {"exponential": "1ms"}}]}})";
  const Scenario scenario = loaded(small_source(), {{"topology", one_region},
                                                    {"faults", faults},
                                                    {"groups.0.voters", R"({"north": 2})"},
                                                    {"groups.0.prefer_leader", R"(["north"])"},
                                                    {"workload.0.from", "all"}});
  const Plan plan = draw(scenario, 1);
  EXPECT_FALSE(plan.faults.empty());
  for (const fault::Fault& one : plan.faults) EXPECT_FALSE(one.links.empty());
}

TEST(Letters, GoOnAfterZ) {
  const Plan plan = draw(shipped("planted-vote-not-persisted"), 1);
  ASSERT_GT(plan.facts.faults.size(), 53U);
  EXPECT_EQ(plan.facts.faults[25].letter, "Z");
  EXPECT_EQ(plan.facts.faults[26].letter, "AA");
  EXPECT_EQ(plan.facts.faults[52].letter, "BA");
}

TEST(Targets, ARegionIncludesItsClientHostAndAZoneDoesNot) {
  const Plan zone = plan_with_fault(
      R"({"at": "20s", "kind": "zone_down", "target": "eu-de/z1", "mode": "power_loss"})");
  EXPECT_EQ(names_of(zone, zone.faults[0].nodes), std::vector<std::string>{"eu-de-1"});
  EXPECT_EQ(zone.facts.faults[0].details, "power_loss, until calm");
  EXPECT_EQ(zone.faults[0].length, Duration());
}

TEST(Targets, AClientGroupIsItsClientsInEveryRegionAndARegionAllClientsThere) {
  const auto clients_at = [](const std::string& target) {
    const std::string fault = R"({ "at": "20s", "kind": "hot_key", "share": "50%", "target": )";
    return plan_with_fault(fault + target + " }").faults.at(0).clients;
  };
  const std::vector<fault::Clients> group{{0, RegionId(0)}, {0, RegionId(1)}, {0, RegionId(2)}};
  const std::vector<fault::Clients> region{{0, RegionId(2)}}, other{{1, RegionId(3)}};
  EXPECT_EQ(clients_at(R"("orders-eu")"), group);
  EXPECT_EQ(clients_at(R"("eu-es")"), region);
  EXPECT_EQ(clients_at(R"("us-east")"), other);
  EXPECT_EQ(clients_at(R"(["eu-es", "orders-eu"])"), group);
}

TEST(Targets, ClientsOfARegionAreTheirHostAndNoServer) {
  const Plan plan =
      plan_with_fault(R"({ "at": "20s", "kind": "client_crash", "target": "eu-de", "for": "1s" })");
  EXPECT_EQ(names_of(plan, plan.faults.at(0).nodes), std::vector<std::string>{"clients-eu-de"});
  EXPECT_TRUE(plan.faults.at(0).clients.empty());
}

TEST(Partitions, IsolateANodeFromEveryoneInBothDirections) {
  const Plan plan = plan_with_fault(
      R"({"at": "20s", "kind": "partition", "shape": "isolate_node", "target": "eu-de-1"})");
  const NodeId alone = node_named(plan, "eu-de-1");
  EXPECT_EQ(plan.faults[0].links.size(), 2 * (plan.facts.nodes.size() - 1));
  for (const Link link : plan.faults[0].links) EXPECT_TRUE(link.from == alone || link.to == alone);
}

TEST(Partitions, OneWayCutsWhatTheTargetSays) {
  const Plan plan = plan_with_fault(
      R"({"at": "20s", "kind": "partition", "shape": "isolate_node", "target": "eu-de-1",
          "direction": "one_way"})");
  for (const Link link : plan.faults[0].links) EXPECT_EQ(link.from, node_named(plan, "eu-de-1"));
}

TEST(Partitions, ARegionTakesItsClientsAlong) {
  const Plan plan = plan_with_fault(
      R"({"at": "20s", "kind": "partition", "shape": "isolate_region", "target": "eu-de"})");
  std::set<std::string> inside;
  for (const Link link : plan.faults[0].links) inside.insert(name_of_node(plan, link.from));
  EXPECT_EQ(plan.faults[0].links.size(), 2U * 3 * 7);
  const Link own{node_named(plan, "clients-eu-de"), node_named(plan, "eu-de-1")};
  EXPECT_EQ(std::count(plan.faults[0].links.begin(), plan.faults[0].links.end(), own), 0);
}

TEST(Partitions, ACutIsBetweenItsTwoPlacesOnly) {
  const Plan plan = plan_with_fault(
      R"({"at": "20s", "kind": "partition", "shape": "cut", "target": ["eu-de/z1", "eu-gb-2"],
          "direction": "one_way"})");
  EXPECT_EQ(plan.faults[0].links,
            (std::vector<Link>{{node_named(plan, "eu-de-1"), node_named(plan, "eu-gb-2")}}));
}

TEST(Partitions, ABridgeStillSeesBothHalves) {
  const Plan plan = plan_with_fault(
      R"({"at": "20s", "kind": "partition", "shape": "bridge",
          "target": ["eu-es-1", "eu-de-1", "eu-de-2"]})");
  const NodeId bridge = node_named(plan, "eu-es-1");
  EXPECT_EQ(plan.faults[0].links.size(), 2U * 2 * 3);
  for (const Link link : plan.faults[0].links) {
    EXPECT_NE(link.from, bridge);
    EXPECT_NE(link.to, bridge);
    EXPECT_FALSE(plan.facts.nodes[link.from.value()].client_host);
  }
}

TEST(Partitions, ClientsOfTheFirstRegionLoseTheServersOfAllThatAreNamed) {
  const auto links = [](const std::string& target, const std::string& direction) {
    const Plan plan =
        plan_with_fault(R"({"at": "20s", "kind": "partition", "shape": "clients", "direction": ")" +
                        direction + R"(", "target": )" + target + "}");
    std::set<std::pair<std::string, std::string>> names;
    for (const Link link : plan.faults.at(0).links) {
      names.insert({name_of_node(plan, link.from), name_of_node(plan, link.to)});
    }
    return names;
  };
  using Names = std::set<std::pair<std::string, std::string>>;
  EXPECT_EQ(links(R"("eu-de")", "one_way"),
            (Names{{"clients-eu-de", "eu-de-1"}, {"clients-eu-de", "eu-de-2"}}));
  EXPECT_EQ(links(R"("eu-es")", "both"),
            (Names{{"clients-eu-es", "eu-es-1"}, {"eu-es-1", "clients-eu-es"}}));
  EXPECT_EQ(links(R"(["eu-es", "us-east"])", "one_way"),
            (Names{{"clients-eu-es", "eu-es-1"}, {"clients-eu-es", "us-east-1"}}));
}

TEST(Links, HaveTheParametersThatTheFileSaysAndAreOtherwiseSound) {
  const auto fault = [](const std::string& said) {
    return plan_with_fault(R"({"at": "20s", "target": ["eu-es", "us-east"], )" + said + "}")
        .faults.at(0);
  };
  const auto slow = fault(R"("kind": "link_degraded", "rtt": "x1000", "direction": "one_way")");
  EXPECT_EQ(slow.rtt_permille, 1'000'000U);
  EXPECT_EQ(slow.links.size(), 2U * 2);
  EXPECT_EQ(slow.bandwidth_bits_per_s, fault::Fault::no_limit);
  EXPECT_EQ(slow.queue_bytes, fault::Fault::no_limit);
  EXPECT_EQ(slow.loss.ppb, 0U);
  const auto all = fault(R"("kind": "link_degraded", "delay": "5ms", "tail_median": "1ms",
      "tail_p99": "90ms", "loss": "1%", "duplication": "2%", "reordering": "3%",
      "reordering_by": "7ms", "bandwidth": "9Mbit/s", "queue": "64KiB")");
  EXPECT_EQ(all.links.size(), 2U * 2 * 2);
  EXPECT_EQ(all.delay, milliseconds(5));
  EXPECT_EQ(all.tail_median, milliseconds(1));
  EXPECT_EQ(all.tail_p99, milliseconds(90));
  EXPECT_EQ(all.duplication.ppb, 20'000'000U);
  EXPECT_EQ(all.reordering.ppb, 30'000'000U);
  EXPECT_EQ(all.reordering_by, milliseconds(7));
  EXPECT_EQ(all.bandwidth_bits_per_s, 9'000'000U);
  EXPECT_EQ(all.queue_bytes, 65'536U);
  EXPECT_EQ(fault(R"("kind": "mtu_black_hole", "size": "1400B")").size_bytes, 1'400U);
  const auto corrupted = fault(R"("kind": "link_corrupted", "share": "4%")");
  EXPECT_EQ(corrupted.share.ppb, 40'000'000U);
  EXPECT_EQ(corrupted.bits, 8U);
  const auto held = fault(R"("kind": "link_held")");
  EXPECT_EQ(held.shape, fault::Shape::cut);
  EXPECT_EQ(held.links.size(), 2U * 2 * 2);
  const auto flapping =
      fault(R"("kind": "link_flapping", "shape": "cut", "period": "3s", "duty": "40%")");
  EXPECT_EQ(flapping.period, seconds(3));
  EXPECT_EQ(flapping.duty.ppb, 400'000'000U);
  EXPECT_EQ(fault(R"("kind": "connection_reset")").length, Duration());
}

TEST(Links, DrawEveryQuantityInAMenu) {
  const Scenario scenario = shipped("network/fuzz-links");
  std::set<fault::Kind> kinds;
  std::set<std::uint64_t> queues, sizes;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    for (const fault::Fault& one : draw(scenario, seed).faults) {
      kinds.insert(one.kind);
      queues.insert(one.queue_bytes);
      sizes.insert(one.size_bytes);
      const auto& links = one.choices.empty() ? one.links : one.choices[0].extent.links;
      EXPECT_FALSE(one.kind != fault::Kind::node_restart && links.empty());
    }
  }
  EXPECT_EQ(kinds.size(), 7U);
  EXPECT_GT(queues.size(), 5U);
  EXPECT_GT(sizes.size(), 5U);
}

TEST(Partitions, InARingEachNodeHearsAMajority) {
  const Plan plan = plan_with_fault(
      R"({"at": "20s", "kind": "partition", "shape": "ring",
          "target": ["eu-de-1", "eu-gb-1", "eu-es-1", "us-east-1", "eu-de-2"]})");
  std::map<NodeId, int> deaf;
  for (const Link link : plan.faults[0].links) ++deaf[link.to];
  EXPECT_EQ(deaf.size(), 5U);
  for (const auto& [node, lost] : deaf) EXPECT_EQ(lost, 2) << name_of_node(plan, node);
}

TEST(Still, NamesPairsOfRegionsAndNodesAndStaysInTheDrawnPlan) {
  const Plan plan = draw(loaded(small_with("\"links\": { \"jitter\"", R"("still": {
        "links": [["south", "north"]], "disks": ["north-2"], "clocks": ["south-1"] },
      "links": { "jitter")")),
                         1);
  const std::set<std::pair<RegionId, RegionId>> both{{RegionId(0), RegionId(1)},
                                                     {RegionId(1), RegionId(0)}};
  EXPECT_EQ(plan.links.still, both);
  EXPECT_EQ(plan.still_disks, std::set{NodeId(1)});
  EXPECT_EQ(plan.still_clocks, std::set{NodeId(2)});
  const Plan again = draw(loaded({"plan", plan.document, ""}), 2);
  EXPECT_EQ(again.links.still, both);
  EXPECT_EQ(again.still_clocks, plan.still_clocks);
}

TEST(Voters, AreSpreadOverTheZonesOfTheirRegion) {
  const Plan plan = draw(loaded(small_with("\"zones\": 2, \"nodes_per_zone\": 1",
                                           "\"zones\": 2, \"nodes_per_zone\": 2")),
                         1);
  EXPECT_EQ(names_of(plan, plan.groups[0].voters),
            (std::vector<std::string>{"north-1", "north-3", "south-1"}));
  EXPECT_EQ(names_of(plan, plan.groups[0].preferred),
            (std::vector<std::string>{"south-1", "north-1", "north-3"}));
}

}  // namespace
}  // namespace blackout::scenario
