// Worker processes of the command line: asked to leave, they clear away what they have begun.
#pragma once

#include "harness/explore/fleet.hpp"
#include "harness/explore/run_one.hpp"

namespace blackout::cli {

// `work` may throw LeaveNow, which ends its worker without an answer.
explore::Fleet workers(std::size_t count, explore::Fleet::Work work);

// For a run in a worker: throws LeaveNow once asked_to_leave().
void leave_if_asked(const explore::Progress& progress);

}  // namespace blackout::cli
