// The faults on one directed link: what they make of a message, and the messages that they keep.
//
// A function that takes Tags adds to them the faults that changed something for the message, each
// once: one that asks for a delay of a link that has none did not.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "host/base/bytes.hpp"
#include "host/base/ids.hpp"
#include "models/network/degradation.hpp"
#include "models/network/drop_reason.hpp"
#include "models/network/profile.hpp"
#include "sim/kernel/kernel.hpp"
#include "sim/random/stream.hpp"

namespace blackout::network {

using Tags = std::vector<FaultTag>;
inline void add_once(Tags& tags, FaultTag tag) {
  if (std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(tag);
}

// How fast a link takes messages (0: at once), and how much may wait.
struct Pace {
  std::uint64_t bits_per_second, queue_bytes_max;
};

// One message at the entrance of a link.
struct Passage {
  random::Key key;       // of the link
  std::uint64_t number;  // on the link
  Instant at;
  std::size_t bytes;
};

// Each list in the order in which its faults began.
struct LinkFaults {
  struct Degraded {
    FaultTag tag;
    Degradation degradation;
    std::optional<random::LogNormal> tail;
  };
  // Stays when it has ended, for what was in flight then.
  struct Flap {
    FaultTag tag;
    Flapping rhythm;
    Instant since, until = Instant::never();

    [[nodiscard]] bool over() const { return until != Instant::never(); }
    [[nodiscard]] bool down_at(Instant when) const;
    // A spell, but not the first, began while a message was in flight. None begins at the very end
    // of the fault.
    [[nodiscard]] bool began_between(Instant sent, Instant arrives) const;
  };
  // All that was in flight then is lost.
  struct Interruption {
    std::uint32_t number;  // network-wide, from 1
    FaultTag tag;
    DropReason reason;
  };
  // A message that reached the held end of the link.
  struct Held {
    std::uint32_t record;
    EventId cause;
  };
  // A message in the sender's queue whose pace faults set.
  struct Queued {
    std::uint32_t record;
    kernel::TimerId arrival;
    EventId cause;
    Instant begins_at, leaves_at;
    Duration delay;  // after leaving
  };

  [[nodiscard]] Pace pace(const LinkProfile& profile, Tags& slowed) const;
  // Those that made the queue shorter, for a message that found it full.
  void add_limits(const LinkProfile& profile, Tags& limiting) const;
  [[nodiscard]] bool lose(const Passage& passage, Tags& losing, DropReason& reason) const;
  [[nodiscard]] bool may_corrupt() const;
  // The number of bits that were flipped in it.
  [[nodiscard]] std::size_t corrupt(const Passage& passage, Bytes& message, Tags& corrupting) const;
  // What remains of the link's `own` delay, and all that is added.
  [[nodiscard]] Duration delay(const Passage& passage, Duration own, Tags& delaying) const;
  // The delays of the copies that are made, each of an own delay drawn anew.
  [[nodiscard]] std::vector<Duration> copies(const Passage& passage, const LinkProfile& profile,
                                             Tags& copying) const;
  // What enters now must look at them again when it arrives.
  [[nodiscard]] bool concern_arrivals() const;

  Tags cuts, holds;
  std::vector<Degraded> degradations;
  std::vector<Flap> flaps;
  std::vector<Interruption> interruptions;
  std::vector<Held> held;     // in the order in which they reached it
  std::deque<Queued> queued;  // in the order in which they leave
};

}  // namespace blackout::network
