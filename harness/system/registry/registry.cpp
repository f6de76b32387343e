#include "harness/system/registry/registry.hpp"

#include "harness/system/platform/platform.hpp"
#include "host/base/check.hpp"
#ifdef BLACKOUT_HAS_LIBRAFT
#include "harness/system/libraft/libraft.hpp"
#endif

namespace blackout::system {
namespace {

std::vector<std::unique_ptr<System>> make_all() {
  std::vector<std::unique_ptr<System>> all;
  all.push_back(std::make_unique<platform::PlatformSystem>());
#ifdef BLACKOUT_HAS_LIBRAFT
  all.push_back(std::make_unique<libraft::LibraftSystem>());
#endif
  return all;
}

}  // namespace

std::vector<std::string> systems() {
  std::vector<std::string> names;
  for (const auto& system : make_all()) names.push_back(system->name());
  return names;
}

std::unique_ptr<System> make_system(std::string_view name) {
  for (auto& system : make_all()) {
    if (name.empty() || system->name() == name) return std::move(system);
  }
  CHECK(false, "no system " + std::string(name) + " in this build");
}

}  // namespace blackout::system
