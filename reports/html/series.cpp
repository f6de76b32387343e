#include "reports/html/series.hpp"

#include <algorithm>

#include "reports/html/chart.hpp"

namespace blackout::html {
namespace {

constexpr std::int64_t buckets_max = 250;

using Samples = std::vector<std::vector<std::int64_t>>;  // nanoseconds, by bucket

std::vector<Quantiles> quantiles_of(Samples samples) {
  std::vector<Quantiles> all;
  for (std::vector<std::int64_t>& bucket : samples) {
    Quantiles& quantiles = all.emplace_back();
    if (bucket.empty()) continue;
    std::sort(bucket.begin(), bucket.end());
    // Nearest rank.
    const auto at = [&](std::size_t percent) {
      return Duration(bucket[(bucket.size() * percent + 99) / 100 - 1]);
    };
    quantiles = {bucket.size(), at(50), at(99), at(100)};
  }
  return all;
}

// From which entry on the ones of a shard were known committed, and when.
struct Commit {
  std::uint64_t index;
  Instant at;
};

}  // namespace

Buckets::Buckets(Instant end)
    : length_(round_step(end - Instant(0), buckets_max)),
      count_(static_cast<std::size_t>(end.ns() / length_.ns()) + 1) {}

std::size_t Buckets::of(Instant at) const {
  const std::int64_t bucket = std::max<std::int64_t>(0, at.ns()) / length_.ns();
  return std::min(static_cast<std::size_t>(bucket), count_ - 1);
}

Answers Strip::total() const {
  Answers sum;
  for (const Answers& bucket : buckets) sum += bucket;
  return sum;
}

std::vector<Strip> strips_of(const record::RunRecord& run, const Buckets& buckets) {
  std::vector<Strip> strips;
  for (std::uint32_t group = 0; group < run.plan.groups.size(); ++group) {
    for (const RegionId region : run.plan.groups[group].from) {
      strips.push_back({group, region, std::vector<Answers>(buckets.count())});
    }
  }
  for (const record::Operation& operation : run.history.operations) {
    const auto strip = std::find_if(strips.begin(), strips.end(), [&](const Strip& one) {
      return one.group == operation.group && one.region == operation.region;
    });
    if (strip == strips.end()) continue;
    Answers& answers = strip->buckets[buckets.of(operation.invoked)];
    if (operation.outcome == record::Outcome::ok) ++answers.ok;
    if (operation.outcome == record::Outcome::fail) ++answers.failed;
    if (operation.outcome == record::Outcome::info) ++answers.unknown;
  }
  return strips;
}

std::vector<Quantiles> write_latency(const record::RunRecord& run, const Buckets& buckets) {
  Samples samples(buckets.count());
  for (const record::Operation& operation : run.history.operations) {
    const bool write = operation.kind != record::OperationKind::get;
    if (!write || operation.probe || operation.outcome != record::Outcome::ok) continue;
    const Duration latency = operation.completed - operation.invoked;
    samples[buckets.of(operation.invoked)].push_back(latency.ns());
  }
  return quantiles_of(std::move(samples));
}

std::vector<Quantiles> apply_lag(const record::RunRecord& run, const Buckets& buckets) {
  trace::KindSet kinds{};
  kinds[static_cast<std::size_t>(EventKind::commit_advanced)] = true;
  kinds[static_cast<std::size_t>(EventKind::entry_applied)] = true;
  kinds[static_cast<std::size_t>(EventKind::snapshot_restored)] = true;
  std::vector<std::vector<Commit>> commits(run.plan.shards.size());
  Samples samples(buckets.count());
  trace::Cursor cursor(run.trace);
  Event event;
  while (cursor.next_of(kinds, event)) {
    if (event.shard.value() >= commits.size()) continue;
    std::vector<Commit>& known = commits[event.shard.value()];
    if (event.kind == EventKind::commit_advanced) {
      if (known.empty() || known.back().index < event.a) known.push_back({event.a, event.at});
      continue;
    }
    const auto commit =
        std::lower_bound(known.begin(), known.end(), event.a,
                         [](const Commit& one, std::uint64_t index) { return one.index < index; });
    if (commit == known.end()) continue;
    samples[buckets.of(event.at)].push_back((event.at - commit->at).ns());
  }
  return quantiles_of(std::move(samples));
}

}  // namespace blackout::html
