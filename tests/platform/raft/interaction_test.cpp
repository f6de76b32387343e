// The transcripts of tests/interaction: a change of behaviour is a diff of prose. With
// BLACKOUT_REWRITE=1 in the environment the files are rewritten; commit a rewrite only if you
// understand why each line changed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/platform/raft/script.hpp"

namespace blackout::raft {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(Interaction, EveryTranscriptIsWhatTheClusterDoes) {
  std::size_t files = 0;
  const auto folder = std::filesystem::path(BLACKOUT_SOURCE_DIR) / "tests/interaction";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() != ".txt") continue;
    ++files;
    const std::string expected = read_file(file.path());
    const std::string actual = play(expected);
    EXPECT_EQ(actual.find("VIOLATION"), std::string::npos) << file.path();
    if (std::getenv("BLACKOUT_REWRITE") != nullptr) {
      std::ofstream(file.path()) << actual;
    } else {
      EXPECT_EQ(actual, expected) << file.path();
    }
  }
  EXPECT_GE(files, 10u);
}

}  // namespace
}  // namespace blackout::raft
