#include "models/node/processor.hpp"

#include <algorithm>
#include <utility>

#include "host/base/check.hpp"

namespace blackout::node {
namespace {

constexpr Duration cost_max = seconds(60);

}  // namespace

void Processor::slow(std::uint32_t factor_permille, FaultTag tag) {
  CHECK(factor_permille >= 1000);
  slowness_.push_back({tag, factor_permille});
}

void Processor::restore(FaultTag tag) {
  const auto found = std::find_if(slowness_.begin(), slowness_.end(),
                                  [&](const Slowness& one) { return one.tag == tag; });
  CHECK(found != slowness_.end(), "an inverse without its verb");
  slowness_.erase(found);
  if (slowed()) return;
  for (const fiber::FiberId fiber : waiting_) kernel_.resume_at(kernel_.now(), fiber);
  clear();
}

void Processor::enqueue(fiber::FiberId fiber) {
  for (const Slowness& one : slowness_) ++effects_[one.tag];
  waiting_.push_back(fiber);
  if (waiting_.size() == 1) turn_ = kernel_.at(kernel_.now() + cost(), [this] { serve(); });
}

void Processor::clear() {
  kernel_.cancel(std::exchange(turn_, {}));
  waiting_.clear();
}

std::uint64_t Processor::effect(FaultTag tag) const {
  const auto found = effects_.find(tag);
  return found == effects_.end() ? 0 : found->second;
}

Duration Processor::cost() const {
  Duration cost = wake_cost;
  for (const Slowness& one : slowness_) {
    cost = std::min(cost_max, Duration(cost.ns() * one.factor_permille / 1000));
  }
  return cost;
}

// The next one's turn begins now, before the task that goes on can wait for another.
void Processor::serve() {
  const fiber::FiberId first = waiting_.front();
  waiting_.pop_front();
  turn_ = {};
  if (!waiting_.empty()) turn_ = kernel_.at(kernel_.now() + cost(), [this] { serve(); });
  kernel_.fibers().resume(first);
}

}  // namespace blackout::node
