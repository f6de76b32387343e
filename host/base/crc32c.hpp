// CRC32C (Castagnoli, RFC 3720 appendix B.4): the checksum of log records and of messages on a real
// wire.
#pragma once

#include <cstdint>

#include "host/base/bytes.hpp"

namespace blackout {
inline namespace base {

// Checksum of `bytes`, continuing from `before` (0 to start). crc32c("123456789") == 0xE3069283.
// Uses the processor's instruction where it has one; the result is the same without it.
std::uint32_t crc32c(BytesView bytes, std::uint32_t before = 0);

// The same by table on every processor.
std::uint32_t crc32c_by_table(BytesView bytes, std::uint32_t before = 0);

}  // namespace base
}  // namespace blackout
