#include "harness/scenario/aim.hpp"

#include <algorithm>
#include <set>

#include "harness/scenario/fault_rules.hpp"
#include "harness/scenario/roles.hpp"

namespace blackout::scenario {

namespace {

using fault::Extent;
using fault::Kind;
using fault::Link;
using fault::Parameter;
using fault::Shape;
using fault::Target;

std::string level_list(const TargetRule& rule) {
  std::string text;
  for (const Level level : rule.levels) {
    if (!text.empty()) text += " or ";
    text += "a " + std::string(name_of(level));
  }
  return text;
}

std::string example_of(const TargetRule& rule, const Places& places) {
  std::vector<std::string> known;
  for (const Level level : rule.levels) {
    const auto names = places.names(level);
    known.insert(known.end(), names.begin(), names.end());
  }
  if (known.size() > 8) known.resize(8);
  return "one of " + join_quoted(known, "or");
}

const Place* find_place(const Node& name, const TargetRule& rule, const Places& places,
                        Report& report) {
  const Place* place = places.find(name.text);
  if (place == nullptr) {
    std::vector<std::string> known;
    for (const Level level : rule.levels) {
      const auto names = places.names(level);
      known.insert(known.end(), names.begin(), names.end());
    }
    const std::string what(rule.levels.size() == 1 ? name_of(rule.levels[0]) : "place");
    const std::string near = nearest(name.text, known);
    report.add(Code::unknown_place, name.at, "unknown " + what + " " + quote(name.text),
               {near.empty() ? example_of(rule, places) : suggestion(name.text, known)});
    return nullptr;
  }
  if (std::find(rule.levels.begin(), rule.levels.end(), place->level) == rule.levels.end()) {
    report.add(Code::bad_target, name.at,
               quote(name.text) + " is a " + std::string(name_of(place->level)) +
                   ", the target here is " + level_list(rule),
               {example_of(rule, places)});
    return nullptr;
  }
  return place;
}

// The nodes of a place as links see it: a region with its clients.
std::vector<NodeId> side_of(const Place& place, const Places& places) {
  std::vector<NodeId> side = place.servers;
  if (place.level == Level::region) side.push_back(places.client_host(place.region));
  return side;
}

void cut(const std::vector<NodeId>& a, const std::vector<NodeId>& b, bool one_way,
         std::set<Link>& links) {
  for (const NodeId from : a) {
    for (const NodeId to : b) {
      links.insert({from, to});
      if (!one_way) links.insert({to, from});
    }
  }
}

// Everything that is in neither list: servers, and client hosts if wanted.
std::vector<NodeId> rest_of(const std::vector<NodeId>& taken, const Places& places, bool clients) {
  std::vector<NodeId> rest;
  for (std::uint32_t n = 0; n < places.nodes().size(); ++n) {
    if (!clients && n >= places.servers()) break;
    if (std::find(taken.begin(), taken.end(), NodeId(n)) == taken.end()) rest.emplace_back(n);
  }
  return rest;
}

// Each node of the ring hears its nearest neighbours on both sides, together a majority, and no two
// hear the same one (Jepsen's majorities ring).
void cut_ring(const std::vector<NodeId>& ring, bool one_way, std::set<Link>& links) {
  const std::size_t n = ring.size();
  const std::size_t reach = (n / 2 + 1) / 2;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t step = reach + 1; step + reach < n; ++step) {
      if (one_way && step > n / 2) continue;
      links.insert({ring[i], ring[(i + step) % n]});
    }
  }
}

