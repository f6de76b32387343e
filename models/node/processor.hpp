// One node's processor while faults slow it: a single server, first come first served.
//
// Processor time costs nothing otherwise. While slowed, each wake-up of a task occupies the
// processor for wake_cost times the product of the factors in force, and the task goes on when that
// is over. What waits when the last fault ends goes on at once, in its order.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "sim/kernel/kernel.hpp"

namespace blackout::node {

using FaultTag = std::uint32_t;

// Of a switch to a task and what it then does, on a machine of today.
inline constexpr Duration wake_cost = microseconds(20);

class Processor {
 public:
  explicit Processor(kernel::Kernel& kernel) : kernel_(kernel) {}
  Processor(const Processor&) = delete;
  Processor& operator=(const Processor&) = delete;

  // At least 1000.
  void slow(std::uint32_t factor_permille, FaultTag tag);
  void restore(FaultTag tag);

  [[nodiscard]] bool slowed() const { return !slowness_.empty(); }
  // From a fiber of the node, while slowed(): it must suspend, and is resumed after its turn.
  void enqueue(fiber::FiberId fiber);
  // The node stops: nobody waits any more.
  void clear();

  // Wake-ups that the fault with this tag delayed.
  [[nodiscard]] std::uint64_t effect(FaultTag tag) const;

 private:
  struct Slowness {
    FaultTag tag;
    std::uint32_t factor_permille;
  };
  [[nodiscard]] Duration cost() const;
  void serve();

  kernel::Kernel& kernel_;
  kernel::TimerId turn_;  // of the first that waits
  std::deque<fiber::FiberId> waiting_;
  std::vector<Slowness> slowness_;
  std::map<FaultTag, std::uint64_t> effects_;
};

}  // namespace blackout::node
