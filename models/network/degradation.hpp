// What a fault may make of a link.
#pragma once

#include <cstdint>
#include <limits>

#include "host/base/time.hpp"
#include "sim/random/distributions.hpp"

namespace blackout::network {

// Names a fault (its index in the Plan) in the trace and in the count of its effects.
using FaultTag = std::uint32_t;

// Each member is without effect as it stands here; any of them may be set together. A message's
// delay becomes
//   wait in the queue + bytes * 8 / bandwidth + the link's own delay * delay_permille / 1000
//     + delay_added + tail + (for the share `reordering`) what holds it back.
struct Degradation {
  static constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

  std::uint32_t delay_permille = 1000;  // 3000: three times the delay and jitter
  Duration delay_added = {};            // on one direction only, it makes a link asymmetric
  // A log-normal addition by its median and 99th percentile; 0 and 0: none.
  Duration tail_median = {}, tail_p99 = {};
  // That share of the messages is held back, each by a delay drawn evenly from 1 ns to this one:
  // later ones overtake it.
  random::Probability reordering = {};
  Duration reordering_delay_max = {};

  random::Probability loss = {};         // besides the link's own, as duplication
  random::Probability duplication = {};  // one copy more, whose delay is drawn anew
  // 1 to corruption_bits_max bits of the message are flipped, each in another stretch of it. As on
  // the real transport, whose frames carry a CRC32C, the program sees such a message only if that
  // checksum is the same as before (no three flips can do that); else it is dropped where it would
  // have arrived, after the whole way.
  random::Probability corruption = {};
  std::uint32_t corruption_bits_max = 8;
  std::uint64_t message_bytes_max = no_limit;  // longer ones vanish: an MTU black hole; above 0

  std::uint32_t bandwidth_permille = 1000;  // of a limited link's; at least 1
  std::uint64_t bits_per_second = no_limit;
  std::uint64_t queue_bytes_max = no_limit;  // as LinkProfile's; the smaller counts
};

// A link that goes and comes: from the start of the fault on, the first `down` of every `period` is
// a cut. 0 < down < period.
struct Flapping {
  Duration period, down;
};

}  // namespace blackout::network
