// Where two runs part.
#pragma once

#include <string>

#include "reports/record/run_record.hpp"

namespace blackout::cli {

// Empty if the runs are equal in every event and in how they ended; else the first difference with
// both versions, both builds and the usual causes (ux.md "Replay").
std::string difference(const record::RunRecord& recorded, const record::RunRecord& now);

// The same of a run that was ended early, `now`: what it did not come to is no difference.
std::string difference_so_far(const record::RunRecord& recorded, const record::RunRecord& now);

// Of two runs that may differ: both hashes and the first event that differs, in both versions
// (ux.md "diff").
std::string parting(const record::RunRecord& a, const record::RunRecord& b);

}  // namespace blackout::cli
