// The pictures of a report, all over the same time: who led and who was away, what clients got, how
// long writes and replicas took. Faults stand behind each of them.
#pragma once

#include <string>
#include <vector>

#include "reports/html/chart.hpp"
#include "reports/html/series.hpp"
#include "reports/record/run_record.hpp"
#include "reports/text/lanes.hpp"

namespace blackout::html {

// The time axis of a run: as far as it came.
Axis axis_of(const record::RunRecord& run);

std::string timeline_chart(const record::RunRecord& run, const Axis& axis,
                           const text::Lanes& lanes);

// Where the time of the slowest recovery went; empty without one.
std::string recovery_chart(const record::RunRecord& run);

std::string strips_chart(const record::RunRecord& run, const Axis& axis, const text::Lanes& lanes,
                         const std::vector<Strip>& strips, const Buckets& buckets);

// A promised limit, drawn over the phase that it holds for.
struct Limit {
  Instant from, to;
  Duration max;
  std::string words;
};

// p50, p99 and max on a logarithmic axis.
std::string quantiles_chart(const record::RunRecord& run, const Axis& axis,
                            const std::vector<Quantiles>& quantiles, const Buckets& buckets,
                            const std::vector<Limit>& limits, const std::string& name);

std::vector<Limit> latency_limits(const record::PlanFacts& plan);
std::vector<Limit> lag_limits(const record::PlanFacts& plan);

}  // namespace blackout::html
