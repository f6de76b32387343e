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
      rate_ppm_(settings.drift_ppm),
      error_min_(settings.error_min),
      anchor_truth_(kernel.now()),
      anchor_monotonic_(kernel.now()),
      wall_minus_monotonic_ns_(unix_ns_at_start + settings.offset.ns()) {
  CHECK(rate_ppm_ >= -million / 2 && rate_ppm_ <= million);
}

Instant Clock::monotonic_at(Instant truth) const {
  const Duration elapsed = truth - anchor_truth_;
  if (rate_ppm_ == 0) return anchor_monotonic_ + elapsed;
  // elapsed * (million + rate) / million, without a product of 128 bits to divide.
  const std::int64_t whole = elapsed.ns() / million, rest = elapsed.ns() % million;
  const std::int64_t rate = million + rate_ppm_;
  return anchor_monotonic_ + Duration(whole * rate) + Duration(rest * rate / million);
}

env::Clock::Wall Clock::wall() const {
  const std::int64_t truth = unix_ns_at_start + kernel_.now().ns();
  std::int64_t reading = monotonic_at(kernel_.now()).ns() + wall_minus_monotonic_ns_;
  if (faults_) reading -= smeared_ns();
  const Duration deviation(reading < truth ? truth - reading : reading - truth);
  const Duration error = std::max(error_min_, deviation);
  if (!faults_) return {reading, error};
  ++faults_->wall_readings;
  reading += faults_->misled.ns();
  if (faults_->understating == 0) return {reading, error};
  faults_->understated_readings += error > error_min_;
  return {reading, error_min_};
}

void Clock::restart(random::Key incarnation) {
  const Instant before = monotonic_at(kernel_.now());
  if (faults_ && faults_->freezes > 0) {
    settle_frozen();
    // A clock that starts now missed nothing; the wall did.
    faults_->lost = faults_->lost + faults_->missed;
    faults_->missed = {};
  }
  anchor_truth_ = kernel_.now();
  anchor_monotonic_ =
      Instant(random::uniform(incarnation.draw(0), seconds(1).ns(), seconds(3600).ns()));
  wall_minus_monotonic_ns_ += (before - anchor_monotonic_).ns();
}

void Clock::set_rate(std::int64_t ppm) {
  anchor_monotonic_ = monotonic_at(kernel_.now());
  anchor_truth_ = kernel_.now();
  rate_ppm_ = ppm;
}

Instant Clock::true_time(Instant monotonic) const {
  if (monotonic == Instant::never()) return monotonic;
  const Duration wait = monotonic - anchor_monotonic_;
  if (wait <= Duration()) return kernel_.now();
  if (rate_ppm_ == 0) {
    if (wait > Instant::never() - anchor_truth_) return Instant::never();
    return std::max(kernel_.now(), anchor_truth_ + wait);
  }
  const std::int64_t rate = million + rate_ppm_;
  if (rate == 0) return Instant::never();
  // wait * million / rate, rounded up.
  const std::int64_t whole = wait.ns() / rate, rest = wait.ns() % rate;
  const auto scaled = static_cast<__int128>(whole) * million + (rest * million + rate - 1) / rate;
  if (scaled > (Instant::never() - anchor_truth_).ns()) return Instant::never();
  return std::max(kernel_.now(), anchor_truth_ + Duration(static_cast<std::int64_t>(scaled)));
}

}  // namespace blackout::clock
