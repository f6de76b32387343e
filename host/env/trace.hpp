// Where a program reports the facts that its operators and its checkers care about.
//
// Reporting costs some nanoseconds and never waits. A report states what is true when it is made:
// say log_durable after sync() returned, not before.
#pragma once

#include "host/base/event.hpp"

namespace blackout::env {

class Trace {
 public:
  virtual ~Trace() = default;
  // Time, node and cause are added by the environment.
  virtual void report(EventKind kind, ShardId shard, std::uint64_t a = 0, std::uint64_t b = 0,
                      std::uint64_t c = 0) = 0;
};

}  // namespace blackout::env
