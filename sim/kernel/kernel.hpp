// The discrete-event machine: virtual time, the event queue, and the only loop of a run.
//
// Events fire in the order (time, sequence of scheduling): two events at one nanosecond fire in the
// order in which they were scheduled. Nothing here reads a real clock. The queue is a hierarchical
// timing wheel (Varghese and Lauck, SOSP 1987) of 64 slots a level over all 63 bits of the time,
// with eager cancellation.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "host/base/callback.hpp"
#include "host/base/check.hpp"
#include "host/base/ids.hpp"
#include "host/base/large_array.hpp"
#include "host/base/time.hpp"
#include "host/fiber/fiber.hpp"
#include "sim/kernel/timing_wheel.hpp"

namespace blackout::kernel {

// A scheduled event; stale after it fired or was cancelled. 0 is none.
using TimerId = Id<struct TimerTag, std::uint64_t>;

enum class Stop : std::uint8_t {
  horizon,    // every event up to the horizon fired
  requested,  // stop() was called
  livelock,   // more than instant_events_max events at one instant: virtual time stands still
};

class Kernel {
 public:
  static constexpr std::uint64_t instant_events_max = 10'000'000;

  explicit Kernel(fiber::Options fibers = {});

  // True simulated time since the start of the run.
  [[nodiscard]] Instant now() const { return now_; }

  // Fires `callback` at `when` (a `when` in the past fires at now()), in the loop. The current
  // cause travels along. At most 2^24 events may be pending. What a callback captures may use the
  // kernel when it is destroyed, but not after the kernel's own destruction began.
  template <class Function>
  TimerId at(Instant when, Function callback) {
    Event& event = schedule(when);
    // In place: that of a free event is empty.
    std::construct_at(&event.callback, std::move(callback));
    return TimerId(event.id);
  }
  // As at(), for the most frequent event: resumes `fiber`, if it has not ended by then.
  TimerId resume_at(Instant when, fiber::FiberId fiber) {
    Event& event = schedule(when);
    event.fiber = fiber;
    return TimerId(event.id);
  }
  // False if it already fired or was cancelled: then nothing happens.
  bool cancel(TimerId timer) {
    const std::uint64_t index = timer.value() & index_mask;
    if (index >= created_) return false;
    Event& event = event_at(index);
    if (event.id != timer.value()) return false;
    wheel_.remove(event);
    retire(event);
    release(event);
    return true;
  }

  // From a fiber: `action` runs in the loop, between two instructions of the fiber; then the fiber
  // goes on, before any other event, unless the action ended it.
  void aside(Callback action);

  // Fires events until the queue holds none at or before `horizon`; now() is then `horizon`, except
  // after a stop. May be called again with a later horizon; not from an event. A horizon of
  // Instant::never() drains the queue. An exception that leaves a callback leaves run_until; the
  // event counts as fired.
  Stop run_until(Instant horizon);
  // The loop returns after the current event, or before its first one if it does not run.
  void stop() { stop_requested_ = true; }

  // The event of the trace that led to what runs now; every scheduled event carries it to its
  // firing. 0 outside run_until, until set.
  [[nodiscard]] EventId cause() const { return cause_; }
  void set_cause(EventId cause) { cause_ = cause; }

  [[nodiscard]] fiber::Pool& fibers() { return fibers_; }
  [[nodiscard]] std::uint64_t fired() const { return fired_; }
  [[nodiscard]] std::size_t pending() const { return pending_; }

 private:
  static constexpr unsigned index_bits = 24;
  static constexpr std::uint64_t index_mask = (1ULL << index_bits) - 1;
  static constexpr std::uint64_t generation_one = 1ULL << index_bits;

  // Two cache lines; the second holds the captures of a callback. An event that is not in the wheel
  // already has the id of its next use, which nobody holds.
  struct alignas(64) Event : WheelNode {
    std::uint64_t id = 0;  // generation << index_bits | index
    EventId cause;
    fiber::FiberId fiber;  // to resume if there is no callback
    Callback callback;
  };
  static_assert(sizeof(Event) == 128);
  // Few events stand in small blocks, many in blocks of a huge page.
  static constexpr std::size_t small_block = 256, large_block = huge_page_bytes / sizeof(Event);

  [[nodiscard]] Event& event_at(std::size_t index) {
    if (index < large_block) return blocks_[index / small_block][index % small_block];
    return blocks_[large_block / small_block - 1 + index / large_block][index % large_block];
  }

  Event& schedule(Instant when) {
    if (free_ == nullptr) [[unlikely]]
      grow();
    Event& event = *free_;
    free_ = static_cast<Event*>(event.next);
    ++pending_;
    event.cause = cause_;
    wheel_.insert(event, std::max(when, now_).ns());
    return event;
  }
  // From here on its TimerId is stale.
  void retire(Event& event) {
    event.id += generation_one;
    --pending_;
  }
  // What the callback captured may fall back into the kernel when it is destroyed.
  void release(Event& event) {
    event.callback.reset();
    event.next = free_;
    free_ = &event;
  }

  void grow();
  void fire(Event& event);
  void run_aside();

  Instant now_;
  EventId cause_;
  std::uint64_t fired_ = 0;
  std::size_t pending_ = 0;
  bool running_ = false;
  bool stop_requested_ = false;
  Callback aside_;
  fiber::FiberId aside_fiber_;

  Event* free_ = nullptr;  // last in, first out
  TimingWheel wheel_;
  std::size_t created_ = 0;
  std::vector<LargeArray<Event>> blocks_;  // events never move
  fiber::Pool fibers_;  // dies first: its fibers may cancel timers while they unwind
};

}  // namespace blackout::kernel
