#include "host/base/hash.hpp"

#include <xxhash.h>

namespace blackout {
inline namespace base {

std::uint64_t hash64(BytesView bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace base
}  // namespace blackout
