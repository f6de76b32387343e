#include "host/base/check.hpp"

#include <utility>

namespace blackout {
inline namespace base {

void check_failed(const char* file, int line, const char* condition, std::string message) {
  std::string what = condition;
  if (!message.empty()) what += ": " + message;
  throw CheckFailed{std::string(file) + ":" + std::to_string(line), std::move(what)};
}

}  // namespace base
}  // namespace blackout
