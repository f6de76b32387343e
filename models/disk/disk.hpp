// One node's disk: what its page cache holds, what its medium holds, and how they come apart.
//
// A process crash leaves the page cache. A power loss takes from each file any subset of its
// un-synced operations (each survives with Profile::survival, in order: finer than the sectors of a
// real device), and each write that survives may be torn: a prefix of its sectors or any subset of
// them is left. A sync makes durable what was written to its file before it was called, and counts
// from the moment it completes; it is the only barrier. A failed sync drops every un-synced
// operation of the file from the page cache, so that the next one succeeds and the data is gone
// (Rebello et al., USENIX ATC 2020).
//
// Syncs, removals and reads of what is not cached occupy the device, one after the
// other; writes and cached reads do not. Delays are drawn from streams keyed by operation class and
// counted within it.
//
// Faults nest: each verb adds an effect under a tag, its inverse takes exactly that one away. What
// a fault does to the medium alone (rot, damage, misdirect) is hidden by the page cache, whose
// reads still see what was written, until the node next starts; a write to a sector that becomes
// durable makes it good again.
#pragma once

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/env/disk.hpp"
#include "models/disk/content.hpp"
#include "sim/kernel/kernel.hpp"
#include "sim/random/distributions.hpp"
#include "sim/random/stream.hpp"
#include "sim/trace/recorder.hpp"

namespace blackout::disk {

inline constexpr std::uint64_t sector_bytes = 512;  // counted from the front of each file

using FaultTag = std::uint32_t;

// Word b of disk_failed.
enum class Operation : std::uint8_t { open, write, read, sync, truncate, remove };

// A set of operations; open is the creation of a file.
class Operations {
 public:
  constexpr Operations(std::initializer_list<Operation> members) {
    for (const Operation member : members) bits_ |= 1U << static_cast<unsigned>(member);
  }
  [[nodiscard]] constexpr bool contain(Operation operation) const {
    return (bits_ >> static_cast<unsigned>(operation) & 1U) != 0;
  }

 private:
  unsigned bits_ = 0;
};

inline constexpr Operations changing{Operation::open, Operation::write, Operation::sync,
                                     Operation::truncate, Operation::remove};

// Word c of disk_state_set: the sum of those that hold.
enum class Condition : std::uint8_t {
  stalled = 1,
  full = 2,
  read_only = 4,
  ignores_syncs = 8,
  misdirects = 16,
  damaged = 32,
};

struct Profile {
  Duration sync_median = microseconds(500), sync_p99 = milliseconds(3);
  Duration read_median = microseconds(100), read_p99 = microseconds(500);  // not cached
  Duration cached = microseconds(3);             // writes and cached reads; 0: they do not wait
  std::uint64_t bytes_per_second = 500'000'000;  // of the device, 0: unlimited
  std::uint64_t capacity_bytes = 0;              // 0: unlimited
  random::Probability survival{500'000'000};     // of an un-synced operation at power loss
  random::Probability tearing{500'000'000};      // of a write that survives
};

// What the disk needs of the machine that it is in.
class Host {
 public:
  // From a task: gives up the processor until `when`, true time.
  virtual void suspend_until(Instant when) = 0;
  // From a task: gives up the processor until its fiber is resumed.
  virtual void suspend() = 0;

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
  void detach() {
    attached_ = false;
    stalled_.clear();
  }

  // The node is down: un-synced operations are lost, torn or kept; caches are cold.
  void lose_power();
  // The node is down: un-synced operations become durable (a clean shutdown).
  void write_back();

  // Every delay is multiplied, until restore with this tag. At least 1.
  void slow(std::uint32_t factor_permille, FaultTag tag);
  void restore(FaultTag tag);

  // Each of these operations fails with this probability and input_output, until repair with this
  // tag. Reads fail where they reach the device, never where the page cache answers.
  void fail(random::Probability probability, FaultTag tag, Operations operations = changing);
  void repair(FaultTag tag);

  // The device stands still, until release with this tag: what it was doing, and what comes
  // meanwhile, takes that much longer. Nothing is lost; the page cache goes on.
  void stall(FaultTag tag);
  void release(FaultTag tag);

