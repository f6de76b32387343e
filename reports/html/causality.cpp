#include "reports/html/causality.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "reports/graph/layout.hpp"
#include "reports/html/chart.hpp"
#include "reports/html/escape.hpp"
#include "reports/text/style.hpp"

namespace blackout::html {
namespace {

using graph::Causality;
using graph::Edge;
using graph::EdgeKind;
using graph::Node;
using graph::NodeKind;
using graph::Point;

constexpr std::int64_t line_height = 15, margin = 6, time_width = 66;  // pixels
constexpr std::size_t places = 6;                                      // colours of regions
constexpr std::size_t columns_max = 36, lines_max = 3;                 // of what happened

// The first `count` columns.
std::string_view first_columns(std::string_view words, std::size_t count) {
  std::size_t end = 0;
  for (; end < words.size(); ++end) {
    const bool begins = (static_cast<unsigned char>(words[end]) & 0xC0U) != 0x80U;
    if (begins && count-- == 0) break;
  }
  return words.substr(0, end);
}

bool digit(char letter) { return letter >= '0' && letter <= '9'; }

// Where to break the line: at its last blank, but "1.4 s" stays together where that can be.
std::size_t break_of(std::string_view line) {
  const std::size_t last = line.rfind(' ');
  if (last == std::string_view::npos || last == 0) return line.size();
  const std::size_t before =
      digit(line[last - 1]) ? line.rfind(' ', last - 1) : std::string_view::npos;
  return before == std::string_view::npos || before == 0 ? last : before;
}

// Broken at blanks where that can be; what has no room ends in "…".
std::vector<std::string> lines_of(std::string_view words) {
  std::vector<std::string> lines;
  while (!words.empty()) {
    std::string_view line = first_columns(words, columns_max);
    if (line.size() < words.size() && (words[line.size()] != ' ' || digit(line.back()))) {
      line = line.substr(0, break_of(line));
    }
    words.remove_prefix(line.size());
    words.remove_prefix(std::min(words.size(), words.find_first_not_of(' ')));
    lines.emplace_back(line);
    if (lines.size() == lines_max && !words.empty()) {
      lines.back() = std::string(first_columns(line, columns_max - 2)) + " …";
      break;
    }
  }
  return lines;
}

struct Row {
  const Node* node;
  std::vector<std::string> lines;
};

// What happened in one place, one thing right after the other, or the faults that held meanwhile.
struct Box {
  NodeKind kind;
  std::string head;
  std::optional<RegionId> region;
  std::vector<Row> rows;
  std::int64_t width = 0, height = 0;  // pixels
};

class Boxes {
 public:
  explicit Boxes(const Causality& causality)
      : causality_(causality), into_(causality.nodes.size()), out_(causality.nodes.size()) {
    for (const Edge& edge : causality.edges) {
      ++out_[edge.from];
      ++into_[edge.to];
    }
    for (std::size_t i = 0; i < causality.nodes.size(); ++i) put(i);
    for (Box& box : all) measure(box);
  }

  std::vector<Box> all;
  std::vector<std::size_t> index;  // by node, that of its box

 private:
  void put(std::size_t i) {
    const Node& node = causality_.nodes[i];
    const bool alone = aside(i);
    const std::size_t box = alone && aside_ ? *aside_ : box_before(i);
    if (box == all.size()) {
      all.push_back({node.kind, alone ? "meanwhile" : node.who, node.region, {}});
      if (alone) aside_ = box;
    }
    all[box].rows.push_back({&node, lines_of(alone ? node.who + " " + node.what : node.what)});
    index.push_back(box);
  }

  // A fault of which nothing is known but that it held.
  [[nodiscard]] bool aside(std::size_t i) const {
    const Node& node = causality_.nodes[i];
    if (node.kind != NodeKind::fault || node.root || into_[i] + out_[i] != 1) return false;
    return std::any_of(causality_.edges.begin(), causality_.edges.end(), [&](const Edge& edge) {
      return edge.from == i && edge.kind == EdgeKind::conclusion;
    });
  }

  // That of the node which this one followed, if neither has another neighbour there; else a new
  // one.
  [[nodiscard]] std::size_t box_before(std::size_t i) const {
    const Node& node = causality_.nodes[i];
    if (node.kind != NodeKind::event || into_[i] != 1) return all.size();
    for (const Edge& edge : causality_.edges) {
      const Node& before = causality_.nodes[edge.from];
      const bool chain = edge.to == i && out_[edge.from] == 1 && before.kind == NodeKind::event &&
                         before.who == node.who;
      if (chain) return index[edge.from];
    }
    return all.size();
  }

