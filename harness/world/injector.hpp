// Carries out a Plan's faults: each verb at its start, the inverse at its end, all healed by the
// calm phase; and keeps the ledger of what became of them.
#pragma once

#include "harness/scenario/plan.hpp"
#include "harness/world/handlers.hpp"
#include "reports/record/ledger.hpp"
#include "sim/kernel/kernel.hpp"
#include "sim/trace/recorder.hpp"

namespace blackout::world {

class Injector {
 public:
  Injector(const scenario::Plan& plan, kernel::Kernel& kernel, trace::Recorder& recorder,
           const Stage& stage);
  Injector(const Injector&) = delete;
  Injector& operator=(const Injector&) = delete;

  // Schedules every start and end.
  void schedule();
  // At the end of the run, once.
  record::Ledger take_ledger();

 private:
  void go_ahead(std::uint32_t tag);
  void begin(std::uint32_t tag);
  void end(std::uint32_t tag);

  const scenario::Plan& plan_;
  kernel::Kernel& kernel_;
  trace::Recorder& recorder_;
  Stage stage_;
  record::Ledger ledger_;  // by tag
};

}  // namespace blackout::world
