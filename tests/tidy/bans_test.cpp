// The determinism table of house.md as a test: each banned word stands beside what to write
// instead, and each exception beside the reason why it is one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "tests/tidy/source_tree.hpp"

namespace blackout::tidy {
namespace {

enum class Where { everywhere, without_a_machine };  // the latter: platform, sim and models

struct Ban {
  std::string word;
  std::string instead;
  Where where = Where::everywhere;
};

const std::vector<Ban> bans = {
    {"std::unordered_", "std::map or a sorted vector: iteration order must not depend on a hash"},
    {"std::hash", "hash64 or mix64 of host/base/hash.hpp"},
    {"<unordered_map>", "<map>, or a sorted vector"},
    {"<unordered_set>", "<set>, or a sorted vector"},
    {"<random>", "sim/random: standard libraries differ in their distributions"},
    {"std::shuffle", "the shuffle of sim/random"},
    {"std::random_device", "the seed of the Plan"},
    {"std::mt19937", "a keyed stream of sim/random"},
    {"rand", "a keyed stream of sim/random"},
    {"srand", "a keyed stream of sim/random"},
    {"getrandom", "the seed of the Plan"},
    {"getentropy", "the seed of the Plan"},
    {"float", "integer nanoseconds, ppm or random::Probability"},
    {"double", "integer nanoseconds, ppm or random::Probability"},
    {"<chrono>", "Duration and Instant of host/base/time.hpp"},
    {"std::chrono", "env::Clock, or the kernel's now()"},
    {"clock_gettime", "env::Clock, or the kernel's now()"},
    {"gettimeofday", "env::Clock, or the kernel's now()"},
    {"std::time", "env::Clock, or the kernel's now()"},
    {"getenv", "a field of the Plan"},
    {"setlocale", "no locale: formats are our own"},
    {"std::locale", "no locale: formats are our own"},
    {"std::thread", "a task of env::Tasks"},
    {"std::jthread", "a task of env::Tasks"},
    {"std::async", "a task of env::Tasks"},
    {"std::future", "env::Channel"},
    {"std::promise", "env::Channel"},
    {"pthread_create", "a task of env::Tasks"},
    {"std::mutex", "nothing: one thread; across a suspension a primitive of host/fiber"},
    {"std::shared_mutex", "nothing: one thread; across a suspension a primitive of host/fiber"},
    {"std::recursive_mutex", "nothing: one thread"},
    {"std::condition_variable", "a primitive of host/fiber"},
    {"std::call_once", "a member of the World"},
    {"thread_local", "a member of the World"},
    {"usleep", "env::Tasks::sleep"},
    {"nanosleep", "env::Tasks::sleep"},
    {"assert", "CHECK: on in every build"},
    {"std::filesystem", "env::Disk", Where::without_a_machine},
    {"std::ifstream", "env::Disk", Where::without_a_machine},
    {"std::ofstream", "env::Disk", Where::without_a_machine},
    {"std::fstream", "env::Disk", Where::without_a_machine},
    {"fopen", "env::Disk", Where::without_a_machine},
    {"socket", "env::Network", Where::without_a_machine},
    {"std::cout", "env::Trace", Where::without_a_machine},
    {"std::cerr", "env::Trace", Where::without_a_machine},
    {"printf", "env::Trace", Where::without_a_machine},
};

struct Exception {
  std::string path;  // a file, or a folder that ends in '/'
  std::string word;
  std::string why;
};

const std::vector<Exception> exceptions = {
    {"host/posix/", "", "the real machine itself"},
    {"sim/guard/", "", "names the calls that it intercepts"},
    {"sim/random/tables.cpp", "double",
     "at compile time, + - * / alone; each table's hash is pinned"},
    {"host/fiber/fiber.cpp", "catch (...)",
     "the entry of every task, where any exception ends its way"},
    {"harness/explore/", "clock_gettime", "how long a child process has been silent"},
    {"harness/explore/", "usleep", "waits for a child process"},
    {"harness/cli/outside.cpp", "",
     "the person's clock, terminal and environment; nothing of it enters a run"},
};

bool identifier(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Whether `word` stands in `line` as a word of its own, not as a member and not as a part of a
// longer one; a word that ends in '_' or in a digit is a prefix.
bool has_word(const std::string& line, const std::string& word) {
  for (std::size_t at = line.find(word); at != std::string::npos; at = line.find(word, at + 1)) {
    const char before = at == 0 ? ' ' : line[at - 1];
    const std::size_t end = at + word.size();
    const char after = end < line.size() ? line[end] : ' ';
    const bool begins =
        !identifier(word[0]) || (!identifier(before) && before != '.' && before != '>');
    const bool prefix =
        word.back() == '_' || std::isdigit(static_cast<unsigned char>(word.back())) != 0;
    if (begins && (prefix || !identifier(word.back()) || !identifier(after))) return true;
  }
  return false;
}

bool excepted(const std::string& path, const std::string& word) {
  return std::any_of(exceptions.begin(), exceptions.end(), [&](const Exception& exception) {
    const bool covers =
        exception.path.back() == '/' ? path.starts_with(exception.path) : path == exception.path;
    return covers && (exception.word.empty() || exception.word == word);
  });
}

std::string place(const SourceFile& file, std::size_t line) {
  return file.path + ":" + std::to_string(line + 1) + ": ";
}

std::vector<std::string> banned_words(const SourceFile& file) {
  std::vector<std::string> problems;
  const bool machineless =
      inside(file.path, "platform") || inside(file.path, "sim") || inside(file.path, "models");
  const std::vector<std::string> lines = lines_of(code_of(file.text));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (const Ban& ban : bans) {
      if (ban.where == Where::without_a_machine && !machineless) continue;
      if (has_word(lines[i], ban.word) && !excepted(file.path, ban.word)) {
        problems.push_back(place(file, i) + ban.word + ": use " + ban.instead);
      }
    }
  }
  return problems;
}

// A block that catches everything must let it pass: Killed ends a task by unwinding it.
std::vector<std::string> swallowed_exceptions(const SourceFile& file) {
  std::vector<std::string> problems;
  const std::string code = code_of(file.text);
  const std::string word = "catch (...)";
  for (std::size_t at = code.find(word); at != std::string::npos; at = code.find(word, at + 1)) {
    std::size_t end = code.find('{', at);
    for (int depth = 0; end < code.size(); ++end) {
      depth += code[end] == '{' ? 1 : code[end] == '}' ? -1 : 0;
      if (depth == 0) break;
    }
    const bool rethrows = code.substr(at, end - at).find("throw;") != std::string::npos;
    if (!rethrows && !excepted(file.path, word)) {
      const std::size_t line =
          static_cast<std::size_t>(std::count(code.begin(), code.begin() + at, '\n'));
      problems.push_back(place(file, line) + word +
                         ": catch the types you mean, or end it with throw;");
    }
  }
  return problems;
}

// `static` before a variable that can change; functions and constants pass.
std::vector<std::string> mutable_statics(const SourceFile& file) {
  std::vector<std::string> problems;
  const std::string code = code_of(file.text);
  const std::vector<std::string> lines = lines_of(code);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!has_word(lines[i], "static")) continue;
    std::string statement = lines[i].substr(lines[i].find("static"));
    if (statement.find_first_of(";({=") == std::string::npos && i + 1 < lines.size()) {
      statement += " " + lines[i + 1];
    }
    const std::size_t end = statement.find_first_of(";({=");
    const bool function = end != std::string::npos && statement[end] == '(';
    const std::string head = statement.substr(0, end);
    const bool constant =
        has_word(head, "const") || has_word(head, "constexpr") || has_word(head, "constinit const");
    if (!function && !constant && !excepted(file.path, "static")) {
      problems.push_back(place(file, i) + "static that can change: use a member of the World");
    }
  }
  return problems;
}

