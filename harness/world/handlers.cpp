#include "harness/world/handlers.hpp"

#include "host/base/check.hpp"

namespace blackout::world {
namespace {

// By Kind.
Handlers all_handlers() {
  Handlers all(fault::catalogue().size());
  for (const Handlers& group : {network_handlers(), clock_handlers(), disk_handlers(),
                                node_handlers(), region_handlers(), load_handlers()}) {
    for (const Handler& handler : group) {
      Handler& place = all[static_cast<std::size_t>(handler.kind)];
      CHECK(place.begin == nullptr, "two handlers for one kind");
      place = handler;
    }
  }
  for (const fault::KindRow& row : fault::catalogue()) {
    const Handler& handler = all[static_cast<std::size_t>(row.kind)];
    CHECK(handler.begin != nullptr && handler.effect != nullptr, std::string(row.name));
    CHECK((handler.end == nullptr) == row.momentary(), std::string(row.name));
  }
  return all;
}

}  // namespace

const Handler& handler_of(fault::Kind kind) {
  static const Handlers all = all_handlers();
  return all[static_cast<std::size_t>(kind)];
}

}  // namespace blackout::world
