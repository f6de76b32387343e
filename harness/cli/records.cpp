#include "harness/cli/records.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <vector>

#include "harness/cli/options.hpp"
#include "harness/cli/outside.hpp"

namespace blackout::cli {
namespace {

namespace fs = std::filesystem;

// What `latest` points to, so that the name goes on meaning this run.
std::string newest(const std::string& out) {
  std::error_code error;
  const fs::path target = fs::read_symlink(out + "/latest", error);
  return error ? out + "/latest" : (fs::path(out) / target).string();
}

}  // namespace

std::optional<std::string> find_record(const std::string& word, const std::string& out) {
  std::error_code ignored;
  if (word == "latest" && fs::exists(out + "/latest/record.json", ignored)) return newest(out);
  if (fs::is_regular_file(word, ignored)) return fs::path(word).parent_path().string();
  if (fs::exists(fs::path(word) / "record.json", ignored)) return word;
  std::vector<std::string> found;
  for (const std::string& directory : record_directories(out)) {
    const std::string name = fs::path(directory).filename().string();
    if (name == word) return directory;
    if (name.starts_with(word)) found.push_back(directory);
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    usage_error(
        fmt::format("no run \"{}\": neither a record's folder nor a seed in {}\n"
                    "  blackout list runs   shows what there is",
                    word, out));
    return std::nullopt;
  }
  std::string sentence = fmt::format("\"{}\" could be any of {} runs:", word, found.size());
  for (const std::string& directory : found) sentence += "\n  " + directory;
  usage_error(sentence);
  return std::nullopt;
}

std::optional<record::RunRecord> load_record(const std::string& directory) {
  auto loaded = record::load(directory);
  if (loaded) return std::move(loaded).value();
  const bool damaged = loaded.error() == record::LoadError::damaged;
  const bool missing = loaded.error() == record::LoadError::not_found;
  usage_error(fmt::format("the record in {} {}", directory,
                          missing   ? "is not there"
                          : damaged ? "is damaged; run the scenario again with its seed"
                                    : "was written by another version of this program"));
  return std::nullopt;
}

}  // namespace blackout::cli
