// The platform under test: maps a Plan to the platform's configuration, and the harness's
// operations to its ledger commands.
#pragma once

#include <map>
#include <memory>

#include "harness/system/system.hpp"
#include "platform/replica/replica.hpp"

namespace blackout::system::platform {

class PlatformSystem final : public System {
 public:
  [[nodiscard]] std::string name() const override { return "platform"; }
  [[nodiscard]] std::vector<std::string> planted() const override;
  Program program(const scenario::Plan& plan, NodeId node, fault::Release release) override;
  std::unique_ptr<Session> open_session(const scenario::Plan& plan, RegionId region,
                                        env::Environment& environment, ClientWorld world) override;
  [[nodiscard]] std::string state(NodeId node) const override;
#ifdef BLACKOUT_PLANTED_BUGS
  std::optional<std::uint64_t> corrupt(NodeId node, ShardId shard, fault::Record record,
                                       std::uint64_t draw) override;
#endif

 private:
  std::map<NodeId, std::shared_ptr<replica::Replica*>> running_;
};

}  // namespace blackout::system::platform
