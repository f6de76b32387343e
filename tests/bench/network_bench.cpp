// Messages between nodes through the whole model: task, guard, link, keyed draws, trace with hash,
// kernel, mailbox, task. The payload of 100 bytes is forwarded, as a relay would.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdio>

#include "models/node/cluster.hpp"
#include "sim/random/distributions.hpp"

namespace blackout {
namespace {

node::Settings settings(std::uint32_t nodes, std::uint64_t bits_per_second) {
  node::Settings result;
  network::LinkProfile link;
  link.jitter_ppm = 200'000;
  link.bits_per_second = bits_per_second;
  for (std::uint32_t id = 0; id < nodes; ++id) {
    result.network.nodes.push_back(
        {RegionId(static_cast<std::uint16_t>(id % 3)), static_cast<std::uint16_t>(id / 3 % 3)});
  }
  link.delay = microseconds(50);
  result.network.within_node = link;
  result.network.within_zones.assign(3, link);
  link.delay = microseconds(500);
  result.network.between_regions.assign(9, link);
  return result;
}

struct World {
  explicit World(const node::Settings& chosen)
      : cluster(kernel, recorder, random::Key(1), chosen) {}
  kernel::Kernel kernel;
  trace::Recorder recorder{kernel};
  node::Cluster cluster;
};

// Runs the world for as long as the benchmark asks, a millisecond of simulated time at once.
void measure(benchmark::State& state, World& world) {
  const auto advance = [&](Duration span) { world.kernel.run_until(world.kernel.now() + span); };
  advance(milliseconds(20));
  const std::uint64_t before = world.cluster.network().totals().delivered;
  for ([[maybe_unused]] auto _ : state) advance(milliseconds(10));
  state.SetItemsProcessed(
      static_cast<std::int64_t>(world.cluster.network().totals().delivered - before));
}

void ping_pong(benchmark::State& state) {
  World world(settings(2, 0));
  for (std::uint32_t id = 0; id < 2; ++id) {
    world.cluster.node(NodeId(id)).start([](env::Environment& env) {
      const NodeId peer(1 - env.self.value());
      if (env.self == NodeId(0)) env.network.send(peer, Bytes(100));
      while (true) env.network.send(peer, env.network.receive().message);
    });
  }
  measure(state, world);
}
BENCHMARK(ping_pong)->Name("network/ping_pong");

// Every node keeps two messages under way, each to a node drawn anew.
void mesh(benchmark::State& state) {
  const auto nodes = static_cast<std::uint32_t>(state.range(0));
  World world(settings(nodes, static_cast<std::uint64_t>(state.range(1)) * 1'000'000'000));
  for (std::uint32_t id = 0; id < nodes; ++id) {
    world.cluster.node(NodeId(id)).start([nodes](env::Environment& env) {
      const auto any_node = [&] {
        return NodeId(static_cast<std::uint32_t>(random::below(env.random.next(), nodes)));
      };
      for (int i = 0; i < 2; ++i) env.network.send(any_node(), Bytes(100));
      while (true) {
        env::Envelope envelope = env.network.receive();
        env.network.send(any_node(), std::move(envelope.message));
      }
    });
  }
  measure(state, world);
}
BENCHMARK(mesh)
    ->Name("network/mesh")
    ->ArgNames({"nodes", "gbit"})
    ->Args({50, 0})
    ->Args({50, 10})
    ->Args({1'000, 0})
    ->Args({10'000, 0});

std::int64_t resident_bytes() {
  long total = 0;
  long resident = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  const int read = std::fscanf(file, "%ld %ld", &total, &resident);
  std::fclose(file);
  return read == 2 ? resident * sysconf(_SC_PAGESIZE) : 0;
}

// Starts nodes that wait for a message that never comes; the counter is what each keeps resident.
void idle_nodes(benchmark::State& state) {
  const auto nodes = static_cast<std::uint32_t>(state.range(0));
  for ([[maybe_unused]] auto _ : state) {
    const std::int64_t before = resident_bytes();
    World world(settings(nodes, 0));
    for (std::uint32_t id = 0; id < nodes; ++id) {
      world.cluster.node(NodeId(id)).start([](env::Environment& env) { env.network.receive(); });
    }
    world.kernel.run_until(Instant() + milliseconds(1));
    state.counters["bytes_per_node"] = static_cast<double>((resident_bytes() - before) / nodes);
  }
  state.SetItemsProcessed(state.iterations() * nodes);
}
BENCHMARK(idle_nodes)->Name("network/idle_nodes")->ArgName("nodes")->Arg(1'000)->Iterations(1);

}  // namespace
}  // namespace blackout
