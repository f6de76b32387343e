// One picture over the time of the run: names at the left, and at their right a plot whose time
// axis the page's script may stretch. Words of the plot are moved with it, never stretched.
//
// Lengths are pixels of the picture, positions in time are given as instants. All strings are
// escaped here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/time.hpp"

namespace blackout::html {

inline constexpr std::int64_t names_width = 150;
inline constexpr std::int64_t plot_width = 1030;

class Axis {
 public:
  explicit Axis(Instant end) : end_(end) {}
  [[nodiscard]] Instant end() const { return end_; }
  // Tenths of a pixel from the plot's left edge; what is outside of the run is at its edge.
  [[nodiscard]] std::int64_t tenths(Instant at) const;
  // Round moments, about ten of them.
  [[nodiscard]] std::vector<Instant> ticks() const;

 private:
  Instant end_;
};

// A round length, 1, 2 or 5 times a power of ten, of which `span` holds at most `count_max`.
Duration round_step(Duration span, std::int64_t count_max);

// "12.3"
std::string pixels(std::int64_t tenths);

// Columns of small text.
std::int64_t width_of(std::string_view words);

class Chart {
 public:
  // `name` and `what` are for readers who do not see it.
  Chart(const Axis& axis, std::string name, std::string what);

  [[nodiscard]] const Axis& axis() const { return axis_; }

  void name(std::int64_t y, std::string_view words, std::string_view kind = "name");
  // `hint` is shown by the pointer; at least `tenths_min` wide.
  void box(Instant from, Instant to, std::int64_t y, std::int64_t height, std::string_view kind,
           std::string_view hint = "", std::int64_t tenths_min = 0);
  void level(std::int64_t y, Instant from, Instant to, std::string_view kind);
  struct Point {
    Instant at;
    std::int64_t y_tenths;
    bool begins;  // not joined to the point before it
  };
  void curve(const std::vector<Point>& points, std::string_view kind);
  // Words in the span; `always`, or only where they have room.
  void word(Instant from, Instant to, std::int64_t y, std::string_view words, std::string_view kind,
            bool always = false);
  // Words and lines of the time axis from the top down to `y`.
  void ticks(std::int64_t y);
  // What is drawn between these is one thing for the keyboard and for readers who do not see it.
  void begin_part(std::string_view said);
  void end_part();

  [[nodiscard]] std::string html(std::int64_t height) const;

 private:
  Axis axis_;
  std::string name_, what_;
  std::string names_, plot_, words_;
};

}  // namespace blackout::html
