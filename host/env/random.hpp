// The only entropy a program gets.
#pragma once

#include <cstdint>

namespace blackout::env {

class Random {
 public:
  virtual ~Random() = default;
  // 64 uniform bits.
  virtual std::uint64_t next() = 0;
};

}  // namespace blackout::env
