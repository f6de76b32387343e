// The systems that this build can test.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/system/system.hpp"

namespace blackout::system {

// Their names; the first is tested where a plan names none.
std::vector<std::string> systems();

// `name` is empty for the first, or one of systems(), else CHECK.
std::unique_ptr<System> make_system(std::string_view name = {});

}  // namespace blackout::system