std::set<Link> links_of(Shape shape, bool one_way, const std::vector<const Place*>& targets,
                        const Places& places) {
  std::set<Link> links;
  std::vector<NodeId> all;
  for (const Place* target : targets) {
    all.insert(all.end(), target->servers.begin(), target->servers.end());
  }
  switch (shape) {
    case Shape::isolate_node:
      cut(all, rest_of(all, places, true), one_way, links);
      break;
    case Shape::isolate_region: {
      const auto side = side_of(*targets[0], places);
      cut(side, rest_of(side, places, true), one_way, links);
      break;
    }
    case Shape::halves: {
      // Clients stand in the first zone of their region, with its first server.
      for (const Place* region : places.of_level(Level::region)) {
        const NodeId first = region->servers[0];
        if (std::find(all.begin(), all.end(), first) != all.end()) {
          all.push_back(places.client_host(region->region));
        }
      }
      cut(all, rest_of(all, places, true), one_way, links);
      break;
    }
    case Shape::bridge: {
      const std::vector<NodeId> half(all.begin() + 1, all.end());
      cut(half, rest_of(all, places, false), one_way, links);
      break;
    }
    case Shape::ring:
      cut_ring(all, one_way, links);
      break;
    case Shape::clients:
      cut({places.client_host(targets[0]->region)}, all, one_way, links);
      break;
    case Shape::cut:
      cut(side_of(*targets[0], places), side_of(*targets[1], places), one_way, links);
      break;
  }
  return links;
}

bool overlap(const std::vector<const Place*>& targets, const Node& target, Report& report) {
  std::set<NodeId> seen;
  for (const Place* place : targets) {
    for (const NodeId node : place->servers) {
      if (seen.insert(node).second) continue;
      report.add(Code::bad_target, target.at,
                 "the parts of this target overlap: " + quote(place->name) + " is named before",
                 {"name each node once"});
      return true;
    }
  }
  return false;
}

std::string count_text(const TargetRule& rule) {
  if (rule.min == rule.max) return std::to_string(rule.min);
  return "at least " + std::to_string(rule.min);
}

// The servers of regions, and every link from or to them or their clients.
Extent surroundings(const std::vector<const Place*>& regions, const Places& places) {
  Extent extent;
  std::set<Link> links;
  for (const Place* region : regions) {
    extent.nodes.insert(extent.nodes.end(), region->servers.begin(), region->servers.end());
    for (const NodeId inside : side_of(*region, places)) {
      for (std::uint32_t n = 0; n < places.nodes().size(); ++n) {
        if (NodeId(n) == inside) continue;
        links.insert({inside, NodeId(n)});
        links.insert({NodeId(n), inside});
      }
    }
  }
  std::sort(extent.nodes.begin(), extent.nodes.end());
  extent.links.assign(links.begin(), links.end());
  return extent;
}

bool cuts_links(Kind kind) {
  const Target target = row_of(kind).target;
  return target == Target::two_sides || target == Target::shaped;
}

bool asks_clients(Kind kind) {
  const Target target = row_of(kind).target;
  return target == Target::clients || target == Target::client_hosts;
}

std::optional<Extent> clients_of(Kind kind, const std::vector<const Place*>& targets,
                                 const Node& target, const Places& places, Report& report) {
  Extent extent;
  for (const Place* place : targets) {
    if (place->clients.empty()) {
      report.add(Code::bad_target, target.at, "no clients stand in " + quote(place->name),
                 {"choose a region that some client group names in its \"from\""});
      return {};
    }
    if (row_of(kind).target == Target::client_hosts) {
      extent.nodes.push_back(places.client_host(place->region));
    } else {
      extent.clients.insert(extent.clients.end(), place->clients.begin(), place->clients.end());
    }
  }
  std::sort(extent.nodes.begin(), extent.nodes.end());
  std::sort(extent.clients.begin(), extent.clients.end());
  extent.clients.erase(std::unique(extent.clients.begin(), extent.clients.end()),
                       extent.clients.end());
  return extent;
}

// What the fault takes of these places.
std::optional<Extent> extent_of(Kind kind, Shape shape, bool one_way,
                                const std::vector<const Place*>& targets, const Node& target,
                                const Places& places, Report& report) {
  if (overlap(targets, target, report)) return {};
  Extent extent;
  if (cuts_links(kind)) {
    const std::set<Link> links = links_of(shape, one_way, targets, places);
    extent.links.assign(links.begin(), links.end());
    if (!links.empty()) return extent;
    report.add(Code::bad_target, target.at, "there is nothing to cut",
               {"leave at least one node on each side"});
    return {};
  }
  if (asks_clients(kind)) return clients_of(kind, targets, target, places, report);
  if (row_of(kind).target == Target::region_share) return surroundings(targets, places);
  const bool clients = row_of(kind).target == Target::regions;
  for (const Place* place : targets) {
    const auto side = clients ? side_of(*place, places) : place->servers;
    extent.nodes.insert(extent.nodes.end(), side.begin(), side.end());
  }
  std::sort(extent.nodes.begin(), extent.nodes.end());
  return extent;
}

