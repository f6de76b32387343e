// Stamps events with the kernel's time and cause, and makes each the cause of what follows it.
#pragma once

#include <functional>
#include <utility>

#include "sim/kernel/kernel.hpp"
#include "sim/trace/trace.hpp"

namespace blackout::trace {

class Recorder {
 public:
  explicit Recorder(kernel::Kernel& kernel) : kernel_(kernel) {}

  EventId report(EventKind kind, NodeId node = no_node, ShardId shard = no_shard,
                 std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0);

  // From now on `watcher` is told of every event of these kinds, when it is recorded. One at a
  // time.
  using Watcher = std::function<void(const Event& event, EventId id)>;
  void watch(const KindSet& kinds, Watcher watcher);

  // Calls `action` once, just before the event with this id is recorded: for a debugger. It must
  // leave the run as it is.
  void break_before(EventId id, std::function<void()> action);

  [[nodiscard]] const Trace& trace() const { return trace_; }
  [[nodiscard]] Trace take() { return std::move(trace_); }

 private:
  kernel::Kernel& kernel_;
  Trace trace_;
  KindSet watched_{};
  Watcher watcher_;
  std::uint64_t break_id_ = 0;
  std::function<void()> break_action_;
};

}  // namespace blackout::trace