  // No more than `free_bytes` can be added to what is there now, and no file created once that is
  // used up: no_space, until drain with this tag. What is removed meanwhile makes room.
  void fill(std::uint64_t free_bytes, FaultTag tag);
  void drain(FaultTag tag);

  // Every operation that would change the disk fails at once with read_only and changes nothing,
  // until remount_writable with this tag. What was written before and not synced stays in the page
  // cache.
  void remount_read_only(FaultTag tag);
  void remount_writable(FaultTag tag);

  // A lying disk: a sync succeeds at once and makes nothing durable, until honour_syncs with this
  // tag; the next sync after it makes all of it durable. Removals stay honest.
  void ignore_syncs(FaultTag tag);
  void honour_syncs(FaultTag tag);

  // A write reaches, with this probability, the medium at another place in its file, a multiple of
  // sectors away; where it belonged the medium keeps what it held (zeros, if the write extended
  // the file). Until aim with this tag; what already went astray stays there. A write that finds
  // no other place in the file is not misdirected.
  void misdirect(random::Probability probability, FaultTag tag);
  void aim(FaultTag tag);

  // That many adjacent sectors, drawn from those of all files and cut at the end of the file, can
  // no longer be read from the device: input_output, also for a write of a part of one. Each until
  // it is rewritten as a whole; all until mend with this tag.
  void damage(std::uint64_t sectors, FaultTag tag);
  void mend(FaultTag tag);

  // Flips that many different bits, drawn from those of all files, on the medium; all of them, if
  // there are fewer. Has no inverse.
  void rot(std::uint64_t bits, FaultTag tag);

  // The node is down, else CHECK: an empty disk takes the place of this one; the faults that are
  // on it stay. Has no inverse.
  void replace(FaultTag tag);
  // Keeps a copy of what is durable now (sectors that cannot be read are copied as they were)...
  void take_backup(FaultTag tag);
  // ... and puts it on an empty disk in the place of this one. The node is down and a backup with
  // this tag was taken, else CHECK. Has no inverse.
  void return_to_backup(FaultTag tag);

  // Operations that the faults with this tag slowed, failed, held up, refused, falsely acknowledged
  // or misdirected; for rot the bits flipped, for replace and return_to_backup the files that are
  // gone or differ.
  [[nodiscard]] std::uint64_t effect(FaultTag tag) const;
  [[nodiscard]] std::uint64_t used_bytes() const { return used_bytes_; }

 private:
  // An un-synced operation and how to undo it: a write covers [offset, offset + length), a
  // truncation (length 0) cuts at offset.
  struct Pending {
    std::uint64_t number;  // in the file
    std::uint64_t offset, length;
    std::uint64_t size_before;
    std::int64_t displacement = 0;  // of the place where it reaches the medium
    Bytes bytes_before;             // what was there; shorter where the file ended
    bool truncation;
  };
  // Where the medium of a file is not as its page cache says.
  struct Defects {
    std::map<std::uint64_t, Bytes> stale;  // by sector: what the medium holds
    // True while the page cache hides it.
    std::map<std::pair<std::uint64_t, FaultTag>, bool> unreadable;
  };
  struct File {
    explicit File(Blocks& blocks) : content(blocks) {}
    std::string name;
    Content content;  // with the un-synced operations
    std::vector<Pending> pending;
    std::unique_ptr<Defects> defects;  // null while it never had any
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
    Operations operations;
  };
  struct Misdirecting {
    FaultTag tag;
    random::Probability probability;
  };
  struct Stall {
    FaultTag tag;
    bool lasts;
  };
  struct Full {
    FaultTag tag;
    std::uint64_t capacity_bytes;
  };
  struct Tagged {
    FaultTag tag;
  };
  struct Backup {
    Instant taken;
    std::map<std::string, Bytes> files;
  };
  using Error = env::DiskError;

  [[nodiscard]] File& checked(env::FileId file);
  void remember(File& file, std::uint64_t offset, std::uint64_t length, bool truncation);
  void apply(File& file, std::uint64_t offset, BytesView bytes);
  void undo(File& file, const Pending& operation);
  void undo_all(File& file);
  void resize(File& file, std::uint64_t size);
  void erase(std::uint32_t index);

