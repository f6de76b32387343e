// Tasks that belong together: spawned one by one, waited for as a whole.
#pragma once

#include <memory>
#include <utility>

#include "host/base/check.hpp"
#include "host/env/tasks.hpp"

namespace blackout::env {

// Only the task that made the group may wait for it. The group must be waited for before it goes; a
// node's crash ends its tasks with it.
class TaskGroup {
 public:
  explicit TaskGroup(Tasks& tasks) : tasks_(tasks), owner_(tasks.current()) {}
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // `name` as in Tasks::spawn.
  void spawn(const char* name, Callback body) {
    ++running_;
    tasks_.spawn(name, [this, held = std::make_unique<Callback>(std::move(body))] {
      (*held)();
      if (--running_ == 0) tasks_.wake(owner_);
    });
  }

  // Until every task of the group has ended, or until `deadline`: then false.
  bool wait(Instant deadline = Instant::never()) {
    CHECK(tasks_.current() == owner_, "another task waits for the group");
    while (running_ > 0) {
      if (!tasks_.park(deadline)) return false;
    }
    return true;
  }
  [[nodiscard]] std::size_t running() const { return running_; }

 private:
  Tasks& tasks_;
  TaskId owner_;
  std::size_t running_ = 0;
};

}  // namespace blackout::env
