// Hashing with one result on every compiler, level and architecture.
//
// mix64 is the finaliser of splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
// generators", OOPSLA 2014): a bijection of 64 bits. hash64 is XXH3-64 of the xxHash library.
// fold64 is the folded product that XXH3 and wyhash are built of. None is for adversaries.
#pragma once

#include <cstdint>

#include "host/base/bytes.hpp"

namespace blackout {
inline namespace base {

constexpr std::uint64_t mix64(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

// Order-sensitive combination of two words.
constexpr std::uint64_t combine64(std::uint64_t a, std::uint64_t b) {
  return mix64(a * 0x9E3779B97F4A7C15ULL + b);
}

// Both halves of the product of two words, on each other: bits of either reach all of it, but for
// the pair where one word is 0. Words that are not random are made so first, each by a constant of
// its own.
constexpr std::uint64_t fold64(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// FNV-1a: only for short names known when the program is written (stream keys, enum names).
constexpr std::uint64_t hash_name(std::string_view name) {
  std::uint64_t h = 0xCBF29CE484222325ULL;
  for (const char c : name) h = (h ^ static_cast<std::uint8_t>(c)) * 0x100000001B3ULL;
  return mix64(h);
}

std::uint64_t hash64(BytesView bytes, std::uint64_t seed = 0);

}  // namespace base
}  // namespace blackout
