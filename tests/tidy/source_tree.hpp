// The repository as text: what the rules of the tree are checked on.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace blackout::tidy {

struct SourceFile {
  std::string path;  // from the project root: "host/base/time.hpp"
  std::string text;
};

// Every file of a project folder whose name ends in one of `endings`, in path order. `folders` are
// relative to the root; "." stands for the files at the root alone.
std::vector<SourceFile> files_in(const std::vector<std::string>& folders,
                                 const std::vector<std::string>& endings);

// The file's text, empty if it cannot be read.
std::string read_file(const std::string& path_from_root);

std::vector<std::string> lines_of(std::string_view text);

// `text` with comments and the contents of string and character literals replaced by blanks; lines
// stay.
std::string code_of(std::string_view text);

// The path of an #include "..." directive, or of an #include <...>; empty if `line` is none.
std::string quoted_include(std::string_view line);
std::string system_include(std::string_view line);

// The module list of CMakeLists.txt: each module with the modules that it names in USES.
std::map<std::string, std::set<std::string>> declared_modules();

// The rows of BLACKOUT_EDGES: folder, then the folders it may use; first match counts.
struct Room {
  std::string folder;
  std::vector<std::string> may_use;
};
std::vector<Room> rooms();

// Whether `path` is `folder` or lies in it.
bool inside(std::string_view path, std::string_view folder);

// The folder of a file: "host/base" of "host/base/time.hpp".
std::string folder_of(const std::string& path);

// Problems as one text, a line each, for a test's message.
std::string joined(const std::vector<std::string>& problems);

}  // namespace blackout::tidy
