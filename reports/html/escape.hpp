// Strings of a record as parts of a page, so that none of them is ever markup or program.
#pragma once

#include <string>
#include <string_view>

namespace blackout::html {

// As text, or as an attribute's value between quotation marks. Characters that a page must not hold
// become U+FFFD.
std::string escaped(std::string_view words);

// As a JSON string, with its quotation marks, inside a <script> element.
std::string script_string(std::string_view words);

}  // namespace blackout::html
