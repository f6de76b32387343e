#include <algorithm>

#include "harness/scenario/report.hpp"
#include "harness/scenario/utf8.hpp"

namespace blackout::scenario {

namespace {

std::string_view line_of(std::string_view text, std::uint32_t line) {
  for (std::uint32_t n = 1; n < line; ++n) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

// Inside a character of several bytes.
bool continues(char c) { return (static_cast<std::uint8_t>(c) & 0xC0) == 0x80; }

// Columns as a terminal counts them, near enough: one a character.
std::size_t characters(std::string_view text) {
  std::size_t n = 0;
  for (const char c : text) n += !continues(c);
  return n;
}

std::string printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const auto byte = static_cast<std::uint8_t>(text[0]);
    const bool control = byte < 0x20 || byte == 0x7F;
    if (text[0] == '\t') {
      shown += ' ';
    } else if (length == 0 || control) {
      shown += '?';
    } else {
      shown.append(text.substr(0, length));
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return shown;
}

// The source line, or of a long one what stands around the place, and the underline.
std::string excerpt(const Diagnostic& diagnostic, std::string_view text) {
  constexpr std::size_t width = 120;
  const std::string_view line = line_of(text, diagnostic.line);
  const std::size_t column = std::min<std::size_t>(diagnostic.column - 1, line.size());
  std::size_t first = 0;
  if (line.size() > width && column > width / 2) first = column - width / 2;
  while (first < column && continues(line[first])) ++first;
  std::size_t last = std::min(line.size(), first + width);
  while (last < line.size() && continues(line[last])) ++last;
  const std::string_view shown = line.substr(first, last - first);
  const std::string_view marked = shown.substr(column - first, diagnostic.length);

  std::string number = std::to_string(diagnostic.line);
  if (number.size() < 5) number.insert(0, 5 - number.size(), ' ');
  std::string out = number + " | " + printable(shown) + "\n";
  out.append(number.size(), ' ').append(" | ");
  out.append(characters(shown.substr(0, column - first)), ' ');
  out.append(std::max<std::size_t>(1, characters(marked)), '^');
  return out;
}

std::string counted(std::size_t n, std::string_view what) {
  return std::to_string(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

std::string format_one(const Diagnostic& diagnostic, std::string_view text) {
  const bool error = diagnostic.severity == Severity::error;
  std::string out = printable(diagnostic.file);
  if (diagnostic.line > 0) {
    out += ":" + std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column);
  }
  out += std::string(": ") + (error ? "error " : "warning ") + diagnostic.code + ": " +
         printable(diagnostic.sentence) + "\n";
  std::size_t said = 0;
  if (error && diagnostic.length > 0) {
    out += excerpt(diagnostic, text);
    if (!diagnostic.remedies.empty()) out += " " + printable(diagnostic.remedies[said++]);
    out += "\n";
  }
  for (; said < diagnostic.remedies.size(); ++said) {
    out += "   = " + printable(diagnostic.remedies[said]) + "\n";
  }
  return out;
}

}  // namespace

std::string format_diagnostics(const Diagnostics& diagnostics, std::string_view text) {
  std::string out;
  std::size_t errors = 0, warnings = 0;
  for (const Diagnostic& diagnostic : diagnostics) {
    out += format_one(diagnostic, text);
    (diagnostic.severity == Severity::error ? errors : warnings) += 1;
  }
  if (errors > 0) out += counted(errors, "error");
  if (errors > 0 && warnings > 0) out += ", ";
  if (warnings > 0) out += counted(warnings, "warning");
  return diagnostics.empty() ? out : out + "\n";
}

}  // namespace blackout::scenario
