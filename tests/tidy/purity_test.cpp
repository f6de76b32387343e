// Purity as a fact of linking: the archives of the pure cores need no clock, entropy, file, socket
// or thread of the machine; and what a production build contains of the planted bugs: nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <sstream>

#include "tests/tidy/source_tree.hpp"

namespace blackout::tidy {
namespace {

std::string output_of(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string output;
  std::array<char, 4096> block{};
  while (const std::size_t size = std::fread(block.data(), 1, block.size(), pipe.get())) {
    output.append(block.data(), size);
  }
  return output;
}

// Names as the linker sees them; those with an underscore in front are prefixes of mangled names.
const std::vector<std::string> machine_symbols = {"clock_gettime",
                                                  "gettimeofday",
                                                  "time",
                                                  "clock",
                                                  "nanosleep",
                                                  "usleep",
                                                  "sleep",
                                                  "getrandom",
                                                  "rand",
                                                  "getentropy",
                                                  "srand",
                                                  "random",
                                                  "getenv",
                                                  "secure_getenv",
                                                  "open",
                                                  "open64",
                                                  "fopen",
                                                  "fopen64",
                                                  "read",
                                                  "write",
                                                  "pread",
                                                  "pwrite",
                                                  "fsync",
                                                  "fdatasync",
                                                  "mmap",
                                                  "unlink",
                                                  "rename",
                                                  "socket",
                                                  "connect",
                                                  "bind",
                                                  "listen",
                                                  "accept",
                                                  "send",
                                                  "recv",
                                                  "sendto",
                                                  "recvfrom",
                                                  "poll",
                                                  "epoll_wait",
                                                  "select",
                                                  "pthread_create",
                                                  "pthread_mutex_lock",
                                                  "fork",
                                                  "syscall",
                                                  "_ZNSt6chrono",
                                                  "_ZNSt13random_device",
                                                  "_ZNSt6thread",
                                                  "_ZNSt13basic_filebuf",
                                                  "_ZNSt14basic_ifstream",
                                                  "_ZNSt14basic_ofstream",
                                                  "_ZNSt10filesystem",
                                                  "_ZNSt18condition_variable",
                                                  "_ZSt4cout",
                                                  "_ZSt4cerr"};

bool of_the_machine(const std::string& symbol) {
  for (const std::string& name : machine_symbols) {
    if (name[0] == '_' ? symbol.starts_with(name) : symbol == name) return true;
  }
  return false;
}

// The undefined symbols in the output of nm -u that belong to the machine.
std::vector<std::string> impure_symbols(const std::string& undefined) {
  std::vector<std::string> problems;
  std::istringstream words(undefined);
  for (std::string kind, symbol; words >> kind;) {
    if (kind != "U" || !(words >> symbol)) continue;
    const std::string name = symbol.substr(0, symbol.find('@'));
    if (of_the_machine(name)) problems.push_back(name);
  }
  return problems;
}

class PureArchive : public testing::TestWithParam<std::string> {};

TEST_P(PureArchive, NeedsNothingOfTheMachine) {
  const std::string undefined = output_of("nm -u " + GetParam());
  ASSERT_NE(undefined.find(".cpp.o:"), std::string::npos) << "nm read nothing from " << GetParam();
  const std::vector<std::string> problems = impure_symbols(undefined);
  EXPECT_TRUE(problems.empty()) << GetParam() << " needs\n" << joined(problems);
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

INSTANTIATE_TEST_SUITE_P(, PureArchive, testing::ValuesIn(words_of(BLACKOUT_PURE_ARCHIVES)),
                         [](const auto& info) {
                           const std::string name =
                               info.param.substr(info.param.rfind("blackout_") + 9);
                           return name.substr(0, name.find('.'));
                         });

TEST(Purity, AMachineSymbolIsFound) {
  EXPECT_EQ(impure_symbols("core.cpp.o:\n   U clock_gettime@GLIBC_2.17\n   U memcpy\n").size(), 1U);
  EXPECT_EQ(impure_symbols("   U _ZNSt6chrono3_V212steady_clock3nowEv\n").size(), 1U);
  EXPECT_EQ(
      impure_symbols("   U timer\n   U _ZNKSt9exception4whatEv\n   w pthread_create\n").size(), 0U);
}

// Lines of `text` that speak of planted bugs outside #ifdef BLACKOUT_PLANTED_BUGS.
std::vector<std::string> planted_in_production(const SourceFile& file) {
  std::vector<std::string> problems;
  std::vector<bool> planted_blocks;  // one entry for each open #if: whether it is for planted bugs
  const std::vector<std::string> lines = lines_of(file.text);
  const std::vector<std::string> code = lines_of(code_of(file.text));
  for (std::size_t i = 0; i < code.size(); ++i) {
    const std::string& line = code[i];
    if (line.starts_with("#if")) {
      planted_blocks.push_back(line == "#ifdef BLACKOUT_PLANTED_BUGS");
    } else if (line.starts_with("#else") && !planted_blocks.empty()) {
      planted_blocks.back() = false;
    } else if (line.starts_with("#endif") && !planted_blocks.empty()) {
      planted_blocks.pop_back();
    } else if (line.find("planted") != std::string::npos ||
               line.find("Planted") != std::string::npos) {
      const auto open = std::find(planted_blocks.begin(), planted_blocks.end(), true);
      if (open == planted_blocks.end()) {
        problems.push_back(file.path + ":" + std::to_string(i + 1) + ": " + lines[i]);
      }
    }
  }
  return problems;
}

TEST(Production, PlantedBugsStandOnlyBehindTheBuildOption) {
  std::vector<std::string> problems;
  bool seen = false;
  for (const SourceFile& file : files_in({"platform"}, {".hpp", ".cpp"})) {
    const std::vector<std::string> found = planted_in_production(file);
    problems.insert(problems.end(), found.begin(), found.end());
    seen = seen || file.text.find("#ifdef BLACKOUT_PLANTED_BUGS") != std::string::npos;
  }
  EXPECT_TRUE(problems.empty()) << joined(problems);
  EXPECT_TRUE(seen);
}

TEST(Production, APlantedBugOutsideTheOptionIsFound) {
  const auto problems = [](const std::string& text) {
    return planted_in_production({"platform/raft/raft.cpp", text});
  };
  EXPECT_EQ(problems("if (planted_.forget_vote) {\n").size(), 1U);
  EXPECT_EQ(problems("#ifdef BLACKOUT_PLANTED_BUGS\nif (planted_) {}\n#endif\n").size(), 0U);
  EXPECT_EQ(problems("#ifdef BLACKOUT_PLANTED_BUGS\n#else\nif (planted_) {}\n#endif\n").size(), 1U);
  EXPECT_EQ(problems("// planted bugs are elsewhere\n").size(), 0U);
}

}  // namespace
}  // namespace blackout::tidy
