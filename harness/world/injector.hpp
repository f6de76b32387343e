// Carries out a Plan's faults: each verb at its start, the inverse at its end, all healed by the
// calm phase.
#pragma once

#include "harness/scenario/plan.hpp"
#include "models/node/cluster.hpp"
#include "sim/kernel/kernel.hpp"
#include "sim/trace/recorder.hpp"

namespace blackout::world {

class Injector {
 public:
  Injector(const scenario::Plan& plan, kernel::Kernel& kernel, trace::Recorder& recorder,
           node::Cluster& cluster)
      : plan_(plan), kernel_(kernel), recorder_(recorder), cluster_(cluster) {}
  Injector(const Injector&) = delete;
  Injector& operator=(const Injector&) = delete;

  // Schedules every start and end.
  void schedule();

 private:
  void begin(std::uint32_t tag);
  void end(std::uint32_t tag);

  const scenario::Plan& plan_;
  kernel::Kernel& kernel_;
  trace::Recorder& recorder_;
  node::Cluster& cluster_;
};

}  // namespace blackout::world
