// What replicas of a shard tell each other of their states, and its codec.
//
// Whoever sends one is known by the network. The decoder accepts any bytes and returns nothing
// unless all of them are one well-formed message.
#pragma once

#include <cstdint>
#include <optional>

#include "host/base/bytes.hpp"
#include "host/base/ids.hpp"
#include "platform/audit/audit.hpp"
#include "platform/raft/types.hpp"

namespace blackout::replica {

enum class AuditKind : std::uint8_t {
  report,   // to the leader: the checksums of the sender's state as of `index`
  verdict,  // from it: the receiver's state as of `index` is wrong, a majority's has this root
  request,  // for the sender's whole state from byte `offset` on: the one as of `index`, or for 0
            // as of now
  part,     // of the sender's state as of `index`
};

// Members that a kind does not name are empty.
struct AuditMessage {
  AuditKind kind{};
  ShardId shard;
  raft::Index index;
  audit::Checksums checksums;  // of a verdict the root
  std::uint64_t offset = 0;    // of a part: of its first byte in the whole ...
  std::uint64_t size = 0;      // ... of so many ...
  std::uint64_t digest = 0;    // ... with this hash64
  Bytes bytes;

  friend bool operator==(const AuditMessage&, const AuditMessage&) = default;
};

// With the byte of Channel::audit.
Bytes encode(const AuditMessage& message);
std::optional<AuditMessage> decode_audit_message(BytesView message);

}  // namespace blackout::replica
