// Carries out a Plan's faults: each verb at its start, the inverse at its end, all healed by the
// calm phase; and keeps the ledger of what became of them.
//
// A fault with an anchor waits from its `at` for the signal. Where a program's own report is the
// signal, the fault takes hold between that report and the program's next instruction. A fault
// whose role nobody fills, or whose machine another fault holds, does not begin, and the ledger
// says so.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/scenario/plan.hpp"
#include "harness/world/handlers.hpp"
#include "harness/world/roles.hpp"
#include "reports/record/ledger.hpp"
#include "sim/kernel/kernel.hpp"
#include "sim/trace/recorder.hpp"

namespace blackout::world {

// Marks as the run goes: told of every event, in order, and asked how often one was reached.
struct MarkCounter {
  std::function<void(const Event& event, EventId id)> see;
  std::function<std::uint64_t(const std::string& mark)> count;
};

class Injector {
 public:
  // `marks` is used only if some fault waits for a mark.
  Injector(const scenario::Plan& plan, kernel::Kernel& kernel, trace::Recorder& recorder,
           const Stage& stage, MarkCounter marks);
  Injector(const Injector&) = delete;
  Injector& operator=(const Injector&) = delete;

  // Schedules every start and end.
  void schedule();
  // At the end of the run, once.
  record::Ledger take_ledger();

 private:
  struct Waiting {
    FaultTag tag;
    std::uint64_t left;        // signals
    std::uint64_t marks_seen;  // of a mark
  };

  void go_ahead(FaultTag tag);
  void watch_signals();
  void wait(FaultTag tag);
  void see(const Event& event, EventId id);
  // Whether it is what the fault waits for, for the last time.
  bool satisfied(Waiting& waiting, const Event& event);
  void fire(const std::vector<FaultTag>& due, const Event& event);
  void begin(FaultTag tag);
  // Fills the fault's roles; false, with the reason in the ledger, where it cannot.
  bool take_aim(FaultTag tag);
  // Names what holds a machine that the fault needs; empty where it is free.
  [[nodiscard]] std::string held_by(const fault::Fault& fault) const;
  void end(FaultTag tag);

  const scenario::Plan& plan_;
  kernel::Kernel& kernel_;
  trace::Recorder& recorder_;
  Stage stage_;
  MarkCounter marks_;
  Roles roles_;
  std::vector<fault::Fault> faults_;  // by tag; those with roles take their extent when they begin
  std::vector<Waiting> waiting_;
  std::vector<NodeId> signallers_;  // by tag
  std::vector<FaultTag> running_;
  record::Ledger ledger_;  // by tag
};

}  // namespace blackout::world
