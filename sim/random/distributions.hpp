// Distributions in integers only: the same bits from every compiler, level and architecture.
//
// Each takes 64 uniform bits (one draw of a Stream or Key) and returns one value: exactly one draw
// per value keeps the counters of keyed streams predictable. Every function grows with its bits or
// falls with them throughout, so that a value can be steered by the bits. Tables are constexpr,
// made with + - * / alone, and pinned by static_assert. Results beyond the range of int64 saturate.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

#include "host/base/check.hpp"
#include "host/base/time.hpp"
#include "sim/random/tables.hpp"

namespace blackout::random {

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

// A probability as a rational in parts per billion, 0 to 1'000'000'000. ppb covers "0.0000001%".
struct Probability {
  std::uint32_t ppb = 0;
  friend constexpr auto operator<=>(Probability, Probability) = default;
};

// Uniform in [0, bound), bound > 0 (multiply-shift; bias below bound / 2^64).
constexpr std::uint64_t below(std::uint64_t bits, std::uint64_t bound) {
  return static_cast<std::uint64_t>((UnsignedWide{bits} * bound) >> 64);
}

// Uniform in [low, high], both included; low <= high, else CHECK.
inline std::int64_t uniform(std::uint64_t bits, std::int64_t low, std::int64_t high) {
  CHECK(low <= high);
  const std::uint64_t span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  const std::uint64_t offset =
      span == std::numeric_limits<std::uint64_t>::max() ? bits : below(bits, span + 1);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + offset);
}

// Log-uniform in [low, high], 0 < low <= high, else CHECK.
std::int64_t log_uniform(std::uint64_t bits, std::int64_t low, std::int64_t high);

// True with probability p.
constexpr bool happens(std::uint64_t bits, Probability p) {
  return below(bits, 1'000'000'000) < p.ppb;
}

// Exponential with this mean >= 0, rounded to nearest, at most 44.4 times the mean.
inline std::int64_t exponential(std::uint64_t bits, std::int64_t mean) {
  CHECK(mean >= 0);
  constexpr std::int64_t ln2_q32 = 2'977'044'472;
  // bits / 2^64 = mantissa / 2^halvings, so that -ln of it is halvings ln 2 - ln mantissa.
  const std::uint64_t uniform_bits = bits | 1;
  const int zeros = std::countl_zero(uniform_bits);
  const std::uint64_t mantissa = (uniform_bits << zeros) << 1;
  const std::size_t knot = mantissa >> 56;
  const auto fraction_q32 = static_cast<std::int64_t>((mantissa << 8) >> 32);
  const std::int64_t ln = ln_q32[knot] + (((ln_q32[knot + 1] - ln_q32[knot]) * fraction_q32) >> 32);
  const std::int64_t minus_ln = (zeros + 1) * ln2_q32 - ln;
  const UnsignedWide value =
      (static_cast<UnsignedWide>(mean) * static_cast<std::uint64_t>(minus_ln) + (1ULL << 31)) >> 32;
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  return value > static_cast<UnsignedWide>(most) ? most : static_cast<std::int64_t>(value);
}

// A standard normal quantile in Q32 (one sigma is 2^32): bits / 2^64 is its probability,
// within 1.2e-4 of the tail's. At most 7.2 sigma from 0.
inline std::int64_t normal_q32(std::uint64_t bits) {
  const bool upper = (bits >> 63) != 0;
  const std::uint64_t tail = ((upper ? ~bits : bits) << 1) | 1;
  const int zeros = std::countl_zero(tail);
  if (zeros >= normal_octaves) return upper ? -normal_q32_knots[0] : normal_q32_knots[0];
  const std::uint64_t mantissa = (tail << zeros) << 1;
  const std::size_t knot =
      static_cast<std::size_t>(normal_octaves - 1 - zeros) * normal_segments + (mantissa >> 59);
  const auto fraction_q32 = static_cast<std::int64_t>((mantissa << 5) >> 32);
  const std::int64_t low = normal_q32_knots[knot];
  const std::int64_t z = low + (((normal_q32_knots[knot + 1] - low) * fraction_q32) >> 32);
  return upper ? -z : z;
}

// Log-normal given by its median and its 99th percentile, p99 >= median > 0, else CHECK. Rounded to
// nearest; a draw far below a small median may be 0.
class LogNormal {
 public:
  LogNormal(std::int64_t median, std::int64_t p99);
  [[nodiscard]] std::int64_t operator()(std::uint64_t bits) const;

 private:
  std::int64_t median_;
  std::int64_t sigma_over_ln2_q32_;
};

// Ranks 0..count-1 with probability proportional to 1 / (rank + 1) (exponent 1); count > 0, else
// CHECK. Eight bytes a rank; a draw is a binary search.
class Zipf {
 public:
  explicit Zipf(std::uint32_t count);
  [[nodiscard]] std::uint32_t operator()(std::uint64_t bits) const;

 private:
  std::vector<std::uint64_t> cumulative_;  // Q64 of the distribution function, without the last, 1
};

}  // namespace blackout::random
