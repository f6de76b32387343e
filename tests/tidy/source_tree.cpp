#include "tests/tidy/source_tree.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace blackout::tidy {
namespace {

const std::string root = BLACKOUT_SOURCE_DIR;

bool ends_with_any(std::string_view path, const std::vector<std::string>& endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](const std::string& ending) { return path.ends_with(ending); });
}

std::string include_between(std::string_view line, char open, char close) {
  const std::size_t hash = line.find_first_not_of(" \t");
  if (hash == std::string_view::npos || !line.substr(hash).starts_with("#include")) return {};
  const std::size_t begin = line.find(open);
  if (begin == std::string_view::npos) return {};
  const std::size_t end = line.find(close, begin + 1);
  return end == std::string_view::npos ? "" : std::string(line.substr(begin + 1, end - begin - 1));
}

// Length of the comment or literal that starts at `at`; 0 if none does.
std::size_t skipped_length(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  const auto until = [&](std::string_view close, std::size_t from) {
    const std::size_t end = rest.find(close, from);
    return end == std::string_view::npos ? rest.size() : end + close.size();
  };
  if (rest.starts_with("//")) return std::min(rest.find('\n'), rest.size());
  if (rest.starts_with("/*")) return until("*/", 2);
  if (rest.starts_with("R\"")) {
    const std::string close = ")" + std::string(rest.substr(2, rest.find('(') - 2)) + "\"";
    return until(close, 2);
  }
  // An apostrophe after a digit or letter separates digits.
  const bool separator = at > 0 && std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0;
  if (rest[0] != '"' && (rest[0] != '\'' || separator)) return 0;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '\\') {
      ++i;
    } else if (rest[i] == rest[0]) {
      return i + 1;
    }
  }
  return rest.size();
}

}  // namespace

std::vector<SourceFile> files_in(const std::vector<std::string>& folders,
                                 const std::vector<std::string>& endings) {
  namespace fs = std::filesystem;
  std::vector<SourceFile> files;
  const auto add = [&](const fs::directory_entry& entry) {
    const std::string path = fs::relative(entry.path(), root).generic_string();
    if (entry.is_regular_file() && ends_with_any(path, endings)) {
      files.push_back({path, read_file(path)});
    }
  };
  for (const std::string& folder : folders) {
    if (folder == ".") {
      for (const auto& entry : fs::directory_iterator(root)) add(entry);
    } else if (fs::exists(fs::path(root) / folder)) {
      for (const auto& entry : fs::recursive_directory_iterator(fs::path(root) / folder))
        add(entry);
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

std::string read_file(const std::string& path_from_root) {
  const std::ifstream file(root + "/" + path_from_root, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string code_of(std::string_view text) {
  std::string code(text);
  for (std::size_t at = 0; at < code.size();) {
    const std::size_t length = skipped_length(text, at);
    for (std::size_t i = at; i < at + length; ++i) {
      if (code[i] != '\n') code[i] = ' ';
    }
    at += std::max<std::size_t>(length, 1);
  }
  return code;
}

std::string quoted_include(std::string_view line) { return include_between(line, '"', '"'); }
std::string system_include(std::string_view line) { return include_between(line, '<', '>'); }

std::map<std::string, std::set<std::string>> declared_modules() {
  std::map<std::string, std::set<std::string>> modules;
  const std::string text = read_file("CMakeLists.txt");
  const std::string call = "\nblackout_module(";
  for (std::size_t at = text.find(call); at != std::string::npos; at = text.find(call, at + 1)) {
    const std::size_t begin = at + call.size();
    std::istringstream words(text.substr(begin, text.find(')', begin) - begin));
    std::string module, word;
    words >> module;
    std::set<std::string>& uses = modules[module];
    bool in_uses = false;
    while (words >> word) {
      if (word == "USES" || word == "LINKS" || word == "PACKAGE") {
        in_uses = word == "USES";
      } else if (in_uses) {
        uses.insert(word);
      }
    }
  }
  return modules;
}

std::vector<Room> rooms() {
  std::vector<Room> result;
  const std::string text = read_file("cmake/modules.cmake");
  const std::size_t begin = text.find("set(BLACKOUT_EDGES");
  std::istringstream table(text.substr(begin, text.find(")\n", begin) - begin));
  std::string line;
  std::getline(table, line);
  while (std::getline(table, line)) {
    std::istringstream words(line.substr(line.find('"') + 1, line.rfind('"') - line.find('"') - 1));
    Room room;
    words >> room.folder;
    for (std::string word; words >> word;) room.may_use.push_back(word);
    result.push_back(room);
  }
  return result;
}

bool inside(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

std::string joined(const std::vector<std::string>& problems) {
  std::string text;
  for (const std::string& problem : problems) text += "  " + problem + "\n";
  return text;
}

}  // namespace blackout::tidy
