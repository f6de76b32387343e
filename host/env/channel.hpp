// A bounded queue between tasks of one node.
#pragma once

#include <deque>
#include <optional>
#include <utility>

#include "host/base/check.hpp"
#include "host/env/tasks.hpp"

namespace blackout::env {

// FIFO in values and in waiting senders and receivers. Neither copied nor moved: tasks hold
// references.
template <class T>
class Channel {
 public:
  Channel(Tasks& tasks, std::size_t capacity) : tasks_(tasks), capacity_(capacity) {
    CHECK(capacity > 0);
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Waits while the channel is full. False if the channel is closed: the value is dropped.
  bool send(T value) {
    while (!closed_ && values_.size() >= capacity_) wait(senders_, Instant::never());
    if (closed_) return false;
    push(std::move(value));
    return true;
  }

  // False if the channel is full or closed: the value is dropped.
  bool try_send(T value) {
    if (closed_ || values_.size() >= capacity_) return false;
    push(std::move(value));
    return true;
  }

  // Waits for a value until `deadline` (the node's monotonic clock). Empty at the deadline, or when
  // the channel is closed and drained.
  std::optional<T> receive(Instant deadline = Instant::never()) {
    while (values_.empty()) {
      if (closed_ || !wait(receivers_, deadline)) return std::nullopt;
    }
    T value = std::move(values_.front());
    values_.pop_front();
    wake_first(senders_);
    if (!values_.empty()) wake_first(receivers_);
    return value;
  }

  // Lets every waiting task return; values already sent can still be received.
  void close() {
    closed_ = true;
    for (const TaskId task : std::exchange(senders_, {})) tasks_.wake(task);
    for (const TaskId task : std::exchange(receivers_, {})) tasks_.wake(task);
  }

  [[nodiscard]] std::size_t size() const { return values_.size(); }

 private:
  using Waiters = std::deque<TaskId>;

  void push(T value) {
    values_.push_back(std::move(value));
    wake_first(receivers_);
  }
  void wake_first(Waiters& waiters) {
    if (waiters.empty()) return;
    const TaskId task = waiters.front();
    waiters.pop_front();
    tasks_.wake(task);
  }
  // False at the deadline. A task that leaves is no longer listed, however it was woken.
  bool wait(Waiters& waiters, Instant deadline) {
    const TaskId self = tasks_.current();
    waiters.push_back(self);
    const bool woken = tasks_.park(deadline);
    std::erase(waiters, self);
    return woken;
  }

  Tasks& tasks_;
  std::size_t capacity_;
  bool closed_ = false;
  std::deque<T> values_;
  Waiters senders_, receivers_;
};

}  // namespace blackout::env
