// A record for other programs: its verdict and its timeline as one document.
#pragma once

#include <string>

#include "reports/record/json.hpp"

namespace blackout::json {

// "report.v1": the verdict document, the phases, what each node was and when, and the events that
// matter, all of them. `directory` is the record's.
record::Json report(const record::RunRecord& run, const std::string& directory);

}  // namespace blackout::json
