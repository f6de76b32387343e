// The routing plan that a process goes by: the newest that it ever saw.
//
// Plans come by many ways, some of them old when they arrive; an older one never takes the place of
// a newer one, whoever sends it.
#pragma once

#include <optional>

#include "host/env/environment.hpp"
#include "platform/placement/routing.hpp"

namespace blackout::gateway {

class Routes {
 public:
  explicit Routes(env::Environment& environment) : environment_(environment) {}

  [[nodiscard]] const placement::RoutingPlan& plan() const { return plan_; }
  // True if it is newer than the one here, whose place it takes. Bytes that are no plan are
  // ignored.
  bool adopt(BytesView encoded);

#ifdef BLACKOUT_PLANTED_BUGS
  bool planted_adopt_older = false;
#endif

 private:
  env::Environment& environment_;
  placement::RoutingPlan plan_;
};

}  // namespace blackout::gateway
