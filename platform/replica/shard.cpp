#include "platform/replica/shard.hpp"

#include <algorithm>
#include <utility>

#include "platform/raft/codec.hpp"

namespace blackout::replica {
namespace {

raft::Config raft_config(const ShardConfig& config, NodeId self, raft::DiskId disk,
                         std::uint64_t seed) {
  raft::Config raft{.self = self,
                    .founders = raft::Configuration(config.voters),
                    .disk = disk,
                    .preference = config.preferred};
  raft.election_ticks_min = config.election_ticks_min;
  raft.election_ticks_max = config.election_ticks_max;
  raft.heartbeat_ticks = config.heartbeat_ticks;
  raft.leases = config.leases;
  raft.random_seed = seed;
#ifdef BLACKOUT_PLANTED_BUGS
  raft.planted = config.planted.raft;
  raft.planted.ship_with_heartbeats = config.planted.acknowledge_early;
#endif
  return raft;
}

// The round of heartbeats that leaves with it.
std::optional<std::uint64_t> round_of(const raft::Output& output) {
  for (const raft::Message& message : output.messages_now) {
    if (message.kind == raft::MessageKind::heartbeat_request) return message.context;
  }
  return std::nullopt;
}

// A voter whose election timer ran out heard nothing for longer: promises delay no election.
Duration lease_length(const ShardConfig& config, Duration tick) {
  return tick * (config.election_ticks_min - config.heartbeat_ticks);
}

// Of the ticks one may end as soon as it begins, and another where a clock that stood still jumps.
// The clock of a voter without a bound may run twice as fast as time.
Promise promise_of(const ShardConfig& config, Duration tick) {
  return Promise(lease_length(config, tick), config.election_ticks_min - config.heartbeat_ticks + 1,
                 2 * config.election_ticks_min);
}

#ifdef BLACKOUT_PLANTED_BUGS
constexpr raft::Index planted_index{200};

void strike(const PlantedBugs& planted) {
  if (planted.crash) {
    volatile int* nowhere = nullptr;
    *nowhere = 1;
  }
  for (volatile bool spinning = planted.spin; spinning;) {
  }
  std::vector<Bytes> hoarded;
  while (planted.hoard) hoarded.emplace_back(std::size_t{1} << 20, std::uint8_t{1});
}
#endif

}  // namespace

Shard::Shard(env::Environment& environment, const Encodings& encodings, const ShardConfig& config,
             raft::DiskId disk, Duration tick, log::ShardState recovered, Restored restored)
    : environment_(environment),
      encodings_(encodings),
      config_(config),
      tick_(tick),
      raft_(raft_config(config, environment.self, disk, environment.random.next()),
            {recovered.hard_state, recovered.base, std::move(recovered.entries),
             std::move(restored.configuration)}),
      machine_(std::move(restored.machine)),
      promise_(promise_of(config, tick)) {
  const raft::Position last = raft_.log().last();
  environment_.trace.report(EventKind::log_recovered, config_.shard, last.index.value(),
                            last.term.value(), last.chain_hash);
  if (recovered.base.index > raft::Index()) this->restored(recovered.base);
  if (config_.leases) promise_.make(Reading::of(environment_.clock));
}

void Shard::step(raft::Message message) {
  keep_promise();
  raft_.step(std::move(message));
}

void Shard::serve(NodeId gateway, Request request) {
  const Caller caller{gateway, request.call, request.operation};
  if (raft_.role() != Role::leader || in_quarantine()) return reply(caller, Status::not_leader);
  if (request.kind == RequestKind::write) return propose(caller, request.body, request.budget);
  if (request.kind == RequestKind::probe) return propose_probe(caller);
  begin_read(caller, request.kind, std::move(request.body));
}

void Shard::propose(const Caller& caller, BytesView command, Duration patience) {
  if (!machine_->accepts(command, caller.operation) || too_far_ahead(command)) {
    return reply(caller, Status::refused);
  }
  if (overloaded(patience)) return shed(caller, writes_.size());
  const auto index = raft_.propose({{raft::Payload(command), caller.operation.value()}});
  if (!index && index.error() == raft::ProposeError::too_much_uncommitted) {
    return shed(caller, writes_.size());
  }
  if (!index) return reply(caller, Status::not_leader);
  Write& write = writes_.emplace_back();
  write.index = index.value();
  write.caller = caller;
#ifdef BLACKOUT_PLANTED_BUGS
  if (config_.planted.acknowledge_early) ahead_->apply(command, &write.early);
#endif
}

bool Shard::overloaded(Duration patience) const {
#ifdef BLACKOUT_PLANTED_BUGS
  if (config_.planted.never_shed) return false;
#endif
  return !admission_.admits(writes_.size(), environment_.clock.monotonic(), patience);
}

void Shard::shed(const Caller& caller, std::size_t queue) {
  environment_.trace.report(EventKind::request_shed, config_.shard, caller.operation.value(),
                            queue);
  reply(caller, Status::refused);
}

bool Shard::too_far_ahead(BytesView command) const {
  const std::uint64_t claimed = machine_->claimed_time(command);
  return claimed != 0 && ledger::too_far_ahead(claimed, environment_.clock.wall().unix_ns);
}

// An entry that changes nothing, committed as any other.
void Shard::propose_probe(const Caller& caller) {
  const auto index = raft_.propose({{.kind = raft::EntryKind::no_op}});
  if (!index) return reply(caller, Status::not_leader);
  Write& write = writes_.emplace_back();
  write.index = index.value();
  write.caller = caller;
  write.caller.operation = OperationId();
}

void Shard::begin_read(const Caller& caller, RequestKind kind, Bytes body) {
#ifdef BLACKOUT_PLANTED_BUGS
  if (config_.planted.acknowledge_early)
    return answer_read({kind, std::move(body), caller}, *ahead_);
#endif
  if (lease_holds()) return answer_read({kind, std::move(body), caller}, *machine_);
  const std::uint64_t context = next_context_++;
  const auto begun = raft_.read(context);
  if (!begun && begun.error() == raft::ReadError::too_many) return shed(caller, reads_.size());
  if (!begun) return reply(caller, Status::not_leader);
  reads_.emplace(context, Read{kind, std::move(body), caller});
}

Reading Shard::lease_clock() const {
#ifdef BLACKOUT_PLANTED_BUGS
  const Duration ticked = tick_ * ticks_;
  if (config_.planted.lease_outlives_pause) return {{ticked.ns(), {}}, Instant() + ticked};
#endif
  return Reading::of(environment_.clock);
}

// A round is as old as the reading before it left, a promise as young as the one after it was
// asked for.
void Shard::keep_lease(const raft::Output& output) {
  if (!config_.leases) return;
  if (raft_.role() != Role::leader) lease_.reset();
  if (const auto round = round_of(output)) {
    if (!lease_) lease_.emplace(lease_length(config_, tick_));
    lease_->sent(*round, lease_clock());
  }
  const bool promises = std::any_of(output.messages.begin(), output.messages.end(),
                                    [](const raft::Message& m) { return m.promises; });
  if (promises) promise_.make(Reading::of(environment_.clock));
}

bool Shard::lease_holds() const {
  const auto round = lease_ ? raft_.promised_round() : std::nullopt;
  return round && applied_ >= raft_.commit() && lease_->holds(*round, lease_clock());
}

void Shard::keep_promise() {
  if (config_.leases) raft_.withhold_votes(promise_.binds(Reading::of(environment_.clock)));
}

void Shard::answer_read(const Read& read, const StateMachine& state) {
  auto answer = state.read(read.kind, read.body);
  if (!answer) return reply(read.caller, Status::refused);
  environment_.trace.report(EventKind::read_served, config_.shard, read.caller.operation.value(),
                            applied_.value(), raft_.term().value());
  reply(read.caller, Status::done, std::move(*answer));
}

void Shard::restored(const raft::Position& position) {
#ifdef BLACKOUT_PLANTED_BUGS
  if (config_.planted.forget_operations) machine_->forget_operations();
#endif
  snapshot_before_ = std::exchange(snapshot_, position.index);
  applied_ = position.index;
  environment_.trace.report(EventKind::snapshot_restored, config_.shard, position.index.value(),
                            position.term.value(), position.chain_hash);
}

raft::Snapshot Shard::take_snapshot() {
  snapshot_before_ = std::exchange(snapshot_, applied_);
  repaired_ = false;
  return raft_.snapshot(applied_, encoded_state());
}

void Shard::snapshot_durable(const raft::Snapshot& snapshot) {
  environment_.trace.report(EventKind::snapshot_taken, config_.shard,
                            snapshot.position.index.value(), raft::view_of(snapshot.state).size());
  raft_.compact(snapshot_before_);
}

Bytes Shard::encoded_state() const {
  Bytes state;
  machine_->encode(state);
  return state;
}

void Shard::absorb(const raft::Output& output) {
  report(output.facts);
  keep_lease(output);
  send(output.messages_now);
  if (output.snapshot) {
    const auto unpacked = raft::unpack(raft::view_of(output.snapshot->state));
    CHECK(machine_->decode(unpacked->state), "a voter's snapshot does not decode");
    restored(output.snapshot->position);
    reported_.clear();
    if (in_quarantine()) repaired(raft_.leader());
  }
  for (const raft::Entry& entry : output.committed) apply(entry);
  if (in_quarantine()) repair();
  if (output.snapshot_wanted && !in_quarantine()) raft_.provide(applied_, encoded_state());
  for (const raft::ReadGrant& grant : output.reads) {
    CHECK(applied_ >= grant.index);
    const auto read = reads_.extract(grant.context);
    if (!read) continue;
    if (in_quarantine()) {
      reply(read.mapped().caller, Status::not_leader);
    } else {
      answer_read(read.mapped(), *machine_);
    }
  }
  for (const std::uint64_t context : output.reads_refused) {
    if (const auto read = reads_.extract(context)) reply(read.mapped().caller, Status::not_leader);
  }
  if (raft_.role() != Role::leader) lost_leadership();
  gauge_lag(output);
}

void Shard::gauge_lag(const raft::Output& output) {
  const auto confirmed = raft_.confirmed_round();
  if (!confirmed) return lag_.reset();
  const Reading now = Reading::of(environment_.clock);
  if (!lag_) lag_.emplace(raft_.log().last_index(), lag_tolerance());
  if (const auto round = round_of(output)) lag_->asked(*round, now);
  lag_->answered(*confirmed);
  lag_->committed(raft_.commit(), now);
}

telemetry::ShardState Shard::state() const {
  telemetry::ShardState state{.shard = config_.shard,
                              .role = raft_.role(),
                              .term = raft_.term(),
                              .leader = raft_.leader(),
                              .durable = raft_.durable(),
                              .commit = raft_.commit(),
                              .applied = applied_,
                              .snapshot = snapshot_,
                              .writes_waiting = writes_.size(),
                              .reads_waiting = reads_.size(),
                              .refused = refused_,
                              .lags = {}};
  if (!lag_) return state;
  const Reading now = Reading::of(environment_.clock);
  for (const raft::Progress& follower : raft_.followers()) {
    // While a disk takes another's place, a node has two members: the lag is that of the newcomer.
    const raft::Member* next = raft_.configuration().next_of(follower.id);
    if (next != nullptr && next->id != follower.member()) continue;
    const raft::Index received = std::max(follower.received, follower.match);
    state.lags.push_back({follower.id, lag_->read(received, follower.round, now),
                          lag_->read(follower.match, now),
                          lag_->read(follower.applied, follower.round, now)});
  }
  return state;
}

void Shard::made_durable(const raft::Output& output) {
  if (output.hard_state) {
    environment_.trace.report(EventKind::term_persisted, config_.shard,
                              output.hard_state->term.value(), node_word(output.hard_state->vote));
  }
  std::optional<raft::Position> last;
  if (output.snapshot) last = output.snapshot->position;
  if (!output.entries.empty()) {
    const raft::Entry& entry = output.entries.back();
    last = {entry.index, entry.term, entry.chain_hash};
  }
  if (last) {
    environment_.trace.report(EventKind::log_durable, config_.shard, last->index.value(),
                              last->term.value(), last->chain_hash);
  }
  raft_.persisted(output.id);
  report(output.facts_durable);
  send(output.messages);
#ifdef BLACKOUT_PLANTED_BUGS
  if (config_.planted.acknowledge_early && raft_.role() == Role::leader) answer_early();
#endif
}

void Shard::apply(const raft::Entry& entry) {
  CHECK(entry.index == applied_ + 1);
  applied_ = entry.index;
#ifdef BLACKOUT_PLANTED_BUGS
  if (applied_ == planted_index) strike(config_.planted);
#endif
  Bytes answer;
  const bool awaited = !writes_.empty() && writes_.front().index == entry.index;
  if (in_quarantine()) {
    repair_->hold(entry);
  } else if (entry.kind == raft::EntryKind::command &&
             machine_->apply(raft::view_of(entry.payload), awaited ? &answer : nullptr)) {
    environment_.trace.report(EventKind::request_deduplicated, config_.shard, entry.operation,
                              entry.index.value());
  }
  environment_.trace.report(EventKind::entry_applied, config_.shard, entry.index.value(),
                            entry.operation, machine_->checksum());
  if (entry.kind == raft::EntryKind::no_op && !raft::view_of(entry.payload).empty()) {
    report_checksums();
  }
  if (!awaited || in_quarantine()) return;
  const Write write = std::move(writes_.front());
  writes_.pop_front();
  admission_.served(environment_.clock.monotonic());
  if (write.caller.operation.value() == entry.operation) {
    answer_write(write.caller, std::move(answer), entry.index);
  } else {
    reply(write.caller, Status::deposed);
  }
}

// Probes and changes of routes are nobody's operation.
void Shard::answer_write(const Caller& caller, Bytes answer, raft::Index index) {
  if (caller.operation != OperationId()) {
    environment_.trace.report(EventKind::write_acknowledged, config_.shard,
                              caller.operation.value(), index.value(), raft_.term().value());
  }
  reply(caller, Status::done, std::move(answer));
}

void Shard::report(const std::vector<raft::Fact>& facts) {
  for (const raft::Fact& fact : facts) {
    const bool silence = fact.kind == EventKind::election_timeout;
    environment_.trace.report(fact.kind, config_.shard, fact.a,
                              silence ? fact.b * static_cast<std::uint64_t>(tick_.ns()) : fact.b,
                              fact.c);
#ifdef BLACKOUT_PLANTED_BUGS
    if (fact.kind == EventKind::role_changed &&
        fact.a == static_cast<std::uint64_t>(Role::leader)) {
      became_leader();
    }
#endif
  }
}

void Shard::send(const std::vector<raft::Message>& messages) {
  for (const raft::Message& message : messages) {
    std::size_t bytes = 64;
    for (const raft::Entry& entry : message.entries)
      bytes += 32 + raft::view_of(entry.payload).size();
    if (message.chunk) bytes += raft::view_of(message.chunk->bytes).size();
    Bytes out;
    out.reserve(bytes);
    Writer writer(out);
    const raft::Encoding encoding = encodings_.toward(message.to);
    const Channel channel =
        encoding == raft::Encoding::sparse ? Channel::raft_sparse : Channel::raft;
    writer.u8(static_cast<std::uint8_t>(channel));
    writer.varint(config_.shard.value());
    raft::encode(writer, message, encoding);
    environment_.network.send(message.to, std::move(out));
  }
}

void Shard::reply(const Caller& caller, Status status, Bytes body) {
  if (status != Status::done) ++refused_;
  environment_.network.send(caller.gateway,
                            encode(Reply{caller.call, status, raft_.leader(), std::move(body)}));
}

void Shard::lost_leadership() {
  Status status = Status::deposed;
#ifdef BLACKOUT_PLANTED_BUGS
  if (config_.planted.refuse_undecided) status = Status::refused;
#endif
  for (const Write& write : writes_) reply(write.caller, status);
  writes_.clear();
  audit_.clear();
}

#ifdef BLACKOUT_PLANTED_BUGS
void Shard::became_leader() {
  if (!config_.planted.acknowledge_early) return;
  ahead_ = machine_->clone();
  for (raft::Index i = applied_ + 1; i <= raft_.log().last_index(); i = i + 1) {
    const raft::Entry& entry = raft_.log().entry(i);
    if (entry.kind == raft::EntryKind::command) {
      ahead_->apply(raft::view_of(entry.payload), nullptr);
    }
  }
}

void Shard::answer_early() {
  while (!writes_.empty() && writes_.front().index <= raft_.durable()) {
    const Write write = std::move(writes_.front());
    writes_.pop_front();
    answer_write(write.caller, write.early, write.index);
  }
}
#endif

}  // namespace blackout::replica
