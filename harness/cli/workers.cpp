#include "harness/cli/workers.hpp"

#include <unistd.h>

#include <utility>

#include "harness/cli/exit_codes.hpp"
#include "harness/cli/outside.hpp"

namespace blackout::cli {

explore::Fleet workers(std::size_t count, explore::Fleet::Work work) {
  return explore::Fleet(
      count,
      [work = std::move(work)](const std::string& task) {
        try {
          return work(task);
        } catch (const LeaveNow&) {
          ::_exit(exit_interrupted);
        }
      },
      leave_interrupts_to_parent);
}

void leave_if_asked(const explore::Progress&) {
  if (asked_to_leave()) throw LeaveNow{};
}

}  // namespace blackout::cli
