#include "reports/graph/layout.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace blackout::graph {
namespace {

// A ladder with a rung from each of its nodes to the third next.
Layout ladder(std::size_t nodes) {
  std::vector<Point> sizes;
  std::vector<std::pair<std::size_t, std::size_t>> edges;
  for (std::size_t i = 0; i < nodes; ++i) {
    sizes.push_back({1000 + static_cast<std::int64_t>(i % 7) * 300, 400});
    if (i > 0) edges.emplace_back(i - 1, i);
    if (i > 2) edges.emplace_back(i - 3, i);
  }
  return layout_of(sizes, edges);
}

TEST(Layout, BoxesDoNotMeetAndLieInside) {
  const Layout layout = ladder(40);
  ASSERT_EQ(layout.centres.size(), 40U);
  for (std::size_t i = 0; i < 40; ++i) {
    const std::int64_t width = 1000 + static_cast<std::int64_t>(i % 7) * 300;
    EXPECT_GE(layout.centres[i].x, width / 2 - 1);
    EXPECT_LE(layout.centres[i].x, layout.size.x - width / 2 + 1);
    EXPECT_GE(layout.centres[i].y, 199);
    EXPECT_LE(layout.centres[i].y, layout.size.y - 199);
    for (std::size_t j = i + 1; j < 40; ++j) {
      const std::int64_t both = width / 2 + 500 + static_cast<std::int64_t>(j % 7) * 150;
      EXPECT_TRUE(std::abs(layout.centres[i].x - layout.centres[j].x) >= both ||
                  std::abs(layout.centres[i].y - layout.centres[j].y) >= 400)
          << i << " " << j;
    }
  }
}

TEST(Layout, EdgesGoDownwardsFromBoxToBoxAsBeziers) {
  const Layout layout = ladder(10);
  ASSERT_EQ(layout.curves.size(), 16U);
  for (const std::vector<Point>& curve : layout.curves) {
    ASSERT_EQ(curve.size() % 3, 1U);
    EXPECT_LT(curve.front().y, curve.back().y);
  }
  // From the lower side of the first box to the upper side of the second.
  EXPECT_LE(std::abs(layout.curves[0].front().y - (layout.centres[0].y + 200)), 5);
  EXPECT_LE(std::abs(layout.curves[0].back().y - (layout.centres[1].y - 200)), 5);
}

TEST(Layout, TheSameGraphGivesTheSamePlacesEveryTime) {
  const auto flat = [](const Layout& layout) {
    std::vector<std::int64_t> numbers{layout.size.x, layout.size.y};
    for (const Point& point : layout.centres) numbers.insert(numbers.end(), {point.x, point.y});
    for (const auto& curve : layout.curves) {
      for (const Point& point : curve) numbers.insert(numbers.end(), {point.x, point.y});
    }
    return numbers;
  };
  const auto first = flat(ladder(40));
  ladder(7);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(flat(ladder(40)), first);
}

TEST(Layout, OneBoxIsAGraph) {
  const Layout layout = layout_of({{1000, 500}}, {});
  EXPECT_EQ(layout.size.x, 1000);
  EXPECT_EQ(layout.size.y, 500);
  EXPECT_EQ(layout.centres[0].x, 500);
  EXPECT_EQ(layout.centres[0].y, 250);
}

}  // namespace
}  // namespace blackout::graph
