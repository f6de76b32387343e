// All that a program may ask of the machine it runs on; handed in at start, never global.
//
// The references are valid until the node stops. A program that reaches around them (a real clock,
// a thread, a socket) is caught under simulation by sim/guard.
#pragma once

#include "host/base/ids.hpp"
#include "host/env/clock.hpp"
#include "host/env/disk.hpp"
#include "host/env/network.hpp"
#include "host/env/random.hpp"
#include "host/env/tasks.hpp"
#include "host/env/trace.hpp"

namespace blackout::env {

struct Environment {
  NodeId self;
  Clock& clock;
  Network& network;
  Disk& disk;
  Random& random;
  Tasks& tasks;
  Trace& trace;
};

}  // namespace blackout::env
