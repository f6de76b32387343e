#include "platform/log/identity.hpp"

#include "host/base/crc32c.hpp"

namespace blackout::log {
namespace {

constexpr std::string_view identity_name = "identity";
constexpr std::uint64_t magic = 0x0A44'4944'534B'4C42;  // "BLKSDID\n"

Bytes encoded(raft::DiskId id) {
  Bytes bytes;
  Writer out(bytes);
  out.u64(magic);
  out.u64(id.value());
  out.u32(crc32c(bytes));
  return bytes;
}

LogError refused(env::DiskError error) {
  return LogError::refused(error, std::string(identity_name));
}

}  // namespace

Result<std::optional<raft::DiskId>, LogError> read_identity(env::Disk& disk) {
  using Found = std::optional<raft::DiskId>;
  const auto names = disk.list();
  if (!names) return failure(refused(names.error()));
  bool has_log = false, has_identity = false;
  for (const std::string& name : names.value()) {
    has_log = has_log || segment_number(name).has_value();
    has_identity = has_identity || name == identity_name;
  }
  if (has_identity) {
    const auto file = disk.open(identity_name, false);
    if (!file) return failure(refused(file.error()));
    const auto bytes = disk.read(file.value(), 0, disk.size(file.value()));
    if (!bytes) return failure(refused(bytes.error()));
    Reader in(bytes.value());
    in.u64();
    const raft::DiskId id(in.u64());
    if (in.ok() && bytes.value() == encoded(id)) return Found(id);
  }
  // Before the log is begun, a power loss may take the identity that is being written.
  if (has_log) return failure(LogError::corrupted(std::string(identity_name)));
  return Found();
}

Result<void, LogError> write_identity(env::Disk& disk, raft::DiskId id) {
  const auto file = disk.open(identity_name, true);
  if (!file) return failure(refused(file.error()));
  const auto written = disk.write(file.value(), 0, encoded(id));
  if (!written) return failure(refused(written.error()));
  const auto synced = disk.sync(file.value());
  if (!synced) return failure(refused(synced.error()));
  return {};
}

}  // namespace blackout::log
