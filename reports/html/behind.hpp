// What stands behind every picture: the phases of the run and the faults with their letters.
#pragma once

#include <string_view>
#include <vector>

#include "reports/html/chart.hpp"
#include "reports/record/run_record.hpp"

namespace blackout::html {

struct PhaseSpan {
  std::string_view name;
  Instant from, to;
};
// Those that the run came to.
std::vector<PhaseSpan> phases_of(const record::Timeline& timeline, Instant end);

// Bands of the given height from the top down, with the letters that have room.
void draw_faults(Chart& chart, const record::RunRecord& run, std::int64_t height);

}  // namespace blackout::html
