// What stands behind every picture: the faults with their letters.
#pragma once

#include <cstdint>

#include "reports/html/chart.hpp"
#include "reports/record/run_record.hpp"

namespace blackout::html {

// Bands of the given height from the top down, with the letters that have room.
void draw_faults(Chart& chart, const record::RunRecord& run, std::int64_t height);

}  // namespace blackout::html
