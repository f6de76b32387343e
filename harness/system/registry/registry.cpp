#include "harness/system/registry/registry.hpp"

#include "harness/system/platform/platform.hpp"

namespace blackout::system {

std::unique_ptr<System> make_system() { return std::make_unique<platform::PlatformSystem>(); }

}  // namespace blackout::system
