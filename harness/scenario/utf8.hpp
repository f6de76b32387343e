// Length of the UTF-8 sequence at the start of `text`, 0 if it is none (RFC 3629: shortest form, no
// surrogates, at most U+10FFFF).
#pragma once

#include <cstddef>
#include <string_view>

namespace blackout::scenario {

std::size_t utf8_length(std::string_view text);

}  // namespace blackout::scenario
