// The operator at the runbook: one command takes a region out of service, one gives it back (P18).
//
// A command is given at the host of the clients of the first region whose host is up and which is
// not the one in question, and given again until the system accepts it or a later one about that
// region takes its place; it is lost with the host, if that crashes. Commands about one region
// nest: it is given back when nobody wants it drained any more.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "harness/workload/conduct.hpp"

namespace blackout::workload {

struct Host;

class Runbook {
 public:
  // `hosts` is indexed by region; both outlive the runbook.
  Runbook(const scenario::Plan& plan, std::vector<Host>& hosts) : plan_(plan), hosts_(hosts) {}

  // The regions in which the fault's machines stand.
  void drain(const fault::Fault& fault, FaultTag tag);
  void restore(const fault::Fault& fault, FaultTag tag);
  // Commands with this tag that were accepted.
  [[nodiscard]] std::uint64_t effect(FaultTag tag) const;

 private:
  struct Wanted {
    std::uint32_t drains = 0;
    std::uint64_t command = 0;  // the last one about this region
  };
  [[nodiscard]] std::set<RegionId> regions_of(const fault::Fault& fault) const;
  void command(RegionId region, FaultTag tag);
  void insist(env::Environment& environment, system::Session& session, RegionId region,
              FaultTag tag);

  const scenario::Plan& plan_;
  std::vector<Host>& hosts_;
  std::map<RegionId, Wanted> wanted_;
  std::map<FaultTag, std::uint64_t> effects_;
};

}  // namespace blackout::workload
