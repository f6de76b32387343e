// Two runs side by side: what they have in common, and which promises and faults changed.
#pragma once

#include <string>

#include "reports/record/run_record.hpp"
#include "reports/text/style.hpp"

namespace blackout::text {

// "same scenario, same seed, builds 4f1c9a2 and 91be07d".
std::string same_words(const record::RunRecord& a, const record::RunRecord& b);

// The promises of both, with what changed by more than a tenth, then the faults that only one of
// them has. Equal rows fold into a count, unless style.verbose.
std::string changes(const record::RunRecord& a, const record::RunRecord& b, const Style& style);

}  // namespace blackout::text
