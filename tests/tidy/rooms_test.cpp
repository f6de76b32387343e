// Who may use whom, read off the #include lines: the table of cmake/modules.cmake and the module
// list of CMakeLists.txt, which the build itself cannot hold a header to.
#include <gtest/gtest.h>

#include "tests/tidy/source_tree.hpp"

namespace blackout::tidy {
namespace {

using Modules = std::map<std::string, std::set<std::string>>;

bool reaches(const Modules& modules, const std::string& from, const std::string& to) {
  if (from == to) return true;
  const auto module = modules.find(from);
  if (module == modules.end()) return false;
  for (const std::string& used : module->second) {
    if (reaches(modules, used, to)) return true;
  }
  return false;
}

bool allowed(const std::vector<Room>& table, const std::string& from, const std::string& to) {
  for (const Room& room : table) {
    if (!inside(from, room.folder)) continue;
    for (const std::string& folder : room.may_use) {
      if (inside(to, folder)) return true;
    }
    return from == to;
  }
  return false;
}

std::vector<std::string> forbidden_includes(const SourceFile& file, const Modules& modules,
                                            const std::vector<Room>& table) {
  std::vector<std::string> problems;
  const std::string from = folder_of(file.path);
  for (const std::string& line : lines_of(file.text)) {
    const std::string path = quoted_include(line);
    if (path.empty()) continue;
    const std::string to = folder_of(path);
    if (path.find('/') == std::string::npos || modules.count(to) == 0) {
      problems.push_back(file.path + " includes \"" + path +
                         "\": write the full path of a module's header");
    } else if (!allowed(table, from, to)) {
      problems.push_back(file.path + " includes " + path + ": " + from + " may not use " + to);
    } else if (!reaches(modules, from, to)) {
      problems.push_back(file.path + " includes " + path + ": add " + to + " to USES of " + from +
                         " in CMakeLists.txt");
    }
  }
  return problems;
}

const std::vector<std::string> all_rooms = {"host",   "platform", "sim",
                                            "models", "harness",  "reports"};

TEST(Rooms, EveryIncludeFollowsTheTable) {
  const Modules modules = declared_modules();
  const std::vector<Room> table = rooms();
  std::vector<std::string> problems;
  for (const SourceFile& file : files_in(all_rooms, {".hpp", ".cpp"})) {
    const std::vector<std::string> found = forbidden_includes(file, modules, table);
    problems.insert(problems.end(), found.begin(), found.end());
  }
  EXPECT_TRUE(problems.empty()) << joined(problems);
}

TEST(Rooms, TheListAndTheTableAreReadAsTheyAreWritten) {
  const Modules modules = declared_modules();
  ASSERT_TRUE(modules.count("platform/raft"));
  EXPECT_EQ(modules.at("platform/raft"), std::set<std::string>{"host/base"});
  EXPECT_TRUE(modules.at("harness/cli").count("harness/explore"));
  EXPECT_TRUE(allowed(rooms(), "platform/log", "host/env"));
  EXPECT_FALSE(allowed(rooms(), "platform/raft", "host/env"));
}

TEST(Rooms, AForbiddenIncludeIsFound) {
  const auto problems = [](const std::string& path, const std::string& header) {
    return forbidden_includes({path, "#include \"" + header + "\"\n"}, declared_modules(), rooms());
  };
  EXPECT_TRUE(problems("platform/raft/core.cpp", "host/base/time.hpp").empty());
  EXPECT_FALSE(problems("platform/raft/core.cpp", "host/env/disk.hpp").empty());
  EXPECT_FALSE(problems("platform/log/log.cpp", "sim/kernel/kernel.hpp").empty());
  EXPECT_FALSE(problems("sim/kernel/kernel.cpp", "models/network/network.hpp").empty());
  EXPECT_FALSE(problems("models/clock/clock.cpp", "models/disk/disk.hpp").empty());
  EXPECT_FALSE(problems("harness/check/judge.cpp", "harness/world/world.hpp").empty());
  EXPECT_FALSE(problems("sim/kernel/kernel.cpp", "kernel.hpp").empty());
}

TEST(Rooms, EverySourceStandsInADeclaredModule) {
  const Modules modules = declared_modules();
  std::vector<std::string> problems;
  for (const SourceFile& file : files_in(all_rooms, {".hpp", ".cpp"})) {
    if (modules.count(folder_of(file.path)) == 0) {
      problems.push_back(file.path +
                         ": its folder is no module of CMakeLists.txt, so it is not built");
    }
  }
  EXPECT_TRUE(problems.empty()) << joined(problems);
}

TEST(Rooms, EveryTestMirrorsAModuleOrAKindOfTest) {
  const Modules modules = declared_modules();
  const std::set<std::string> kinds = {"tidy",        "golden", "bench",
                                       "interaction", "seeds",  "determinism"};
  std::vector<std::string> problems;
  for (const SourceFile& file : files_in({"tests"}, {".hpp", ".cpp"})) {
    const std::string folder = folder_of(file.path).substr(std::string("tests/").size());
    if (modules.count(folder) == 0 && kinds.count(folder) == 0) {
      problems.push_back(file.path + ": no target builds it");
    }
  }
  EXPECT_TRUE(problems.empty()) << joined(problems);
}

}  // namespace
}  // namespace blackout::tidy
