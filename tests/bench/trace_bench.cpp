// The trace and the distributions: items per second of what every event of a run pays for.
#include <benchmark/benchmark.h>

#include "host/base/hash.hpp"
#include "sim/random/distributions.hpp"
#include "sim/random/stream.hpp"
#include "sim/trace/trace.hpp"

namespace blackout {
namespace {

constexpr std::uint64_t events = 1'000'000;

std::vector<Event> message_events() {
  std::vector<Event> list;
  for (std::uint64_t id = 1; id <= events; ++id) {
    const std::uint64_t random = mix64(id);
    list.push_back(Event{Instant(static_cast<std::int64_t>(id * 40'000 + random % 40'000)),
                         EventId(id - 1 - random % (id < 8 ? id : 8)), EventKind::message_delivered,
                         NodeId(static_cast<std::uint32_t>(random >> 8 & 63)), no_shard,
                         random >> 16 & 63, 100 + (random >> 24 & 255), random % 60'000'000});
  }
  return list;
}

void trace_append(benchmark::State& state) {
  const auto list = message_events();
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    trace::Trace trace;
    for (const Event& event : list) trace.append(event);
    benchmark::DoNotOptimize(trace.hash());
    bytes = trace.bytes();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * events));
  state.counters["bytes_per_event"] = static_cast<double>(bytes) / static_cast<double>(events);
}
BENCHMARK(trace_append)->Unit(benchmark::kMillisecond);

void trace_scan(benchmark::State& state) {
  trace::Trace trace;
  for (const Event& event : message_events()) trace.append(event);
  for (auto _ : state) {
    trace::Cursor cursor(trace);
    Event event;
    std::uint64_t sum = 0;
    while (cursor.next(event)) sum += event.c + static_cast<std::uint64_t>(event.at.ns());
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * events));
}
BENCHMARK(trace_scan)->Unit(benchmark::kMillisecond);

void trace_decode(benchmark::State& state) {
  trace::Trace trace;
  for (const Event& event : message_events()) trace.append(event);
  const Bytes file = trace.encode();
  for (auto _ : state) benchmark::DoNotOptimize(trace::Trace::decode(file).ok());
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * events));
}
BENCHMARK(trace_decode)->Unit(benchmark::kMillisecond);

template <class Draw>
void draws(benchmark::State& state, Draw draw) {
  random::Stream stream(random::Key(1).child("bench"));
  for (auto _ : state) benchmark::DoNotOptimize(draw(stream.next()));
  state.SetItemsProcessed(state.iterations());
}
const random::LogNormal latency(31'000'000, 44'000'000);
const random::Zipf accounts(100'000);
BENCHMARK_CAPTURE(draws, bits, [](std::uint64_t bits) { return bits; });
BENCHMARK_CAPTURE(draws, below, [](std::uint64_t bits) { return random::below(bits, 1'000); });
BENCHMARK_CAPTURE(draws, happens, [](std::uint64_t bits) {
  return random::happens(bits, random::Probability{1'000});
});
BENCHMARK_CAPTURE(draws, uniform,
                  [](std::uint64_t bits) { return random::uniform(bits, 10, 1'000'000); });
BENCHMARK_CAPTURE(draws, log_uniform,
                  [](std::uint64_t bits) { return random::log_uniform(bits, 10, 1'000'000); });
BENCHMARK_CAPTURE(draws, exponential,
                  [](std::uint64_t bits) { return random::exponential(bits, 1'000'000); });
BENCHMARK_CAPTURE(draws, normal, [](std::uint64_t bits) { return random::normal_q32(bits); });
BENCHMARK_CAPTURE(draws, log_normal, [](std::uint64_t bits) { return latency(bits); });
BENCHMARK_CAPTURE(draws, zipf_100000, [](std::uint64_t bits) { return accounts(bits); });

}  // namespace
}  // namespace blackout
