// CHECK(condition) and CHECK(condition, message): the program is wrong, not the world.
//
// On in every build. A failed check throws CheckFailed, which is not a std::exception, so that no
// handler for ordinary errors swallows it: inside a task it ends the run as a finding, elsewhere
// the process ends with exit code 70. `message` is any expression convertible to std::string,
// evaluated only on failure.
#pragma once

#include <string>

namespace blackout {
inline namespace base {

struct CheckFailed {
  std::string where;  // file:line, relative to the project
  std::string what;   // the condition, then the message if any
};

[[noreturn]] void check_failed(const char* file, int line, const char* condition,
                               std::string message = {});

}  // namespace base
}  // namespace blackout

#define CHECK(condition, ...)                                                              \
  do {                                                                                     \
    if (!(condition)) [[unlikely]] {                                                       \
      ::blackout::check_failed(__FILE__, __LINE__, #condition __VA_OPT__(, ) __VA_ARGS__); \
    }                                                                                      \
  } while (false)
