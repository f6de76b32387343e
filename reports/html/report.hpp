// The failover report: one HTML file that fetches nothing and is complete without its script.
//
// Pure: the same record and directory give the same bytes. Every string of the record is escaped.
#pragma once

#include <string>

#include "reports/record/run_record.hpp"

namespace blackout::html {

// `directory` is the record's, for the command that replays it.
std::string report(const record::RunRecord& run, const std::string& directory);

}  // namespace blackout::html
