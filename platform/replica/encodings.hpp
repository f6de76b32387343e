// Which encoding of raft messages each peer reads: while one release of the platform takes the
// place of another, replicas of both serve side by side.
//
// A release reads its own newest encoding and all before it. A peer is written to in the oldest
// until a newer one is heard from it, be it in an announcement. Whoever is written to in an older
// encoding than its newest announces that one, at most once a second: a peer that does not know
// announcements drops them. One that was put back to an older release is known by it as soon as it
// is heard in the older encoding, and in no newer one for a second.
#pragma once

#include <map>
#include <optional>

#include "host/env/environment.hpp"
#include "platform/raft/codec.hpp"

namespace blackout::replica {

class Encodings {
 public:
  Encodings(env::Environment& environment, raft::Encoding newest)
      : environment_(environment), newest_(newest) {}

  [[nodiscard]] bool reads(raft::Encoding encoding) const { return encoding <= newest_; }
  // What to write to it in.
  [[nodiscard]] raft::Encoding toward(NodeId peer) const;

  // A message came in an encoding that is read here.
  void heard(NodeId peer, raft::Encoding encoding);
  // A message of Channel::announcement; malformed ones are dropped.
  void announced(NodeId peer, BytesView message);

 private:
  struct Peer {
    raft::Encoding encoding = raft::Encoding::plain;
    Instant heard;                     // last in that encoding or a newer one
    std::optional<Instant> announced;  // last to it
  };

  void settle(NodeId id, Peer& peer, raft::Encoding encoding);
  void announce(NodeId id, Peer& peer);

  env::Environment& environment_;
  raft::Encoding newest_;
  std::map<NodeId, Peer> peers_;
};

}  // namespace blackout::replica
