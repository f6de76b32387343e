// Transcripts of the command line: each file holds commands behind "$ ", what they print (stdout
// and stderr together), and "[code]" where they end with another code than 0. BLACKOUT_REWRITE=1
// rewrites the files with what is printed now; commit a rewrite only if you can say why each line
// changed.
//
// Commands run in an empty directory with `scenarios` and `files` (a copy of tests/golden/files) in
// it. What differs from machine to machine is replaced: wall times, ages, the build.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>

#include "tests/golden/program.hpp"

namespace blackout {
namespace {

std::string replaced(const std::string& text, const char* pattern, const char* by) {
  return std::regex_replace(text, std::regex(pattern), by);
}

// "blackout 4f1c9a2+ (gcc 12.2.0 Release)" names three words that differ from build to build.
std::string without_build(std::string text, const std::string& version) {
  std::smatch words;
  if (!std::regex_search(version, words, std::regex("blackout (\\S+) \\((\\S+ \\S+) ?(\\S*)\\)"))) {
    return text;
  }
  const std::array<const char*, 3> names = {"COMMIT", "COMPILER", "BUILD"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string word = words[i + 1];
    if (word.empty()) continue;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
      text.replace(at, word.size(), names[i]);
    }
  }
  return text;
}

std::string normalised(std::string text, const std::string& version) {
  text = without_build(std::move(text), version);
  text = replaced(text, "simulated in [0-9.]+ m?s", "simulated in TIME");
  text = replaced(text, "(0x[0-9a-f]{16}) +[0-9.]+ m?s  ", "$1   TIME  ");
  text = replaced(text, "(SUMMARY .*)   [0-9.]+ m?s\n", "$1   TIME\n");
  return replaced(text, "[0-9]+ (s|min) ago", "AGO");
}

std::string performed(const std::string& script, const fs::path& directory) {
  const std::string version = shell(directory, "blackout --version").text;
  std::istringstream lines(script);
  std::ostringstream transcript;
  bool in_output = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("$ ")) {
      const Printed printed = shell(directory, line.substr(2));
      transcript << line << "\n" << normalised(printed.text, version);
      if (printed.code != 0) transcript << "[" << printed.code << "]\n";
      transcript << "\n";
      in_output = true;
    } else if (!in_output) {
      transcript << line << "\n";
    }
  }
  return std::move(transcript).str();
}

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return std::move(text).str();
}

std::vector<std::string> transcripts() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(source / "tests" / "golden")) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Transcript : public testing::TestWithParam<std::string> {};

TEST_P(Transcript, IsPrintedAgain) {
  const fs::path file = source / "tests" / "golden" / (GetParam() + ".txt");
  const Folder folder;
  const std::string expected = read(file);
  const std::string printed = performed(expected, folder.path());
  if (std::getenv("BLACKOUT_REWRITE") != nullptr) {
    std::ofstream(file) << printed;
  } else {
    EXPECT_EQ(printed, expected);
  }
}

INSTANTIATE_TEST_SUITE_P(, Transcript, testing::ValuesIn(transcripts()), [](const auto& test) {
  return replaced(test.param, "[^A-Za-z0-9]", "_");
});

}  // namespace
}  // namespace blackout
