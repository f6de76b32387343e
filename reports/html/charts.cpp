#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/html/behind.hpp"
#include "reports/html/timeline.hpp"
#include "reports/text/style.hpp"

namespace blackout::html {
namespace {

constexpr std::int64_t letters = 16;  // room for the letters of faults at the top
constexpr std::int64_t strip_height = 26;
constexpr std::int64_t strip_row = 34;
constexpr std::int64_t curve_height = 130;
constexpr std::int64_t ticks_height = 20;

std::string answers_text(const Answers& answers) {
  return fmt::format("{} ok, {} failed, {} unknown", text::grouped(answers.ok),
                     text::grouped(answers.failed), text::grouped(answers.unknown));
}

// The fault that a figure is counted from; null without one.
const record::FaultFact* fault_of(const record::RunRecord& run, const std::string& objective) {
  for (const record::ObjectiveRow& row : run.verdict.objectives) {
    if (row.name != objective) continue;
    for (const record::FaultFact& fault : run.plan.faults) {
      if (!row.fault.empty() && row.fault == fault.letter) return &fault;
    }
  }
  return nullptr;
}

class Strips {
 public:
  Strips(const record::RunRecord& run, const Axis& axis, const text::Lanes& lanes,
         const Buckets& buckets)
      : run_(run),
        lanes_(lanes),
        buckets_(buckets),
        chart_(axis, "What clients got",
               "For each client group and region the share of operations that succeeded.") {}

  std::string html(const std::vector<Strip>& strips) {
    y_ = letters;
    draw_faults(chart_, run_, letters + static_cast<std::int64_t>(strips.size()) * strip_row);
    for (const Strip& strip : strips) draw(strip);
    mark_rpo();
    mark_rto();
    chart_.ticks(y_);
    return chart_.html(y_ + ticks_height);
  }

 private:
  void draw(const Strip& strip) {
    const std::string& group = run_.plan.groups[strip.group].name;
    const std::string& region = run_.plan.regions[strip.region.value()].name;
    chart_.name(y_ + 12, group, "region");
    chart_.name(y_ + 25, region);
    chart_.begin_part(group + " in " + region + ": " + answers_text(strip.total()));
    for (std::size_t from = 0, to = 0; from < strip.buckets.size(); from = to) {
      const Answers& answers = strip.buckets[from];
      const bool plain = answers.all() == answers.ok;
      const auto alike = [&](const Answers& other) {
        return plain && other.all() == other.ok && (other.ok > 0) == (answers.ok > 0);
      };
      to = from + 1;
      while (to < strip.buckets.size() && alike(strip.buckets[to])) ++to;
      if (answers.all() > 0) bar(strip, from, to);
    }
    absent(strip.region);
    chart_.end_part();
    y_ += strip_row;
  }

  // Success from the ground up, then what is unknown, then what failed.
  void bar(const Strip& strip, std::size_t first, std::size_t end) {
    Answers sum;
    for (std::size_t i = first; i < end; ++i) sum += strip.buckets[i];
    const Instant from = buckets_.start(first),
                  to = std::min(buckets_.start(end), chart_.axis().end());
    const std::string hint =
        answers_text(sum) + " from " + text::story_time(from) + " to " + text::story_time(to);
    const auto share = [&](std::uint64_t part) {
      if (part == 0) return std::int64_t{0};
      const auto height = static_cast<std::int64_t>(part * strip_height / sum.all());
      return std::max<std::int64_t>(2, height);  // what happened at all is seen
    };
    const std::int64_t failed = share(sum.failed), unknown = share(sum.unknown);
    const std::int64_t ok = std::max<std::int64_t>(0, strip_height - failed - unknown);
    chart_.box(from, to, y_, failed, "failed", hint);
    chart_.box(from, to, y_ + failed, unknown, "unknown", hint);
    chart_.box(from, to, y_ + failed + unknown, ok, "ok", hint);
  }

  // Where all hosts of the region's clients are down, nobody asks.
  void absent(RegionId region) {
    for (std::size_t n = 0; n < run_.plan.nodes.size(); ++n) {
      const record::NodeFact& node = run_.plan.nodes[n];
      if (!node.client_host || node.region != region) continue;
      for (const text::AbsentSpan& span : lanes_.absent[n]) {
        chart_.box(span.from, span.to, y_, strip_height, span.paused ? "paused" : "down",
                   node.name + (span.paused ? " paused" : " down"), 10);
      }
    }
  }

  void mark(Instant from, Instant to, Instant fault, const std::string& name,
            const std::string& words) {
    chart_.name(y_ + 14, name, "region");
    chart_.box(from, to, y_ + 3, 12, "measure " + name, words, 20);
    const Instant end = std::max(to, fault);
    chart_.word(end, end, y_ + 14, words, "word", true);
    y_ += ticks_height;
  }

  void mark_rpo() {
    const record::FaultFact* fault = fault_of(run_, "rpo");
    const Duration length = run_.verdict.rpo_time;
    if (fault == nullptr || length <= Duration()) return;
    mark(fault->at - length, fault->at, fault->at, "rpo",
         "rpo " + format_duration(length) + " before " + fault->letter);
  }

