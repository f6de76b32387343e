// The person's side of the program: environment, terminal, wall time, files and Ctrl-C. The only
// file of the harness that may know them; nothing of it enters a run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/base/result.hpp"
#include "host/base/time.hpp"

namespace blackout::cli {

// Empty if the variable is not set.
std::string environment_variable(const char* name);

// Whether the locale of the environment speaks UTF-8.
bool utf8_locale();

enum class Stream { out, error };
bool is_terminal(Stream stream);

// Time since an arbitrary moment, for how long a run took.
Duration wall_time();
// "3 min ago", from a file's time of change; empty if there is no such file.
std::string age_of(const std::string& path);

std::uint64_t entropy();

// The file, or standard input for "-", but no more than `bytes_max`; on failure a sentence that
// names the file.
Result<std::string, std::string> read_text(const std::string& path, std::size_t bytes_max);

// Replaces the file; on failure a sentence that names it.
Result<void, std::string> write_text(const std::string& path, const std::string& text);

// Adds to the end of the file, which need not be there; on failure a sentence that names it.
Result<void, std::string> append_text(const std::string& path, const std::string& text);

// From here on the first Ctrl-C is only remembered. The second, and SIGTERM, ask to leave at once;
// whoever goes on asking ends the process with 130 where it is.
void watch_interrupts();
// In a child process that its parent ends by SIGTERM: it hears no Ctrl-C.
void leave_interrupts_to_parent();
bool interrupted();
bool asked_to_leave();

// Thrown to leave at once, with everything cleared away on the way out.
struct LeaveNow {};

// Whether a debugger holds this process, and a stop for it.
bool is_debugged();
void stop_for_debugger();

bool is_directory(const std::string& path);

// A directory of its own that is gone again with the object; throws CheckFailed if there is none to
// be had.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Points the symbolic link at `target` (relative to the link's folder), in one step. False on
// failure.
bool point_link(const std::string& link, const std::string& target);

// Removes the directory with all that is in it; failing to is no error.
void remove_directory(const std::string& path);

// Records below `out`, newest first: "blackout-out/<scenario>/<run>".
std::vector<std::string> record_directories(const std::string& out);

}  // namespace blackout::cli
