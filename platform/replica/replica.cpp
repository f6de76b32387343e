#include "platform/replica/replica.hpp"

#include <algorithm>
#include <utility>

#include "platform/log/identity.hpp"
#include "platform/log/snapshots.hpp"
#include "platform/raft/codec.hpp"

namespace blackout::replica {

Replica::Replica(env::Environment& environment, Config config)
    : environment_(environment),
      config_(std::move(config)),
      encodings_(environment, config_.encoding) {
  if (config_.running != nullptr) *config_.running = this;
}

Replica::~Replica() {
  if (config_.running != nullptr) *config_.running = nullptr;
}

void Replica::open() {
  const raft::DiskId disk = identify_disk();
  auto opened = log::Log::open(environment_.disk);
  if (!opened) environment_.tasks.exit();
  log_ = std::make_shared<log::Log>(std::move(opened.value().log));
  log::Recovered& recovered = opened.value().recovered;
  if (recovered.torn_bytes != 0) {
    environment_.trace.report(EventKind::log_tail_torn, no_shard, recovered.torn_bytes);
  }
  // A crash may have left a snapshot that no base refers to.
  const auto unused = [&recovered](ShardId shard, raft::Index index) {
    return recovered.shards[shard].base.index != index;
  };
  if (!log::remove_snapshots(environment_.disk, unused)) environment_.tasks.exit();
  for (const ShardConfig& shard : config_.shards) {
    log::ShardState& found = recovered.shards[shard.shard];
    Shard::Restored restored = restore(shard, found.base);
    shards_.push_back(std::make_unique<Shard>(environment_, encodings_, shard, disk, config_.tick,
                                              std::move(found), std::move(restored)));
  }
  persister_ = environment_.tasks.spawn("persist", [this] { persist_forever(); });
  snapshotter_ = environment_.tasks.spawn("snapshot", [this] { snapshot_forever(); });
  environment_.tasks.spawn("tick", [this] { tick_forever(); });
  environment_.tasks.spawn("telemetry", [this] { export_lag_forever(); });
}

raft::DiskId Replica::identify_disk() {
  const auto found = log::read_identity(environment_.disk);
  if (!found) environment_.tasks.exit();
  if (found.value()) return *found.value();
  const bool founds = config_.founding != nullptr && *config_.founding;
  const raft::DiskId id = founds ? raft::founding_disk : another_disk();
  if (!log::write_identity(environment_.disk, id)) environment_.tasks.exit();
  if (founds) *config_.founding = false;
  return id;
}

// As another member this node learns anew what its disk lost, and owes nothing of before.
void Replica::disown_disk() {
  disowned_ = true;
  (void)log::write_identity(environment_.disk, another_disk());
  environment_.tasks.exit();
}

// The founding one is 0.
raft::DiskId Replica::another_disk() { return raft::DiskId(environment_.random.next() | 1); }

Shard::Restored Replica::restore(const ShardConfig& shard, const raft::Position& base) {
  auto machine = shard.machine();
  if (base.index == raft::Index()) return {std::move(machine)};
  const auto bytes = log::read_snapshot(environment_.disk, shard.shard, base);
  if (!bytes) environment_.tasks.exit();
  auto unpacked = raft::unpack(raft::view_of(bytes.value()));
  if (!unpacked || !machine->decode(unpacked->state)) environment_.tasks.exit();
  return {std::move(machine), std::move(unpacked->configuration)};
}

bool Replica::leads(ShardId shard) const {
  const Shard* const found = find(shard);
  return found != nullptr && found->raft().role() == Role::leader && !found->in_quarantine();
}

void Replica::avoid(const std::vector<NodeId>& nodes) {
  for (const auto& shard : shards_) {
    shard->raft().avoid(nodes);
    pump(*shard);
  }
}

void Replica::on_raft(BytesView message) {
  if (disowned_) return;
  Reader reader(message);
  const bool sparse = reader.u8() == static_cast<std::uint8_t>(Channel::raft_sparse);
  const raft::Encoding encoding = sparse ? raft::Encoding::sparse : raft::Encoding::plain;
  if (!encodings_.reads(encoding)) return;
  const std::uint64_t id = reader.varint();
  auto decoded = raft::decode_message(reader, encoding);
  if (!decoded || !reader.ok() || reader.left() != 0 || id >= no_shard.value()) return;
  Shard* shard = find(ShardId(static_cast<std::uint32_t>(id)));
  if (shard == nullptr) return;
  encodings_.heard(decoded->from, encoding);
  shard->step(std::move(*decoded));
  pump(*shard);
}

void Replica::on_announcement(NodeId peer, BytesView message) {
  encodings_.announced(peer, message);
}

void Replica::on_forward(NodeId gateway, BytesView message) {
  if (disowned_) return;
  auto request = decode_request(message);
  if (!request || !once_.first(gateway, request->call)) return;
  Shard* shard = find(request->shard);
  if (shard == nullptr) return;
  shard->serve(gateway, std::move(*request));
  pump(*shard);
}

void Replica::on_audit(NodeId from, BytesView message) {
  if (disowned_) return;
  auto decoded = decode_audit_message(message);
  if (!decoded) return;
  Shard* shard = find(decoded->shard);
  if (shard == nullptr) return;
  shard->on_audit(from, std::move(*decoded));
  pump(*shard);
}

#ifdef BLACKOUT_PLANTED_BUGS
std::optional<raft::Index> Replica::spoil(ShardId shard, ledger::Spoilt what, std::uint64_t draw) {
  Shard* const found = find(shard);
  return found == nullptr ? std::nullopt : found->spoil(what, draw);
}
#endif

Shard* Replica::find(ShardId shard) const {
  for (const auto& candidate : shards_) {
    if (candidate->id() == shard) return candidate.get();
  }
  return nullptr;
}

void Replica::pump(Shard& shard) {
  if (disowned_) return;
  std::unique_ptr<raft::Output> output = shard.raft().take_output();
  if (output == nullptr) return;
  shard.absorb(*output);
  if (output->forgot) disown_disk();
  if (shard.snapshot_due()) environment_.tasks.wake(snapshotter_);
  Job job{&shard, std::move(output), {}};
  // An Output without disk work may not overtake one that waits for the disk.
  if (job.output->must_persist() || persisting_ || !queue_.empty()) {
    enqueue(std::move(job));
  } else {
    finish(job);
  }
}

void Replica::enqueue(Job job) {
  queue_.push_back(std::move(job));
  environment_.tasks.wake(persister_);
}

void Replica::finish(Job& job) {
  if (job.taken) {
    in_hand_.erase({job.shard->id(), job.taken->position.index});
    return job.shard->snapshot_durable(*job.taken);
  }
  job.shard->made_durable(*job.output);
  job.shard->raft().recycle(std::move(job.output));
}

void Replica::tick_forever() {
  while (!disowned_) {
    environment_.tasks.sleep(config_.tick);
    for (const auto& shard : shards_) {
      shard->tick();
      pump(*shard);
    }
  }
}

telemetry::NodeState Replica::state() const {
  telemetry::NodeState state{environment_.self, queue_.size(), {}};
  for (const auto& shard : shards_) state.shards.push_back(shard->state());
  return state;
}

void Replica::export_lag_forever() {
  while (!disowned_) {
    environment_.tasks.sleep(lag_exported_every);
    for (const auto& shard : shards_) {
      for (const telemetry::VoterLag& lag : shard->state().lags) {
        export_lag(*shard, EventKind::lag_received, lag.voter, lag.received);
        export_lag(*shard, EventKind::lag_durable, lag.voter, lag.durable);
        export_lag(*shard, EventKind::lag_applied, lag.voter, lag.applied);
      }
    }
  }
}

void Replica::export_lag(const Shard& shard, EventKind stage, NodeId voter,
                         std::optional<Duration> lag) {
  if (!lag) return;
#ifdef BLACKOUT_PLANTED_BUGS
  if (shard.planted().lag_tops_out) lag = std::min(*lag, milliseconds(500));
#endif
  environment_.trace.report(stage, shard.id(), node_word(voter),
                            static_cast<std::uint64_t>(lag->ns()),
                            static_cast<std::uint64_t>(shard.lag_tolerance().ns()));
}

void Replica::persist_forever() {
  // Of this task, not of the replica, which a crash may end first.
  std::vector<Job> jobs;
  std::vector<log::Batch> batches;
  while (true) {
    while (queue_.empty()) environment_.tasks.park();
    jobs.swap(queue_);
    persisting_ = true;
    bool based = false;
    for (const Job& job : jobs) {
      log::Batch batch{job.shard->id(), {}, {}, {}};
      if (job.taken) {
        batch.base = log::NewBase{job.taken->position, true};
      } else {
        const raft::Output& output = *job.output;
        if (!output.must_persist()) continue;
        batch = {job.shard->id(), output.hard_state, output.truncate_from, output.entries};
        if (output.snapshot) {
          persist(job.shard->id(), *output.snapshot);
          batch.base = log::NewBase{output.snapshot->position, false};
        }
      }
      based = based || batch.base;
      batches.push_back(std::move(batch));
    }
    persist(batches);
    persisting_ = false;
    if (disowned_) return;
    for (Job& job : jobs) finish(job);
    if (based) trim();
    if (log_->held_back_by()) environment_.tasks.wake(snapshotter_);
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

void Replica::persist(ShardId shard, const raft::Snapshot& snapshot) {
  if (!log::write_snapshot(environment_.disk, shard, snapshot)) environment_.tasks.exit();
}

// What the log's bases leave behind: segments, and the snapshots before the newest.
void Replica::trim() {
  const std::shared_ptr<log::Log> log = log_;
  const auto useless = [this, &log](ShardId shard, raft::Index index) {
    const auto base = log->bases().find(shard);
    return base != log->bases().end() && index < base->second && !in_hand_.contains({shard, index});
  };
  if (!log->trim() || !log::remove_snapshots(environment_.disk, useless)) {
    environment_.tasks.exit();
  }
}

void Replica::snapshot_forever() {
  while (true) {
    Shard* const due = due_for_snapshot();
    if (due == nullptr) {
      environment_.tasks.park();
      continue;
    }
    Job job{due, nullptr, due->take_snapshot()};
    const raft::Index index = job.taken->position.index;
    in_hand_.insert({due->id(), index});
    const auto written = log::write_snapshot(environment_.disk, due->id(), *job.taken);
    if (written && !due->in_quarantine()) {
      enqueue(std::move(job));
      continue;
    }
    // A full disk may still take the log; the next one that is due may find room. One of a state
    // that was found to be wrong meanwhile is of no use.
    const bool full = written || written.error().disk == env::DiskError::no_space;
    const auto partial = [&](ShardId shard, raft::Index each) {
      return shard == due->id() && each == index;
    };
    if (!full || !log::remove_snapshots(environment_.disk, partial)) environment_.tasks.exit();
    in_hand_.erase({due->id(), index});
  }
}

Shard* Replica::due_for_snapshot() {
  if (disowned_) return nullptr;
  const auto held_back_by = log_->held_back_by();
  const auto due = std::find_if(shards_.begin(), shards_.end(), [&](const auto& shard) {
    return shard->snapshot_due() || (held_back_by == shard->id() && shard->has_news());
  });
  return due == shards_.end() ? nullptr : due->get();
}

}  // namespace blackout::replica
