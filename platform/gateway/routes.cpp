#include "platform/gateway/routes.hpp"

#include <utility>

namespace blackout::gateway {

bool Routes::adopt(BytesView encoded) {
  auto plan = placement::RoutingPlan::decode(encoded);
  if (!plan || plan->epoch() == plan_.epoch()) return false;
#ifdef BLACKOUT_PLANTED_BUGS
  const bool any = planted_adopt_older;
#else
  constexpr bool any = false;
#endif
  if (plan->epoch() < plan_.epoch() && !any) return false;
  plan_ = std::move(*plan);
  environment_.trace.report(EventKind::routes_adopted, no_shard, plan_.epoch(), plan_.out());
  return true;
}

}  // namespace blackout::gateway
