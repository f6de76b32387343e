#include "harness/scenario/places.hpp"

#include <algorithm>
#include <charconv>

namespace blackout::scenario {

std::optional<std::int64_t> integer_of(const Node* node) {
  if (node == nullptr || !node->is(NodeType::number)) return {};
  std::int64_t value = 0;
  const char* end = node->text.data() + node->text.size();
  const auto [stop, error] = std::from_chars(node->text.data(), end, value);
  if (error != std::errc{} || stop != end) return {};
  return value;
}

std::vector<const Node*> groups_of(const Node& root) {
  std::vector<const Node*> all;
  const Node* groups = root.find("groups");
  for (std::size_t g = 0; groups != nullptr && g < groups->children.size(); ++g) {
    all.push_back(&groups->children[g]);
  }
  if (const Node* director = root.find(director_name)) all.push_back(director);
  return all;
}

std::string group_name(const Node& group) {
  if (group.key == director_name) return group.key;
  const Node* name = group.find("name");
  return name == nullptr ? "" : name->text;
}

std::string_view name_of(Level level) {
  switch (level) {
    case Level::region:
      return "region";
    case Level::zone:
      return "zone";
    case Level::node:
      return "node";
    case Level::client_group:
      return "client group";
  }
  return "";
}

Places::Places(const Node& root) {
  const Node* topology = root.find("topology");
  const Node* regions = topology ? topology->find("regions") : nullptr;
  for (std::size_t r = 0; regions != nullptr && r < regions->children.size(); ++r) {
    if (r == regions_max) break;
    add_region(regions->children[r]);
  }
  servers_ = static_cast<std::uint32_t>(nodes_.size());
  for (const Place* region : of_level(Level::region)) {
    record::NodeFact host;
    host.name = "clients-" + region->name;
    host.region = region->region;
    host.client_host = true;
    nodes_.push_back(std::move(host));
  }
  for (const Node* group : groups_of(root)) add_group(*group, group_name(*group));
  const Node* workload = root.find("workload");
  for (std::uint32_t g = 0; workload != nullptr && g < workload->children.size(); ++g) {
    add_clients(workload->children[g], g);
  }
}

void Places::add_group(const Node& node, const std::string& name) {
  const Node* counts = node.find("voters");
  VoterGroup& group = groups_.emplace_back();
  group.name = name;
  for (std::size_t i = 0; counts != nullptr && i < counts->children.size(); ++i) {
    const Place* in = region(counts->children[i].key);
    const auto count = integer_of(&counts->children[i]);
    if (in == nullptr || !count || *count < 1) continue;
    const auto picked = spread(in->region, static_cast<std::size_t>(*count));
    group.voters.insert(group.voters.end(), picked.begin(), picked.end());
  }
}

void Places::add_clients(const Node& node, std::uint32_t group) {
  const Node* name = node.find("name");
  const Node* from = node.find("from");
  if (name == nullptr || from == nullptr) return;
  Place clients{name->text, Level::client_group, RegionId(), {}};
  for (Place& place : places_) {
    if (place.level != Level::region) continue;
    const bool here = from->is(NodeType::string) ||
                      std::any_of(from->children.begin(), from->children.end(),
                                  [&](const Node& named) { return named.text == place.name; });
    if (!here) continue;
    place.clients.push_back({group, place.region});
    clients.clients.push_back({group, place.region});
  }
  places_.push_back(std::move(clients));
}

void Places::add_region(const Node& node) {
  const auto size = [&](std::string_view key) {
    return std::clamp<std::int64_t>(integer_of(node.find(key)).value_or(1), 1, 16);
  };
  const std::int64_t zones = size("zones"), nodes_per_zone = size("nodes_per_zone");
  Place region;
  region.name = node.key;
  region.level = Level::region;
  region.region = RegionId(static_cast<std::uint16_t>(of_level(Level::region).size()));
  std::vector<Place> inner;
  for (std::int64_t z = 0; z < zones; ++z) {
    Place zone{node.key + "/z" + std::to_string(z + 1), Level::zone, region.region, {}};
    for (std::int64_t n = 0; n < nodes_per_zone; ++n) {
      const NodeId id(static_cast<std::uint32_t>(nodes_.size()));
      record::NodeFact fact;
      fact.name = node.key + "-" + std::to_string(region.servers.size() + 1);
      fact.region = region.region;
      fact.zone = static_cast<std::uint16_t>(z);
      inner.push_back({fact.name, Level::node, region.region, {id}});
      region.servers.push_back(id);
      zone.servers.push_back(id);
      nodes_.push_back(std::move(fact));
    }
    inner.push_back(std::move(zone));
  }
  places_.push_back(std::move(region));
  places_.insert(places_.end(), inner.begin(), inner.end());
}

const Place* Places::find(std::string_view name) const {
  for (const Place& place : places_) {
    if (place.name == name) return &place;
  }
  return nullptr;
}

const Place* Places::region(std::string_view name) const {
  const Place* found = find(name);
  return found != nullptr && found->level == Level::region ? found : nullptr;
}

std::vector<const Place*> Places::of_level(Level level) const {
  std::vector<const Place*> found;
  for (const Place& place : places_) {
    if (place.level == level) found.push_back(&place);
  }
  return found;
}

std::vector<std::string> Places::names(Level level) const {
  std::vector<std::string> found;
  for (const Place* place : of_level(level)) found.push_back(place->name);
  return found;
}

std::vector<NodeId> Places::spread(RegionId region, std::size_t count) const {
  std::vector<std::vector<NodeId>> zones;
  for (const Place* zone : of_level(Level::zone)) {
    if (zone->region == region) zones.push_back(zone->servers);
  }
  std::vector<NodeId> picked;
  for (std::size_t n = 0; picked.size() < count; ++n) {
    const std::size_t before = picked.size();
    for (const auto& zone : zones) {
      if (n < zone.size() && picked.size() < count) picked.push_back(zone[n]);
    }
    if (picked.size() == before) break;
  }
  return picked;
}

}  // namespace blackout::scenario
