#include "reports/html/behind.hpp"

#include <algorithm>
#include <vector>

#include "reports/text/lanes.hpp"

namespace blackout::html {
namespace {

constexpr std::size_t bands_apart_max = 12;  // more would only darken one another

std::vector<text::FaultSpan> joined(std::vector<text::FaultSpan> spans) {
  std::sort(spans.begin(), spans.end(),
            [](const text::FaultSpan& a, const text::FaultSpan& b) { return a.from < b.from; });
  std::vector<text::FaultSpan> joint;
  for (const text::FaultSpan& span : spans) {
    if (joint.empty() || span.from > joint.back().to) {
      joint.push_back(span);
    } else {
      joint.back().to = std::max(joint.back().to, span.to);
    }
  }
  return joint;
}

}  // namespace

void draw_faults(Chart& chart, const record::RunRecord& run, std::int64_t height) {
  std::vector<text::FaultSpan> bands;
  std::int64_t taken = -1;
  for (std::size_t i = 0; i < run.plan.faults.size(); ++i) {
    const text::FaultSpan span = text::span_of(run, i, chart.axis().end());
    if (!span.began) continue;
    bands.push_back(span);
    const std::int64_t left = chart.axis().tenths(span.from);
    if (left < taken) continue;  // its letter would stand on another's
    chart.word(span.from, span.to, 11, run.plan.faults[i].letter, "letter", true);
    taken = left + width_of(run.plan.faults[i].letter) * 15;  // bold capitals
  }
  if (bands.size() > bands_apart_max) bands = joined(std::move(bands));
  for (const text::FaultSpan& band : bands)
    chart.box(band.from, band.to, 0, height, "band", "", 20);
}

}  // namespace blackout::html
