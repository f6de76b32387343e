// What the process ends with, and how several runs add up to one answer.
#pragma once

#include "reports/text/verdict_text.hpp"

namespace blackout::cli {

enum Exit : int {
  exit_held = 0,          // every promise held, every expectation met
  exit_broken = 1,        // a promise or invariant broken, a crash, or a missing expected violation
  exit_usage = 2,         // bad usage or invalid scenario; nothing was run
  exit_inconclusive = 3,  // nothing found broken, not everything decided
  exit_differs = 4,       // a replay differed
  exit_internal = 70,     // the program itself is wrong
  exit_interrupted = 130  // Ctrl-C, and nothing was found
};

int exit_code_of(text::Conclusion conclusion);

// The worse of two, in the order 70, 4, 1, 3, 0: a found bug is never masked by an undecided
// neighbour.
int worse(int a, int b);

}  // namespace blackout::cli
