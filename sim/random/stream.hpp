// Counter-based, keyed randomness: draw = PRF(seed, stream key, n).
//
// No draw reads a shared generator. A key names an entity and its incarnation, n counts within the
// key, so that removing one fault, node or client leaves every other stream as it was (Salmon et
// al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011, for the idea; the function is
// splitmix64's finaliser over key + n * golden ratio).
#pragma once

#include <cstdint>
#include <string_view>

#include "host/base/hash.hpp"

namespace blackout::random {

// Names a stream. Derived, never drawn: equal paths give equal keys.
class Key {
 public:
  constexpr explicit Key(std::uint64_t seed) : value_(mix64(seed ^ 0x6A09E667F3BCC908ULL)) {}
  [[nodiscard]] constexpr Key child(std::uint64_t entity) const { return derived(entity); }
  [[nodiscard]] constexpr Key child(std::string_view purpose) const {
    return derived(hash_name(purpose));
  }
  [[nodiscard]] constexpr std::uint64_t value() const { return value_; }

  // The n-th 64 bits of the stream.
  [[nodiscard]] constexpr std::uint64_t draw(std::uint64_t n) const {
    return mix64(value_ + (n + 1) * 0x9E3779B97F4A7C15ULL);
  }

 private:
  [[nodiscard]] constexpr Key derived(std::uint64_t word) const {
    Key key = *this;
    key.value_ = combine64(value_, word);
    return key;
  }
  std::uint64_t value_;
};

// A key with its counter.
class Stream {
 public:
  constexpr explicit Stream(Key key) : key_(key) {}
  constexpr std::uint64_t next() { return key_.draw(n_++); }

 private:
  Key key_;
  std::uint64_t n_ = 0;
};

}  // namespace blackout::random
