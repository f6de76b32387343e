// Three cores in memory: entries per second from propose through step and Output to apply, with
// batches as a loaded driver would form them and an instant, reliable network and disk.
#include <benchmark/benchmark.h>

#include <array>
#include <utility>
#include <vector>

#include "platform/raft/raft.hpp"

namespace blackout::raft {
namespace {

class Trio {
 public:
  Trio() {
    Config config{.self = NodeId(0), .founders = Configuration({NodeId(0), NodeId(1), NodeId(2)})};
    for (std::uint32_t i = 0; i < 3; ++i) {
      config.self = NodeId(i);
      config.random_seed = i;
      nodes_.emplace_back(config, Recovered{});
    }
    while (nodes_[0].role() == Role::follower) nodes_[0].tick();
    pump();
  }

  void propose(const Payload& payload, std::size_t count) {
    std::vector<Proposal> proposals(count, Proposal{payload, 1});
    CHECK(nodes_[0].propose(std::move(proposals)).ok());
    pump();
  }
  [[nodiscard]] std::uint64_t applied() const { return applied_; }

 private:
  void pump() {
    bool busy = true;
    while (busy) {
      busy = false;
      for (Raft& node : nodes_) {
        std::unique_ptr<Output> output = node.take_output();
        if (output == nullptr) continue;
        busy = true;
        node.persisted(output->id);
        applied_ += output->committed.size();
        for (auto* messages : {&output->messages_now, &output->messages}) {
          for (Message& message : *messages) {
            const std::size_t to = message.to.value();
            nodes_[to].step(std::move(message));
          }
        }
      }
    }
  }

  std::vector<Raft> nodes_;
  std::uint64_t applied_ = 0;
};

void raft_entries(benchmark::State& state) {
  const auto batch = static_cast<std::size_t>(state.range(0));
  const Payload payload(Bytes(100, 7));
  constexpr std::size_t entries =
      200'000;  // a fresh cluster for each: the log stays as long as that
  for (auto _ : state) {
    state.PauseTiming();
    auto trio = std::make_unique<Trio>();
    state.ResumeTiming();
    for (std::size_t done = 0; done < entries; done += batch) trio->propose(payload, batch);
    benchmark::DoNotOptimize(trio->applied());
    state.PauseTiming();
    trio.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(entries));
}
BENCHMARK(raft_entries)->Arg(1)->Arg(16)->Arg(128)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace blackout::raft
