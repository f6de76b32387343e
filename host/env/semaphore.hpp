// A counting semaphore between tasks of one node: at most so many at once.
#pragma once

#include <deque>

#include "host/base/check.hpp"
#include "host/env/tasks.hpp"

namespace blackout::env {

// Waiters get permits in the order in which they asked. Neither copied nor moved.
class Semaphore {
 public:
  Semaphore(Tasks& tasks, std::size_t permits) : tasks_(tasks), free_(permits) {}
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  // Takes a permit, waiting for one until `deadline` of the node's monotonic clock; false at the
  // deadline.
  bool acquire(Instant deadline = Instant::never()) {
    if (waiting_.empty() && try_acquire()) return true;
    const TaskId self = tasks_.current();
    waiting_.push_back(self);
    // A wake may be meant for an earlier wait of this task: only being first with a permit free
    // counts.
    while (waiting_.front() != self || free_ == 0) {
      if (tasks_.park(deadline)) continue;
      std::erase(waiting_, self);
      wake_first();
      return false;
    }
    waiting_.pop_front();
    --free_;
    wake_first();
    return true;
  }
  bool try_acquire() {
    if (free_ == 0) return false;
    --free_;
    return true;
  }
  void release() {
    ++free_;
    wake_first();
  }
  [[nodiscard]] std::size_t free() const { return free_; }

 private:
  void wake_first() {
    if (free_ > 0 && !waiting_.empty()) tasks_.wake(waiting_.front());
  }

  Tasks& tasks_;
  std::size_t free_;
  std::deque<TaskId> waiting_;
};

}  // namespace blackout::env
