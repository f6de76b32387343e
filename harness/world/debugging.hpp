// What a debugger may ask of the world that runs in this process: tools/gdb/blackout_gdb.py.
#pragma once

#include "harness/system/system.hpp"

namespace blackout::world {

// While one exists, blackout_node_state() answers for the servers of its plan. One at a time, else
// CHECK.
class Debugging {
 public:
  Debugging(const scenario::Plan& plan, const system::System& system);
  ~Debugging();
  Debugging(const Debugging&) = delete;
  Debugging& operator=(const Debugging&) = delete;

  [[nodiscard]] const char* state(std::uint32_t node);

 private:
  const scenario::Plan& plan_;
  const system::System& system_;
  std::string text_;
};

}  // namespace blackout::world

// The name of a node and, if it is a server that runs, its state as JSON behind a blank; valid
// until the next call. Null where there is no such node.
extern "C" const char* blackout_node_state(unsigned node);
