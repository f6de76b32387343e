// Cooperative tasks of one node: they share one thread and change over only where they wait.
//
// Between two waits nothing else of the node runs, so no locks exist. When the node is crashed,
// every task is ended by a private exception from its wait: destructors run but may not wait, and
// no handler may swallow it (`catch (...)` must rethrow).
#pragma once

#include <string_view>

#include "host/base/callback.hpp"
#include "host/base/ids.hpp"
#include "host/base/time.hpp"

namespace blackout::env {

// Unique within an incarnation of a node, never reused.
using TaskId = Id<struct TaskTag, std::uint64_t>;

class Tasks {
 public:
  virtual ~Tasks() = default;

  // Starts a task; it runs after the caller waits or ends, in the order of spawning. An exception
  // that leaves `body` ends the run as a finding. `name` appears in reports; it must outlive the
  // task (use a literal).
  virtual TaskId spawn(const char* name, Callback body) = 0;

  // The calling task.
  [[nodiscard]] virtual TaskId current() const = 0;

  // Waits until wake() or until the node's monotonic clock reaches `deadline`, whichever is first.
  // True if woken. A wake that came since the last park is not lost: park returns at once.
  virtual bool park(Instant deadline = Instant::never()) = 0;

  // Lets `task` return from its park, now or at its next one; several wakes count once. Waking an
  // ended task does nothing.
  virtual void wake(TaskId task) = 0;

  // Waits for `span` of the node's monotonic clock, whatever wakes; span <= 0 lets others run.
  virtual void sleep(Duration span) = 0;

  // Waits until the process is asked to stop, as by SIGTERM. From then on it has a time that it is
  // not told to put its work in order and exit(); then it is killed. One task at a time may wait
  // here; where none does, a process that is asked to stop is killed at once.
  virtual void wait_for_stop() = 0;

  // Ends the whole process of this node, as a crash of it would; unless it was asked to stop,
  // whoever supervises it may start it again. For a program that may not go on, such as one whose
  // disk failed a sync().
  [[noreturn]] virtual void exit() = 0;
};

}  // namespace blackout::env
