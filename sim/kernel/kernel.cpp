#include "sim/kernel/kernel.hpp"

namespace blackout::kernel {

Kernel::Kernel(fiber::Options fibers) : fibers_(fibers) {}

Stop Kernel::run_until(Instant horizon) {
  CHECK(!running_, "an event may not run the loop");
  struct Running {
    explicit Running(Kernel& owner) : kernel(owner) { kernel.running_ = true; }
    ~Running() {
      kernel.running_ = false;
      kernel.cause_ = EventId();
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    Kernel& kernel;
  };
  const Running running(*this);

  std::uint64_t instant_events = 0;
  while (!std::exchange(stop_requested_, false)) {
    WheelNode* const node = wheel_.pop(horizon.ns());
    if (node == nullptr) {
      now_ = std::max(now_, horizon);
      return Stop::horizon;
    }
    const Instant when(node->time);
    if (when != now_) instant_events = 0;
    now_ = when;
    fire(static_cast<Event&>(*node));
    if (aside_) [[unlikely]]
      run_aside();
    if (++instant_events > instant_events_max) return Stop::livelock;
  }
  return Stop::requested;
}

// Inlined: after a switch the processor predicts every return wrongly.
[[gnu::always_inline]] inline void Kernel::fire(Event& event) {
  ++fired_;
  cause_ = event.cause;
  retire(event);
  if (!event.callback) {
    const fiber::FiberId fiber = event.fiber;
    release(event);
    fibers_.resume(fiber);
    return;
  }
  struct Release {
    ~Release() { kernel.release(event); }
    Kernel& kernel;
    Event& event;
  };
  const Release release_after{*this, event};
  event.callback();
}

void Kernel::aside(Callback action) {
  aside_ = std::move(action);
  aside_fiber_ = fibers_.current();
  CHECK(aside_fiber_ != fiber::FiberId(), "only a fiber can be interrupted");
  const EventId cause = cause_;
  fibers_.suspend();
  cause_ = cause;
}

// A fiber that goes on may ask again.
void Kernel::run_aside() {
  while (aside_) {
    const fiber::FiberId fiber = aside_fiber_;
    Callback action = std::exchange(aside_, {});
    action();
    fibers_.resume(fiber);
  }
}

void Kernel::grow() {
  const std::size_t first = created_;
  const std::size_t count = first < large_block ? small_block : large_block;
  CHECK(first + count <= index_mask + 1, "too many events are pending");
  blocks_.push_back(make_large_array<Event>(count));
  created_ += count;
  for (std::size_t index = created_; index-- > first;) {
    Event& event = event_at(index);
    event.id = generation_one | index;
    release(event);
  }
}

}  // namespace blackout::kernel
