#include "harness/world/debugging.hpp"

#include "host/base/check.hpp"

namespace blackout::world {
namespace {

Debugging* current = nullptr;

}  // namespace

Debugging::Debugging(const scenario::Plan& plan, const system::System& system)
    : plan_(plan), system_(system) {
  CHECK(current == nullptr);
  current = this;
}

Debugging::~Debugging() { current = nullptr; }

const char* Debugging::state(std::uint32_t node) {
  if (node >= plan_.facts.nodes.size()) return nullptr;
  const std::string state = system_.state(NodeId(node));
  text_ = plan_.facts.nodes[node].name + (state.empty() ? "" : " " + state);
  return text_.c_str();
}

}  // namespace blackout::world

[[gnu::used]] const char* blackout_node_state(unsigned node) {
  using blackout::world::current;
  return current == nullptr ? nullptr : current->state(node);
}
