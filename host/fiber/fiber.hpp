// Fibers on Boost.Context: the only file in the program that switches a stack.
//
// One Pool serves one world on one thread. The loop (the thread's own stack) resumes a fiber; the
// fiber runs until it suspends or ends, and control returns to the loop. Per switch the C++
// exception globals
// (__cxa_get_globals) and errno change over, AddressSanitizer is told, and the canary at the
// stack's end is checked. Stacks come from one slab and are reused last-in first-out; the first
// `guarded_max` of them have a guard page. What code in a fiber must not do is in house.md
// (determinism).
//
// A stack overflow touches a guard page (the process ends, with a report if
// install_overflow_report() was called) or kills the canary (CHECK at the next switch; the pool
// then drops its fibers without unwinding).
//
// tools/gdb/blackout_gdb.py shows suspended fibers, in a live process and in a core file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>

#include "host/base/callback.hpp"
#include "host/base/ids.hpp"

namespace blackout::fiber {

// Thrown out of suspend() in a fiber that is being killed. Never caught but at the fiber's entry.
struct Killed {};

struct Options {
  std::size_t stack_bytes =
      64 * 1024;  // rounded up to pages; at least 256 KiB under a sanitizer or -O0
  std::size_t fibers_max =
      100'000;  // address space is reserved for this many, memory is not; < 2^20
  std::size_t guarded_max = 1'000;  // the operating system limits the number of mappings
};

// Handle of a fiber: never reused, so that a stale one is recognised. 0 is none.
using FiberId = Id<struct FiberTag, std::uint64_t>;

class Pool {
 public:
  // The body of a fiber ended by an exception other than Killed: `failed` gets it (in the loop,
  // after the fiber is gone). Without a handler such an exception fails a CHECK.
  explicit Pool(Options options = {});
  // Kills every fiber that is left. What goes wrong while they unwind is not reported.
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // A new fiber, suspended before its first instruction. `owner` (a node) and `name` (a literal)
  // appear in reports and in the debugger. More than fibers_max alive: CHECK.
  FiberId create(Callback body, std::uint32_t owner, const char* name);

  // From the loop only: runs the fiber until it suspends or ends. Resuming one that has ended does
  // nothing and returns false.
  bool resume(FiberId fiber);

  // From a fiber only: back to the loop, until resumed. Throws Killed if the fiber is being killed.
  void suspend();

  // From a fiber only: ends it without unwinding: destructors do not run and its memory is lost.
  // For code that may not be unwound (a guarded libc function called from a noexcept frame).
  [[noreturn]] void abandon();

  // From the loop only: throws Killed from the fiber's suspension point and runs it to its end; one
  // that never ran just disappears, and one that ended already is left alone. A fiber that suspends
  // again while being killed has failed: it is dropped where it stands, and a CheckFailed goes to
  // on_failure.
  void kill(FiberId fiber);

  // The running fiber, or 0 in the loop.
  [[nodiscard]] FiberId current() const;
  [[nodiscard]] std::uint32_t current_owner() const;  // 0xFFFFFFFF in the loop
  [[nodiscard]] bool alive(FiberId fiber) const;
  [[nodiscard]] std::size_t alive_count() const;
  // How often a fiber was resumed.
  [[nodiscard]] std::uint64_t switches() const;

  // Called in the loop with what left the body of a fiber.
  using FailureHandler = void (*)(void* context, std::uint32_t owner, const char* name,
                                  std::exception_ptr error);
  void on_failure(FailureHandler handler, void* context);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

// From now on a fault in a guard page prints "stack overflow in task NAME of node OWNER" to stderr;
// then the process dies of the signal, as of every other SIGSEGV, by the handler that was installed
// before. Gives the calling thread an alternate signal stack if it has none. Once per process.
void install_overflow_report();

}  // namespace blackout::fiber
