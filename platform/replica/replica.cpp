#include "platform/replica/replica.hpp"

#include <utility>

#include "platform/raft/codec.hpp"

namespace blackout::replica {

Replica::Replica(env::Environment& environment, Config config)
    : environment_(environment), config_(std::move(config)) {}

void Replica::open() {
  auto opened = log::Log::open(environment_.disk);
  if (!opened) environment_.tasks.exit();
  log_ = std::make_shared<log::Log>(std::move(opened.value().log));
  log::Recovered& recovered = opened.value().recovered;
  if (recovered.torn_bytes != 0) {
    environment_.trace.report(EventKind::log_tail_torn, no_shard, recovered.torn_bytes);
  }
  for (const ShardConfig& shard : config_.shards) {
    shards_.push_back(std::make_unique<Shard>(environment_, shard, config_.tick,
                                              std::move(recovered.shards[shard.shard])));
  }
  persister_ = environment_.tasks.spawn("persist", [this] { persist_forever(); });
  environment_.tasks.spawn("tick", [this] { tick_forever(); });
}

void Replica::on_raft(BytesView message) {
  Reader reader(message);
  reader.u8();
  const std::uint64_t id = reader.varint();
  auto decoded = raft::decode_message(reader);
  if (!decoded || !reader.ok() || reader.left() != 0 || id >= no_shard.value()) return;
  Shard* shard = find(ShardId(static_cast<std::uint32_t>(id)));
  if (shard == nullptr) return;
  shard->raft().step(std::move(*decoded));
  pump(*shard);
}

void Replica::on_forward(NodeId gateway, BytesView message) {
  auto request = decode_request(message);
  if (!request) return;
  Shard* shard = find(request->shard);
  if (shard == nullptr) return;
  shard->serve(gateway, std::move(*request));
  pump(*shard);
}

Shard* Replica::find(ShardId shard) {
  for (const auto& candidate : shards_) {
    if (candidate->id() == shard) return candidate.get();
  }
  return nullptr;
}

void Replica::pump(Shard& shard) {
  std::unique_ptr<raft::Output> output = shard.raft().take_output();
  if (output == nullptr) return;
  shard.absorb(*output);
  // An Output without disk work may not overtake one that waits for the disk.
  if (output->must_persist() || persisting_ || !queue_.empty()) {
    queue_.push_back({&shard, std::move(output)});
    environment_.tasks.wake(persister_);
  } else {
    finish(shard, std::move(output));
  }
}

void Replica::finish(Shard& shard, std::unique_ptr<raft::Output> output) {
  shard.made_durable(*output);
  shard.raft().recycle(std::move(output));
}

void Replica::tick_forever() {
  while (true) {
    environment_.tasks.sleep(config_.tick);
    for (const auto& shard : shards_) {
      shard->raft().tick();
      pump(*shard);
    }
  }
}

void Replica::persist_forever() {
  // Of this task, not of the replica, which a crash may end first.
  std::vector<Job> jobs;
  std::vector<log::Batch> batches;
  while (true) {
    while (queue_.empty()) environment_.tasks.park();
    jobs.swap(queue_);
    for (const Job& job : jobs) {
      const raft::Output& output = *job.output;
      if (!output.must_persist()) continue;
      batches.push_back({job.shard->id(), output.hard_state, output.truncate_from, output.entries});
    }
    persisting_ = true;
    persist(batches);
    persisting_ = false;
    for (Job& job : jobs) finish(*job.shard, std::move(job.output));
    batches.clear();
    jobs.clear();
    for (const auto& shard : shards_) pump(*shard);
  }
}

void Replica::persist(std::span<const log::Batch> batches) {
  if (batches.empty()) return;
  // A crash may end the task that owns this replica before the one that waits here for the disk.
  const std::shared_ptr<log::Log> log = log_;
  if (!log->append(batches) || !log->sync()) environment_.tasks.exit();
}

}  // namespace blackout::replica
