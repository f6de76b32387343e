// Open-loop clients: operations arrive when the scenario says, whether or not earlier ones were
// answered.
//
// Every draw of an arrival comes from the stream of its client group and its ordinal, so a fault
// changes what happens to operations but never which ones are tried. An arrival whose client host
// is down does not happen. Times in the history are true times.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "harness/scenario/plan.hpp"
#include "harness/system/system.hpp"
#include "reports/record/history.hpp"
#include "sim/kernel/kernel.hpp"
#include "sim/random/stream.hpp"

namespace blackout::workload {

// A client host as the workload sees it.
struct Host {
  // Runs `body` in a task of the host and returns true, or returns false if the host is down.
  std::function<bool(const char* name, Callback body)> spawn;
  env::Environment* environment = nullptr;  // null while the host is down
  system::Session* session = nullptr;       // null until it is open
};

class Workload {
 public:
  // `hosts` is indexed by region and outlives the workload.
  Workload(const scenario::Plan& plan, kernel::Kernel& kernel, std::vector<Host>& hosts);
  ~Workload();
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  // Schedules the first arrival of every group; arrivals end at the end of the calm phase.
  void start();
  // Asks for the final state of every shard in every region that has clients, each answer due
  // within `limit` of its host's clock.
  void start_audit(Duration limit);
  [[nodiscard]] bool audit_finished() const { return audits_open_ == 0; }

  [[nodiscard]] record::History take_history() { return std::move(history_); }

 private:
  class Source;  // the arrivals of one client group, or of its probes in one region

  void submit(record::Operation operation, Source& source, std::uint32_t key_rank);

  const scenario::Plan& plan_;
  kernel::Kernel& kernel_;
  std::vector<Host>& hosts_;
  std::vector<std::unique_ptr<Source>> sources_;
  record::History history_;
  std::size_t audits_open_ = 0;
};

}  // namespace blackout::workload
