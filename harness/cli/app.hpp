// The command line: verbs, flags, help and suggestions.
#pragma once

namespace blackout::cli {

// Parses, performs one verb and returns the exit code (ux.md "Exit codes"). Never throws.
int main_of(int argc, const char* const* argv);

}  // namespace blackout::cli
