#include "harness/cli/exit_codes.hpp"

#include <algorithm>
#include <array>

namespace blackout::cli {

int exit_code_of(text::Conclusion conclusion) {
  switch (conclusion) {
    case text::Conclusion::passed:
    case text::Conclusion::expected:
      return exit_held;
    case text::Conclusion::violated:
    case text::Conclusion::crashed:
    case text::Conclusion::missed:
      return exit_broken;
    case text::Conclusion::unknown:
      break;
  }
  return exit_inconclusive;
}

int worse(int a, int b) {
  constexpr std::array<int, 5> worst_first = {exit_internal, exit_differs, exit_broken,
                                              exit_inconclusive, exit_held};
  const auto rank = [&](int code) {
    return std::find(worst_first.begin(), worst_first.end(), code);
  };
  return rank(a) <= rank(b) ? a : b;
}

}  // namespace blackout::cli
