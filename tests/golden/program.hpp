// The executable in a folder of its own, with `scenarios` and `files` (a copy of
// tests/golden/files) in it.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace blackout {

namespace fs = std::filesystem;

inline const fs::path source = BLACKOUT_SOURCE_DIR;
inline const fs::path program = BLACKOUT_PROGRAM;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "golden-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
    fs::create_directory_symlink(source / "scenarios", path_ / "scenarios");
    fs::copy(source / "tests" / "golden" / "files", path_ / "files");
    fs::create_directory_symlink(source / "scenarios" / "topologies", path_ / "files/topologies");
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

struct Printed {
  std::string text;  // stdout and stderr
  int code;
};

inline Printed shell(const fs::path& directory, const std::string& command) {
  const std::string line =
      "cd '" + directory.string() + "' && PATH=\"" + program.parent_path().string() +
      ":$PATH\" && export PATH LC_ALL=C.UTF-8 TERM=dumb && { " + command + "\n} 2>&1 </dev/null";
  std::FILE* pipe = popen(line.c_str(), "r");
  Printed printed{{}, -1};
  std::array<char, 4096> block{};
  while (const std::size_t size = std::fread(block.data(), 1, block.size(), pipe)) {
    printed.text.append(block.data(), size);
  }
  printed.code = WEXITSTATUS(pclose(pipe));
  return printed;
}

}  // namespace blackout