  void mark_rto() {
    const record::FaultFact* fault = fault_of(run_, "rto");
    const Duration length = run_.verdict.rto;
    if (fault == nullptr || length <= Duration()) return;
    mark(fault->at, fault->at + length, fault->at, "rto",
         "rto " + format_duration(length) + " after " + fault->letter);
  }

  const record::RunRecord& run_;
  const text::Lanes& lanes_;
  const Buckets& buckets_;
  Chart chart_;
  std::int64_t y_ = 0;
};

// Powers of ten of nanoseconds that hold all values.
struct Decades {
  int low, high;

  Decades(const std::vector<Quantiles>& quantiles, const std::vector<Limit>& limits)
      : low(18), high(3) {
    const auto take = [&](Duration value) {
      const double power = std::log10(static_cast<double>(std::max<std::int64_t>(1, value.ns())));
      low = std::clamp(static_cast<int>(std::floor(power)), 3, low);
      high = std::max(high, static_cast<int>(std::ceil(power)));
    };
    for (const Quantiles& bucket : quantiles) {
      if (bucket.count == 0) continue;
      take(bucket.p50);
      take(bucket.max);
    }
    for (const Limit& limit : limits) take(limit.max);
    low = std::min(low, high - 1);
  }

  [[nodiscard]] std::int64_t y_tenths(Duration value) const {
    const double power = std::log10(static_cast<double>(std::max<std::int64_t>(1, value.ns())));
    const double share = std::clamp((power - low) / (high - low), 0.0, 1.0);
    return (letters + curve_height) * 10 - std::llround(share * curve_height * 10);
  }
};

Duration power_of_ten(int power) {
  std::int64_t value = 1;
  for (int i = 0; i < power; ++i) value *= 10;
  return Duration(value);
}

Limit limit_of(const record::PlanFacts& plan, record::Phase over, Duration max,
               const std::string& what) {
  const record::Timeline& timeline = plan.timeline;
  Limit limit{Instant(0), timeline.end(), max, what + " ≤ " + format_duration(max)};
  if (over == record::Phase::warmup) limit.to = timeline.chaos_start();
  if (over == record::Phase::chaos) limit.from = timeline.chaos_start();
  if (over == record::Phase::chaos) limit.to = timeline.calm_start();
  if (over == record::Phase::calm) limit.from = timeline.calm_start();
  return limit;
}

}  // namespace

std::string strips_chart(const record::RunRecord& run, const Axis& axis, const text::Lanes& lanes,
                         const std::vector<Strip>& strips, const Buckets& buckets) {
  return Strips(run, axis, lanes, buckets).html(strips);
}

std::string quantiles_chart(const record::RunRecord& run, const Axis& axis,
                            const std::vector<Quantiles>& quantiles, const Buckets& buckets,
                            const std::vector<Limit>& limits, const std::string& name) {
  Chart chart(axis, name, "The median, the 99th percentile and the maximum of each bucket.");
  const Decades decades(quantiles, limits);
  const std::int64_t bottom = letters + curve_height;
  draw_faults(chart, run, bottom);
  for (int power = decades.low; power <= decades.high; ++power) {
    const std::int64_t y = decades.y_tenths(power_of_ten(power)) / 10;
    chart.name(y + 4, format_duration(power_of_ten(power)), "value");
    chart.level(y, Instant(0), axis.end(), "grid");
  }
  for (const Limit& limit : limits) {
    const std::int64_t y = decades.y_tenths(limit.max) / 10;
    chart.level(y, limit.from, std::min(limit.to, axis.end()), "limit");
    chart.word(limit.from, limit.to, y - 3, limit.words, "word");
  }
  const auto curve = [&](Duration Quantiles::*figure, const char* kind) {
    std::vector<Chart::Point> points;
    bool gap = true;
    for (std::size_t i = 0; i < quantiles.size(); ++i) {
      if (quantiles[i].count > 0) {
        points.push_back(
            {buckets.start(i) + buckets.length() / 2, decades.y_tenths(quantiles[i].*figure), gap});
      }
      gap = quantiles[i].count == 0;
    }
    chart.curve(points, kind);
  };
  curve(&Quantiles::max, "curve max");
  curve(&Quantiles::p99, "curve p99");
  curve(&Quantiles::p50, "curve p50");
  chart.ticks(bottom);
  return chart.html(bottom + ticks_height);
}

std::vector<Limit> latency_limits(const record::PlanFacts& plan) {
  std::vector<Limit> limits;
  for (const record::LatencyObjective& promise : plan.objectives.latency) {
    if (promise.kind == record::OperationKind::get) continue;
    const std::uint32_t permille = promise.percentile_permille;
    const std::string percentile = permille >= 1000     ? "max"
                                   : permille % 10 == 0 ? fmt::format("p{}", permille / 10)
                                                        : fmt::format("p{}", permille);
    limits.push_back(limit_of(plan, promise.over, promise.max, "promised " + percentile));
  }
  return limits;
}

std::vector<Limit> lag_limits(const record::PlanFacts& plan) {
  if (!plan.objectives.lag) return {};
  return {limit_of(plan, plan.objectives.lag->over, plan.objectives.lag->max, "promised")};
}

}  // namespace blackout::html
