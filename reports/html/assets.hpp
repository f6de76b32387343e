// The style sheet and the script of a report. The script only moves, filters and points: without it
// the page says the same.
#pragma once

#include <string_view>

namespace blackout::html {

extern const std::string_view style_sheet;
extern const std::string_view script;

}  // namespace blackout::html
