#include "harness/scenario/utf8.hpp"

#include <cstdint>

namespace blackout::scenario {

std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const std::uint8_t a = byte(0), b = byte(1);
  if (a < 0x80) return 1;
  if (a >= 0xC2 && a <= 0xDF && tail(1)) return 2;
  if (a >= 0xE0 && a <= 0xEF && tail(1) && tail(2) && !(a == 0xE0 && b < 0xA0) &&
      !(a == 0xED && b > 0x9F)) {
    return 3;
  }
  if (a >= 0xF0 && a <= 0xF4 && tail(1) && tail(2) && tail(3) && !(a == 0xF0 && b < 0x90) &&
      !(a == 0xF4 && b > 0x8F)) {
    return 4;
  }
  return 0;
}

}  // namespace blackout::scenario
