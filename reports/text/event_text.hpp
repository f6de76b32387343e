// One event of a trace as a plain sentence about its node: "votes for us-east-2 in term 31".
#pragma once

#include <string>

#include "reports/record/run_record.hpp"

namespace blackout::text {

// Who it happened to: a node, the letter of a fault that begins or ends, or "the run".
std::string who_of(const Event& event, const record::RunRecord& run);

// What happened, without the time and without who_of().
std::string event_sentence(const Event& event, const record::RunRecord& run);

}  // namespace blackout::text
