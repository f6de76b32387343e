// What faults do to a clock.
#include <algorithm>

#include "host/base/check.hpp"
#include "models/clock/clock.hpp"

namespace blackout::clock {
namespace {

constexpr std::int64_t million = 1'000'000;
constexpr std::int64_t standstill_ppm = -million;

}  // namespace

Clock::Faults& Clock::faults() {
  if (!faults_) {
    faults_ = std::make_unique<Faults>();
    faults_->drift_ppm = rate_ppm_;
  }
  return *faults_;
}

std::int64_t Clock::drift_ppm() const { return faults_ ? faults_->drift_ppm : rate_ppm_; }

void Clock::step(Duration by, FaultTag tag) {
  wall_minus_monotonic_ns_ += by.ns();
  adjust(Kind::step, by.ns(), tag);
}

void Clock::drift(std::int64_t by_ppm, FaultTag tag) {
  Faults& all = faults();
  const std::int64_t ppm = all.drift_ppm + by_ppm;
  CHECK(ppm >= -million / 2 && ppm <= million);
  if (all.freezes > 0) {
    settle_frozen();
  } else {
    set_rate(ppm);
  }
  all.drift_ppm = ppm;
  adjust(Kind::drift, by_ppm, tag);
}

void Clock::settle_frozen() {
  rate_ppm_ = faults_->drift_ppm;
  const Duration gained = monotonic_at(kernel_.now()) - anchor_monotonic_;
  rate_ppm_ = standstill_ppm;
  anchor_truth_ = kernel_.now();
  Duration& sum = faults_->losing_freezes > 0 ? faults_->lost : faults_->missed;
  sum = sum + gained;
}

void Clock::freeze(CatchUp catch_up, FaultTag tag) {
  Faults& all = faults();
  if (all.freezes > 0) {
    settle_frozen();
  } else {
    set_rate(standstill_ppm);
    all.frozen_since = kernel_.now();
  }
  ++all.freezes;
  if (catch_up == CatchUp::none) ++all.losing_freezes;
  begin({tag, Kind::freeze, static_cast<std::int64_t>(catch_up), {}, {}});
}

void Clock::thaw(FaultTag tag) {
  Faults& all = faults();
  const Fault fault = end(Kind::freeze, tag);
  settle_frozen();
  if (fault.amount == static_cast<std::int64_t>(CatchUp::none)) --all.losing_freezes;
  if (--all.freezes > 0) return;
  rate_ppm_ = all.drift_ppm;
  anchor_monotonic_ = anchor_monotonic_ + all.missed;
  wall_minus_monotonic_ns_ += all.lost.ns();
  all.missed = all.lost = {};
}

void Clock::smear(Duration by, Duration window, FaultTag tag) {
  CHECK(window > Duration());
  begin({tag, Kind::smear, by.ns(), window, kernel_.now()});
}

void Clock::unsmear(FaultTag tag) { end(Kind::smear, tag); }

std::int64_t Clock::smeared_ns() const {
  const Instant now = faults_->freezes > 0 ? faults_->frozen_since : kernel_.now();
  std::int64_t sum = 0;
  for (const Fault& fault : faults_->active) {
    if (fault.kind != Kind::smear) continue;
    const Duration elapsed = std::clamp(now - fault.since, Duration(), fault.window);
    sum += static_cast<std::int64_t>(static_cast<__int128>(fault.amount) * elapsed.ns() /
                                     fault.window.ns());
  }
  return sum;
}

Duration Clock::smear_target() const {
  Duration sum;
  if (!faults_) return sum;
  for (const Fault& fault : faults_->active) {
    if (fault.kind == Kind::smear) sum = sum + Duration(fault.amount);
  }
  return sum;
}

Duration Clock::misled() const { return faults_ ? faults_->misled : Duration(); }

void Clock::mislead(Duration by, FaultTag tag) {
  faults().misled = misled() + by;
  begin({tag, Kind::mislead, by.ns(), {}, {}});
}

void Clock::correct(FaultTag tag) {
  faults().misled = misled() - Duration(end(Kind::mislead, tag).amount);
}

void Clock::understate(FaultTag tag) {
  ++faults().understating;
  begin({tag, Kind::understate, 0, {}, {}});
}

void Clock::admit(FaultTag tag) {
  end(Kind::understate, tag);
  --faults().understating;
}

std::uint64_t Clock::conditions() const {
  if (!faults_) return 0;
  std::uint64_t sum = 0;
  for (const Fault& fault : faults_->active) {
    switch (fault.kind) {
      case Kind::freeze:
        sum |= static_cast<std::uint64_t>(Condition::frozen);
        break;
      case Kind::smear:
        sum |= static_cast<std::uint64_t>(Condition::smeared);
        break;
      case Kind::mislead:
        sum |= static_cast<std::uint64_t>(Condition::misled);
        break;
      case Kind::understate:
        sum |= static_cast<std::uint64_t>(Condition::understated);
        break;
      case Kind::step:
      case Kind::drift:
        break;  // have events of their own
    }
  }
  return sum;
}

std::uint64_t Clock::readings(Kind kind) const {
  switch (kind) {
    case Kind::drift:
    case Kind::freeze:
      return faults_->monotonic_readings + faults_->wall_readings;
    case Kind::understate:
      return faults_->understated_readings;
    case Kind::step:
    case Kind::smear:
    case Kind::mislead:
      break;
  }
  return faults_->wall_readings;
}

std::vector<Clock::Fault>::iterator Clock::find(Kind kind, FaultTag tag) {
  auto& active = faults().active;
  return std::find_if(active.begin(), active.end(), [kind, tag](const Fault& fault) {
    return fault.kind == kind && fault.tag == tag;
  });
}

void Clock::begin(Fault fault) {
  auto& active = faults().active;
  fault.readings_before = readings(fault.kind);
  active.push_back(fault);
}

void Clock::adjust(Kind kind, std::int64_t by, FaultTag tag) {
  if (by == 0) return;
  const auto found = find(kind, tag);
  if (found == faults_->active.end()) return begin({tag, kind, by, {}, {}});
  found->amount += by;
  if (found->amount == 0) conclude(found);
}

Clock::Fault Clock::end(Kind kind, FaultTag tag) {
  const auto found = find(kind, tag);
  CHECK(found != faults_->active.end(), "this fault is not on the clock");
  const Fault fault = *found;
  conclude(found);
  return fault;
}

void Clock::conclude(std::vector<Fault>::iterator fault) {
  faults_->effects[fault->tag] += readings(fault->kind) - fault->readings_before;
  faults_->active.erase(fault);
}

std::uint64_t Clock::effect(FaultTag tag) const {
  if (!faults_) return 0;
  const auto found = faults_->effects.find(tag);
  std::uint64_t sum = found == faults_->effects.end() ? 0 : found->second;
  for (const Fault& fault : faults_->active) {
    if (fault.tag == tag) sum += readings(fault.kind) - fault.readings_before;
  }
  return sum;
}

}  // namespace blackout::clock