  static void measure(Box& box) {
    std::int64_t rows = 1, widest = width_of(box.head) * 11 / 10 - time_width;  // bold
    for (const Row& row : box.rows) {
      rows += static_cast<std::int64_t>(row.lines.size());
      for (const std::string& line : row.lines) widest = std::max(widest, width_of(line));
    }
    // A hexagon's sides need room.
    box.width = widest + time_width + (box.kind == NodeKind::fault ? 44 : 28);
    box.height = rows * line_height + 2 * margin;
  }

  const Causality& causality_;
  std::vector<std::size_t> into_, out_;  // by node, how many edges
  std::optional<std::size_t> aside_;
};

std::string outline(const Box& box, std::int64_t left, std::int64_t top) {
  if (box.kind != NodeKind::fault) {
    const bool root = std::any_of(box.rows.begin(), box.rows.end(),
                                  [](const Row& row) { return row.node->root || row.node->gap; });
    return fmt::format(
        "<rect class=\"box{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"3\"/>",
        box.kind == NodeKind::conclusion ? " conclusion"
        : root                           ? " root"
                                         : "",
        left, top, box.width, box.height);
  }
  const std::int64_t right = left + box.width, bottom = top + box.height, slant = 14;
  return fmt::format(
      "<path class=\"box\" d=\"M{0} {1}H{2}L{3} {4}L{2} {5}H{0}L{6} {4}Z\"/>"
      "<path class=\"box hit\" d=\"M{0} {1}H{2}L{3} {4}L{2} {5}H{0}L{6} {4}Z\"/>",
      left + slant, top, right - slant, right, top + box.height / 2, bottom, left);
}

std::string drawn(const Row& row, std::int64_t left, std::int64_t top,
                  const std::set<std::uint64_t>& listed) {
  const Node& node = *row.node;
  std::string text = fmt::format(
      "<g{}><title>{}</title><text class=\"value\" text-anchor=\"end\" x=\"{}\" "
      "y=\"{}\">{}</text>",
      node.root || node.gap ? " class=\"told\"" : "",
      escaped(node.time + "  " + node.who + " " + node.what), left + time_width - 8, top,
      escaped(node.time));
  for (std::size_t i = 0; i < row.lines.size(); ++i) {
    text += fmt::format("<text x=\"{}\" y=\"{}\">{}</text>", left + time_width,
                        top + static_cast<std::int64_t>(i) * line_height, escaped(row.lines[i]));
  }
  text += "</g>";
  if (!listed.contains(node.event.value())) return text + "\n";
  return fmt::format("<a href=\"#e{}\">{}</a>\n", node.event.value(), text);
}

std::string drawn(const Box& box, const Point& centre, const std::set<std::uint64_t>& listed) {
  const std::int64_t left = centre.x / 10 - box.width / 2, top = centre.y / 10 - box.height / 2;
  std::string text = outline(box, left, top);
  if (box.region) {
    text += fmt::format("<rect class=\"place-{}\" x=\"{}\" y=\"{}\" width=\"6\" height=\"{}\"/>",
                        box.region->value() % places, left, top, box.height);
  }
  const std::int64_t indent = left + (box.kind == NodeKind::fault ? 22 : 14);
  std::int64_t y = top + margin + 11;
  text += fmt::format("<text class=\"head\" x=\"{}\" y=\"{}\">{}</text>\n", indent, y,
                      escaped(box.head));
  for (const Row& row : box.rows) {
    text += drawn(row, indent, y + line_height, listed);
    y += static_cast<std::int64_t>(row.lines.size()) * line_height;
  }
  return text;
}

struct EdgeName {
  EdgeKind kind;
  std::string_view name, words;
};
constexpr auto edge_names = std::to_array<EdgeName>({
    {EdgeKind::message, "message", "message"},
    {EdgeKind::step, "next", "because of it"},
    {EdgeKind::order, "order", "before it, on the same node"},
    {EdgeKind::fault, "cause", "fault"},
    {EdgeKind::conclusion, "end", "what is explained"},
});

const EdgeName& name_of(EdgeKind kind) {
  return *std::find_if(edge_names.begin(), edge_names.end(),
                       [&](const EdgeName& each) { return each.kind == kind; });
}

std::string drawn(const Edge& edge, const std::vector<Point>& curve) {
  std::string path;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    path += fmt::format("{}{} {}",
                        i == 0   ? "M"
                        : i == 1 ? "C"
                                 : " ",
                        pixels(curve[i].x), pixels(curve[i].y));
  }
  const std::string_view name = name_of(edge.kind).name;
  return fmt::format("<path class=\"edge {0}\" marker-end=\"url(#tip-{0})\" d=\"{1}\"/>\n", name,
                     path);
}

std::string tips() {
  std::string text = "<defs>";
  for (const EdgeName& each : edge_names) {
    text += fmt::format(
        "<marker id=\"tip-{0}\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"9\" "
        "markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"tip "
        "{0}\" d=\"M0 1L10 5L0 9Z\"/></marker>",
        each.name);
  }
  return text + "</defs>\n";
}

std::string legend(const std::vector<Node>& nodes, const std::vector<Edge>& edges,
                   const record::PlanFacts& plan) {
  std::string text = "<p class=\"legend\">";
  const auto key = [&](const std::string& shape, std::string_view words) {
    text += fmt::format("<span><svg viewBox=\"0 0 26 12\" aria-hidden=\"true\">{}</svg>{}</span>",
                        shape, escaped(words));
  };
  for (std::size_t region = 0; region < plan.regions.size(); ++region) {
    const bool there = std::any_of(nodes.begin(), nodes.end(), [&](const Node& node) {
      return node.region && node.region->value() == region;
    });
    if (!there) continue;
    key(fmt::format("<rect class=\"place-{}\" width=\"26\" height=\"12\"/>", region % places),
        plan.regions[region].name);
  }
  for (const EdgeName& each : edge_names) {
    const bool there = std::any_of(edges.begin(), edges.end(),
                                   [&](const Edge& edge) { return edge.kind == each.kind; });
    if (there) key(fmt::format("<path class=\"edge {}\" d=\"M0 6H26\"/>", each.name), each.words);
  }
  return text + "</p>\n";
}

// The same without the picture: what each event followed from.
std::string list(const Causality& causality) {
  std::string text = "<details class=\"causes\"><summary>The graph as a list</summary>\n<ol>\n";
  for (std::size_t i = 0; i < causality.nodes.size(); ++i) {
    const Node& node = causality.nodes[i];
    std::string from;
    for (const Edge& edge : causality.edges) {
      if (edge.to == i) from += fmt::format("{}{}", from.empty() ? "" : ", ", edge.from + 1);
    }
    text += "<li>" + escaped(node.time + "  " + node.who + " " + node.what) +
            (from.empty() ? "" : " <span class=\"faint\">(after " + from + ")</span>") + "</li>\n";
  }
  return text + "</ol></details>\n";
}

}  // namespace

