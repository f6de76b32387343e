#include "platform/replica/lease.hpp"

#include <algorithm>

namespace blackout::replica {
void Lease::sent(std::uint64_t round, const Reading& now) {
  while (!sent_.empty() && at_most_between(sent_.front().at, now) >= length_) sent_.pop_front();
  sent_.push_back({round, now});
}

bool Lease::holds(std::uint64_t round, const Reading& now) const {
  const auto promised =
      std::find_if(sent_.begin(), sent_.end(), [round](const Sent& s) { return s.round == round; });
  return promised != sent_.end() && at_most_between(promised->at, now) < length_;
}

void Promise::make(const Reading& now) {
  since_ = now;
  ticks_ = 0;
}

bool Promise::binds(const Reading& now) {
  const bool passed = since_ && ticks_ >= ticks_min_ && at_least_between(*since_, now) >= length_;
  if (passed || ticks_ >= ticks_max_) since_.reset();
  return since_.has_value();
}

}  // namespace blackout::replica
