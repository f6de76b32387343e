// A campaign's runs as a worker performs them, each in a process of its own, and what is reached.
#include <benchmark/benchmark.h>

#include <fstream>
#include <sstream>
#include <string>

#include "harness/explore/coverage.hpp"
#include "harness/explore/run_one.hpp"
#include "harness/scenario/scenario.hpp"

namespace {

using namespace blackout;

scenario::Scenario shipped(const std::string& name) {
  const std::string directory = std::string(BLACKOUT_SOURCE_DIR) + "/scenarios";
  std::ifstream in(directory + "/" + name + ".json");
  std::stringstream text;
  text << in.rdbuf();
  auto loaded = scenario::load({name, text.str(), directory});
  CHECK(loaded.ok());
  return std::move(loaded).value();
}

void campaign_runs(benchmark::State& state, const std::string& name) {
  const scenario::Scenario scenario = shipped(name);
  std::uint64_t seed = 0;
  Duration simulated;
  for (auto _ : state) {
    const explore::Summary summary =
        explore::probe(scenario::draw(scenario, ++seed, scenario::Strategy::targeted), {}, "");
    CHECK(!summary.broken);
    simulated = simulated + (summary.simulated - Instant(0));
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["simulated_s"] =
      benchmark::Counter(static_cast<double>(simulated.ns()) / 1e9, benchmark::Counter::kIsRate);
}

void abstract_states(benchmark::State& state, const std::string& name) {
  const record::RunRecord run = explore::run_here(scenario::draw(shipped(name), 1), {});
  for (auto _ : state) {
    benchmark::DoNotOptimize(explore::abstract_states(run.plan, run.trace));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(run.trace.size()) * state.iterations());
}

BENCHMARK_CAPTURE(campaign_runs, nodes, "node/fuzz-nodes")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(campaign_runs, partitions, "fuzz-partition-schedules")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(abstract_states, partitions, "fuzz-partition-schedules")
    ->Unit(benchmark::kMillisecond);

}  // namespace
