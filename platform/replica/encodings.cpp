#include "platform/replica/encodings.hpp"

#include <algorithm>

#include "platform/replica/protocol.hpp"

namespace blackout::replica {
namespace {

constexpr Duration announcement_gap = seconds(1);
constexpr Duration memory = seconds(1);

}  // namespace

raft::Encoding Encodings::toward(NodeId peer) const {
  const auto found = peers_.find(peer);
  return found == peers_.end() ? raft::Encoding::plain : found->second.encoding;
}

void Encodings::heard(NodeId id, raft::Encoding encoding) {
  if (newest_ == raft::Encoding::plain) return;
  Peer& peer = peers_[id];
  const Instant now = environment_.clock.monotonic();
  if (encoding < newest_) announce(id, peer);
  if (encoding < peer.encoding && now - peer.heard <= memory) return;
  peer.heard = now;
  settle(id, peer, encoding);
}

void Encodings::announced(NodeId id, BytesView message) {
  Reader reader(message);
  reader.u8();
  const std::uint64_t newest = reader.varint();
  if (!reader.ok() || reader.left() != 0 || newest == 0) return;
  const auto own = static_cast<std::uint64_t>(newest_);
  heard(id, static_cast<raft::Encoding>(std::min(newest, own)));
}

void Encodings::settle(NodeId id, Peer& peer, raft::Encoding encoding) {
  if (peer.encoding == encoding) return;
  peer.encoding = encoding;
  environment_.trace.report(EventKind::encoding_changed, no_shard, node_word(id),
                            static_cast<std::uint64_t>(encoding));
}

void Encodings::announce(NodeId id, Peer& peer) {
  const Instant now = environment_.clock.monotonic();
  if (peer.announced && now - *peer.announced < announcement_gap) return;
  peer.announced = now;
  Bytes out;
  Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(Channel::announcement));
  writer.varint(static_cast<std::uint64_t>(newest_));
  environment_.network.send(id, std::move(out));
}

}  // namespace blackout::replica