TEST(Bans, NoWordOfTheDeterminismTableIsWritten) {
  std::vector<std::string> problems;
  for (const SourceFile& file :
       files_in({"host", "platform", "sim", "models", "harness"}, {".hpp", ".cpp"})) {
    for (const auto& check : {banned_words, swallowed_exceptions, mutable_statics}) {
      const std::vector<std::string> found = check(file);
      problems.insert(problems.end(), found.begin(), found.end());
    }
  }
  EXPECT_TRUE(problems.empty()) << joined(problems);
}

TEST(Bans, EachWordIsFoundInCodeAndNotInCommentsOrText) {
  for (const Ban& ban : bans) {
    EXPECT_FALSE(banned_words({"platform/log/a.cpp", "  " + ban.word + " x;\n"}).empty())
        << ban.word;
    EXPECT_TRUE(banned_words({"platform/log/a.cpp", "// " + ban.word + "\n"}).empty()) << ban.word;
    EXPECT_TRUE(banned_words({"platform/log/a.cpp", "f(\"" + ban.word + "\");\n"}).empty())
        << ban.word;
  }
  EXPECT_TRUE(
      banned_words({"platform/log/a.cpp", "tasks.usleep(x); operand(1); double_vote();"}).empty());
}

TEST(Bans, ACatchAllWithoutRethrowIsFound) {
  const auto problems = [](const std::string& body) {
    return swallowed_exceptions(
        {"sim/kernel/a.cpp", "try { f(); } catch (...) {" + body + "}\nthrow;\n"});
  };
  EXPECT_EQ(problems(" log(); ").size(), 1U);
  EXPECT_EQ(problems(" if (x) { log(); } throw; ").size(), 0U);
}

TEST(Bans, AStaticThatCanChangeIsFound) {
  const auto problems = [](const std::string& line) {
    return mutable_statics({"sim/kernel/a.cpp", line});
  };
  EXPECT_EQ(problems("static int runs = 0;").size(), 1U);
  EXPECT_EQ(problems("  static std::map<int, int> seen;").size(), 1U);
  EXPECT_EQ(problems("static const int runs = 0;").size(), 0U);
  EXPECT_EQ(problems("static constexpr std::uint64_t many = 4;").size(), 0U);
  EXPECT_EQ(problems("static int twice(int x) { return 2 * x; }").size(), 0U);
  EXPECT_EQ(problems("return static_cast<int>(x);").size(), 0U);
}

}  // namespace
}  // namespace blackout::tidy
