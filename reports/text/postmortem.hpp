// A run as the draft of a postmortem in Markdown: what the record knows is filled in, what only
// people know (root cause, lessons, action items) stands there as a heading.
#pragma once

#include <string>
#include <string_view>

#include "reports/record/run_record.hpp"

namespace blackout::text {

// `directory` is the record's, for the command that replays it.
std::string postmortem(const record::RunRecord& run, const std::string& directory);

// One line of Markdown that shows exactly these characters: no markup, no HTML, no new line.
std::string markdown(std::string_view words);

}  // namespace blackout::text
