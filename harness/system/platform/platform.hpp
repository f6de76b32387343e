// The platform under test: maps a Plan to the platform's configuration, and the harness's
// operations to its ledger commands.
#pragma once

#include "harness/system/system.hpp"

namespace blackout::system::platform {

class PlatformSystem final : public System {
 public:
  [[nodiscard]] std::string name() const override { return "platform"; }
  [[nodiscard]] std::vector<std::string> planted() const override;
  std::function<void(env::Environment&)> program(const scenario::Plan& plan, NodeId node) override;
  std::unique_ptr<Session> open_session(const scenario::Plan& plan, RegionId region,
                                        env::Environment& environment,
                                        ReplyTime reply_time) override;
};

}  // namespace blackout::system::platform
