// Where the boxes and arrows of a graph go, from top to bottom. Graphviz decides, on sizes alone:
// no font, no plugin search, nothing of the machine enters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace blackout::graph {

// All in tenths of a pixel, from the top left corner.
struct Point {
  std::int64_t x, y;
};

struct Layout {
  Point size;
  std::vector<Point> centres;              // by node
  std::vector<std::vector<Point>> curves;  // by edge: cubic Béziers, 3 n + 1 points
};

// `sizes` are those of the nodes' boxes, `edges` indices of nodes, never from a node to itself.
Layout layout_of(const std::vector<Point>& sizes,
                 const std::vector<std::pair<std::size_t, std::size_t>>& edges);

}  // namespace blackout::graph
