#include "harness/scenario/fields.hpp"

#include <algorithm>

namespace blackout::scenario {

const Node* at_path(const Node& root, std::initializer_list<std::string_view> keys) {
  const Node* node = &root;
  for (const std::string_view key : keys) {
    node = node->find(key);
    if (node == nullptr) return nullptr;
  }
  return node;
}

// The items of a list that check_structure may have refused.
const std::vector<Node>& items_of(const Node* list) {
  static const std::vector<Node> none;
  return list != nullptr && list->is(NodeType::array) ? list->children : none;
}

std::optional<std::int64_t> value_of(const Node* node, Quantity quantity) {
  if (node == nullptr) return {};
  const auto value = read_quantity(*node, quantity);
  if (!value) return {};
  return value.value();
}

std::optional<Span> span_of(const Node* node, Quantity quantity) {
  if (node == nullptr) return {};
  if (!node->is(NodeType::object)) {
    const auto value = value_of(node, quantity);
    if (!value) return {};
    return Span{*value, *value};
  }
  if (node->children.size() != 1) return {};
  const Node& draw = node->children[0];
  if (draw.key == "exponential") {
    const auto mean = value_of(&draw, quantity);
    if (!mean) return {};
    return Span{0, *mean * 44};
  }
  std::optional<Span> span;
  for (const Node& item : draw.children) {
    const auto value = value_of(&item, quantity);
    if (!value) return {};
    if (!span) span = Span{*value, *value};
    span->min = std::min(span->min, *value);
    span->max = std::max(span->max, *value);
  }
  return span;
}

Duration duration_or(const Node& object, std::string_view key, Duration fallback) {
  return Duration(quantity_or(object, key, Quantity::duration, fallback.ns()));
}

std::int64_t quantity_or(const Node& object, std::string_view key, Quantity quantity,
                         std::int64_t fallback) {
  const Node* node = object.find(key);
  return node == nullptr ? fallback : quantity_of(*node, quantity);
}

std::uint32_t ppm_of(const Node& percent) {
  return static_cast<std::uint32_t>(quantity_of(percent, Quantity::percent) / 1'000);
}

std::optional<record::Timeline> timeline_of(const Node& root) {
  const auto part = [&](std::string_view key) {
    return value_of(at_path(root, {"timeline", key}), Quantity::duration);
  };
  const auto warmup = part("warmup"), chaos = part("chaos"), calm = part("calm");
  if (!warmup || !chaos || !calm) return {};
  return record::Timeline{Duration(*warmup), Duration(*chaos), Duration(*calm)};
}

std::size_t group_of(const Node& root, std::string_view key_prefix) {
  const Node* groups = root.find("groups");
  if (groups == nullptr) return 0;
  for (std::size_t i = 0; i < groups->children.size(); ++i) {
    const Node* keys = groups->children[i].find("keys");
    if (keys != nullptr && keys->is(NodeType::string) && key_prefix.starts_with(keys->text)) {
      return i;
    }
  }
  return groups->children.size();
}

}  // namespace blackout::scenario
