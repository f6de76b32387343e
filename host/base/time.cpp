#include "host/base/time.hpp"

#include <array>
#include <cstdio>

namespace blackout {
inline namespace base {

std::string format_duration(Duration value) {
  const std::int64_t ns = value.ns();
  if (ns == 0) return "0 s";
  struct Unit {
    std::int64_t ns;
    const char* name;
  };
  static constexpr std::array<Unit, 4> units{
      {{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}, {1, "ns"}}};
  const bool negative = ns < 0;
  const std::uint64_t magnitude =
      negative ? -static_cast<std::uint64_t>(ns) : static_cast<std::uint64_t>(ns);
  for (const Unit& unit : units) {
    const auto one = static_cast<std::uint64_t>(unit.ns);
    // What would round to 1,000 of a unit is 1 of the next.
    if (magnitude < one - one / 2'000 && unit.ns != 1) continue;
    int decimals = magnitude >= 100 * one ? 0 : magnitude >= 10 * one ? 1 : 2;
    std::uint64_t step = one;
    for (int i = 0; i < decimals; ++i) step /= 10;
    if (step == 0) {
      step = 1;
      decimals = 0;
    }
    const std::uint64_t rounded = (magnitude + step / 2) / step;
    std::uint64_t scale = 1;
    for (int i = 0; i < decimals; ++i) scale *= 10;
    std::string text = std::to_string(rounded / scale);
    std::string fraction = std::to_string(rounded % scale + scale).substr(1);
    while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
    if (!fraction.empty()) text += "." + fraction;
    return (negative ? "-" : "") + text + " " + unit.name;
  }
  return "0 s";
}

std::string format_instant(Instant value) {
  std::array<char, 40> text{};
  const std::int64_t us = value.ns() / 1'000;
  const std::int64_t magnitude = us < 0 ? -us : us;
  std::snprintf(text.data(), text.size(), "%s%lld.%06lld s", us < 0 ? "-" : "",
                static_cast<long long>(magnitude / 1'000'000),
                static_cast<long long>(magnitude % 1'000'000));
  return text.data();
}

}  // namespace base
}  // namespace blackout
