#include "harness/scenario/topology.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "harness/scenario/lint.hpp"
#include "harness/scenario/structure.hpp"

namespace blackout::scenario {

namespace {

// The first bytes of a file, one more than parse() accepts at most.
std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {};
  std::string text(text_bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

void check_delay(const Node& round_trip, Report& report) {
  const auto ns = value_of(&round_trip, Quantity::duration);
  if (!ns || (*ns > 0 && Duration(*ns) <= delay_max)) return;
  report.add(
      Code::out_of_range, round_trip.at,
      *ns == 0 ? "a round trip of no time" : "a round trip of " + format_duration(Duration(*ns)),
      {"it goes from 1 ns to " + format_duration(delay_max) + ", as in \"20ms\""});
}

void check_pairs(const Node& region_rtt, Report& report) {
  for (std::size_t i = 0; i < region_rtt.children.size(); ++i) {
    const Node& entry = region_rtt.children[i];
    if (!entry.is(NodeType::array) || entry.children.size() != 3) continue;
    const std::string& a = entry.children[0].text;
    const std::string& b = entry.children[1].text;
    check_delay(entry.children[2], report);
    const bool again = round_trip(region_rtt, a, b) != &entry.children[2];
    if (a != b && !again) continue;
    report.add(Code::pair_repeated, entry.at,
               a == b ? "a round-trip time from " + quote(a) + " to itself"
                      : "two round-trip times between " + quote(a) + " and " + quote(b),
               {a == b ? "between its zones it is \"zone_rtt\"" : "remove one"});
  }
}

std::vector<std::string> regions_of(const Node& region_rtt) {
  std::vector<std::string> regions;
  for (const Node& entry : region_rtt.children) {
    for (const Node& name : entry.children) {
      if (&name == &entry.children.back()) continue;
      if (std::find(regions.begin(), regions.end(), name.text) == regions.end()) {
        regions.push_back(name.text);
      }
    }
  }
  return regions;
}

// Reports regions that no entry names and pairs that have no entry; keeps the entries that are
// used.
Node used_pairs(const Node& region_rtt, const Node& root, const Places& places,
                const std::string& topology, Report& in_scenario, Report& in_topology) {
  Node used;
  used.type = NodeType::array;
  used.key = "region_rtt";
  const std::vector<std::string> known = regions_of(region_rtt);
  const auto is_known = [&](const std::string& name) {
    return std::find(known.begin(), known.end(), name) != known.end();
  };
  const std::vector<std::string> wanted = places.names(Level::region);
  for (const std::string& name : wanted) {
    if (wanted.size() < 2 || is_known(name)) continue;
    const Node* region = root.get("topology").get("regions").find(name);
    in_scenario.add(Code::unknown_place, region->key_at,
                    "topology " + quote(topology) + " has no region " + quote(name),
                    {suggestion(name, known)});
  }
  for (std::size_t a = 0; a < wanted.size(); ++a) {
    for (std::size_t b = a + 1; b < wanted.size(); ++b) {
      const Node* time = round_trip(region_rtt, wanted[a], wanted[b]);
      if (time != nullptr) {
        Node entry;
        entry.type = NodeType::array;
        entry.children = {string_node(wanted[a]), string_node(wanted[b]), *time};
        used.children.push_back(std::move(entry));
      } else if (is_known(wanted[a]) && is_known(wanted[b])) {
        in_topology.add(
            Code::pair_missing, region_rtt.key_at,
            "no round-trip time between " + quote(wanted[a]) + " and " + quote(wanted[b]),
            {"add [" + quote(wanted[a]) + ", " + quote(wanted[b]) + ", \"...ms\"]"});
      }
    }
  }
  return used;
}

// The topology file as a tree in which every rule of its schema holds.
std::optional<Node> load_topology(const std::string& file, const Node& use, Report& report,
                                  Report& in_file) {
  const auto text = read_file(file);
  if (!text) {
    report.add(Code::no_topology, use.at, "there is no topology " + quote(use.text),
               {"expected the file " + file});
    return {};
  }
  auto root = parse(*text, in_file);
  if (!root) return {};
  check_structure(*root, FileKind::topology, in_file);
  if (in_file.has_errors()) return {};
  if (root->get("name").text != use.text) {
    in_file.add(Code::no_topology, root->get("name").at, "this topology is not " + quote(use.text),
                {"name it as its file"});
  }
  check_pairs(root->get("region_rtt"), in_file);
  check_delay(root->get("zone_rtt"), in_file);
  return root;
}

}  // namespace

const Node* round_trip(const Node& region_rtt, std::string_view a, std::string_view b) {
  for (const Node& entry : region_rtt.children) {
    if (!entry.is(NodeType::array) || entry.children.size() != 3) continue;
    const std::string& from = entry.children[0].text;
    const std::string& to = entry.children[1].text;
    if ((from == a && to == b) || (from == b && to == a)) return &entry.children[2];
  }
  return nullptr;
}

void embed_round_trips(const Source& source, const Places& places, Node& root, Report& report) {
  Node* topology = root.find("topology");
  const Node* use = topology ? topology->find("use") : nullptr;
  if (use == nullptr || !use->is(NodeType::string) || places.regions() == 0) return;
  const Node* own = topology->find("region_rtt");
  const Node* own_zone = topology->find("zone_rtt");
  if ((own == nullptr) != (own_zone == nullptr)) {
    report.add(Code::missing_key, (own ? own : own_zone)->key_at,
               "\"region_rtt\" and \"zone_rtt\" replace the topology file only together",
               {"add the other, or remove this one"});
    return;
  }
  if (own != nullptr && own->is(NodeType::array)) {
    check_pairs(*own, report);
    check_delay(*own_zone, report);
    (void)used_pairs(*own, root, places, use->text, report, report);
    return;
  }
  if (own != nullptr || use->text.find('/') != std::string::npos) return;
  const std::string file = (source.directory.empty() ? "" : source.directory + "/") +
                           "topologies/" + use->text + ".json";
  Report in_file(file, {}, false);
  const auto loaded = load_topology(file, *use, report, in_file);
  if (loaded) {
    Node pairs = used_pairs(loaded->get("region_rtt"), root, places, use->text, report, in_file);
    // With a single region there is no pair to write down.
    if (pairs.children.empty()) pairs.children.push_back(loaded->get("region_rtt").children[0]);
    const auto after_use = topology->children.begin() + (use - topology->children.data()) + 1;
    const auto put = topology->children.insert(after_use, std::move(pairs));
    topology->children.insert(put + 1, loaded->get("zone_rtt"));
  }
  report.append(in_file.take());
}

}  // namespace blackout::scenario