std::string causality_figure(const Causality& causality, const record::PlanFacts& plan,
                             const std::set<std::uint64_t>& listed) {
  const Boxes boxes(causality);
  std::vector<Point> sizes;
  for (const Box& box : boxes.all) sizes.push_back({box.width * 10, box.height * 10});
  std::vector<Edge> edges;
  std::vector<std::pair<std::size_t, std::size_t>> ends;
  for (const Edge& edge : causality.edges) {
    const std::pair between(boxes.index[edge.from], boxes.index[edge.to]);
    if (between.first == between.second || std::count(ends.begin(), ends.end(), between) > 0)
      continue;
    edges.push_back(edge);
    ends.push_back(between);
  }
  const graph::Layout layout = graph::layout_of(sizes, ends);
  const std::int64_t width = layout.size.x / 10 + 8, height = layout.size.y / 10 + 8;
  std::string text = "<figure class=\"causality\"><figcaption>What it depended on</figcaption>\n" +
                     legend(causality.nodes, edges, plan);
  text += fmt::format(
      "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Graph of causes\">"
      "<svg class=\"graph\" role=\"group\" viewBox=\"-4 -4 {0} {1}\" "
      "style=\"--drawn:{0}px\">"
      "<title>Graph of causes: {2} boxes, {3} arrows; below it as a list</title>\n",
      width, height, boxes.all.size(), edges.size());
  text += tips();
  for (std::size_t i = 0; i < edges.size(); ++i) text += drawn(edges[i], layout.curves[i]);
  for (std::size_t i = 0; i < boxes.all.size(); ++i) {
    text += drawn(boxes.all[i], layout.centres[i], listed);
  }
  text += "</svg></div>\n";
  const std::string left_out = graph::left_out_text(causality);
  if (!left_out.empty()) text += "<p class=\"faint\">" + escaped(left_out) + "</p>\n";
  return text + list(causality) + "</figure>\n";
}

}  // namespace blackout::html
