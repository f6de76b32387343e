// One message's draws and its delay, on a link that nothing breaks.
#pragma once

#include <algorithm>
#include <cstdint>

#include "models/network/profile.hpp"
#include "sim/random/distributions.hpp"

namespace blackout::network {

// Numbers of the draws that one message takes from its link's stream.
enum Draw : std::uint64_t { draw_delay, draw_loss, draw_duplication, draw_duplicate_delay, draws };

// Overlapping faults add up; beyond this a message is as good as lost.
inline constexpr Duration delay_max = seconds(24 * 3600);

inline Duration propagation(const LinkProfile& profile, std::uint64_t bits) {
  std::int64_t ns = profile.delay.ns();
  if (profile.jitter_ppm != 0) {
    const std::int64_t jitter = profile.delay.ns() * std::int64_t{profile.jitter_ppm} / 1'000'000;
    ns += random::exponential(bits, jitter);
  }
  return Duration(ns);
}

inline constexpr std::uint64_t ns_per_second = 1'000'000'000;

// How long a message occupies a limited link.
inline Duration transmission(std::size_t bytes, std::uint64_t bits_per_second) {
  const std::uint64_t bits_ns = bytes * 8 * ns_per_second;
  return Duration(static_cast<std::int64_t>((bits_ns + bits_per_second - 1) / bits_per_second));
}

}  // namespace blackout::network
