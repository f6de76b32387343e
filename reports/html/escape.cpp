#include "reports/html/escape.hpp"

#include <fmt/format.h>

namespace blackout::html {
namespace {

bool control(char letter) {
  const auto byte = static_cast<unsigned char>(letter);
  return (byte < 0x20 && letter != '\n' && letter != '\t') || byte == 0x7F;
}

}  // namespace

std::string escaped(std::string_view words) {
  std::string text;
  text.reserve(words.size());
  for (const char letter : words) {
    switch (letter) {
      case '&':
        text += "&amp;";
        break;
      case '<':
        text += "&lt;";
        break;
      case '>':
        text += "&gt;";
        break;
      case '"':
        text += "&quot;";
        break;
      case '\'':
        text += "&#39;";
        break;
      default:
        if (control(letter)) {
          text += "\xEF\xBF\xBD";
        } else {
          text += letter;
        }
    }
  }
  return text;
}

std::string script_string(std::string_view words) {
  constexpr std::string_view by_number = "\"\\<>&'";
  std::string text = "\"";
  for (const char letter : words) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte < 0x20 || byte == 0x7F || by_number.find(letter) != std::string_view::npos) {
      text += fmt::format("\\u{:04x}", byte);
    } else {
      text += letter;
    }
  }
  return text + "\"";
}

}  // namespace blackout::html
