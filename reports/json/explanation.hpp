// Why a record's verdict is what it is, for other programs.
#pragma once

#include <string>

#include "reports/record/json.hpp"

namespace blackout::json {

// "explanation.v1": every finding with the events that it depended on, as text::explanation() tells
// them when it is verbose, each with the event that caused it. `directory` is the record's.
record::Json explanation(const record::RunRecord& run, const std::string& directory);

}  // namespace blackout::json
