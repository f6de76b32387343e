#include "platform/replica/audit_protocol.hpp"

#include "platform/replica/protocol.hpp"

namespace blackout::replica {

Bytes encode(const AuditMessage& message) {
  constexpr std::size_t numbers = 64;
  Bytes out;
  out.reserve(numbers + message.checksums.ranges.size() * sizeof(std::uint64_t) +
              message.bytes.size());
  Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(Channel::audit));
  writer.u8(static_cast<std::uint8_t>(message.kind));
  writer.varint(message.shard.value());
  writer.varint(message.index.value());
  writer.u64(message.checksums.root);
  writer.varint(message.checksums.ranges.size());
  for (const std::uint64_t range : message.checksums.ranges) writer.u64(range);
  writer.varint(message.offset);
  writer.varint(message.size);
  writer.u64(message.digest);
  writer.blob(message.bytes);
  return out;
}

std::optional<AuditMessage> decode_audit_message(BytesView message) {
  constexpr std::uint64_t ranges_max = 64;
  Reader reader(message);
  if (reader.u8() != static_cast<std::uint8_t>(Channel::audit)) return std::nullopt;
  AuditMessage decoded;
  const std::uint8_t kind = reader.u8();
  const std::uint64_t shard = reader.varint();
  decoded.index = raft::Index(reader.varint());
  decoded.checksums.root = reader.u64();
  const std::uint64_t ranges = reader.varint();
  if (ranges > ranges_max) return std::nullopt;
  for (std::uint64_t r = 0; r < ranges; ++r) decoded.checksums.ranges.push_back(reader.u64());
  decoded.offset = reader.varint();
  decoded.size = reader.varint();
  decoded.digest = reader.u64();
  const BytesView bytes = reader.blob();
  decoded.bytes.assign(bytes.begin(), bytes.end());
  if (!reader.ok() || reader.left() != 0 || shard >= no_shard.value() ||
      kind > static_cast<std::uint8_t>(AuditKind::part)) {
    return std::nullopt;
  }
  decoded.kind = static_cast<AuditKind>(kind);
  const bool inside =
      decoded.offset <= decoded.size && decoded.bytes.size() <= decoded.size - decoded.offset;
  if (decoded.kind == AuditKind::part && !inside) return std::nullopt;
  decoded.shard = ShardId(static_cast<std::uint32_t>(shard));
  return decoded;
}

}  // namespace blackout::replica
