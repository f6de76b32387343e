// Reading the files of these tests and of the shipped scenarios.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "harness/scenario/scenario.hpp"

namespace blackout::scenario {

inline std::filesystem::path source_path(const std::string& relative) {
  return std::filesystem::path(BLACKOUT_SOURCE_DIR) / relative;
}

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

inline Source source_of(const std::filesystem::path& path) {
  auto folder = path.parent_path();
  const auto above = folder.parent_path();
  if (!exists(folder / "topologies") && exists(above / "topologies")) folder = above;
  return {path.filename().string(), read_text(path), folder.string()};
}

inline Source small_source() { return source_of(source_path("tests/harness/scenario/small.json")); }

// The small scenario with one piece of text replaced.
inline Source small_with(const std::string& before, const std::string& after) {
  Source source = small_source();
  const std::size_t at = source.text.find(before);
  EXPECT_NE(at, std::string::npos) << before;
  source.text.replace(at, before.size(), after);
  return source;
}

inline Scenario loaded(const Source& source, const std::vector<Override>& overrides = {}) {
  auto scenario = load(source, overrides);
  EXPECT_TRUE(scenario.ok()) << format_diagnostics(scenario.error(), source.text);
  return std::move(scenario).value();
}

inline Scenario shipped(const std::string& name) {
  return loaded(source_of(source_path("scenarios/" + name + ".json")));
}

}  // namespace blackout::scenario
