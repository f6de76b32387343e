// One node's disk: what its page cache holds, what its medium holds, and how they come apart.
//
// A process crash leaves the page cache; a power loss takes from each file any subset of its
// un-synced operations (each survives with Profile::survival, in order), and the last write that
// survives may be torn at a sector boundary. A sync makes durable what was written before it was
// called, and counts from the moment it completes. A failed sync drops every un-synced operation of
// the file from the page cache.
//
// Syncs, removals and reads of what is not cached occupy the device, one after the
// other; writes and cached reads do not. Delays are drawn from streams keyed by operation class and
// counted within it. Faults nest: each verb adds an effect under a tag, its inverse takes exactly
// that one away.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "host/env/disk.hpp"
#include "models/disk/content.hpp"
#include "sim/kernel/kernel.hpp"
#include "sim/random/distributions.hpp"
#include "sim/random/stream.hpp"
#include "sim/trace/recorder.hpp"

namespace blackout::disk {

inline constexpr std::uint64_t sector_bytes = 512;

using FaultTag = std::uint32_t;

// Word b of disk_failed.
enum class Operation : std::uint8_t { open, write, read, sync, truncate, remove };

struct Profile {
  Duration sync_median = microseconds(500), sync_p99 = milliseconds(3);
  Duration read_median = microseconds(100), read_p99 = microseconds(500);  // not cached
  Duration cached = microseconds(3);             // writes and cached reads; 0: they do not wait
  std::uint64_t bytes_per_second = 500'000'000;  // of the device, 0: unlimited
  std::uint64_t capacity_bytes = 0;              // 0: unlimited
  random::Probability survival{500'000'000};     // of an un-synced operation at power loss
  random::Probability tearing{500'000'000};      // of the last write that survives
};

// What the disk needs of the machine that it is in.
class Host {
 public:
  // From a task: gives up the processor until `when`, true time.
  virtual void suspend_until(Instant when) = 0;

 protected:
  ~Host() = default;
};

class Disk final : public env::Disk {
 public:
  Disk(kernel::Kernel& kernel, trace::Recorder& recorder, random::Key key, NodeId node,
       const Profile& profile, Host& host);
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  Result<env::FileId, env::DiskError> open(std::string_view name, bool create) override;
  Result<std::vector<std::string>, env::DiskError> list() override;
  Result<void, env::DiskError> write(env::FileId file, std::uint64_t offset,
                                     BytesView bytes) override;
  Result<Bytes, env::DiskError> read(env::FileId file, std::uint64_t offset,
                                     std::size_t size) override;
  Result<void, env::DiskError> sync(env::FileId file) override;
  Result<void, env::DiskError> truncate(env::FileId file, std::uint64_t size) override;
  Result<void, env::DiskError> remove(std::string_view name) override;
  [[nodiscard]] std::uint64_t size(env::FileId file) const override;

  // The node runs. While it does not, every call fails at once with input_output and changes
  // nothing.
  void attach(std::uint32_t incarnation);
  void detach() { attached_ = false; }

  // The node is down: un-synced operations are lost, torn or kept; caches are cold.
  void lose_power();
  // The node is down: un-synced operations become durable (a clean shutdown).
  void write_back();

  // Every delay is multiplied, until restore with this tag. At least 1.
  void slow(std::uint32_t factor_permille, FaultTag tag);
  void restore(FaultTag tag);
  // Operations that change the disk fail with this probability, until repair with this tag.
  void fail(random::Probability probability, FaultTag tag);
  void repair(FaultTag tag);

  // Operations that the faults with this tag slowed or failed.
  [[nodiscard]] std::uint64_t effect(FaultTag tag) const;
  [[nodiscard]] std::uint64_t used_bytes() const { return used_bytes_; }

 private:
  // An un-synced operation and how to undo it: a write covers [offset, offset + length), a
  // truncation (length 0) cuts at offset.
  struct Pending {
    std::uint64_t number;  // in the file
    std::uint64_t offset, length;
    std::uint64_t size_before;
    Bytes bytes_before;  // what was there; shorter where the file ended
    bool truncation;
  };
  struct File {
    explicit File(Blocks& blocks) : content(blocks) {}
    std::string name;
    Content content;  // with the un-synced operations
    std::vector<Pending> pending;
    std::uint64_t operations = 0;
    bool exists = true;
    bool name_durable = false;
    bool cached = true;
  };
  struct Slowness {
    FaultTag tag;
    std::uint32_t factor_permille;
  };
  struct Failing {
    FaultTag tag;
    random::Probability probability;
  };
  using Error = env::DiskError;

  [[nodiscard]] File& checked(env::FileId file);
  void remember(File& file, std::uint64_t offset, std::uint64_t length, bool truncation);
  void apply(File& file, std::uint64_t offset, BytesView bytes);
  void undo(File& file, const Pending& operation);
  void undo_all(File& file);
  void resize(File& file, std::uint64_t size);
  void erase(std::uint32_t index);
  void lose_pending(std::uint32_t index, random::Key draws);
  // How many bytes of the last surviving write survive.
  [[nodiscard]] std::uint64_t torn(const Pending& operation, random::Key draws) const;

  [[nodiscard]] Duration slowed(Duration delay);
  void wait_cached();
  void wait_device(Duration delay, std::uint64_t bytes);
  // Whether the next operation that changes the disk fails.
  [[nodiscard]] bool fails();
  Failure<Error> failed(std::uint32_t index, Operation operation, Error error);
  void report_state();

  kernel::Kernel& kernel_;
  trace::Recorder& recorder_;
  random::Key key_;
  random::Stream sync_draws_, read_draws_;  // of the incarnation
  random::Key fail_key_;
  NodeId node_;
  const Profile& profile_;
  random::LogNormal sync_delay_, read_delay_;
  Host& host_;
  bool attached_ = false;
  Instant busy_until_;
  Blocks blocks_;
  std::deque<File> files_;  // by FileId; a removed file keeps its place
  std::map<std::string, std::uint32_t, std::less<>> names_;
  std::uint64_t used_bytes_ = 0;
  std::uint64_t changes_ = 0;  // of the incarnation, that changed the disk: the n of their failures
  std::uint64_t power_losses_ = 0;
  std::vector<Slowness> slowness_;
  std::vector<Failing> failing_;
  std::map<FaultTag, std::uint64_t> effects_;
};

}  // namespace blackout::disk
