// The systems that this build can test.
#pragma once

#include <memory>

#include "harness/system/system.hpp"

namespace blackout::system {

std::unique_ptr<System> make_system();

}  // namespace blackout::system
