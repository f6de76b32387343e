// Hermeticity: a simulated node that reaches for the real machine is caught and named.
//
// The functions of libc that read clocks, entropy, the environment or the process's identity, that
// sleep, wait, fork, start threads or open sockets are defined in the executable, where they
// preempt the same names in every shared library, libstdc++ included. Outside a guarded section
// they pass to the real ones; inside, the call is reported and the run ends. Linking blackout_guard
// into an executable that calls enter() installs them for the whole process.
//
// Not caught: what passes no symbol (an inline system call, RDTSC, libc's calls to itself), vfork,
// and file access except for /dev/random and /dev/urandom.
#pragma once

#include <cstdint>

namespace blackout::guard {

// What a violation does: gets the function's name ("clock_gettime") and the owner given to enter().
// The section has been left by then. It must not return and must not throw (the frames below may be
// noexcept): it notes the violation, stops the kernel and abandons the fiber. If it returns, or if
// there is none, the process aborts with the name on standard error.
using Handler = void (*)(void* context, const char* function, std::uint32_t owner);

// The process has one guard: a run happens on one thread.
struct State {
  bool inside = false;
  std::uint32_t owner = 0;
  Handler handler = nullptr;
  void* context = nullptr;
};
extern State state;

// While a node's code runs: between enter and leave the process is guarded. Sections do not nest.
// Costs two stores.
inline void enter(std::uint32_t owner) {
  state.owner = owner;
  state.inside = true;
}
inline void leave() { state.inside = false; }

// Replaces the handler; nullptr for none.
inline void on_violation(Handler handler, void* context) {
  state.handler = handler;
  state.context = context;
}

}  // namespace blackout::guard
