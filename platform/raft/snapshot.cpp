// Snapshots under way (dissertation 5): a leader's side, then a follower's.
#include <algorithm>
#include <utility>

#include "host/base/check.hpp"
#include "host/base/hash.hpp"
#include "platform/raft/codec.hpp"
#include "platform/raft/raft.hpp"

namespace blackout::raft {

Snapshot Raft::snapshot(Index index, BytesView state) const {
  CHECK(index == applied_, "a snapshot of another state than the one handed out");
  return {*log_.at(index), pack(configuration_at(index), state)};
}

void Raft::provide(Index index, BytesView state) {
  auto* leader = std::get_if<Leader>(&role_);
  if (leader == nullptr || leader->snapshot) return;
  leader->snapshot = snapshot(index, state);
  leader->snapshot_checksum = hash64(view_of(leader->snapshot->state));
  for (Progress& follower : leader->followers) {
    if (follower.state == Progress::State::snapshot) offer_snapshot(*leader, follower);
  }
}

void Raft::offer_snapshot(const Leader& leader, Progress& follower) {
  follower.snapshot = leader.snapshot->position.index;
  follower.stored_ticks = now_ticks_;
  fact(EventKind::snapshot_offered, node_word(follower.id), follower.snapshot.value(),
       view_of(leader.snapshot->state).size());
}

void Raft::compact(Index index) {
  CHECK(index <= applied_);
  compacted_ = std::max(compacted_, index);
}

// False if no chunk may leave now.
bool Raft::send_chunk(const Leader& leader, Progress& follower) {
  if (follower.snapshot == Index()) return false;
  CHECK(leader.snapshot.has_value() && leader.snapshot->position.index == follower.snapshot);
  const Position position = leader.snapshot->position;
  const BytesView state = view_of(leader.snapshot->state);
  const std::uint64_t window = config_.batch_bytes_max * config_.inflight_messages_max;
  const std::uint64_t from = follower.bytes_sent;
  if (from == state.size() || from - follower.bytes_stored >= window) return false;
  const std::uint64_t size = std::min<std::uint64_t>(state.size() - from, config_.batch_bytes_max);
  Message request = message(MessageKind::snapshot_request, follower);
  request.log_index = position.index;
  request.log_term = position.term;
  request.chunk = std::make_shared<const SnapshotChunk>(
      SnapshotChunk{position.chain_hash, from, state.size(), leader.snapshot_checksum,
                    Payload(state.subspan(from, size))});
  next_->messages_now.push_back(std::move(request));
  follower.bytes_sent = from + size;
  follower.sent_ticks = now_ticks_;
  return true;
}

// Once nobody needs it.
void Raft::drop_snapshot(Leader& leader) {
  const bool needed =
      std::any_of(leader.followers.begin(), leader.followers.end(),
                  [](const Progress& f) { return f.state == Progress::State::snapshot; });
  if (!needed) leader.snapshot.reset();
}

void Raft::give_up_snapshots(Leader& leader) {
  constexpr std::uint64_t patience = 8;  // times election_ticks_min
  for (Progress& follower : leader.followers) {
    if (follower.state != Progress::State::snapshot) continue;
    const bool moves = follower.snapshot == Index() ||
                       now_ticks_ - follower.stored_ticks < patience * config_.election_ticks_min;
    if (!heard(follower) || !moves) follower.restart_probe();
  }
  drop_snapshot(leader);
}

void Raft::on_snapshot_response(Leader& leader, const Message& response) {
  Progress* const answering = leader.answering(response);
  if (answering == nullptr) return;
  Progress& follower = *answering;
  follower.heard_ticks = now_ticks_;
  if (follower.state != Progress::State::snapshot || follower.snapshot != response.log_index) {
    return;
  }
  follower.stored(std::min<std::uint64_t>(response.context, view_of(leader.snapshot->state).size()),
                  response.reject, now_ticks_);
}

void Raft::on_snapshot_request(const Message& request) {
  if (!follow(request.from)) return;
  fed();
  const SnapshotChunk& chunk = *request.chunk;
  const Position position{request.log_index, request.log_term, chunk.chain_hash};
  if (position.index <= commit_ || log_.matches(position.index, position.term)) {
    commit_to(position.index, state_.term);
    incoming_.reset();
    Message told = answer(MessageKind::append_response, request);
    told.log_index = commit_;
    next_->messages.push_back(std::move(told));
    return;
  }
  if (!incoming_ || incoming_->position != position || incoming_->checksum != chunk.checksum) {
    incoming_ = Incoming{position, chunk.checksum, {}};
  }
  Bytes& state = incoming_->state;
  const bool follows = chunk.offset <= state.size();
  const std::uint64_t end = chunk.offset + view_of(chunk.bytes).size();
  if (follows && end > state.size()) {
    const BytesView news = view_of(chunk.bytes).subspan(state.size() - chunk.offset);
    state.insert(state.end(), news.begin(), news.end());
  }
  Message told = answer(MessageKind::snapshot_response, request);
  if (state.size() == chunk.size) {
    if (hash64(state) != chunk.checksum || !install({position, Payload(state)})) {
      incoming_.reset();
      return;
    }
    told.kind = MessageKind::append_response;
    told.log_index = position.index;
  } else {
    told.log_index = request.log_index;
    told.log_term = request.log_term;
    told.context = state.size();
    told.reject = !follows;
  }
  next_->messages.push_back(std::move(told));
}

// Nothing of the log here is of use: it ends before the snapshot, or disagrees with it. False if
// the bytes are no snapshot.
bool Raft::install(Snapshot snapshot) {
  const Position position = snapshot.position;
  incoming_.reset();
  auto unpacked = unpack(view_of(snapshot.state));
  if (!unpacked) return false;
  configurations_ = {{position.index, std::move(unpacked->configuration)}};
  durable_ = std::min(durable_, commit_);
  for (Unreported& output : unreported_) output.last = std::min(output.last, commit_);
  log_.restart(position);
  commit_ = handed_ = applied_ = position.index;
  commit_term_ = state_.term;
  next_->truncate_from.reset();
  next_->snapshot = std::move(snapshot);
  fact(EventKind::commit_advanced, position.index.value(), position.term.value(),
       position.chain_hash);
  return true;
}

}  // namespace blackout::raft
