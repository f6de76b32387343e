#include "host/base/check.hpp"

#include <string_view>
#include <utility>

namespace blackout {
inline namespace base {
namespace {

// A compiler that was called with relative paths, as by a compiler cache, names a file from the
// folder in which it builds; what a run says may not depend on that.
std::string_view in_project(std::string_view file) {
  while (file.starts_with("../")) file.remove_prefix(3);
  return file;
}

}  // namespace

void check_failed(const char* file, int line, const char* condition, std::string message) {
  std::string what = condition;
  if (!message.empty()) what += ": " + message;
  throw CheckFailed{std::string(in_project(file)) + ":" + std::to_string(line), std::move(what)};
}

}  // namespace base
}  // namespace blackout
