// A run in the trace event format of Chrome, which Perfetto opens: a process for each node with
// what it led and when it was away, the faults over the run, and arrows for the messages on the way
// to what there is to explain.
#pragma once

#include <string>

#include "reports/record/run_record.hpp"

namespace blackout::perfetto {

// One JSON document; times are microseconds of the run.
std::string trace(const record::RunRecord& run);

}  // namespace blackout::perfetto
