#include "models/fault/fault.hpp"

#include "host/base/check.hpp"

namespace blackout::fault {

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::region_down:
      return "region_down";
    case Kind::zone_down:
      return "zone_down";
    case Kind::node_restart:
      return "node_restart";
    case Kind::node_pause:
      return "node_pause";
    case Kind::partition:
      return "partition";
    case Kind::link_degraded:
      return "link_degraded";
    case Kind::clock_step:
      return "clock_step";
    case Kind::clock_drift:
      return "clock_drift";
    case Kind::disk_slow:
      return "disk_slow";
    case Kind::disk_error:
      return "disk_error";
  }
  CHECK(false, "no such kind of fault");
}

std::string_view name_of(Mode mode) {
  switch (mode) {
    case Mode::graceful:
      return "graceful";
    case Mode::process_crash:
      return "process_crash";
    case Mode::power_loss:
      return "power_loss";
  }
  CHECK(false, "no such mode");
}

}  // namespace blackout::fault
