#include "reports/graph/dot.hpp"

#include <fmt/format.h>

#include <string_view>

namespace blackout::graph {
namespace {

std::string quoted(std::string_view words) {
  std::string text = "\"";
  for (const char letter : words) {
    if (letter == '"' || letter == '\\') text += '\\';
    text += static_cast<unsigned char>(letter) < 0x20 && letter != '\n' ? ' ' : letter;
  }
  return text + "\"";
}

std::string_view shape_of(const Node& node) {
  switch (node.kind) {
    case NodeKind::fault:
      return "shape=hexagon, class=fault";
    case NodeKind::conclusion:
      return "shape=box, style=bold, peripheries=2, class=conclusion";
    case NodeKind::event:
      break;
  }
  return node.root || node.gap ? "shape=box, style=bold, class=root" : "shape=box, class=event";
}

std::string_view style_of(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::message:
      return "class=message";
    case EdgeKind::step:
      return "class=step, arrowhead=vee";
    case EdgeKind::order:
      return "class=order, style=dotted, arrowhead=vee";
    case EdgeKind::fault:
      return "class=fault, style=dashed";
    case EdgeKind::conclusion:
      break;
  }
  return "class=conclusion, style=bold";
}

}  // namespace

std::string dot(const std::optional<Causality>& known) {
  if (!known) return "digraph {\n}\n";
  const Causality& causality = *known;
  std::string text =
      fmt::format("digraph {} {{\n  node [fontname=\"sans-serif\"];\n", quoted(causality.name));
  const std::string left_out = left_out_text(causality);
  if (!left_out.empty()) text += "  label=" + quoted(left_out) + ";\n";
  for (const Node& node : causality.nodes) {
    text += fmt::format("  {} [{}, label={}];\n", quoted(node.id), shape_of(node),
                        quoted(node.time + "  " + node.who + "\n" + node.what));
  }
  for (const Edge& edge : causality.edges) {
    text += fmt::format("  {} -> {} [{}];\n", quoted(causality.nodes[edge.from].id),
                        quoted(causality.nodes[edge.to].id), style_of(edge.kind));
  }
  return text + "}\n";
}

}  // namespace blackout::graph
