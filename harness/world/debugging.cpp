#include "harness/world/debugging.hpp"

#include <utility>

namespace blackout::world {
namespace {

Debugging* innermost = nullptr;

}  // namespace

Debugging::Debugging(const scenario::Plan& plan, const system::System& system)
    : plan_(plan), system_(system), outer_(std::exchange(innermost, this)) {}

Debugging::~Debugging() { innermost = outer_; }

const char* Debugging::state(std::uint32_t node) {
  if (node >= plan_.facts.nodes.size()) return nullptr;
  const std::string state = system_.state(NodeId(node));
  text_ = plan_.facts.nodes[node].name + (state.empty() ? "" : " " + state);
  return text_.c_str();
}

}  // namespace blackout::world

[[gnu::used]] const char* blackout_node_state(unsigned node) {
  using blackout::world::innermost;
  return innermost == nullptr ? nullptr : innermost->state(node);
}
