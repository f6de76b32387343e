// Snapshots under way (dissertation 5): who has one made, a leader's side, then a follower's.
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
  if (offer_ || (leader == nullptr && !asker_)) return;
  offer_ = Offer{snapshot(index, state)};
  offer_->checksum = hash64(view_of(offer_->snapshot.state));
  if (asker_) share_snapshot(*std::exchange(asker_, {}));
  if (leader == nullptr) return;
  for (Progress& follower : leader->followers) {
    if (follower.state == Progress::State::snapshot) offer_snapshot(follower);
  }
}

void Raft::withdraw_snapshot() {
  asker_.reset();
  offer_.reset();
  auto* leader = std::get_if<Leader>(&role_);
  if (leader == nullptr) return;
  for (Progress& follower : leader->followers) {
    if (follower.state == Progress::State::snapshot) follower.restart_probe();
  }
}

void Raft::offer_snapshot(Progress& follower) {
  follower.snapshot = offer_->snapshot.position.index;
  follower.stored_ticks = now_ticks_;
  fact(EventKind::snapshot_offered, node_word(follower.id), follower.snapshot.value(),
       view_of(offer_->snapshot.state).size());
}

// Makes `message` carry the snapshot's state from byte `from` on, and returns where that ends.
std::uint64_t Raft::put_chunk(std::uint64_t from, Message& message) const {
  const auto& [position, packed] = offer_->snapshot;
  const BytesView state = view_of(packed);
  const std::uint64_t size = std::min<std::uint64_t>(state.size() - from, config_.batch_bytes_max);
  message.log_index = position.index;
  message.log_term = position.term;
  message.chunk = std::make_shared<const SnapshotChunk>(
      SnapshotChunk{position.chain_hash, from, state.size(), offer_->checksum,
                    Payload(state.subspan(from, size))});
  return from + size;
}

void Raft::compact(Index index) {
  CHECK(index <= applied_);
  compacted_ = std::max(compacted_, index);
}

// False if no chunk may leave now.
bool Raft::send_chunk(Progress& follower) {
  if (follower.snapshot == Index()) return false;
  CHECK(offer_ && offer_->snapshot.position.index == follower.snapshot);
  const std::uint64_t from = follower.bytes_sent;
  const bool all_left = from == view_of(offer_->snapshot.state).size();
  if (all_left || from - follower.bytes_stored >= config_.inflight_max.bytes) return false;
  Message request = message(MessageKind::snapshot_request, follower);
  follower.bytes_sent = put_chunk(from, request);
  next_->messages_now.push_back(std::move(request));
  follower.sent_ticks = now_ticks_;
  return true;
}

// Once nobody needs it.
void Raft::drop_snapshot() {
  if (!offer_) return;
  const auto* leader = std::get_if<Leader>(&role_);
  const bool under_way =
      leader != nullptr &&
      std::any_of(leader->followers.begin(), leader->followers.end(),
                  [](const Progress& f) { return f.state == Progress::State::snapshot; });
  if (!shared() && !under_way) offer_.reset();
}

void Raft::give_up_snapshots(Leader& leader) {
  constexpr std::uint64_t patience = 8;  // times election_ticks_min
  for (Progress& follower : leader.followers) {
    if (follower.state != Progress::State::snapshot) continue;
    const bool moves = follower.snapshot == Index() ||
                       now_ticks_ - follower.stored_ticks < patience * config_.election_ticks_min;
    if (!heard(follower) || !moves) follower.restart_probe();
  }
  drop_snapshot();
}

void Raft::on_snapshot_response(Leader& leader, const Message& response) {
  Progress* const answering = leader.answering(response);
  if (answering == nullptr) return;
  Progress& follower = *answering;
  follower.heard_ticks = now_ticks_;
  if (follower.state != Progress::State::snapshot || follower.snapshot != response.log_index) {
    return;
  }
  const std::uint64_t size = view_of(offer_->snapshot.state).size();
  follower.stored(std::min<std::uint64_t>(response.context, size), response.reject, now_ticks_);
}

void Raft::on_snapshot_request(const Message& request) {
  if (!follow(request.from)) return;
  fed();
  const Received received = receive_chunk(request, state_.term);
  if (received == Received::broken) return;
  const bool whole = received == Received::whole;
  Message told =
      answer(whole ? MessageKind::append_response : MessageKind::snapshot_response, request);
  told.log_index = whole ? commit_ : request.log_index;
  if (!whole) {
    told.log_term = request.log_term;
    told.context = incoming_->state.size();
    told.reject = received == Received::gap;
  }
  next_->messages.push_back(std::move(told));
}

// The snapshot is of what is known in `term` to be committed.
Raft::Received Raft::receive_chunk(const Message& carrier, Term term) {
  const SnapshotChunk& chunk = *carrier.chunk;
  const Position position{carrier.log_index, carrier.log_term, chunk.chain_hash};
  if (position.index <= commit_ || log_.matches(position.index, position.term)) {
    commit_to(position.index, term);
    incoming_.reset();
    return Received::whole;
  }
  if (!incoming_ || incoming_->position != position || incoming_->checksum != chunk.checksum) {
    incoming_ = Incoming{position, chunk.checksum, {}};
  }
  Bytes& state = incoming_->state;
  if (chunk.offset > state.size()) return Received::gap;
  const std::uint64_t end = chunk.offset + view_of(chunk.bytes).size();
  if (end <= state.size()) return Received::nothing_new;
  const BytesView news = view_of(chunk.bytes).subspan(state.size() - chunk.offset);
  state.insert(state.end(), news.begin(), news.end());
  if (state.size() < chunk.size) return Received::part;
  const Incoming complete = std::move(*std::exchange(incoming_, {}));
  const bool installed = hash64(complete.state) == chunk.checksum &&
                         install({position, Payload(complete.state)}, term);
  return installed ? Received::whole : Received::broken;
}

// Nothing of the log here is of use: it ends before the snapshot, or disagrees with it. False if
// the bytes are no snapshot.
bool Raft::install(Snapshot snapshot, Term term) {
  const Position position = snapshot.position;
  auto unpacked = unpack(view_of(snapshot.state));
  if (!unpacked) return false;
  configurations_ = {{position.index, std::move(unpacked->configuration)}};
  durable_ = std::min(durable_, commit_);
  for (Unreported& output : unreported_) output.last = std::min(output.last, commit_);
  log_.restart(position);
  commit_ = handed_ = applied_ = position.index;
  commit_term_ = term;
  next_->truncate_from.reset();
  next_->snapshot = std::move(snapshot);
  fact(EventKind::commit_advanced, position.index.value(), position.term.value(),
       position.chain_hash);
  return true;
}

}  // namespace blackout::raft
