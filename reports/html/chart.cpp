#include "reports/html/chart.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/html/escape.hpp"
#include "reports/text/style.hpp"

namespace blackout::html {
namespace {

constexpr std::int64_t letter_tenths = 64;  // of the small text, on average

}  // namespace

std::int64_t Axis::tenths(Instant at) const {
  const std::int64_t ns = std::clamp<std::int64_t>(at.ns(), 0, end_.ns());
  // Coarser where the product would not fit.
  constexpr std::int64_t safe = std::int64_t{1} << 49;
  const std::int64_t shrink = end_.ns() > safe ? 1'000'000 : 1;
  const std::int64_t whole = std::max<std::int64_t>(1, end_.ns() / shrink);
  return ns / shrink * plot_width * 10 / whole;
}

Duration round_step(Duration span, std::int64_t count_max) {
  std::int64_t step = 1;
  for (;; step *= 10) {
    for (const std::int64_t digit : {1, 2, 5}) {
      if (span.ns() / (step * digit) < count_max) return Duration(step * digit);
    }
  }
}

std::vector<Instant> Axis::ticks() const {
  const Duration step = round_step(end_ - Instant(0), 12);
  std::vector<Instant> all;
  for (Instant at(0); at <= end_; at = at + step) all.push_back(at);
  return all;
}

std::string pixels(std::int64_t tenths) {
  const std::string sign = tenths < 0 ? "-" : "";
  const std::int64_t size = tenths < 0 ? -tenths : tenths;
  return size % 10 == 0 ? fmt::format("{}{}", sign, size / 10)
                        : fmt::format("{}{}.{}", sign, size / 10, size % 10);
}

std::int64_t width_of(std::string_view words) {
  return static_cast<std::int64_t>(text::columns(words)) * letter_tenths / 10 + 4;
}

Chart::Chart(const Axis& axis, std::string name, std::string what)
    : axis_(axis), name_(std::move(name)), what_(std::move(what)) {}

void Chart::name(std::int64_t y, std::string_view words, std::string_view kind) {
  const auto room = static_cast<std::size_t>((names_width - 10) * 10 / letter_tenths);
  std::string shown(words);
  if (text::columns(shown) > room) {
    std::size_t cut = std::min(shown.size(), room - 1);
    while (cut > 0 && (static_cast<unsigned char>(shown[cut]) & 0xC0) == 0x80) --cut;
    shown = shown.substr(0, cut) + "…";
  }
  names_ += fmt::format("<text class=\"{}\" x=\"{}\" y=\"{}\">{}<title>{}</title></text>\n", kind,
                        kind == "name" ? 10 : 0, y, escaped(shown), escaped(words));
}

void Chart::box(Instant from, Instant to, std::int64_t y, std::int64_t height,
                std::string_view kind, std::string_view hint, std::int64_t tenths_min) {
  const std::int64_t left = axis_.tenths(from);
  const std::int64_t width = std::max(axis_.tenths(to) - left, tenths_min);
  if (width == 0 || height == 0) return;
  plot_ += fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", kind,
                       pixels(left), y, pixels(width), height);
  plot_ += hint.empty() ? "/>\n" : "><title>" + escaped(hint) + "</title></rect>\n";
}

void Chart::level(std::int64_t y, Instant from, Instant to, std::string_view kind) {
  plot_ += fmt::format("<path class=\"{}\" d=\"M{} {}H{}\"/>\n", kind, pixels(axis_.tenths(from)),
                       y, pixels(axis_.tenths(to)));
}

void Chart::curve(const std::vector<Point>& points, std::string_view kind) {
  if (points.empty()) return;
  std::string path;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point& point = points[i];
    const std::string x = pixels(axis_.tenths(point.at));
    path += fmt::format("{}{} {}", point.begins ? "M" : "L", x, pixels(point.y_tenths));
    // A point without neighbours is a short stroke: a path of one point would not be seen.
    const bool alone = point.begins && (i + 1 == points.size() || points[i + 1].begins);
    if (alone) path += "h2";
  }
  plot_ += fmt::format("<path class=\"{}\" d=\"{}\"/>\n", kind, path);
}

void Chart::word(Instant from, Instant to, std::int64_t y, std::string_view words,
                 std::string_view kind, bool always) {
  const std::int64_t need = width_of(words);
  const std::int64_t room = (axis_.tenths(to) - axis_.tenths(from)) / 10;
  const std::int64_t left = axis_.tenths(from) + 30;
  const std::int64_t shown =
      always ? std::max<std::int64_t>(0, std::min(left, (plot_width - need) * 10)) : left;
  words_ += fmt::format(
      "<text class=\"{}\" x=\"{}\" y=\"{}\" data-room=\"{}\" data-need=\"{}\"{}>{}</text>\n", kind,
      pixels(shown), y, room, always ? 0 : need, always || room >= need ? "" : " display=\"none\"",
      escaped(words));
}

void Chart::ticks(std::int64_t y) {
  std::string lines;
  for (const Instant at : axis_.ticks()) {
    lines += fmt::format("M{} 0V{}", pixels(axis_.tenths(at)), y);
    word(at, at, y + 12, format_duration(at - Instant(0)), "tick", true);
  }
  plot_ = fmt::format("<path class=\"grid\" d=\"{}\"/>\n", lines) + plot_;
}

void Chart::begin_part(std::string_view said) {
  plot_ += fmt::format("<g class=\"part\" tabindex=\"0\" role=\"img\" aria-label=\"{}\">\n",
                       escaped(said));
}

void Chart::end_part() { plot_ += "</g>\n"; }

std::string Chart::html(std::int64_t height) const {
  const std::int64_t width = names_width + plot_width + 10;
  return fmt::format(
      "<div class=\"wide\"><svg class=\"chart\" viewBox=\"0 0 {0} {1}\" role=\"group\" "
      "aria-label=\"{2}\">\n<title>{2}</title><desc>{3}</desc>\n{4}"
      "<svg class=\"plot\" x=\"{5}\" y=\"0\" width=\"{6}\" height=\"{1}\" "
      "viewBox=\"0 0 {6} {1}\" preserveAspectRatio=\"none\">\n{7}</svg>\n"
      "<svg class=\"words\" x=\"{5}\" y=\"0\" width=\"{8}\" height=\"{1}\">\n{9}"
      "<path class=\"cursor\" d=\"M0 0V{1}\" display=\"none\"/></svg>\n</svg></div>\n",
      width, height, escaped(name_), escaped(what_), names_, names_width, plot_width, plot_,
      plot_width + 10, words_);
}

}  // namespace blackout::html
