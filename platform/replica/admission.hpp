// Whether what joins a queue now would be served in time: who would not is better refused at once,
// which costs nothing, than served too late, which costs as much as being served (Zhou et al.,
// "Overload Control for Scaling WeChat Microservices", SoCC 2018: queues are bounded by time).
//
// What is in the queue, over the rate at which it was served lately, is the time that it takes
// (Little's law). A queue that stands still says nothing of its rate: whoever waits for an
// election, a stalled disk or a link that is cut has more of waiting. So does a queue that is
// served in bursts further apart than `still`, as by a link that takes longer for one batch of
// entries: there nobody is refused for the time that they would wait.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "host/base/time.hpp"

namespace blackout::replica {

class Admission {
 public:
  // A queue in which one waits longer takes nobody in ...
  static constexpr Duration wait_max = milliseconds(200);
  // ... unless it is no longer than this, ...
  static constexpr std::size_t queue_min = 64;
  // ... or nobody was served for so long. At most half of wait_max: by then the queue has grown by
  // what arrives meanwhile, and that alone may refuse nobody.
  static constexpr Duration still = milliseconds(100);

  // Instants are of one monotonic clock. One of the queue was served.
  void served(Instant now) {
    if (now >= slot_from_ + slot_length) {
      const bool adjoining = now < slot_from_ + slot_length * 2;
      before_from_ = adjoining ? slot_from_ : now;
      before_ = adjoining ? slot_ : 0;
      slot_from_ = now;
      slot_ = 0;
    }
    ++slot_;
    last_ = now;
  }

  // How long one that comes now would wait behind `queue` others; empty where that is not known.
  [[nodiscard]] std::optional<Duration> expected(std::size_t queue, Instant now) const {
    const std::int64_t took = (last_ - before_from_).ns();
    if (took <= 0 || now - last_ > still) return std::nullopt;
    return Duration(static_cast<std::int64_t>(queue) * (took / (before_ + slot_)));
  }

  // Whether one that gives up after `patience` should join.
  [[nodiscard]] bool admits(std::size_t queue, Instant now, Duration patience) const {
    if (queue < queue_min) return true;
    const auto wait = expected(queue, now);
    return !wait || *wait <= std::min(wait_max, patience);
  }

 private:
  static constexpr Duration slot_length = milliseconds(250);

  // Served in the present slot, and in the one before.
  std::int64_t slot_ = 0, before_ = 0;
  Instant slot_from_, before_from_, last_;
};

}  // namespace blackout::replica
