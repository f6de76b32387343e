#include "reports/text/style.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace blackout::text {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 10> spellings = {{
    {"≤", "<="},
    {"≥", ">="},
    {"…", "..."},
    {"✓", "ok"},
    {"✗", "FAIL"},
    {"×", "x"},
    {"━", "="},
    {"─", "-"},
    {"–", "-"},
    {"µ", "u"},
}};

std::string_view escape(Ink ink) {
  switch (ink) {
    case Ink::good:
      return "\x1b[32m";
    case Ink::bad:
      return "\x1b[1;31m";
    case Ink::doubtful:
      return "\x1b[33m";
    case Ink::faint:
      return "\x1b[2m";
    case Ink::plain:
      break;
  }
  return {};
}

}  // namespace

std::string inked(std::string_view words, Ink ink, const Style& style) {
  if (!style.color || ink == Ink::plain) return std::string(words);
  return fmt::format("{}{}\x1b[0m", escape(ink), words);
}

std::string spelled(std::string_view words, const Style& style) {
  std::string result(words);
  if (style.unicode) return result;
  for (const auto& [from, to] : spellings) {
    for (std::size_t at = result.find(from); at != std::string::npos; at = result.find(from, at)) {
      result.replace(at, from.size(), to);
    }
  }
  return result;
}

std::size_t columns(std::string_view words) {
  std::size_t count = 0;
  for (const char byte : words) count += (static_cast<unsigned char>(byte) & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

std::string padded(std::string_view words, std::size_t width) {
  const std::size_t used = columns(words);
  return std::string(words) + std::string(used < width ? width - used : 0, ' ');
}

std::string padded_left(std::string_view words, std::size_t width) {
  const std::size_t used = columns(words);
  return std::string(used < width ? width - used : 0, ' ') + std::string(words);
}

std::string story_time(Instant at) {
  const std::int64_t milliseconds = at.ns() / 1'000'000;
  return fmt::format("{}.{:03} s", milliseconds / 1000, milliseconds % 1000);
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

}  // namespace blackout::text
