// What befalls a node over time or at a moment of its own: cycles, traps, a slow processor, a
// control plane that starts nothing.
#include <algorithm>
#include <utility>

#include "host/base/check.hpp"
#include "models/node/node.hpp"

namespace blackout::node {
namespace {

template <class Tagged>
auto find_tagged(std::vector<Tagged>& all, FaultTag tag) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Tagged& one) { return one.tag == tag; });
  CHECK(found != all.end(), "an inverse without its verb");
  return found;
}

}  // namespace

void Node::slow(std::uint32_t factor_permille, FaultTag tag) {
  processor_.slow(factor_permille, tag);
  ++hindrances_;
}

void Node::restore(FaultTag tag) {
  processor_.restore(tag);
  --hindrances_;
}

void Node::cycle(const Cycle& cycle, StopMode mode, FaultTag tag, Release release) {
  CHECK(cycle.down > Duration() && (cycle.period == Duration() || cycle.period > cycle.down));
  const kernel::TimerId timer =
      kernel_.at(kernel_.now() + cycle.first, [this, tag] { turn_cycle(tag); });
  cycling_.push_back({tag, cycle, mode, timer, false, std::move(release)});
}

void Node::turn_cycle(FaultTag tag) {
  Cycling& one = *find_tagged(cycling_, tag);
  one.timer = {};
  Duration next = one.cycle.down;
  if (one.stopped && one.cycle.period > Duration()) next = one.cycle.period - one.cycle.down;
  if (!one.stopped || one.cycle.period > Duration()) {
    one.timer = kernel_.at(kernel_.now() + next, [this, tag] { turn_cycle(tag); });
  }
  one.stopped = !one.stopped;
  if (one.stopped) {
    if (one.release.program) change_ = {tag, std::exchange(one.release, {})};
    stop(one.mode, tag);
  } else {
    start(tag);
  }
}

void Node::end_cycle(FaultTag tag) {
  const auto found = find_tagged(cycling_, tag);
  kernel_.cancel(found->timer);
  const bool stopped = found->stopped;
  cycling_.erase(found);
  if (stopped) start(tag);
}

void Node::watch() {
  if (watch_ != nullptr) return;
  CHECK(incarnation_ == 0, "what a program was given at its start stays");
  watch_ = std::make_unique<Watch>(environment_->network, environment_->disk,
                                   static_cast<Watch::Host&>(*this));
  environment_.emplace(
      env::Environment{self_, clock_, *watch_, *watch_, environment_->random, *this, *this});
}

void Node::arm(Moment moment, std::uint64_t count, StopMode mode, FaultTag tag) {
  CHECK(watch_ != nullptr && count > 0);
  traps_.push_back({tag, moment, count, mode, {}, false});
}

void Node::passed(Moment moment) {
  if (!up_) return;
  for (Trap& trap : traps_) {
    if (trap.moment != moment || trap.left == 0 || --trap.left > 0) continue;
    trap.timer = kernel_.at(kernel_.now(), [this, tag = trap.tag] { spring(tag); });
    fall();
  }
}

// A task may not stop its node: it dies in a moment, and until then no task runs.
void Node::fall() {
  falling_ = true;
  ++hindrances_;
  if (kernel_.fibers().current() == fiber::FiberId()) return;
  while (true) park(Instant::never());
}

void Node::spring(FaultTag tag) {
  Trap& trap = *find_tagged(traps_, tag);
  trap.timer = {};
  trap.sprung = true;
  stop(trap.mode, tag);
}

void Node::disarm(FaultTag tag) {
  if (kernel_.cancel(find_tagged(traps_, tag)->timer)) spring(tag);
  const auto found = find_tagged(traps_, tag);
  const bool sprung = found->sprung;
  traps_.erase(found);
  if (sprung) start(tag);
}

void Node::limit_memory(std::uint64_t bytes, FaultTag tag) {
  limits_.push_back({tag, bytes});
  check_memory();
}

void Node::lift_limit(FaultTag tag) { limits_.erase(find_tagged(limits_, tag)); }

std::uint64_t Node::memory_bytes() const {
  return task_count() * task_bytes + network_.endpoint(self_).waiting_bytes();
}

void Node::check_memory() {
  if (limits_.empty() || !up_ || falling_) return;
  const auto least =
      std::min_element(limits_.begin(), limits_.end(),
                       [](const Limit& a, const Limit& b) { return a.bytes < b.bytes; });
  if (memory_bytes() <= least->bytes) return;
  kernel_.at(kernel_.now(), [this, tag = least->tag, incarnation = incarnation_] {
    if (!up_ || incarnation_ != incarnation) return;
    effects_[tag] += task_count();
    end_process(StopMode::out_of_memory);
  });
  fall();
}

void Node::bar_starts(FaultTag tag) { bars_.push_back(tag); }

void Node::allow_starts(FaultTag tag) {
  take_back(bars_, tag);
  if (bars_.empty() && stoppers_.empty() && !up_ && program_) boot();
}

}  // namespace blackout::node
