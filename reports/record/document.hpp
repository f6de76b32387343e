// A record, or parts of it, as documents for other programs: times as words and in nanoseconds,
// names instead of numbers.
//
// Each document names its kind and version in "version"; a member changes its meaning or goes only
// with another version.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reports/record/json.hpp"

namespace blackout::record {

// Bytes of the code under test (a message, a key) may not be UTF-8: what is not becomes U+FFFD.
std::string dump(const Json& json, int indent = -1);

// Member `name` in words, `name`_ns as an integer; both null without a value.
void put_duration(Json& json, const std::string& name, Duration value);
void put_instant(Json& json, const std::string& name, const std::optional<Instant>& value);

std::string_view name_of(Conclusion conclusion);
std::string_view name_of(Held held);

Json objective_document(const ObjectiveRow& row);
Json finding_document(const Finding& finding);

// "verdict.v1", see ux.md "Machine output".
Json verdict_document(const RunRecord& run, const std::string& directory);

}  // namespace blackout::record
