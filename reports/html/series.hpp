// What clients and replicas saw, by buckets of time; exact figures, no samples.
#pragma once

#include <cstdint>
#include <vector>

#include "reports/record/run_record.hpp"

namespace blackout::html {

class Buckets {
 public:
  // At most about 250 of a round length.
  explicit Buckets(Instant end);
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] Duration length() const { return length_; }
  [[nodiscard]] Instant start(std::size_t bucket) const {
    return Instant(0) + length_ * static_cast<std::int64_t>(bucket);
  }
  // What is outside of the run is in the first or the last.
  [[nodiscard]] std::size_t of(Instant at) const;

 private:
  Duration length_;
  std::size_t count_;
};

// Operations by the time of their first send.
struct Answers {
  std::uint64_t ok = 0, failed = 0, unknown = 0;
  [[nodiscard]] std::uint64_t all() const { return ok + failed + unknown; }
  Answers& operator+=(const Answers& more) {
    ok += more.ok;
    failed += more.failed;
    unknown += more.unknown;
    return *this;
  }
  friend bool operator==(const Answers&, const Answers&) = default;
};

// The clients of one group in one region.
struct Strip {
  std::uint32_t group = 0;
  RegionId region;
  std::vector<Answers> buckets;
  [[nodiscard]] Answers total() const;
};

// By group, then region in the group's order.
std::vector<Strip> strips_of(const record::RunRecord& run, const Buckets& buckets);

struct Quantiles {
  std::uint64_t count = 0;
  Duration p50, p99, max;
};

// From the first send to success, of writes without the harness's probes; by the time of the first
// send.
std::vector<Quantiles> write_latency(const record::RunRecord& run, const Buckets& buckets);

// From the moment at which an entry was first known committed to the moment at which a voter
// applied it; by the latter.
std::vector<Quantiles> apply_lag(const record::RunRecord& run, const Buckets& buckets);

}  // namespace blackout::html
