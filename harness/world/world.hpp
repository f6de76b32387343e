// build(Plan) -> World, World::run() -> what happened: one simulated incident from start to audit.
//
// A World is used once. Everything in it follows from the Plan: two worlds of one Plan, in one
// process or two, have equal traces.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/scenario/plan.hpp"
#include "harness/system/system.hpp"
#include "harness/workload/workload.hpp"
#include "harness/world/corruption.hpp"
#include "harness/world/debugging.hpp"
#include "harness/world/injector.hpp"
#include "models/node/cluster.hpp"
#include "reports/record/run_record.hpp"

namespace blackout::world {

// The run, before anybody judged it.
struct Result {
  trace::Trace trace;
  record::History history;
  record::Ledger faults;
  std::optional<record::CodeFailure> failure;
  Instant simulated;
  std::uint64_t kernel_events = 0;
};

class World {
 public:
  // `plan` and `system` outlive the world. `marks` is needed where a fault waits for a mark.
  World(const scenario::Plan& plan, system::System& system, MarkCounter marks = {});
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Called between slices of simulated time, for progress displays; it cannot influence the run.
  using Observer = std::function<void(Instant now)>;

  // As Recorder::break_before(). Before run().
  void break_before(EventId id, std::function<void()> action) {
    recorder_.break_before(id, std::move(action));
  }

  // Warm-up, chaos, calm; then, with clients silent, the audit of the final state. Ends at `until`
  // if that comes first: what happened up to then is the same.
  Result run(const Observer& observe = {}, Instant until = Instant::never());

 private:
  // The same one at each call: what it keeps between starts of its node is kept once.
  node::Program program(NodeId server, fault::Release release);
  void start_client_host(NodeId node);
  system::ClientWorld client_world(RegionId region);
  void schedule_phases();
  // False when the run is over: the program failed, or time stands still.
  bool advance(Instant until, const Observer& observe);
  void note_failure();

  const scenario::Plan& plan_;
  system::System& system_;
  kernel::Kernel kernel_;
  trace::Recorder recorder_;
  std::map<std::pair<NodeId, fault::Release>, node::Program> programs_;
  std::vector<workload::Host> hosts_;  // by region
  workload::Workload workload_;
  workload::Runbook runbook_;
  node::Cluster cluster_;  // ends its tasks before what they use goes
  Corruption corruption_;
  Injector injector_;
  std::optional<record::CodeFailure> failure_;
  Debugging debugging_;
};

}  // namespace blackout::world
