// Durations and instants in integer nanoseconds.
//
// A Duration is a signed span, an Instant a point on one clock's axis. Which clock an Instant
// belongs to is said by the interface that returns it: the simulation's true time starts at 0, a
// node's monotonic clock at an arbitrary value. Both cover +-292 years; arithmetic does not check
// for overflow, so a caller that adds to Instant::never() is wrong.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>

namespace blackout {
inline namespace base {

class Duration {
 public:
  constexpr Duration() = default;
  constexpr explicit Duration(std::int64_t ns) : ns_(ns) {}
  [[nodiscard]] constexpr std::int64_t ns() const { return ns_; }
  static constexpr Duration max() { return Duration(std::numeric_limits<std::int64_t>::max()); }

  friend constexpr auto operator<=>(Duration, Duration) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return Duration(a.ns_ + b.ns_); }
  friend constexpr Duration operator-(Duration a, Duration b) { return Duration(a.ns_ - b.ns_); }
  friend constexpr Duration operator-(Duration a) { return Duration(-a.ns_); }
  friend constexpr Duration operator*(Duration a, std::int64_t k) { return Duration(a.ns_ * k); }
  friend constexpr Duration operator/(Duration a, std::int64_t k) { return Duration(a.ns_ / k); }

 private:
  std::int64_t ns_ = 0;
};

constexpr Duration nanoseconds(std::int64_t n) { return Duration(n); }
constexpr Duration microseconds(std::int64_t n) { return Duration(n * 1'000); }
constexpr Duration milliseconds(std::int64_t n) { return Duration(n * 1'000'000); }
constexpr Duration seconds(std::int64_t n) { return Duration(n * 1'000'000'000); }

class Instant {
 public:
  constexpr Instant() = default;
  constexpr explicit Instant(std::int64_t ns) : ns_(ns) {}
  [[nodiscard]] constexpr std::int64_t ns() const { return ns_; }
  // Later than every instant that occurs: "no deadline".
  static constexpr Instant never() { return Instant(std::numeric_limits<std::int64_t>::max()); }

  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Instant operator+(Instant t, Duration d) { return Instant(t.ns_ + d.ns()); }
  friend constexpr Instant operator-(Instant t, Duration d) { return Instant(t.ns_ - d.ns()); }
  friend constexpr Duration operator-(Instant a, Instant b) { return Duration(a.ns_ - b.ns_); }

 private:
  std::int64_t ns_ = 0;
};

// "4.31 s", "61 ms", "800 us", "0 s": at most three significant digits below 1,000 of the unit,
// rounded half away from zero, no locale.
std::string format_duration(Duration value);

// "14.611203 s": seconds with six decimals, truncated; the form of every event's time.
std::string format_instant(Instant value);

}  // namespace base
}  // namespace blackout
