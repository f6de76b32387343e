// The platform under test: maps a Plan to the platform's configuration, and the harness's
// operations to its ledger commands.
#pragma once

#include "harness/system/system.hpp"

namespace blackout::system::platform {

class PlatformSystem final : public System {
 public:
  [[nodiscard]] std::string name() const override { return "platform"; }
  [[nodiscard]] std::vector<std::string> planted() const override;
  Program program(const scenario::Plan& plan, NodeId node, fault::Release release) override;
  std::unique_ptr<Session> open_session(const scenario::Plan& plan, RegionId region,
                                        env::Environment& environment, ClientWorld world) override;
};

}  // namespace blackout::system::platform
