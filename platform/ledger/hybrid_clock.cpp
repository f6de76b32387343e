#include "platform/ledger/hybrid_clock.hpp"

#include <algorithm>

namespace blackout::ledger {
namespace {

constexpr unsigned counter_bits = 16;

std::uint64_t in_ms(std::int64_t ns) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, ns) / milliseconds(1).ns());
}

}  // namespace

void encode(const Stamp& stamp, Writer& writer) {
  writer.u64(stamp.time);
  writer.u32(stamp.author);
}

Stamp decode_stamp(Reader& reader) {
  Stamp stamp;
  stamp.time = reader.u64();
  stamp.author = reader.u32();
  return stamp;
}

bool too_far_ahead(std::uint64_t time, std::int64_t unix_ns) {
  return time >> counter_bits > in_ms(unix_ns) + in_ms(stamp_ahead_max.ns());
}

Stamp HybridClock::now(std::int64_t unix_ns) {
  const std::uint64_t physical = in_ms(unix_ns) << counter_bits;
  last_ = too_far_ahead(last_, unix_ns) ? physical : std::max(physical, last_ + 1);
  return {last_, author_};
}

bool HybridClock::observe(std::uint64_t time, std::int64_t unix_ns) {
  if (too_far_ahead(time, unix_ns)) return false;
  last_ = std::max(last_, time);
  return true;
}

}  // namespace blackout::ledger
