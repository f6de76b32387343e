// From what was typed to a record; what is wrong is said on stderr.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/record/run_record.hpp"

namespace blackout::cli {

// The name of a record's folder: "0x51c9e0a77d3b2f14", and "-91be" behind it where anything but the
// seed made it another run.
std::string run_name(std::uint64_t seed, const std::vector<std::string>& changes);

struct FoundRecord {
  std::string directory;
  record::RunRecord run;
};

// The record that the word means: a folder, a record file, `latest` (the folder that it points to),
// or the beginning of a seed. An empty optional, after an error message, if it means none or
// several, or no whole record of this version.
std::optional<FoundRecord> open_record(const std::string& word, const std::string& out);

}  // namespace blackout::cli
