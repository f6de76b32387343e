// The bare machine: event queue, fibers, and both together, without nodes or a network.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <deque>
#include <vector>

#include "sim/kernel/kernel.hpp"

namespace blackout::kernel {
namespace {

// Cheap latencies that repeat in every run.
class Draws {
 public:
  std::uint64_t below(std::uint64_t bound) {
    state_ = state_ * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
    return ((state_ >> 32) * bound) >> 32;
  }
  // 80 % network, 15 % disk, 5 % timers.
  Duration latency() {
    const std::uint64_t kind = below(100);
    const std::uint64_t from = kind < 80 ? 500'000 : kind < 95 ? 20'000 : 100'000'000;
    const std::uint64_t span = kind < 80 ? 1'000'000 : kind < 95 ? 200'000 : 400'000'000;
    return nanoseconds(static_cast<std::int64_t>(from + below(span)));
  }

 private:
  std::uint64_t state_ = 1;
};

void items(benchmark::State& state, std::uint64_t per_iteration = 1) {
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * per_iteration));
}

// Fires events, `batch` at a time, until the benchmark ends.
constexpr std::uint64_t batch = 10'000;
struct Batch {
  std::uint64_t left = 0;
};
void run_batches(benchmark::State& state, Kernel& kernel, Batch& events) {
  for (auto _ : state) {
    events.left = batch;
    kernel.run_until(Instant::never());
  }
  items(state, batch);
}

struct Hold {
  Kernel& kernel;
  Draws& draws;
  Batch& events;
  std::uint64_t payload = 0;
  void operator()() {
    if (--events.left == 0) kernel.stop();
    kernel.at(kernel.now() + draws.latency(), Hold{kernel, draws, events, payload + 1});
  }
};

void schedule_and_fire(benchmark::State& state) {
  Kernel kernel;
  Draws draws;
  Batch events{batch};
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    kernel.at(Instant() + draws.latency(), Hold{kernel, draws, events});
  }
  for (std::int64_t i = 0; i < 2 * state.range(0); i += batch) {
    events.left = batch;
    kernel.run_until(Instant::never());
  }
  run_batches(state, kernel, events);
}
BENCHMARK(schedule_and_fire)->RangeMultiplier(10)->Range(100, 1'000'000);

