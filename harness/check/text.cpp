#include "harness/check/text.hpp"

namespace blackout::check {
namespace {

std::string hundredths(std::int64_t ppm, std::string_view unit) {
  const bool negative = ppm < 0;
  const std::int64_t value = (negative ? -ppm + 99 : ppm) / 100;  // down, also below zero
  std::string text = std::to_string(value / 100);
  const std::int64_t rest = value % 100;
  if (rest != 0) {
    text += rest < 10 ? ".0" : ".";
    text += std::to_string(rest % 10 == 0 ? rest / 10 : rest);
  }
  return (negative ? "-" : "") + text + std::string(unit);
}

}  // namespace

std::string format_count(std::uint64_t value) {
  std::string text = std::to_string(value);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string format_count(std::uint64_t value, std::string_view noun) {
  return format_count(value) + " " + std::string(noun) + (value == 1 ? "" : "s");
}

std::string format_percent(std::int64_t ppm) { return hundredths(ppm, " %"); }

std::string format_points(std::int64_t ppm) { return hundredths(ppm, " pt"); }

std::string format_factor(std::int64_t permille) { return "x" + hundredths(permille * 10, ""); }

std::string format_moment(Instant value) {
  const std::string text = format_instant(value);  // six decimals
  return text.substr(0, text.size() - 5) + " s";
}

}  // namespace blackout::check
