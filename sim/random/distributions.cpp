#include "sim/random/distributions.hpp"

#include <algorithm>

namespace blackout::random {
namespace {

// log2(x) in Q40, rounded down, x > 0: one squaring a bit.
std::int64_t log2_q40(std::uint64_t x) {
  const int zeros = std::countl_zero(x);
  std::uint64_t mantissa = x << zeros;  // Q63, in [1, 2)
  std::int64_t log = 63 - zeros;
  for (int bit = 0; bit < 40; ++bit) {
    const UnsignedWide square = UnsignedWide{mantissa} * mantissa;  // Q126, in [1, 4)
    const bool two = (square >> 127) != 0;
    mantissa = static_cast<std::uint64_t>(square >> (two ? 64 : 63));
    log = log * 2 + (two ? 1 : 0);
  }
  return log;
}

// scale * 2^exponent, rounded to nearest, saturating; scale >= 0.
std::int64_t scaled_exp2(std::int64_t scale, Wide exponent_q32) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const Wide whole = exponent_q32 >> 32;
  if (whole >= 63) return scale == 0 ? 0 : most;
  if (whole < -63) return 0;
  const auto fraction = static_cast<std::uint64_t>(exponent_q32 & 0xFFFF'FFFF);
  const std::size_t knot = fraction >> 24;
  const std::uint64_t low = exp2_q38[knot];
  const std::uint64_t power = low + (((exp2_q38[knot + 1] - low) * (fraction & 0xFF'FFFF)) >> 24);
  // Below 2^102, then up to 25 places to the left.
  const UnsignedWide product = static_cast<UnsignedWide>(scale) * power;
  const int right = 38 - static_cast<int>(whole);
  const UnsignedWide value =
      right > 0 ? (product + (UnsignedWide{1} << (right - 1))) >> right : product << -right;
  return value > static_cast<UnsignedWide>(most) ? most : static_cast<std::int64_t>(value);
}

}  // namespace

std::int64_t log_uniform(std::uint64_t bits, std::int64_t low, std::int64_t high) {
  CHECK(0 < low && low <= high);
  const std::int64_t span_q40 =
      log2_q40(static_cast<std::uint64_t>(high)) - log2_q40(static_cast<std::uint64_t>(low));
  const auto exponent_q40 = below(bits, static_cast<std::uint64_t>(span_q40) + 1);
  return std::clamp(scaled_exp2(low, static_cast<Wide>(exponent_q40 >> 8)), low, high);
}

LogNormal::LogNormal(std::int64_t median, std::int64_t p99) : median_(median) {
  CHECK(0 < median && median <= p99);
  // p99 / median = exp(z sigma) with z = 2.3263478740, the 99 % quantile of the standard normal.
  constexpr std::int64_t z_q32 = 9'991'588'038;
  const std::int64_t ratio_q40 =
      log2_q40(static_cast<std::uint64_t>(p99)) - log2_q40(static_cast<std::uint64_t>(median));
  sigma_over_ln2_q32_ = static_cast<std::int64_t>((Wide{ratio_q40} << 24) / z_q32);
}

std::int64_t LogNormal::operator()(std::uint64_t bits) const {
  return scaled_exp2(median_, (Wide{sigma_over_ln2_q32_} * normal_q32(bits)) >> 32);
}

Zipf::Zipf(std::uint32_t count) {
  CHECK(count > 0);
  // The harmonic sum of 2^32 terms is below 23: Q57 leaves room for the shift by 64.
  constexpr std::uint64_t one_q57 = 1ULL << 57;
  std::uint64_t total = 0;
  for (std::uint64_t rank = 1; rank <= count; ++rank) total += one_q57 / rank;
  cumulative_.reserve(count - 1);
  std::uint64_t sum = 0;
  for (std::uint64_t rank = 1; rank < count; ++rank) {
    sum += one_q57 / rank;
    cumulative_.push_back(static_cast<std::uint64_t>((UnsignedWide{sum} << 64) / total));
  }
}

std::uint32_t Zipf::operator()(std::uint64_t bits) const {
  const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end(), bits);
  return static_cast<std::uint32_t>(found - cumulative_.begin());
}

}  // namespace blackout::random
