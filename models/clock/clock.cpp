#include "models/clock/clock.hpp"

#include <algorithm>

#include "host/base/check.hpp"
#include "sim/random/distributions.hpp"

namespace blackout::clock {
namespace {

constexpr std::int64_t million = 1'000'000;

}  // namespace

Clock::Clock(const kernel::Kernel& kernel, Settings settings)
    : kernel_(kernel),
      drift_ppm_(0),
      error_min_(settings.error_min),
      anchor_truth_(kernel.now()),
      anchor_monotonic_(kernel.now()),
      wall_minus_monotonic_ns_(unix_ns_at_start + settings.offset.ns()) {
  set_drift(settings.drift_ppm);
}

Instant Clock::monotonic_at(Instant truth) const {
  const Duration elapsed = truth - anchor_truth_;
  if (drift_ppm_ == 0) return anchor_monotonic_ + elapsed;
  // elapsed * (million + drift) / million, without a product of 128 bits to divide.
  const std::int64_t whole = elapsed.ns() / million, rest = elapsed.ns() % million;
  const std::int64_t rate = million + drift_ppm_;
  return anchor_monotonic_ + Duration(whole * rate) + Duration(rest * rate / million);
}

env::Clock::Wall Clock::wall() const {
  const std::int64_t truth = unix_ns_at_start + kernel_.now().ns();
  const std::int64_t reading = monotonic().ns() + wall_minus_monotonic_ns_;
  const Duration deviation(reading < truth ? truth - reading : reading - truth);
  return {reading, std::max(error_min_, deviation)};
}

void Clock::restart(random::Key incarnation) {
  const Instant before = monotonic();
  anchor_truth_ = kernel_.now();
  anchor_monotonic_ =
      Instant(random::uniform(incarnation.draw(0), seconds(1).ns(), seconds(3600).ns()));
  wall_minus_monotonic_ns_ += (before - anchor_monotonic_).ns();
}

void Clock::step(Duration by) { wall_minus_monotonic_ns_ += by.ns(); }

void Clock::set_drift(std::int64_t ppm) {
  CHECK(ppm >= -million / 2 && ppm <= million);
  anchor_monotonic_ = monotonic();
  anchor_truth_ = kernel_.now();
  drift_ppm_ = ppm;
}

Instant Clock::true_time(Instant monotonic) const {
  if (monotonic == Instant::never()) return monotonic;
  const Duration wait = monotonic - anchor_monotonic_;
  if (wait <= Duration()) return kernel_.now();
  if (drift_ppm_ == 0) {
    if (wait > Instant::never() - anchor_truth_) return Instant::never();
    return std::max(kernel_.now(), anchor_truth_ + wait);
  }
  const std::int64_t rate = million + drift_ppm_;
  // wait * million / rate, rounded up.
  const std::int64_t whole = wait.ns() / rate, rest = wait.ns() % rate;
  const auto scaled = static_cast<__int128>(whole) * million + (rest * million + rate - 1) / rate;
  if (scaled > (Instant::never() - anchor_truth_).ns()) return Instant::never();
  return std::max(kernel_.now(), anchor_truth_ + Duration(static_cast<std::int64_t>(scaled)));
}

}  // namespace blackout::clock
