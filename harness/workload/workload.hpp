// Open-loop clients: operations arrive when the scenario says, whether or not earlier ones were
// answered.
//
// Every draw of an arrival comes from the stream of its client group and its ordinal, so a fault
// changes what happens to operations but never which ones are tried: what a surge adds has streams
// of its own. An arrival whose client host is down does not happen. Times in the history are true
// times.
//
// Clients keep a journal of what they sent and have no answer to. It survives interrupt(), the
// crash of the process alone; a host that is lost otherwise forgets.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "harness/workload/source.hpp"

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

  // Faults that befall clients, by tag: from begin to end clients behave as `fault` says (see
  // Conduct). A surge's arrivals end with it; a herd's operations are sent at its end.
  void begin(const fault::Fault& fault, FaultTag tag);
  void end(FaultTag tag);
  // The clients of a host are about to crash: what they have under way is taken up again, as the
  // same operations, when their session is open again.
  void interrupt(NodeId host, FaultTag tag);
  // Operations added, redirected, released together or interrupted, retries sent in haste, replies
  // read late.
  [[nodiscard]] std::uint64_t effect(FaultTag tag) const { return conduct_.effect(tag); }

  // For the client hosts: the session of a region is open; its clients take one reply in hand.
  void opened(RegionId region);
  Duration reply_time(RegionId region) { return conduct_.reply_time(region); }
  bool routes_kept(RegionId region) { return conduct_.routes_kept(region); }

  [[nodiscard]] record::History take_history() { return std::move(history_); }

 private:
  struct Entry {
    Source* source = nullptr;
    std::uint32_t key_rank = 0;
  };
  using Journal = std::map<std::size_t, Entry>;  // by index in the history
  class UnderWay;

  void add_source(Source::Settings settings);
  // Sends it, or keeps it with the herd that it belongs to.
  void arrive(Arrival arrival);
  void submit(Arrival arrival);
  void perform(std::size_t index, Entry entry);

  const scenario::Plan& plan_;
  kernel::Kernel& kernel_;
  std::vector<Host>& hosts_;
  Conduct conduct_;
  std::vector<std::unique_ptr<Source>> sources_;  // those of the Plan, then those of surges
  std::vector<std::uint32_t> first_clients_;      // by client group
  std::map<FaultTag, std::vector<Arrival>> herds_;
  std::vector<Journal> journals_, interrupted_;  // by region
  record::History history_;
  std::size_t audits_open_ = 0;
};

}  // namespace blackout::workload
