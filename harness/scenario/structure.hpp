// Checks a tree against a JSON Schema: keys, types, words, quantities, draws; nothing that needs
// the meaning.
//
// The schema file that serves editors is the loader's own table, so the two cannot disagree. Of
// draft-07 it knows what these schemas use; quantities and names, which are patterns there, are
// read by definition name with diagnostics of their own.
#pragma once

#include "harness/scenario/document.hpp"

namespace blackout::scenario {

enum class FileKind : std::uint8_t { scenario, topology };

void check_structure(const Node& root, FileKind kind, Report& report);

std::string_view topology_schema_text();

}  // namespace blackout::scenario
