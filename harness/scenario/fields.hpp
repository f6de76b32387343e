// Reading single fields of a tree: of one that may be wrong (optional), or of a checked one.
#pragma once

#include <initializer_list>

#include "harness/scenario/places.hpp"
#include "harness/scenario/quantity.hpp"

namespace blackout::scenario {

// The node at a path of keys, or nullptr.
const Node* at_path(const Node& root, std::initializer_list<std::string_view> keys);

// The items of a list; none where it is no list, or missing.
const std::vector<Node>& items_of(const Node* list);

// A quantity or count that may be a draw: the least and the greatest value it can have.
struct Span {
  std::int64_t min = 0, max = 0;
};
std::optional<Span> span_of(const Node* node, Quantity quantity);

std::optional<std::int64_t> value_of(const Node* node, Quantity quantity);

// Of a checked tree without draws; `fallback` where the field is left out.
Duration duration_or(const Node& object, std::string_view key, Duration fallback);
std::int64_t quantity_or(const Node& object, std::string_view key, Quantity quantity,
                         std::int64_t fallback);
std::uint32_t ppm_of(const Node& percent);

// The three phases, if they can be read.
std::optional<record::Timeline> timeline_of(const Node& root);

// The group that owns these keys, or the number of groups if there is none.
std::size_t group_of(const Node& root, std::string_view key_prefix);

}  // namespace blackout::scenario
