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
  std::function<void(env::Environment&)> program(const scenario::Plan& plan, NodeId node) override;
  std::unique_ptr<Session> open_session(const scenario::Plan& plan, RegionId region,
                                        env::Environment& environment,
                                        ReplyTime reply_time) override;
};

}  // namespace blackout::system::libraft
