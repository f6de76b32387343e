// The routing plan as a shard's state machine: its commands are placement::RouteCommand without an
// operation id, its one read, of an empty body, gives the plan.
#pragma once

#include "platform/replica/state_machine.hpp"

namespace blackout::director {

// Of so many regions, all of which serve.
std::unique_ptr<replica::StateMachine> make_routing(std::size_t regions);

}  // namespace blackout::director
