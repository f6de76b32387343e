#include "harness/cli/records.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "harness/cli/options.hpp"
#include "harness/cli/outside.hpp"
#include "host/base/hash.hpp"

namespace blackout::cli {
namespace {

namespace fs = std::filesystem;

// What `latest` points to, so that the name goes on meaning this run.
std::string newest(const std::string& out) {
  std::error_code error;
  const fs::path target = fs::read_symlink(out + "/latest", error);
  return error ? out + "/latest" : (fs::path(out) / target).string();
}

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

}  // namespace

std::string run_name(std::uint64_t seed, const std::vector<std::string>& changes) {
  if (changes.empty()) return record::seed_text(seed);
  std::uint64_t hash = 0;
  for (const std::string& change : changes) hash = combine64(hash, hash_name(change));
  return fmt::format("{}-{:04x}", record::seed_text(seed), hash & 0xFFFF);
}

std::optional<FoundRecord> open_record(const std::string& word, const std::string& out) {
  auto directory = find_record(word, out);
  if (!directory) return std::nullopt;
  auto run = load_record(*directory);
  if (!run) return std::nullopt;
  return FoundRecord{std::move(*directory), std::move(*run)};
}

}  // namespace blackout::cli
