// One event of a trace as a plain sentence about its node: "votes for us-east-2 in term 31".
#pragma once

#include <string>

#include "reports/record/run_record.hpp"

namespace blackout::text {

// The name of a node; "nobody", or its number where the plan does not know it.
std::string node_name(const record::PlanFacts& plan, NodeId node);

// "region_down eu-de, power_loss, 45 s (cooling)", with its cause if it has one
std::string fault_text(const record::FaultFact& fault);

// Who it happened to: a node, the letter of a fault that begins or ends, or "the run".
std::string who_of(const Event& event, const record::RunRecord& run);

// What happened, without the time and without who_of().
std::string event_sentence(const Event& event, const record::RunRecord& run);

}  // namespace blackout::text
