#include "platform/log/snapshots.hpp"

#include <charconv>

#include "host/base/crc32c.hpp"

namespace blackout::log {
namespace {

constexpr std::uint64_t magic = 0x0A50'414E'534B'4C42;  // "BLKSNAP\n"
constexpr std::uint32_t snapshot_version = 1;
constexpr std::size_t header_bytes = 56;
constexpr std::string_view name_prefix = "snap-";
constexpr std::size_t shard_digits = 8, index_digits = 16;

struct Name {
  ShardId shard;
  raft::Index index;
};

std::optional<Name> parse_name(std::string_view name) {
  if (name.size() != name_prefix.size() + shard_digits + 1 + index_digits) return std::nullopt;
  std::uint32_t shard = 0;
  std::uint64_t index = 0;
  const char* const digits = name.data() + name_prefix.size();
  std::from_chars(digits, digits + shard_digits, shard);
  std::from_chars(digits + shard_digits + 1, name.data() + name.size(), index);
  if (shard >= no_shard.value() || name != snapshot_name(ShardId(shard), raft::Index(index))) {
    return std::nullopt;
  }
  return Name{ShardId(shard), raft::Index(index)};
}

void encode_header(Writer& out, ShardId shard, const raft::Position& position, std::uint64_t size,
                   std::uint32_t state_checksum) {
  out.u64(magic);
  out.u32(snapshot_version);
  out.u32(shard.value());
  out.u64(position.index.value());
  out.u64(position.term.value());
  out.u64(position.chain_hash);
  out.u64(size);
  out.u32(state_checksum);
}

}  // namespace

std::string snapshot_name(ShardId shard, raft::Index index) {
  return std::string(name_prefix) + padded(shard.value(), shard_digits) + "-" +
         padded(index.value(), index_digits);
}

Result<void, LogError> write_snapshot(env::Disk& disk, ShardId shard,
                                      const raft::Snapshot& snapshot) {
  const std::string name = snapshot_name(shard, snapshot.position.index);
  const BytesView state = raft::view_of(snapshot.state);
  Bytes bytes;
  bytes.reserve(header_bytes + state.size());
  Writer writer(bytes);
  encode_header(writer, shard, snapshot.position, state.size(), crc32c(state));
  writer.u32(crc32c(bytes));
  writer.raw(state);
  const auto file = disk.open(name, true);
  if (!file) return failure(LogError::refused(file.error(), name));
  // Longer leavings of an earlier attempt would be part of it.
  if (disk.size(file.value()) > bytes.size()) {
    const auto cut = disk.truncate(file.value(), 0);
    if (!cut) return failure(LogError::refused(cut.error(), name));
  }
  const auto written = disk.write(file.value(), 0, bytes);
  if (!written) return failure(LogError::refused(written.error(), name));
  const auto synced = disk.sync(file.value());
  if (!synced) return failure(LogError::refused(synced.error(), name));
  return {};
}

Result<raft::Payload, LogError> read_snapshot(env::Disk& disk, ShardId shard,
                                              const raft::Position& position) {
  const std::string name = snapshot_name(shard, position.index);
  const auto file = disk.open(name, false);
  if (!file) return failure(LogError::refused(file.error(), name));
  const auto bytes = disk.read(file.value(), 0, disk.size(file.value()));
  if (!bytes) return failure(LogError::refused(bytes.error(), name));
  const BytesView content = bytes.value();
  if (content.size() < header_bytes) return failure(LogError::corrupted(name));
  const BytesView state = content.subspan(header_bytes);
  Bytes expected;
  Writer writer(expected);
  encode_header(writer, shard, position, state.size(), crc32c(state));
  writer.u32(crc32c(expected));
  const bool verifies = std::equal(expected.begin(), expected.end(), content.begin());
  if (!verifies) return failure(LogError::corrupted(name));
  return raft::Payload(state);
}

Result<void, LogError> remove_snapshots(
    env::Disk& disk, const std::function<bool(ShardId, raft::Index)>& is_useless) {
  const auto names = disk.list();
  if (!names) return failure(LogError::refused(names.error(), {}));
  for (const std::string& name : names.value()) {
    const auto parsed = parse_name(name);
    if (!parsed || !is_useless(parsed->shard, parsed->index)) continue;
    const auto removed = disk.remove(name);
    if (!removed) return failure(LogError::refused(removed.error(), name));
  }
  return {};
}

}  // namespace blackout::log
