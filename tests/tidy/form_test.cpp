// The form of files: sizes, guards, unfinished marks, and nothing of the machine they were written
// on.
#include <gtest/gtest.h>

#include <cctype>

#include "tests/tidy/source_tree.hpp"

namespace blackout::tidy {
namespace {

constexpr std::size_t lines_max = 600;
constexpr std::size_t columns_max = 100;

const std::vector<std::string> code_folders = {"host",    "platform", "sim",  "models",
                                               "harness", "reports",  "tests"};

// Code points of UTF-8: continuation bytes do not count.
std::size_t columns_of(const std::string& line) {
  std::size_t columns = 0;
  for (const char byte : line) columns += (static_cast<unsigned char>(byte) & 0xC0) != 0x80 ? 1 : 0;
  return columns;
}

std::vector<std::string> form_problems(const SourceFile& file) {
  std::vector<std::string> problems;
  const std::vector<std::string> lines = lines_of(file.text);
  if (lines.size() > lines_max) {
    problems.push_back(file.path + ": " + std::to_string(lines.size()) + " lines, at most 600");
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (columns_of(lines[i]) > columns_max) {
      problems.push_back(file.path + ":" + std::to_string(i + 1) + ": longer than 100 columns");
    }
  }
  if (file.path.ends_with(".hpp") && file.text.find("#pragma once\n") == std::string::npos) {
    problems.push_back(file.path + ": no #pragma once");
  }
  if (file.path.ends_with(".hpp") && !file.text.starts_with("//")) {
    problems.push_back(file.path + ": its first line does not say what the thing is");
  }
  return problems;
}

// Spelled in halves, so that this file does not find itself.
const std::vector<std::string> unfinished = {
    "TO"
    "DO",
    "FIX"
    "ME",
    "XX"
    "X",
    "HA"
    "CK:"};
const std::vector<std::string> machine_paths = {
    "/wo"
    "rk/",
    "/ro"
    "ot/",
    "/ho"
    "me/",
    "/t"
    "mp/"};

// Not as a part of a longer run of letters: the template of a temporary file's name is no mark.
bool has_word(const std::string& text, const std::string& word) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const bool begins = at == 0 || std::isalnum(static_cast<unsigned char>(text[at - 1])) == 0;
    const std::size_t end = at + word.size();
    const bool letter = std::isalnum(static_cast<unsigned char>(word.back())) != 0;
    const bool ends =
        !letter || end == text.size() || std::isalnum(static_cast<unsigned char>(text[end])) == 0;
    if (begins && ends) return true;
  }
  return false;
}

std::vector<std::string> word_problems(const SourceFile& file) {
  std::vector<std::string> problems;
  const auto find = [&](const std::vector<std::string>& words, const std::string& what) {
    for (const std::string& word : words) {
      if (has_word(file.text, word)) {
        problems.push_back(file.path + ": " + word + ": " + what);
      }
    }
  };
  find(unfinished, "finish it, or say it in an issue");
  find(machine_paths, "a path of one machine; make it relative, or ask for a temporary folder");
  return problems;
}

template <class Check>
void expect_clean(const std::vector<SourceFile>& files, Check check) {
  std::vector<std::string> problems;
  for (const SourceFile& file : files) {
    const std::vector<std::string> found = check(file);
    problems.insert(problems.end(), found.begin(), found.end());
  }
  EXPECT_FALSE(files.empty());
  EXPECT_TRUE(problems.empty()) << joined(problems);
}

TEST(Form, FilesAndLinesAreShortAndHeadersSayWhatTheyAre) {
  expect_clean(files_in(code_folders, {".hpp", ".cpp"}), form_problems);
}

TEST(Form, NothingIsUnfinishedAndNothingNamesAMachine) {
  std::vector<std::string> folders = code_folders;
  folders.insert(folders.end(), {".", ".ci", "cmake", "scenarios"});
  expect_clean(
      files_in(folders, {".hpp", ".cpp", ".cmake", ".in", ".txt", ".md", ".json", "dev", "run"}),
      word_problems);
}

TEST(Form, EachProblemIsFound) {
  EXPECT_EQ(form_problems({"a/b.hpp", "// A thing.\n#pragma once\n"}).size(), 0U);
  EXPECT_EQ(form_problems({"a/b.hpp", "// A thing.\n"}).size(), 1U);
  EXPECT_EQ(form_problems({"a/b.hpp", "#pragma once\n"}).size(), 1U);
  EXPECT_EQ(form_problems({"a/b.cpp", std::string(101, 'x') + "\n"}).size(), 1U);
  EXPECT_EQ(form_problems({"a/b.cpp", "// " + std::string(97, ' ') + "\n"}).size(), 0U);
  std::string many;
  for (std::size_t i = 0; i <= lines_max; ++i) many += "\n";
  EXPECT_EQ(form_problems({"a/b.cpp", many}).size(), 1U);
  EXPECT_EQ(word_problems({"a/b.cpp", "// " + unfinished[0] + "\n"}).size(), 1U);
  EXPECT_EQ(word_problems({"a/b.md", "in " + machine_paths[0] + "main\n"}).size(), 1U);
}

}  // namespace
}  // namespace blackout::tidy
