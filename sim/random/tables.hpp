// The knots that the distributions interpolate between, in fixed point.
//
// Made at compile time with + - * / on doubles alone (own series for the logarithm and the
// exponential, Newton's square root, Wichura's AS241 for the normal quantile: Applied Statistics
// 37, 1988), so that every compiler makes the same bits; tables.cpp pins each table's hash and
// fails the build of one that does not.
#pragma once

#include <array>
#include <cstdint>

namespace blackout::random {

inline constexpr int normal_octaves = 40;
inline constexpr int normal_segments = 32;

// ln(1 + i / 256) in Q32; linear interpolation errs by at most 1.9e-6.
extern const std::array<std::int64_t, 257> ln_q32;
// 2^(i / 256) in Q38; linear interpolation errs by at most 9e-7 of the value.
extern const std::array<std::uint64_t, 257> exp2_q38;
// Standard normal quantiles in Q32, ascending from 2^-41 to 1/2: each octave of the probability in
// 32 equal segments.
extern const std::array<std::int64_t, normal_octaves * normal_segments + 1> normal_q32_knots;

}  // namespace blackout::random
