// libraft (github.com/canonical/raft) as Debian ships it: a consensus library in C that nobody here
// wrote, with a store of accounts behind it.
//
// The library assumes ordered connections, and disks that keep what they said was durable: disks
// that lie, rot, or are replaced by older or empty ones are outside its stated world.
#pragma once

#include "harness/system/system.hpp"

namespace blackout::system::libraft {

class LibraftSystem final : public System {
 public:
  [[nodiscard]] std::string name() const override { return "libraft"; }
  [[nodiscard]] std::vector<std::string> planted() const override { return {}; }
  // Nobody directs clients, reads are confirmed by a barrier in the log, and who leads is as the
  // election falls out.
  [[nodiscard]] std::vector<std::string> unused_keys() const override {
    return {"director", "prefer_leader", "reads"};
  }
  Program program(const scenario::Plan& plan, NodeId node, fault::Release release) override;
  std::unique_ptr<Session> open_session(const scenario::Plan& plan, RegionId region,
                                        env::Environment& environment, ClientWorld world) override;
};

}  // namespace blackout::system::libraft
