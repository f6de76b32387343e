// One operation as one line of JSON, without a document in between: a run has tens of thousands of
// them, and they must not cost more than the run.
//
// The text is that of to_json(operation).dump(); the reader takes nothing else and says so, and its
// caller then asks the JSON library.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reports/record/history.hpp"

namespace blackout::record {

// Appends the line with its line feed.
void append_line(const Operation& operation, std::string& out);

// The line without its line feed; nothing where it is not exactly what append_line() writes for an
// operation whose keys need no escapes.
std::optional<Operation> read_line(std::string_view line);

}  // namespace blackout::record
