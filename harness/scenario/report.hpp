// Collects the diagnostics of one load.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/codes.hpp"
#include "harness/scenario/scenario.hpp"

namespace blackout::scenario {

// Where a key or a value stands. Line 0: it came from override number `column`.
struct Position {
  std::uint32_t line = 1, column = 1, length = 1;
};

class Report {
 public:
  // `in_scenario`: the positions are those of the scenario's own text.
  explicit Report(std::string file, const std::vector<Override>& overrides = {},
                  bool in_scenario = true);

  // Keeps nothing: for what is asked by the way, and said elsewhere or not at all.
  static Report unheard();

  void add(Code code, Position at, std::string sentence, std::vector<std::string> remedies);
  void append(const Diagnostics& diagnostics);
  [[nodiscard]] bool has_errors() const;
  // Something was said of this place in the text.
  [[nodiscard]] bool speaks_of(Position at) const;
  // Errors first, then warnings, each by position.
  [[nodiscard]] Diagnostics take();

 private:
  std::string file_;
  std::vector<Override> overrides_;
  bool in_scenario_, heard_ = true;
  Diagnostics diagnostics_;
};

// "a", "b" and "c"; `last` is the word before the last item.
std::string join_quoted(const std::vector<std::string>& words, std::string_view last);
std::string quote(std::string_view word);

// `did you mean "region_down"?` where one of `known` is near enough to `word`, else `one of "a",
// "b" or "c"`; of many the first.
std::string suggestion(std::string_view word, const std::vector<std::string>& known);
// The nearest of `known`, or an empty string where none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace blackout::scenario