// A call in flight has its answer and its time-out pending; the answer cancels the time-out and
// starts the next call. An item is an event that was scheduled and then fired or cancelled: two a
// call.
struct Answer {
  Kernel& kernel;
  Draws& draws;
  Batch& events;
  TimerId timeout;
  void operator()() {
    if (--events.left == 0) kernel.stop();
    kernel.cancel(timeout);
    call(kernel, draws, events);
  }
  static void call(Kernel& kernel, Draws& draws, Batch& events) {
    const TimerId timer = kernel.at(kernel.now() + milliseconds(500), [] {});
    const Duration latency =
        nanoseconds(static_cast<std::int64_t>(500'000 + draws.below(1'000'000)));
    kernel.at(kernel.now() + latency, Answer{kernel, draws, events, timer});
  }
};

void call_with_timeout(benchmark::State& state) {
  Kernel kernel;
  Draws draws;
  Batch events{batch};
  for (std::int64_t i = 0; i < state.range(0) / 2; ++i) Answer::call(kernel, draws, events);
  run_batches(state, kernel, events);
  items(state, 2 * batch);
  state.counters["pending"] = static_cast<double>(kernel.pending());
}
BENCHMARK(call_with_timeout)->RangeMultiplier(10)->Range(100, 1'000'000);

void create_and_finish_a_fiber(benchmark::State& state) {
  fiber::Pool pool;
  std::uint64_t runs = 0;
  for (auto _ : state) pool.resume(pool.create([&runs] { ++runs; }, 0, "short"));
  benchmark::DoNotOptimize(runs);
  items(state);
}
BENCHMARK(create_and_finish_a_fiber);

void resume_and_suspend(benchmark::State& state) {
  fiber::Pool pool;
  const fiber::FiberId fiber = pool.create(
      [&pool] {
        while (true) pool.suspend();
      },
      0, "endless");
  for (auto _ : state) pool.resume(fiber);
  items(state);
}
BENCHMARK(resume_and_suspend);

// Two fibers wake each other over a latency of 1 ms; an item is an event with its wake-up.
void ping_pong(benchmark::State& state) {
  Kernel kernel;
  Batch events{batch};
  fiber::FiberId fibers[2];
  for (int self = 0; self < 2; ++self) {
    const auto body = [&kernel, &events, &other = fibers[1 - self]] {
      while (true) {
        if (--events.left == 0) kernel.stop();
        kernel.resume_at(kernel.now() + milliseconds(1), other);
        kernel.fibers().suspend();
      }
    };
    fibers[self] = kernel.fibers().create(body, 0, "player");
  }
  kernel.resume_at(Instant(), fibers[0]);
  run_batches(state, kernel, events);
}
BENCHMARK(ping_pong);

// A sender and a receiver at one instant; a waiting side is woken by an event. An item is a value.
void bounded_queue(benchmark::State& state) {
  const auto capacity = static_cast<std::size_t>(state.range(0));
  Kernel kernel;
  Batch events{batch};
  std::deque<std::uint64_t> values;
  fiber::FiberId sender, receiver;
  bool sender_waits = false, receiver_waits = false;
  const auto wake = [&kernel](bool& waits, const fiber::FiberId& fiber) {
    if (std::exchange(waits, false)) kernel.resume_at(kernel.now(), fiber);
  };
  const auto wait = [&kernel](bool& waits) {
    waits = true;
    kernel.fibers().suspend();
  };
  auto send = [&] {
    for (std::uint64_t i = 0;; ++i) {
      while (values.size() >= capacity) wait(sender_waits);
      values.push_back(i);
      wake(receiver_waits, receiver);
    }
  };
  auto receive = [&] {
    while (true) {
      while (values.empty()) wait(receiver_waits);
      values.pop_front();
      wake(sender_waits, sender);
      // Time has to pass: the kernel takes an endless instant for a livelock.
      if (--events.left == 0) {
        kernel.stop();
        kernel.resume_at(kernel.now() + nanoseconds(1), receiver);
        kernel.fibers().suspend();
      }
    }
  };
  sender = kernel.fibers().create([&send] { send(); }, 0, "sender");
  receiver = kernel.fibers().create([&receive] { receive(); }, 0, "receiver");
  kernel.resume_at(Instant(), sender);
  kernel.resume_at(Instant(), receiver);
  run_batches(state, kernel, events);
}
BENCHMARK(bounded_queue)->Arg(1)->Arg(16);

// Every fiber that wakes wakes a random one 0.5 to 1.5 ms later; one wake-up is in flight per
// fiber.
void mesh(benchmark::State& state) {
  Kernel kernel;
  Draws draws;
  Batch events{batch};
  std::vector<fiber::FiberId> fibers(static_cast<std::size_t>(state.range(0)));
  const auto latency = [&draws] {
    return nanoseconds(static_cast<std::int64_t>(500'000 + draws.below(1'000'000)));
  };
  auto body = [&] {
    while (true) {
      if (--events.left == 0) kernel.stop();
      const fiber::FiberId other = fibers[draws.below(fibers.size())];
      kernel.resume_at(kernel.now() + latency(), other);
      kernel.fibers().suspend();
    }
  };
  for (fiber::FiberId& fiber : fibers) {
    fiber = kernel.fibers().create([&body] { body(); }, 0, "peer");
    kernel.resume_at(Instant() + latency(), fiber);
  }
  run_batches(state, kernel, events);
}
BENCHMARK(mesh)->Arg(50)->Arg(500)->Arg(1'000)->Arg(2'000)->Arg(10'000);

std::int64_t resident_bytes() {
  long pages = 0;
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr || std::fscanf(file, "%*s %ld", &pages) != 1) pages = 0;
  if (file != nullptr) std::fclose(file);
  return pages * sysconf(_SC_PAGESIZE);
}

void idle_fibers(benchmark::State& state) {
  std::int64_t bytes = 0;
  for (auto _ : state) {
    fiber::Pool pool;
    const std::int64_t before = resident_bytes();
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      pool.resume(pool.create([&pool] { pool.suspend(); }, 0, "idle"));
    }
    bytes = resident_bytes() - before;
  }
  items(state, static_cast<std::uint64_t>(state.range(0)));
  state.counters["bytes_per_fiber"] = static_cast<double>(bytes / state.range(0));
}
BENCHMARK(idle_fibers)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace blackout::kernel
