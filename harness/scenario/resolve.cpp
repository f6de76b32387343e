#include "harness/scenario/resolve.hpp"
#include "harness/scenario/aim.hpp"

#include <algorithm>

#include "harness/scenario/fault_rules.hpp"
#include "harness/scenario/lint.hpp"
#include "harness/scenario/roles.hpp"
#include "harness/scenario/topology.hpp"
#include "host/base/check.hpp"
#include "sim/random/stream.hpp"

namespace blackout::scenario {

namespace {

const std::string& text_or(const Node& object, std::string_view key, const std::string& fallback) {
  const Node* node = object.find(key);
  return node == nullptr ? fallback : node->text;
}

const std::string empty;

std::uint32_t count_of(const Node& node) { return static_cast<std::uint32_t>(*integer_of(&node)); }

std::vector<RegionId> regions_of(const Node& names, const Places& places) {
  std::vector<RegionId> regions;
  for (const Node& name : names.children) regions.push_back(places.region(name.text)->region);
  return regions;
}

LinkPlan links_of(const Node& topology, const Places& places) {
  LinkPlan links;
  const auto regions = places.of_level(Level::region);
  links.zone_rtt = duration_or(topology, "zone_rtt", Duration());
  for (const Place* a : regions) {
    for (const Place* b : regions) {
      const Node* time = round_trip(topology.get("region_rtt"), a->name, b->name);
      links.region_rtt.push_back(a == b ? links.zone_rtt
                                        : Duration(quantity_of(*time, Quantity::duration)));
    }
  }
  const Node* given = topology.find("links");
  if (given == nullptr) return links;
  links.jitter_ppm =
      static_cast<std::uint32_t>(quantity_or(*given, "jitter", Quantity::percent, 0) / 1'000);
  links.loss.ppb = static_cast<std::uint32_t>(quantity_or(*given, "loss", Quantity::percent, 0));
  links.bandwidth_bits_per_s =
      static_cast<std::uint64_t>(quantity_or(*given, "bandwidth", Quantity::bandwidth, 0));
  return links;
}

std::set<NodeId> nodes_of(const Node* names, const Places& places) {
  std::set<NodeId> nodes;
  for (const Node& name : items_of(names)) nodes.insert(places.find(name.text)->servers[0]);
  return nodes;
}

void resolve_still(const Node& still, const Places& places, Plan& plan) {
  for (const Node& pair : items_of(still.find("links"))) {
    const std::vector<RegionId> ends = regions_of(pair, places);
    plan.links.still.insert({ends[0], ends[1]});
    plan.links.still.insert({ends[1], ends[0]});
  }
  plan.still_disks = nodes_of(still.find("disks"), places);
  plan.still_clocks = nodes_of(still.find("clocks"), places);
}

void resolve_world(const Node& topology, const Places& places, Plan& plan) {
  plan.links = links_of(topology, places);
  plan.fsync_median = milliseconds(1);
  plan.fsync_p99 = milliseconds(5);
  if (const Node* fsync = at_path(topology, {"disks", "fsync"})) {
    plan.fsync_median = Duration(quantity_of(fsync->get("median"), Quantity::duration));
    plan.fsync_p99 = Duration(quantity_of(fsync->get("p99"), Quantity::duration));
  }
  if (const Node* clocks = topology.find("clocks")) {
    plan.clock_offset_max = duration_or(*clocks, "offset_max", Duration());
    plan.clock_drift_max_ppm =
        static_cast<std::uint32_t>(quantity_or(*clocks, "drift_max", Quantity::ppm, 0));
  }
  if (const Node* still = topology.find("still")) resolve_still(*still, places, plan);
  plan.facts.clock_offset_max = plan.clock_offset_max;
  plan.facts.clock_drift_max_ppm = plan.clock_drift_max_ppm;
  for (const std::string& name : places.names(Level::region)) plan.facts.regions.push_back({name});
  plan.facts.nodes = places.nodes();
}

GroupPlan group_plan(const Node& node, const VoterGroup& voters, const Places& places) {
  GroupPlan group;
  group.voters = voters.voters;
  group.name = voters.name;
  group.key_prefix = text_or(node, "keys", empty);
  std::vector<RegionId> preferred;
  if (const Node* prefer = node.find("prefer_leader")) preferred = regions_of(*prefer, places);
  std::vector<std::vector<NodeId>> ranks(preferred.size() + 1);
  for (const NodeId voter : group.voters) {
    const RegionId region = places.nodes()[voter.value()].region;
    const auto rank = std::find(preferred.begin(), preferred.end(), region) - preferred.begin();
    ranks[static_cast<std::size_t>(rank)].push_back(voter);
  }
  for (const auto& rank : ranks) {
    group.preferred.insert(group.preferred.end(), rank.begin(), rank.end());
  }
  const bool leader = text_or(node, "acknowledge", empty) == "leader";
  group.acknowledge = leader ? Acknowledge::leader : Acknowledge::quorum;
  const bool lease = text_or(node, "reads", empty) == "lease";
  group.reads = lease ? Reads::lease : Reads::quorum;
  const Node& timeout = node.get("election_timeout");
  group.election_timeout_min = Duration(quantity_of(timeout.children[0], Quantity::duration));
  group.election_timeout_max = Duration(quantity_of(timeout.children[1], Quantity::duration));
  group.heartbeat = Duration(quantity_of(node.get("heartbeat"), Quantity::duration));
  if (const Node* every = node.find("snapshot_every")) group.snapshot_every = count_of(*every);
  if (const Node* statuses = node.find("statuses")) {
    for (const Node& status : statuses->children) group.statuses.push_back(status.text);
  } else {
    group.statuses = {"pending", "approved", "rejected", "revoked"};
  }
  return group;
}

ClientGroupPlan client_group_plan(const Node& root, const Node& node, const Places& places) {
  ClientGroupPlan group;
  group.name = node.get("name").text;
  const Node& from = node.get("from");
  group.from = regions_of(from, places);
  for (std::uint16_t r = 0; from.is(NodeType::string) && r < places.regions(); ++r) {
    group.from.emplace_back(r);
  }
  group.clients = count_of(node.get("clients"));
  group.rate_per_s = static_cast<std::uint64_t>(quantity_of(node.get("rate"), Quantity::rate));
  const auto share = [&](std::string_view operation) {
    const Node* percent = node.get("mix").find(operation);
    return percent == nullptr ? 0 : ppm_of(*percent);
  };
  group.put_ppm = share("put");
  group.get_ppm = share("get");
  group.cas_ppm = share("cas");
  group.transfer_ppm = share("transfer");
  group.status_ppm = share("status");
  group.profile_ppm = share("profile");
  const Node& keys = node.get("keys");
  group.key_prefix = keys.get("prefix").text;
  group.key_count = count_of(keys.get("count"));
  const std::string& pick = keys.get("pick").text;
  group.pick = pick == "zipf"         ? KeyPick::zipf
               : pick == "sequential" ? KeyPick::sequential
                                      : KeyPick::uniform;
  group.shard = ShardId(static_cast<std::uint32_t>(group_of(root, group.key_prefix)));
  group.value_bytes = static_cast<std::uint32_t>(quantity_or(node, "value", Quantity::bytes, 64));
  group.timeout = duration_or(node, "timeout", Duration());
  group.retry = text_or(node, "retry", empty) == "none" ? Retry::none : Retry::same_request_id;
  return group;
}

void resolve_use(const Node& root, const Places& places, Plan& plan) {
  const std::vector<const Node*> groups = groups_of(root);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    plan.groups.push_back(group_plan(*groups[g], places.groups()[g], places));
    const GroupPlan& group = plan.groups.back();
    const bool routes = groups[g]->key == director_name;
    plan.facts.shards.push_back({group.name, group.key_prefix, group.voters, routes});
  }
  for (const Node& node : root.get("workload").children) {
    plan.clients.push_back(client_group_plan(root, node, places));
    const ClientGroupPlan& group = plan.clients.back();
    plan.facts.groups.push_back(
        {group.name, group.shard, group.from, group.clients, group.timeout});
    if (group.status_ppm + group.profile_ppm > 0) plan.groups[group.shard.value()].records = true;
  }
}

record::Phase phase_named(std::string_view name) {
  if (name == "warmup") return record::Phase::warmup;
  if (name == "chaos") return record::Phase::chaos;
  return name == "calm" ? record::Phase::calm : record::Phase::run;
}

record::OperationKind operation_named(std::string_view name) {
  if (name == "put") return record::OperationKind::put;
  if (name == "get") return record::OperationKind::get;
  if (name == "cas") return record::OperationKind::cas;
  if (name == "transfer") return record::OperationKind::transfer;
  return name == "status" ? record::OperationKind::status : record::OperationKind::profile;
}

std::uint32_t percentile_named(std::string_view name) {
  if (name == "p50") return 500;
  if (name == "p90") return 900;
  if (name == "p99") return 990;
  return name == "p99.9" ? 999 : 1'000;
}

record::Objectives objectives_of(const Node& node, const Places& places, const Plan& plan) {
  const auto clients = [&](const Node& objective) {
    const std::string& name = objective.get("clients").text;
    std::uint32_t index = 0;
    while (plan.clients.at(index).name != name) ++index;
    return index;
  };
  const auto span = [](const Node& object, std::string_view key) {
    return Duration(quantity_of(object.get(key), Quantity::duration));
  };
  record::Objectives promised;
  promised.rpo_max = span(node.get("rpo"), "max");
  if (const Node* rto = node.find("rto")) {
    const std::uint32_t group = clients(*rto);
    promised.rto = record::RtoObjective{span(*rto, "max"), group, ppm_of(rto->get("success")),
                                        span(*rto, "window"),
                                        duration_or(*rto, "within", plan.clients[group].timeout)};
  }
  const auto each = [&](std::string_view key, const auto& add) {
    const Node* list = node.find(key);
    for (std::size_t i = 0; list != nullptr && i < list->children.size(); ++i) {
      add(list->children[i]);
    }
  };
  each("availability", [&](const Node& one) {
    promised.availability.push_back(
        {ppm_of(one.get("min")), clients(one), phase_named(one.get("over").text)});
  });
  each("latency", [&](const Node& one) {
    promised.latency.push_back({operation_named(one.get("op").text),
                                percentile_named(one.get("percentile").text), span(one, "max"),
                                phase_named(one.get("over").text)});
  });
  each("added_latency", [&](const Node& one) {
    promised.added_latency.push_back(
        {operation_named(one.get("op").text), percentile_named(one.get("percentile").text),
         span(one, "max"),
         static_cast<std::uint32_t>(quantity_of(one.get("floor_max"), Quantity::factor)),
         phase_named(one.get("over").text)});
  });
  if (const Node* lag = node.find("lag")) {
    promised.lag = record::LagObjective{span(*lag, "max"), phase_named(lag->get("over").text)};
  }
  if (const Node* divergence = node.find("divergence")) {
    promised.divergence =
        record::DivergenceObjective{span(*divergence, "detect"), span(*divergence, "repair")};
  }
  each("residency", [&](const Node& one) {
    promised.residency.push_back({one.get("keys").text, regions_of(one.get("stay_in"), places)});
  });
  return promised;
}

record::Expectation expectation_of(const Node& node) {
  record::Expectation expected;
  expected.violates = node.get("verdict").text == "violates";
  const auto words = [&](std::string_view key, std::vector<std::string>& into) {
    const Node* list = node.find(key);
    for (std::size_t i = 0; list != nullptr && i < list->children.size(); ++i) {
      into.push_back(list->children[i].text);
    }
  };
  words("violates", expected.invariants);
  // Marks that may be reached by any of many runs are a campaign's matter, not one run's.
  const Node* within = node.find("reach_within");
  if (within == nullptr || within->text == "1") words("reach", expected.marks);
  return expected;
}

// In the parameter's own unit, of a checked value.
std::int64_t parameter_value(const fault::ParameterRow& row, const Node& said) {
  if (!row.words.empty()) return word_named(row, said.text);
  if (row.quantity == fault::count) return *integer_of(&said);
  return quantity_of(said, *quantity_named(row.quantity));
}

fault::Fault fault_of(const Node& node, const Places& places) {
  Report report = Report::unheard();
  auto aimed =
      aim_at(kind_named(node.get("kind").text), shape_of(node),
             text_or(node, "direction", empty) == "one_way", node.get("target"), places, report);
  CHECK(aimed.has_value(), "a fault that passed the checks has a target");
  fault::Fault made;
  if (aimed->aims.empty()) {
    static_cast<fault::Extent&>(made) = std::move(aimed->choices[0].extent);
  } else {
    made.aims = std::move(aimed->aims);
    made.choices = std::move(aimed->choices);
  }
  if (const Node* on = node.find("on")) made.anchor = read_anchor(*on, places, report);
  made.kind = kind_named(node.get("kind").text);
  made.at = Instant(quantity_of(node.get("at"), Quantity::duration));
  made.length = duration_or(node, "for", Duration());
  for (const fault::Use& use : row_of(made.kind).uses) {
    const fault::ParameterRow& row = row_of(use.parameter);
    if (use.fallback.empty() && node.find(row.name) == nullptr) continue;
    Node fallback = string_node(std::string(use.fallback));
    if (row.quantity == fault::count) fallback.type = NodeType::number;
    const Node* said = node.find(row.name);
    row.set(made, parameter_value(row, said ? *said : fallback));
  }
  return made;
}

// Each item by its own chance; if all are spared, the one that came nearest.
template <class Item, class KeyOf>
void thin(std::vector<Item>& items, random::Probability share, const KeyOf& key_of) {
  std::vector<Item> kept;
  std::size_t nearest = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::uint64_t bits = key_of(items[i]).draw(0);
    if (random::happens(bits, share)) kept.push_back(items[i]);
    if (bits < key_of(items[nearest]).draw(0)) nearest = i;
  }
  if (kept.empty()) kept.push_back(items[nearest]);
  items = std::move(kept);
}

// Keyed by moment, region and item: a fault added before shifts nothing.
void thin(fault::Fault& made, const Node& node, std::uint64_t seed) {
  random::Key key =
      random::Key(seed).child("share").child(static_cast<std::uint64_t>(made.at.ns()));
  for (const Node* name : target_names(node.get("target"))) key = key.child(name->text);
  const auto thin_extent = [&](fault::Extent& extent) {
    if (extent.nodes.empty()) return;
    thin(extent.nodes, made.share, [&](NodeId id) { return key.child("node").child(id.value()); });
    thin(extent.links, made.share, [&](fault::Link link) {
      return key.child("link").child(link.from.value()).child(link.to.value());
    });
  };
  thin_extent(made);
  for (fault::Choice& choice : made.choices) thin_extent(choice.extent);
}

record::FaultFact fact_of(const Node& node, const fault::Fault& resolved, const Places& places) {
  record::FaultFact fact;
  fact.kind = node.get("kind").text;
  for (const Node* name : target_names(node.get("target"))) {
    const bool role = is_role(name->text) || !resolved.aims.empty();
    fact.target += (fact.target.empty() ? "" : role ? ", " : " ") + name->text;
  }
  const auto detail = [&](const std::string& text) {
    fact.details += (fact.details.empty() ? "" : ", ") + text;
  };
  for (const std::string& key : parameters_of(resolved.kind)) {
    const Node* said = node.find(key);
    if (said == nullptr || key == "for") continue;
    const bool itself =
        said->text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos;
    detail(itself ? said->text : key + " " + said->text);
  }
  if (!row_of(resolved.kind).momentary()) {
    detail(resolved.length == Duration() ? "until calm" : format_duration(resolved.length));
  }
  if (resolved.anchor) detail(anchor_text(*resolved.anchor, places));
  fact.at = resolved.at;
  fact.length = resolved.length;
  fact.cause = text_or(node, "cause", empty);
  fact.why = text_or(node, "why", empty);
  return fact;
}

void resolve_faults(const Node& root, const Places& places, Plan& plan) {
  struct Resolved {
    fault::Fault fault;
    record::FaultFact fact;
  };
  std::vector<Resolved> all;
  for (const Node& node : root.get("faults").children) {
    fault::Fault made = fault_of(node, places);
    if (row_of(made.kind).target == fault::Target::region_share) {
      thin(made, node, plan.facts.seed);
    }
    record::FaultFact fact = fact_of(node, made, places);
    all.push_back({std::move(made), std::move(fact)});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Resolved& a, const Resolved& b) { return a.fault.at < b.fault.at; });
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].fact.letter = letter_of(i);
    plan.faults.push_back(std::move(all[i].fault));
    plan.facts.faults.push_back(std::move(all[i].fact));
  }
}

}  // namespace

Plan resolve(const Node& root, std::uint64_t seed) {
  const Places places(root);
  Plan plan;
  plan.facts.scenario = root.get("name").text;
  plan.facts.summary = root.get("summary").text;
  plan.facts.seed = seed;
  resolve_world(root.get("topology"), places, plan);
  resolve_use(root, places, plan);
  plan.facts.timeline = *timeline_of(root);
  resolve_faults(root, places, plan);
  plan.facts.objectives = objectives_of(root.get("objectives"), places, plan);
  plan.facts.expect = expectation_of(root.get("expect"));
  if (const Node* system = root.find("system")) plan.system = system->text;
  if (const Node* planted = root.find("planted")) {
    for (const Node& bug : planted->children) plan.planted.push_back(bug.text);
  }
  plan.document = to_text(root);
  return plan;
}

}  // namespace blackout::scenario
