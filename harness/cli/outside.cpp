#include "harness/cli/outside.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "host/base/check.hpp"

namespace blackout::cli {
namespace {

namespace fs = std::filesystem;

volatile std::sig_atomic_t interrupts = 0;

void on_interrupt(int signal) {
  if (interrupts > 3) _exit(130);
  interrupts = interrupts + (signal == SIGTERM ? 2 : 1);
}

// Nanoseconds since 1970; negative if there is no such file.
std::int64_t changed_at(const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return -1;
  return facts.st_mtim.tv_sec * 1'000'000'000 + facts.st_mtim.tv_nsec;
}

Result<void, std::string> put_text(const std::string& path, const std::string& text,
                                   std::ios::openmode mode) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | mode);
  file << text;
  file.close();
  if (file) return {};
  return failure(fmt::format("{}: {}", path, std::strerror(errno != 0 ? errno : EIO)));
}

}  // namespace

std::string environment_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool utf8_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = environment_variable(name);
    if (value.empty()) continue;
    return value.find("UTF-8") != std::string::npos || value.find("utf8") != std::string::npos ||
           value.find("utf-8") != std::string::npos || value.find("UTF8") != std::string::npos;
  }
  return false;
}

bool is_terminal(Stream stream) {
  return ::isatty(stream == Stream::out ? STDOUT_FILENO : STDERR_FILENO) == 1;
}

Duration wall_time() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return seconds(now.tv_sec) + nanoseconds(now.tv_nsec);
}

std::string age_of(const std::string& path) {
  const std::int64_t changed = changed_at(path);
  if (changed < 0) return {};
  const std::int64_t age = std::max<std::int64_t>(0, std::time(nullptr) - changed / 1'000'000'000);
  if (age < 60) return fmt::format("{} s ago", age);
  if (age < 3600) return fmt::format("{} min ago", age / 60);
  if (age < 86400) return fmt::format("{} h ago", age / 3600);
  return fmt::format("{} d ago", age / 86400);
}

std::uint64_t entropy() {
  std::uint64_t word = 0;
  CHECK(::getrandom(&word, sizeof word, 0) == sizeof word);
  return word;
}

Result<std::string, std::string> read_text(const std::string& path, std::size_t bytes_max) {
  if (is_directory(path)) return failure(path + ": is a directory");
  errno = 0;
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  if (!file) return failure(fmt::format("{}: {}", path, std::strerror(errno != 0 ? errno : EIO)));
  std::istream& input = path == "-" ? std::cin : file;
  std::string text(bytes_max, '\0');
  input.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (input.bad()) return failure(path + ": cannot be read");
  text.resize(static_cast<std::size_t>(input.gcount()));
  return text;
}

Result<void, std::string> write_text(const std::string& path, const std::string& text) {
  return put_text(path, text, std::ios::trunc);
}

Result<void, std::string> append_text(const std::string& path, const std::string& text) {
  return put_text(path, text, std::ios::app);
}

void watch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

void leave_interrupts_to_parent() {
  ::signal(SIGINT, SIG_IGN);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
}

bool interrupted() { return interrupts > 0; }
bool asked_to_leave() { return interrupts >= 2; }

bool is_debugged() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("TracerPid:")) return line.find_first_not_of("\t 0", 10) != line.npos;
  }
  return false;
}

void stop_for_debugger() { std::raise(SIGTRAP); }

bool is_directory(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

TemporaryDirectory::TemporaryDirectory() {
  std::error_code error;
  std::string path = (fs::temp_directory_path(error) / "blackout-XXXXXX").string();
  CHECK(::mkdtemp(path.data()) != nullptr, "no temporary directory can be made");
  path_ = path;
}

TemporaryDirectory::~TemporaryDirectory() { remove_directory(path_); }

void remove_directory(const std::string& path) {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

bool point_link(const std::string& link, const std::string& target) {
  std::error_code error;
  const std::string fresh = link + ".new";
  fs::remove(fresh, error);
  fs::create_symlink(target, fresh, error);
  if (!error) fs::rename(fresh, link, error);
  return !error;
}

std::vector<std::string> record_directories(const std::string& out) {
  std::vector<std::pair<std::int64_t, std::string>> found;
  std::error_code error;
  for (const auto& scenario : fs::directory_iterator(out, error)) {
    if (!scenario.is_directory(error) || scenario.is_symlink(error)) continue;
    for (const auto& run : fs::directory_iterator(scenario.path(), error)) {
      if (run.path().filename().string().starts_with('.')) continue;  // a save that was cut short
      const std::int64_t changed = changed_at((run.path() / "record.json").string());
      if (changed >= 0) found.emplace_back(-changed, run.path().lexically_normal().string());
    }
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> directories;
  for (auto& [changed, directory] : found) directories.push_back(std::move(directory));
  return directories;
}

}  // namespace blackout::cli
