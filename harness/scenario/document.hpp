// A parsed scenario: the JSON tree with the position of every key and value.
//
// Not a checked scenario: parse() knows JSON, UTF-8 and limits, nothing of scenarios. Keys keep
// their order; of a key that stands twice the first counts and the second is reported.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/report.hpp"

namespace blackout::scenario {

enum class NodeType : std::uint8_t { null, boolean, number, string, array, object };
std::string_view name_of(NodeType type);  // "a number"

struct Node {
  NodeType type = NodeType::null;
  Position at;
  std::string text;  // a string's value; any other scalar as written
  std::string key;   // in its object; empty elsewhere
  Position key_at;
  std::vector<Node> children;

  [[nodiscard]] bool is(NodeType t) const { return type == t; }
  // The member of an object; nullptr if there is none, or if this is no object.
  [[nodiscard]] const Node* find(std::string_view name) const;
  [[nodiscard]] Node* find(std::string_view name);
  // The member of an object that has been checked to be there.
  [[nodiscard]] const Node& get(std::string_view name) const;
};

// A node that stands in no text.
Node string_node(std::string text, std::string key = {});

inline constexpr std::size_t text_bytes_max = 1U << 20;
inline constexpr std::size_t depth_max = 64;

// An empty optional where no tree can be made of the text; then exactly one error says why.
std::optional<Node> parse(std::string_view text, Report& report);

// Replaces or adds the fields that the overrides name; the new values carry the override's
// position.
void apply(const std::vector<Override>& overrides, Node& root, Report& report);

// JSON text, two spaces a level, what fits in 100 columns on one line.
std::string to_text(const Node& node);

// What load() leaves for draw(): a tree in which every rule holds.
struct Document {
  Node root;
  std::string name, summary;
  bool generated = false;
  std::string undrawn;
  std::vector<std::string> seeds;
  Diagnostics warnings;
};

}  // namespace blackout::scenario
