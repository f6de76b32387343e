// What this program was built from; the definitions are generated at every build.
#pragma once

#include <cstdint>

#include "reports/record/run_record.hpp"

namespace blackout::record {

// Commit "unknown" outside Git; "+" appended if tracked files had changes.
Build this_build();

// The seed `commit`: the same for every build of one commit, another for the next commit.
std::uint64_t commit_seed();

}  // namespace blackout::record
