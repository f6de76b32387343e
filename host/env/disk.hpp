// Files of one node, with the guarantees of a real file system and no more.
//
// Nothing is promised before sync() returns success: after a power loss, un-synced writes may be
// gone in any subset, and each that is not may be torn (any of its sectors survive). After a
// process crash, writes that returned are still there. After a failed sync the state of the file's
// un-synced writes is unknown, also if a later sync succeeds; the only sound reaction is to stop
// using the file in this incarnation (Rebello et al., "Can applications recover from fsync
// failures?", USENIX ATC 2020).
//
// Every call but size() blocks the calling task for the device's latency. Calls from several tasks
// are allowed; those on one file take effect in the order of their calls.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/base/bytes.hpp"
#include "host/base/ids.hpp"
#include "host/base/result.hpp"

namespace blackout::env {

enum class DiskError : std::uint8_t {
  input_output,  // EIO: the device failed; the world's fault
  no_space,      // ENOSPC: nothing of the write took place
  not_found,     // no such file
  read_only,     // EROFS: the file system no longer takes changes; nothing took place
};

// An open file; valid until the node stops or the file is removed.
using FileId = Id<struct FileTag, std::uint32_t>;

class Disk {
 public:
  virtual ~Disk() = default;

  // Opens the file, creating it if `create`; a created file's name is durable with its first
  // sync(). Errors: not_found, input_output, no_space, read_only.
  virtual Result<FileId, DiskError> open(std::string_view name, bool create) = 0;

  // Names of all files, sorted.
  virtual Result<std::vector<std::string>, DiskError> list() = 0;

  // Writes at `offset`, extending the file with zeros where it leaves a gap. It is in the page
  // cache on return. Errors: input_output, no_space,
  // read_only; after the first two a prefix may have been written.
  virtual Result<void, DiskError> write(FileId file, std::uint64_t offset, BytesView bytes) = 0;

  // At most `size` bytes from `offset`, fewer at the end of the file. Errors: input_output.
  virtual Result<Bytes, DiskError> read(FileId file, std::uint64_t offset, std::size_t size) = 0;

  // Makes every write to `file` that returned before this call durable, and its length. Errors:
  // input_output, with the consequence above; read_only.
  virtual Result<void, DiskError> sync(FileId file) = 0;

  // Cuts the file to `size` bytes; durable with the next sync(). Errors: input_output,
  // read_only.
  virtual Result<void, DiskError> truncate(FileId file, std::uint64_t size) = 0;

  // Removes the file; durable on return. Errors: not_found, input_output, read_only.
  virtual Result<void, DiskError> remove(std::string_view name) = 0;

  // Current length in bytes, with un-synced writes.
  [[nodiscard]] virtual std::uint64_t size(FileId file) const = 0;
};

}  // namespace blackout::env
