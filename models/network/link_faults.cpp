#include "models/network/link_faults.hpp"

#include "models/network/physics.hpp"

namespace blackout::network {
namespace {

// The n-th draw of each stream is the n-th message's. Losses have the degradation's own stream, all
// else a child of it.
enum FaultStream : std::uint64_t {
  stream_duplication,
  stream_duplicate_delay,
  stream_corruption,
  stream_bits,
  stream_places,
  stream_reordering,
  stream_reordering_delay,
  stream_tail,
};

random::Key stream(const Passage& passage, FaultTag tag) {
  return passage.key.child("degraded").child(tag);
}
std::uint64_t draw(const Passage& passage, FaultTag tag, FaultStream which) {
  return stream(passage, tag).child(which).draw(passage.number);
}
bool happens(const Passage& passage, FaultTag tag, FaultStream which, random::Probability p) {
  return p.ppb != 0 && random::happens(draw(passage, tag, which), p);
}

// Overlapping factors end at a million, so that no product overflows.
constexpr std::uint64_t permille_max = 1'000'000'000;

}  // namespace

bool LinkFaults::Flap::down_at(Instant when) const {
  return !over() && (when - since).ns() % rhythm.period.ns() < rhythm.down.ns();
}

bool LinkFaults::Flap::began_between(Instant sent, Instant arrives) const {
  const Instant last = std::min(arrives, until - nanoseconds(1));
  const std::int64_t begun = (last - since).ns() / rhythm.period.ns();
  return begun > 0 && since + rhythm.period * begun >= sent;
}

Pace LinkFaults::pace(const LinkProfile& profile, Tags& slowed) const {
  Pace pace{profile.bits_per_second, profile.queue_bytes_max};
  for (const Degraded& fault : degradations) {
    const Degradation& degradation = fault.degradation;
    const std::uint64_t before = pace.bits_per_second;
    if (before != 0) {
      const auto scaled = random::UnsignedWide{before} * degradation.bandwidth_permille / 1000;
      pace.bits_per_second = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(scaled));
    }
    if (degradation.bits_per_second != Degradation::no_limit &&
        (before == 0 || degradation.bits_per_second < pace.bits_per_second)) {
      pace.bits_per_second = degradation.bits_per_second;
    }
    pace.queue_bytes_max = std::min(pace.queue_bytes_max, degradation.queue_bytes_max);
    if (pace.bits_per_second != before) add_once(slowed, fault.tag);
  }
  return pace;
}

void LinkFaults::add_limits(const LinkProfile& profile, Tags& limiting) const {
  for (const Degraded& fault : degradations) {
    if (fault.degradation.queue_bytes_max < profile.queue_bytes_max) add_once(limiting, fault.tag);
  }
}

bool LinkFaults::lose(const Passage& passage, Tags& losing, DropReason& reason) const {
  bool lost = false;
  const auto lose_to = [&](FaultTag tag, DropReason why) {
    add_once(losing, tag);
    reason = why;
    lost = true;
  };
  for (const Degraded& fault : degradations) {
    if (random::happens(stream(passage, fault.tag).draw(passage.number), fault.degradation.loss)) {
      lose_to(fault.tag, DropReason::loss);
    }
    if (passage.bytes > fault.degradation.message_bytes_max) {
      lose_to(fault.tag, DropReason::too_large);
    }
  }
  for (const Flap& flap : flaps) {
    if (flap.down_at(passage.at)) lose_to(flap.tag, DropReason::flapping);
  }
  for (const FaultTag tag : cuts) lose_to(tag, DropReason::cut);
  return lost;
}

bool LinkFaults::may_corrupt() const {
  return std::any_of(degradations.begin(), degradations.end(),
                     [](const Degraded& fault) { return fault.degradation.corruption.ppb != 0; });
}

std::size_t LinkFaults::corrupt(const Passage& passage, Bytes& message, Tags& corrupting) const {
  std::size_t flipped = 0;
  const std::size_t bits = message.size() * 8;
  for (const Degraded& fault : degradations) {
    const Degradation& degradation = fault.degradation;
    if (bits == 0 || !happens(passage, fault.tag, stream_corruption, degradation.corruption)) {
      continue;
    }
    const std::size_t flips_max = std::min<std::size_t>(bits, degradation.corruption_bits_max);
    const std::size_t flips = 1 + random::below(draw(passage, fault.tag, stream_bits), flips_max);
    const random::Key places =
        stream(passage, fault.tag).child(stream_places).child(passage.number);
    for (std::size_t i = 0; i < flips; ++i) {
      const std::size_t begin = bits * i / flips;
      const std::size_t end = bits * (i + 1) / flips;
      const std::size_t bit = begin + random::below(places.draw(i), end - begin);
      message[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    }
    flipped += flips;
    add_once(corrupting, fault.tag);
  }
  return flipped;
}

Duration LinkFaults::delay(const Passage& passage, Duration own, Tags& delaying) const {
  std::uint64_t permille = 1000;
  random::Wide added = 0;
  for (const Degraded& fault : degradations) {
    const Degradation& degradation = fault.degradation;
    const random::Wide added_before = added;
    permille = std::min(permille * degradation.delay_permille / 1000, permille_max);
    added += degradation.delay_added.ns();
    if (fault.tail) added += (*fault.tail)(draw(passage, fault.tag, stream_tail));
    if (happens(passage, fault.tag, stream_reordering, degradation.reordering)) {
      added += random::uniform(draw(passage, fault.tag, stream_reordering_delay), 1,
                               degradation.reordering_delay_max.ns());
    }
    const bool stretched = degradation.delay_permille != 1000 && own.ns() > 0;
    if (stretched || added != added_before) add_once(delaying, fault.tag);
  }
  const random::Wide total = random::Wide{own.ns()} * static_cast<std::int64_t>(permille) / 1000;
  return Duration(static_cast<std::int64_t>(std::min<random::Wide>(total + added, delay_max.ns())));
}

std::vector<Duration> LinkFaults::copies(const Passage& passage, const LinkProfile& profile,
                                         Tags& copying) const {
  std::vector<Duration> result;
  for (const Degraded& fault : degradations) {
    if (!happens(passage, fault.tag, stream_duplication, fault.degradation.duplication)) continue;
    add_once(copying, fault.tag);
    const Duration own = propagation(profile, draw(passage, fault.tag, stream_duplicate_delay));
    result.push_back(delay(passage, own, copying));
  }
  return result;
}

bool LinkFaults::concern_arrivals() const {
  return !holds.empty() ||
         std::any_of(flaps.begin(), flaps.end(), [](const Flap& flap) { return !flap.over(); });
}

}  // namespace blackout::network
