// Whole scenarios: simulated seconds per second of one core, with every checker on and without any.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <fstream>
#include <sstream>
#include <string>

#include "harness/explore/run_one.hpp"
#include "harness/scenario/scenario.hpp"
#include "harness/system/registry/registry.hpp"
#include "harness/world/world.hpp"
#include "host/base/heap.hpp"

namespace {

using namespace blackout;

scenario::Plan plan_of(const std::string& name, std::uint64_t seed) {
  const std::string directory = std::string(BLACKOUT_SOURCE_DIR) + "/scenarios";
  const std::string file = directory + "/" + name + ".json";
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  const auto loaded = scenario::load({file, text.str(), directory});
  CHECK(loaded.ok());
  return scenario::draw(loaded.value(), seed);
}

// As in the process of a run.
const bool heap_grown = (grow_heap_on_huge_pages(512u << 20), true);

void report(benchmark::State& state, Instant simulated, std::uint64_t events) {
  using benchmark::Counter;
  const double runs = static_cast<double>(state.iterations());
  state.counters["simulated_s"] =
      Counter(static_cast<double>(simulated.ns()) / 1e9 * runs, Counter::kIsRate);
  state.SetItemsProcessed(static_cast<std::int64_t>(events) * state.iterations());
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  state.counters["peak_MiB"] = static_cast<double>(usage.ru_maxrss) / 1024;
}

void scenario_judged(benchmark::State& state, const std::string& name) {
  const scenario::Plan plan = plan_of(name, 1);
  record::RunRecord run;
  for (auto _ : state) run = explore::run_here(plan, {});
  CHECK(run.verdict.conclusion != record::Conclusion::violated);
  report(state, run.simulated, run.trace.size());
}

void scenario_simulated_only(benchmark::State& state, const std::string& name) {
  const scenario::Plan plan = plan_of(name, 1);
  world::Result result;
  for (auto _ : state) {
    const auto system = system::make_system();
    world::World world(plan, *system);
    result = world.run();
  }
  report(state, result.simulated, result.trace.size());
}

BENCHMARK_CAPTURE(scenario_judged, region_loss, "region-loss-during-writes")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(scenario_simulated_only, region_loss, "region-loss-during-writes")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(scenario_judged, leader_isolated, "leader-isolated")
    ->Unit(benchmark::kMillisecond);

}  // namespace