  // power_loss.cpp
  void lose_pending(std::uint32_t index, random::Key draws);
  // Both return how many bytes of the write survive.
  std::uint64_t leave(std::uint32_t index, const Pending& operation, BytesView bytes,
                      random::Key draws);
  std::uint64_t leave_sectors(File& file, const Pending& operation, BytesView bytes,
                              std::uint64_t first, std::uint64_t last);

  [[nodiscard]] Duration slowed(Duration delay);
  void wait_cached();
  void wait_device(Duration delay, std::uint64_t bytes);
  // Why the next operation that changes the disk, and adds `growth` bytes, does not take place.
  [[nodiscard]] std::optional<Error> refused(Operation operation, std::uint64_t growth);
  Failure<Error> failed(std::uint32_t index, Operation operation, Error error);

  // faults.cpp
  [[nodiscard]] std::optional<Error> refused_by_fault(Operation operation, std::uint64_t number,
                                                      std::uint64_t growth);
  [[nodiscard]] bool read_fails();
  void ignore_sync(const File& file, std::uint32_t index);
  void wait_for_release();
  void finish_stalled(Instant done, std::size_t stalls, Duration stalled_before);
  void faults_changed();

  // medium.cpp
  [[nodiscard]] static bool dirty(const File& file, std::uint64_t sector);
  [[nodiscard]] static Bytes sector_of(File& file, std::uint64_t sector);
  // What the medium holds of the sector, to be changed.
  [[nodiscard]] static Bytes& stale_sector(File& file, std::uint64_t sector);
  // The first and the last sector are whole again.
  static void forget_defects(File& file, std::uint64_t first, std::uint64_t last);
  // The operation is durable.
  static void settle(File& file, const Pending& operation);
  static void settle_displaced(File& file, const Pending& operation);
  // The page cache hides no defect any longer, but where it has something to write.
  static void reveal(File& file);
  // Whether a defect keeps the read of [begin, end) from succeeding; counts it.
  [[nodiscard]] bool unreadable(const File& file, std::uint64_t begin, std::uint64_t end);
  [[nodiscard]] bool partly_overwrites_unreadable(const File& file, std::uint64_t offset,
                                                  std::uint64_t length);
  void draw_displacement(std::uint32_t index, std::uint64_t number);
  void flip(std::uint32_t index, std::uint64_t offset, unsigned bit);
  static Defects& defects_of(File& file);

  // backup.cpp
  [[nodiscard]] static Bytes durable(File& file);
  [[nodiscard]] std::map<std::string, Bytes> durable_files();
  void put(FaultTag tag, const Backup& backup);

  kernel::Kernel& kernel_;
  trace::Recorder& recorder_;
  random::Key key_;
  random::Stream sync_draws_, read_draws_;  // of the incarnation
  random::Key fail_key_, misdirect_key_;    // likewise
  NodeId node_;
  const Profile profile_;
  random::LogNormal sync_delay_, read_delay_;
  Host& host_;
  bool attached_ = false;
  Instant busy_until_;
  Blocks blocks_;
  std::deque<File> files_;  // by FileId; a removed file keeps its place
  std::map<std::string, std::uint32_t, std::less<>> names_;
  std::uint64_t used_bytes_ = 0, capacity_bytes_;  // the latter with every fault
  bool troubled_ = false;      // a fault may refuse, misdirect or fail an operation
  std::uint64_t changes_ = 0;  // of the incarnation, that changed the disk: the n of their failures
  std::uint64_t power_losses_ = 0;
  std::vector<Slowness> slowness_;
  std::vector<Failing> failing_;
  std::uint64_t device_reads_ = 0;  // of the incarnation: the n of their failures
  std::vector<Misdirecting> misdirecting_;
  std::vector<Full> full_;
  std::vector<Tagged> read_only_, ignoring_syncs_, damaged_;
  std::vector<Stall> stalls_;  // all that ever were
  std::size_t lasting_stalls_ = 0;
  Instant stalled_since_;
  Duration stalled_time_;  // of all stalls that are over
  std::vector<fiber::FiberId> stalled_;
  std::map<FaultTag, Backup> backups_;
  std::map<FaultTag, std::uint64_t> effects_;
};

}  // namespace blackout::disk
