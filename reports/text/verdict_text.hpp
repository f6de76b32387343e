// A run as text: the verdict in full, or one line of many. Pure functions of a record.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/base/time.hpp"
#include "reports/record/run_record.hpp"
#include "reports/text/style.hpp"

namespace blackout::text {

// What a run came to, expectations included.
enum class Conclusion {
  passed,
  expected,  // it broke a promise, as the scenario expects of it
  violated,
  crashed,  // the code under test ended the run
  missed,   // the scenario expects a violation, and there was none
  unknown,  // nothing broken, but not everything could be decided
};
Conclusion conclude(const record::RunRecord& run);

// "PASS": the word that stands for it everywhere.
std::string_view word_of(Conclusion conclusion);

// The verdict in one line for people; empty where the word says it all.
std::string sentence_of(const record::RunRecord& run);

// "rto is   detect 1.4 s   decide 258 ms ...", a line: where the time of the slowest recovery went.
// The phases add up to the rto (objectives.md).
std::string phases_text(const record::RtoPhases& phases);

// "PASS      ": the word in front of a run, padded to the width of the longest.
std::string status_word(const record::RunRecord& run, const Style& style);

// One run in full: heading, sentence, table, the first finding's story, faults without effect, what
// to type next. Held rows fold into a count when something is wrong, unless style.verbose. `wall`
// is how long the run took.
std::string verdict_block(const record::RunRecord& run, const std::string& directory, Duration wall,
                          const Style& style);

// What remains of a run once it is one line among many.
struct RunLine {
  Conclusion conclusion = Conclusion::unknown;
  std::string scenario;
  std::uint64_t seed = 0;
  Duration wall;
  std::string detail;     // the narrowest margin, or what broke
  std::string directory;  // its record
  std::vector<record::ObjectiveRow> objectives;
};
RunLine line_of(const record::RunRecord& run, const std::string& directory, Duration wall);

// "PASS      name   0x...   2.9 s   rto 4.31 s of 12 s", and below a run that needs a look the
// command that replays it. Names are padded to `name_width`.
std::string run_line(const RunLine& run, std::size_t name_width, const Style& style);

// "SUMMARY   4 runs: 3 passed, 1 violated   7.7 s", after the worst value of each promise of every
// scenario that was run three times or more. `wall` is how long it took altogether.
std::string summary(const std::vector<RunLine>& runs, Duration wall, const Style& style);

}  // namespace blackout::text