bool count_fits(Kind kind, Shape shape, const Node& target, std::size_t names,
                const TargetRule& rule, Report& report) {
  if (names >= rule.min && names <= rule.max) return true;
  const std::string what(row_of(kind).target == Target::shaped
                             ? row_of(Parameter::shape).words[static_cast<std::size_t>(shape)]
                             : row_of(kind).name);
  report.add(Code::bad_target, target.at,
             what + " takes " + count_text(rule) + (rule.min == 1 ? " target" : " targets") +
                 ", not " + std::to_string(names),
             {"each is " + level_list(rule)});
  return false;
}

// The role, if its kind of place is one that the rule takes.
std::optional<RoleTarget> find_role(const Node& name, const TargetRule& rule, const Places& places,
                                    Report& report) {
  auto role = read_role(name, places, report);
  if (!role) return {};
  if (std::find(rule.levels.begin(), rule.levels.end(), role->level) != rule.levels.end()) {
    return role;
  }
  report.add(Code::bad_target, name.at,
             quote(name.text) + " is a " + std::string(name_of(role->level)) +
                 ", the target here is " + level_list(rule),
             {role->level == Level::node ? "write \"region of\" or \"zone of\" before it"
                                         : "write the role alone, or a place"});
  return {};
}

std::string printed(const std::vector<const Place*>& targets) {
  std::string text;
  for (const Place* place : targets) text += (text.empty() ? "" : " ") + place->name;
  return text;
}

constexpr std::size_t roles_max = 2;

}  // namespace

std::optional<Aimed> aim_at(Kind kind, Shape shape, bool one_way, const Node& target,
                            const Places& places, Report& report) {
  const TargetRule rule = target_rule(kind, shape);
  const std::vector<const Node*> names = target_names(target);
  if (names.empty()) return {};  // check_structure has said it
  if (!count_fits(kind, shape, target, names.size(), rule, report)) return {};
  std::vector<const Place*> targets;  // null where a role stands
  std::vector<RoleTarget> roles;
  bool complete = true;
  for (const Node* name : names) {
    if (is_role(name->text)) {
      auto role = find_role(*name, rule, places, report);
      complete = complete && role.has_value();
      if (role) roles.push_back(std::move(*role));
      targets.push_back(nullptr);
    } else {
      targets.push_back(find_place(*name, rule, places, report));
      complete = complete && targets.back() != nullptr;
    }
  }
  if (!complete) return {};
  if (roles.size() > roles_max) {
    report.add(Code::bad_target, target.at,
               "this target names " + std::to_string(roles.size()) + " roles",
               {"at most " + std::to_string(roles_max)});
    return {};
  }
  Aimed aimed;
  if (roles.empty()) {
    auto extent = extent_of(kind, shape, one_way, targets, target, places, report);
    if (!extent) return {};
    aimed.choices.push_back({{}, printed(targets), std::move(*extent)});
    return aimed;
  }
  for (const RoleTarget& role : roles) aimed.aims.push_back(role.aim);
  const auto fill = [&](const auto& self, std::vector<NodeId> fillers) -> void {
    if (fillers.size() < roles.size()) {
      for (const NodeId candidate : roles[fillers.size()].candidates) {
        fillers.push_back(candidate);
        self(self, fillers);
        fillers.pop_back();
      }
      return;
    }
    std::vector<const Place*> filled = targets;
    std::size_t next = 0;
    for (const Place*& place : filled) {
      if (place != nullptr) continue;
      place = &roles[next].place_of(fillers[next], places);
      ++next;
    }
    Report refused = Report::unheard();  // a way to fill them that this fault cannot take
    auto extent = extent_of(kind, shape, one_way, filled, target, places, refused);
    if (extent) aimed.choices.push_back({fillers, printed(filled), std::move(*extent)});
  };
  fill(fill, {});
  if (!aimed.choices.empty()) return aimed;
  report.add(Code::bad_target, target.at, "nobody who may fill this role leaves anything to do",
             {"choose another target"});
  return {};
}

}  // namespace blackout::scenario
