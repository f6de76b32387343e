// How text is dressed for the place it goes to: colours or none, Unicode or ASCII.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "reports/record/plan_facts.hpp"

namespace blackout::text {

struct Style {
  bool color = false;
  bool unicode = true;   // false: "≤" becomes "<=", "✓" becomes "ok"
  bool verbose = false;  // every row and every finding
};

enum class Ink { plain, good, bad, doubtful, faint };

// `words` between the escape sequences of `ink`; unchanged without colours.
std::string inked(std::string_view words, Ink ink, const Style& style);

// The text in the characters that `style` allows.
std::string spelled(std::string_view words, const Style& style);

// Number of columns: code points of UTF-8. The text must hold no escape sequences.
std::size_t columns(std::string_view words);

// Padded with blanks to `width` columns; a longer text is left as it is.
std::string padded(std::string_view words, std::size_t width);
std::string padded_left(std::string_view words, std::size_t width);

// "19.962 s": event times for people; the record has them to the nanosecond.
std::string story_time(Instant at);

// 26538 is "26,538".
std::string grouped(std::uint64_t number);

using record::seed_text;

}  // namespace blackout::text
