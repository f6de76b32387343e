#include "reports/html/behind.hpp"

#include <algorithm>

#include "reports/html/lanes.hpp"

namespace blackout::html {

std::vector<PhaseSpan> phases_of(const record::Timeline& timeline, Instant end) {
  std::vector<PhaseSpan> phases = {{"warmup", Instant(0), timeline.chaos_start()},
                                   {"chaos", timeline.chaos_start(), timeline.calm_start()},
                                   {"calm", timeline.calm_start(), timeline.end()},
                                   {"audit", timeline.end(), end}};
  for (PhaseSpan& phase : phases) phase.to = std::min(phase.to, end);
  std::erase_if(phases, [](const PhaseSpan& phase) { return phase.from >= phase.to; });
  return phases;
}

void draw_faults(Chart& chart, const record::RunRecord& run, std::int64_t height) {
  std::int64_t taken = -1;
  for (std::size_t i = 0; i < run.plan.faults.size(); ++i) {
    const FaultSpan span = span_of(run, i, chart.axis().end());
    if (!span.began) continue;
    chart.box(span.from, span.to, 0, height, "band", "", 20);
    const std::int64_t left = chart.axis().tenths(span.from);
    if (left < taken) continue;  // its letter would stand on another's
    chart.word(span.from, span.to, 11, run.plan.faults[i].letter, "letter", true);
    taken = left + width_of(run.plan.faults[i].letter) * 10;
  }
}

}  // namespace blackout::html
