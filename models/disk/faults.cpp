// What faults do to operations: delay, failure, refusal and false success.
#include <algorithm>
#include <limits>
#include <utility>

#include "host/base/check.hpp"
#include "models/disk/disk.hpp"

namespace blackout::disk {
namespace {

template <class Fault>
void take_back(std::vector<Fault>& faults, FaultTag tag) {
  const auto found = std::find_if(faults.begin(), faults.end(),
                                  [tag](const Fault& fault) { return fault.tag == tag; });
  CHECK(found != faults.end(), "this fault is not on the disk");
  faults.erase(found);
}

}  // namespace

void Disk::slow(std::uint32_t factor_permille, FaultTag tag) {
  CHECK(factor_permille > 0);
  slowness_.push_back({tag, factor_permille});
  faults_changed();
}

void Disk::restore(FaultTag tag) {
  take_back(slowness_, tag);
  faults_changed();
}

void Disk::fail(random::Probability probability, FaultTag tag, Operations operations) {
  failing_.push_back({tag, probability, operations});
  faults_changed();
}

void Disk::repair(FaultTag tag) {
  take_back(failing_, tag);
  faults_changed();
}

void Disk::fill(std::uint64_t free_bytes, FaultTag tag) {
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max() - used_bytes_;
  full_.push_back({tag, used_bytes_ + std::min(free_bytes, most)});
  faults_changed();
}

void Disk::drain(FaultTag tag) {
  take_back(full_, tag);
  faults_changed();
}

void Disk::remount_read_only(FaultTag tag) {
  read_only_.push_back({tag});
  faults_changed();
}

void Disk::remount_writable(FaultTag tag) {
  take_back(read_only_, tag);
  faults_changed();
}

void Disk::ignore_syncs(FaultTag tag) {
  ignoring_syncs_.push_back({tag});
  faults_changed();
}

void Disk::honour_syncs(FaultTag tag) {
  take_back(ignoring_syncs_, tag);
  faults_changed();
}

void Disk::misdirect(random::Probability probability, FaultTag tag) {
  misdirecting_.push_back({tag, probability});
  faults_changed();
}

void Disk::aim(FaultTag tag) {
  take_back(misdirecting_, tag);
  faults_changed();
}

void Disk::stall(FaultTag tag) {
  stalls_.push_back({tag, true});
  if (++lasting_stalls_ == 1) stalled_since_ = kernel_.now();
  faults_changed();
}

void Disk::release(FaultTag tag) {
  const auto found = std::find_if(stalls_.begin(), stalls_.end(), [tag](const Stall& stall) {
    return stall.lasts && stall.tag == tag;
  });
  CHECK(found != stalls_.end(), "this fault is not on the disk");
  found->lasts = false;
  if (--lasting_stalls_ == 0) {
    const Duration stalled = kernel_.now() - stalled_since_;
    stalled_time_ = stalled_time_ + stalled;
    if (busy_until_ > stalled_since_) busy_until_ = busy_until_ + stalled;
    for (const fiber::FiberId fiber : std::exchange(stalled_, {})) {
      kernel_.resume_at(kernel_.now(), fiber);
    }
  }
  faults_changed();
}

void Disk::wait_for_release() {
  for (const Stall& stall : stalls_) {
    if (stall.lasts) ++effects_[stall.tag];
  }
  std::size_t counted = stalls_.size();
  while (lasting_stalls_ > 0) {
    stalled_.push_back(kernel_.fibers().current());
    host_.suspend();
    for (; counted < stalls_.size(); ++counted) ++effects_[stalls_[counted].tag];
  }
}

// An operation that would have been done at `done` when there had been `stalls` stalls.
void Disk::finish_stalled(Instant done, std::size_t stalls, Duration stalled_before) {
  while (true) {
    for (; stalls < stalls_.size(); ++stalls) ++effects_[stalls_[stalls].tag];
    if (lasting_stalls_ > 0) {
      stalled_.push_back(kernel_.fibers().current());
      host_.suspend();
      continue;
    }
    const Instant due = done + (stalled_time_ - stalled_before);
    if (due <= kernel_.now()) return;
    host_.suspend_until(due);
  }
}

std::optional<env::DiskError> Disk::refused_by_fault(Operation operation, std::uint64_t number,
                                                     std::uint64_t growth) {
  for (const Tagged& fault : read_only_) ++effects_[fault.tag];
  if (!read_only_.empty()) return Error::read_only;
  bool broken = false;
  for (const Failing& fault : failing_) {
    if (!fault.operations.contain(operation)) continue;
    if (!random::happens(fail_key_.child(fault.tag).draw(number), fault.probability)) continue;
    ++effects_[fault.tag];
    broken = true;
  }
  if (broken) return Error::input_output;
  // A new file needs room for its name.
  const std::uint64_t needed = operation == Operation::open && !full_.empty() ? 1 : growth;
  if (needed == 0 || used_bytes_ + needed <= capacity_bytes_) return std::nullopt;
  for (const Full& fault : full_) {
    if (used_bytes_ + needed > fault.capacity_bytes) ++effects_[fault.tag];
  }
  return Error::no_space;
}

bool Disk::read_fails() {
  const std::uint64_t number = device_reads_++;
  bool broken = false;
  for (const Failing& fault : failing_) {
    if (!fault.operations.contain(Operation::read)) continue;
    const random::Key draws = fail_key_.child(fault.tag).child("read");
    if (!random::happens(draws.draw(number), fault.probability)) continue;
    ++effects_[fault.tag];
    broken = true;
  }
  return broken;
}

void Disk::ignore_sync(const File& file, std::uint32_t index) {
  if (file.pending.empty() && file.name_durable) return;
  std::uint64_t bytes = 0;
  for (const Pending& operation : file.pending) bytes += operation.length;
  for (const Tagged& fault : ignoring_syncs_) ++effects_[fault.tag];
  recorder_.report(EventKind::disk_sync_ignored, node_, no_shard, index, bytes);
}

void Disk::faults_changed() {
  troubled_ = !failing_.empty() || !read_only_.empty() || !full_.empty() ||
              !misdirecting_.empty() || !damaged_.empty();
  capacity_bytes_ = profile_.capacity_bytes == 0 ? std::numeric_limits<std::uint64_t>::max()
                                                 : profile_.capacity_bytes;
  for (const Full& fault : full_) {
    capacity_bytes_ = std::min(capacity_bytes_, fault.capacity_bytes);
  }
  std::uint64_t permille = 1000;
  for (const Slowness& fault : slowness_) permille = permille * fault.factor_permille / 1000;
  const std::size_t failing =
      failing_.size() + read_only_.size() + full_.size() + lasting_stalls_ + damaged_.size();
  std::uint64_t conditions = 0;
  const auto add = [&conditions](Condition condition, bool holds) {
    if (holds) conditions |= static_cast<std::uint64_t>(condition);
  };
  add(Condition::stalled, lasting_stalls_ > 0);
  add(Condition::full, !full_.empty());
  add(Condition::read_only, !read_only_.empty());
  add(Condition::ignores_syncs, !ignoring_syncs_.empty());
  add(Condition::misdirects, !misdirecting_.empty());
  add(Condition::damaged, !damaged_.empty());
  recorder_.report(EventKind::disk_state_set, node_, no_shard, failing, permille, conditions);
}

std::uint64_t Disk::effect(FaultTag tag) const {
  const auto found = effects_.find(tag);
  return found == effects_.end() ? 0 : found->second;
}

}  // namespace blackout::disk
