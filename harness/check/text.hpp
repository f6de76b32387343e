// Numbers as the verdict prints them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "host/base/time.hpp"

namespace blackout::check {

// "26,544"
std::string format_count(std::uint64_t value);
// "1 write", "2,000 writes"
std::string format_count(std::uint64_t value, std::string_view noun);
// Parts per million as "94.61 %", rounded down, without zeros at the end.
std::string format_percent(std::int64_t ppm);
// A difference of shares: "4.61 pt".
std::string format_points(std::int64_t ppm);
// Thousandths as a scenario writes factors: "x1.12".
std::string format_factor(std::int64_t permille);
// Seconds with milliseconds: "19.963 s".
std::string format_moment(Instant value);

}  // namespace blackout::check
