#include "reports/graph/layout.hpp"

#include <fmt/format.h>
#include <gvc.h>

#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include "host/base/check.hpp"

extern "C" gvplugin_library_t gvplugin_dot_layout_LTX_library;  // NOLINT(*-identifier-naming)

namespace blackout::graph {
namespace {

// Graphviz takes its strings as char*, and copies them.
class Word {
 public:
  Word(std::string_view word) : word_(word) {}
  operator char*() { return word_.data(); }

 private:
  std::string word_;
};

// One picture's worth of Graphviz.
class Drawing {
 public:
  Drawing() {
    constexpr const char* name_of_plugin = "gvplugin_dot_layout_LTX_library";
    std::array<lt_symlist_t, 2> plugins = {
        lt_symlist_t{name_of_plugin, &gvplugin_dot_layout_LTX_library},
        lt_symlist_t{nullptr, nullptr}};
    context_ = gvContextPlugins(plugins.data(), 0);
    graph_ = agopen(Word("causality"), Agdirected, nullptr);
    CHECK(context_ != nullptr && graph_ != nullptr, "no memory for a graph");
    for (const auto& [name, value] : {std::pair{"ranksep", "0.28"}, std::pair{"nodesep", "0.2"}}) {
      agattr(graph_, AGRAPH, Word(name), Word(value));
    }
    for (const auto& [name, value] :
         {std::pair{"label", ""}, std::pair{"shape", "box"}, std::pair{"fixedsize", "true"}}) {
      agattr(graph_, AGNODE, Word(name), Word(value));
    }
    width_ = agattr(graph_, AGNODE, Word("width"), Word("1"));
    height_ = agattr(graph_, AGNODE, Word("height"), Word("1"));
    agattr(graph_, AGEDGE, Word("dir"), Word("none"));
  }
  ~Drawing() {
    gvFreeLayout(context_, graph_);
    agclose(graph_);
    gvFreeContext(context_);
  }
  Drawing(const Drawing&) = delete;
  Drawing& operator=(const Drawing&) = delete;

  Agnode_t* add_node(Point size) {
    Agnode_t* node = agnode(graph_, nullptr, 1);
    agxset(node, width_, Word(inches(size.x)));
    agxset(node, height_, Word(inches(size.y)));
    return node;
  }
  Agedge_t* add_edge(Agnode_t* from, Agnode_t* to) { return agedge(graph_, from, to, nullptr, 1); }

  void lay_out() {
    CHECK(gvLayout(context_, graph_, "dot") == 0, "Graphviz cannot lay this graph out");
    attach_attrs(graph_);
    const std::vector<Point> box = points(agget(graph_, Word("bb")), 0);
    CHECK(box.size() == 2, "Graphviz gives no size");
    size_ = box[1];
  }
  [[nodiscard]] Point size() const { return size_; }
  // Where the node's centre is, or the points of the edge.
  template <class Part>
  [[nodiscard]] std::vector<Point> place_of(Part* part) const {
    return points(agget(part, Word("pos")), size_.y);
  }

 private:
  static std::string inches(std::int64_t tenths) {
    return fmt::format("{}.{:03}", tenths / 720, tenths % 720 * 1000 / 720);
  }

  // "12.5,30 14,31": in points, which we take for pixels, upwards from `bottom`.
  static std::vector<Point> points(const char* text, std::int64_t bottom) {
    std::vector<std::int64_t> numbers;
    const std::string_view words = text == nullptr ? "" : text;
    for (const char* at = words.data(); at < words.data() + words.size();) {
      double number = 0;
      const auto [end, error] = std::from_chars(at, words.data() + words.size(), number);
      CHECK(error == std::errc(), "Graphviz gives no number: " + std::string(words));
      numbers.push_back(std::llround(number * 10));
      at = end + 1;  // a comma or a blank
    }
    std::vector<Point> result;
    for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) {
      const std::int64_t y = numbers[i + 1];
      result.push_back({numbers[i], bottom == 0 ? y : bottom - y});
    }
    return result;
  }

  GVC_t* context_ = nullptr;
  Agraph_t* graph_ = nullptr;
  Agsym_t *width_ = nullptr, *height_ = nullptr;
  Point size_{};
};

}  // namespace

Layout layout_of(const std::vector<Point>& sizes,
                 const std::vector<std::pair<std::size_t, std::size_t>>& edges) {
  Drawing drawing;
  std::vector<Agnode_t*> nodes;
  nodes.reserve(sizes.size());
  for (const Point& size : sizes) nodes.push_back(drawing.add_node(size));
  std::vector<Agedge_t*> arrows;
  arrows.reserve(edges.size());
  for (const auto& [from, to] : edges) arrows.push_back(drawing.add_edge(nodes[from], nodes[to]));
  drawing.lay_out();
  Layout layout{drawing.size(), {}, {}};
  for (Agnode_t* node : nodes) layout.centres.push_back(drawing.place_of(node).at(0));
  for (Agedge_t* arrow : arrows) layout.curves.push_back(drawing.place_of(arrow));
  return layout;
}

}  // namespace blackout::graph
