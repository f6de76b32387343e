// The panels of a report that are words and tables.
#pragma once

#include <string>

#include "reports/record/run_record.hpp"
#include "reports/text/chronicle.hpp"

namespace blackout::html {

std::string verdict_panel(const record::RunRecord& run, const std::string& directory);
// What became of each fault.
std::string faults_table(const record::RunRecord& run);
std::string why_panel(const record::RunRecord& run, const text::Chronicle& chronicle);
// `end` is that of the time axis.
std::string events_panel(const record::RunRecord& run, const text::Chronicle& chronicle,
                         Instant end);
std::string run_panel(const record::RunRecord& run, const std::string& directory);

}  // namespace blackout::html
