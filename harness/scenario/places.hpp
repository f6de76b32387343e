// Where things run: regions, their zones ("eu-de/z1") and nodes ("eu-de-1"), by name and by id.
//
// Servers come first in the order of regions and zones, then one client host a region. Client
// groups are places too: their clients stand in several regions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/document.hpp"
#include "host/base/ids.hpp"
#include "models/fault/fault.hpp"
#include "reports/record/plan_facts.hpp"

namespace blackout::scenario {

enum class Level : std::uint8_t { region, zone, node, client_group };
std::string_view name_of(Level level);

struct Place {
  std::string name;
  Level level{};
  RegionId region;
  std::vector<NodeId> servers;               // ascending
  std::vector<fault::Clients> clients = {};  // ascending: of a client group, or of all in a region
};

// A shard's voters, by region in the order of the file. The director's shard is the last.
struct VoterGroup {
  std::string name;
  std::vector<NodeId> voters;
};

inline constexpr std::size_t regions_max = 64;

class Places {
 public:
  // Of topology.regions, groups and workload; a region goes before a client group of its name.
  // Sizes that check_structure refuses are read as the nearest it allows.
  explicit Places(const Node& root);

  [[nodiscard]] const Place* find(std::string_view name) const;
  [[nodiscard]] const Place* region(std::string_view name) const;
  [[nodiscard]] std::vector<const Place*> of_level(Level level) const;
  [[nodiscard]] std::vector<std::string> names(Level level) const;
  [[nodiscard]] const std::vector<record::NodeFact>& nodes() const { return nodes_; }
  [[nodiscard]] const std::vector<VoterGroup>& groups() const { return groups_; }
  [[nodiscard]] std::uint32_t servers() const { return servers_; }
  [[nodiscard]] std::size_t regions() const { return nodes_.size() - servers_; }
  [[nodiscard]] NodeId client_host(RegionId region) const {
    return NodeId(servers_ + region.value());
  }
  // `count` servers of a region, its zones in turn; at most as many as there are.
  [[nodiscard]] std::vector<NodeId> spread(RegionId region, std::size_t count) const;

 private:
  void add_region(const Node& node);
  void add_clients(const Node& node, std::uint32_t group);
  void add_group(const Node& node, const std::string& name);

  std::vector<Place> places_;
  std::vector<record::NodeFact> nodes_;
  std::vector<VoterGroup> groups_;  // by ShardId
  std::uint32_t servers_ = 0;
};

// The name of the director's group.
inline constexpr std::string_view director_name = "director";

// What stands under "groups", and then, where there is one, the director: by ShardId.
std::vector<const Node*> groups_of(const Node& root);
// Empty where the file gives none.
std::string group_name(const Node& group);

// The integer of a number node, if it is one.
std::optional<std::int64_t> integer_of(const Node* node);

}  // namespace blackout::scenario
