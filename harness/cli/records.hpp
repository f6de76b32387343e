// From what was typed for RUN to the record; what is wrong is said on stderr.
#pragma once

#include <optional>
#include <string>

#include "reports/record/run_record.hpp"

namespace blackout::cli {

// The record's folder that the word means: a folder, a record file, `latest`, or the beginning of a
// seed.
std::optional<std::string> find_record(const std::string& word, const std::string& out);

std::optional<record::RunRecord> load_record(const std::string& directory);

}  // namespace blackout::cli
