// Plan facts, verdicts and operations as JSON and back, member by member under their own names.
//
// Durations and instants are integer nanoseconds, ids their values, enums their numbers. Reading
// throws nlohmann::json::exception where a member is missing or of another type, and only that.
#pragma once

#include <nlohmann/json.hpp>

#include "reports/record/run_record.hpp"

namespace blackout::record {

using Json = nlohmann::ordered_json;

Json to_json(const PlanFacts& plan);
Json to_json(const Verdict& verdict);
Json to_json(const Operation& operation);
Json to_json(const Audit& audit);
Json to_json(const FaultOutcome& outcome);
Json to_json(const CodeFailure& failure);
Json to_json(const Build& build);

void from_json(const Json& json, PlanFacts& plan);
void from_json(const Json& json, Verdict& verdict);
void from_json(const Json& json, Operation& operation);
void from_json(const Json& json, Audit& audit);
void from_json(const Json& json, FaultOutcome& outcome);
void from_json(const Json& json, CodeFailure& failure);
void from_json(const Json& json, Build& build);

}  // namespace blackout::record
