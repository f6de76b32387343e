#include "models/disk/disk.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "host/base/check.hpp"

namespace blackout::disk {
namespace {

constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

}  // namespace

Disk::Disk(kernel::Kernel& kernel, trace::Recorder& recorder, random::Key key, NodeId node,
           const Profile& profile, Host& host)
    : kernel_(kernel),
      recorder_(recorder),
      key_(key.child("disk")),
      sync_draws_(key_),
      read_draws_(key_),
      fail_key_(key_),
      misdirect_key_(key_),
      node_(node),
      profile_(profile),
      sync_delay_(profile.sync_median.ns(), profile.sync_p99.ns()),
      read_delay_(profile.read_median.ns(), profile.read_p99.ns()),
      host_(host),
      capacity_bytes_(profile.capacity_bytes == 0 ? unlimited : profile.capacity_bytes) {}

void Disk::attach(std::uint32_t incarnation) {
  attached_ = true;
  const random::Key key = key_.child(incarnation);
  sync_draws_ = random::Stream(key.child("sync"));
  read_draws_ = random::Stream(key.child("read"));
  fail_key_ = key.child("fail");
  misdirect_key_ = key.child("misdirect");
  changes_ = 0;
  device_reads_ = 0;
  for (File& file : files_) {
    if (file.defects) reveal(file);
  }
}

Result<env::FileId, env::DiskError> Disk::open(std::string_view name, bool create) {
  if (!attached_) return failure(Error::input_output);
  const auto known = names_.find(name);
  if (known != names_.end()) {
    const env::FileId file(known->second);
    wait_cached();
    return file;
  }
  if (!create) {
    wait_cached();
    return failure(Error::not_found);
  }
  const auto index = static_cast<std::uint32_t>(files_.size());
  if (const auto error = refused(Operation::open, 0)) {
    wait_cached();
    return failed(index, Operation::open, *error);
  }
  files_.emplace_back(blocks_);
  files_.back().name = name;
  names_.emplace(name, index);
  wait_cached();
  return env::FileId(index);
}

Result<std::vector<std::string>, env::DiskError> Disk::list() {
  if (!attached_) return failure(Error::input_output);
  std::vector<std::string> names;
  for (const auto& entry : names_) names.push_back(entry.first);
  wait_cached();
  return names;
}

Result<void, env::DiskError> Disk::write(env::FileId id, std::uint64_t offset, BytesView bytes) {
  if (!attached_) return failure(Error::input_output);
  File& file = checked(id);
  const std::uint64_t end = offset + bytes.size();
  const std::uint64_t growth = end > file.content.size() ? end - file.content.size() : 0;
  auto error = refused(Operation::write, growth);
  if (!error && troubled_ && partly_overwrites_unreadable(file, offset, bytes.size())) {
    error = Error::input_output;
  }
  if (error) {
    wait_cached();
    return failed(id.value(), Operation::write, *error);
  }
  remember(file, offset, bytes.size(), false);
  apply(file, offset, bytes);
  if (troubled_) draw_displacement(id.value(), changes_ - 1);
  recorder_.report(EventKind::disk_written, node_, no_shard, id.value(), offset, bytes.size());
  wait_cached();
  return {};
}

Result<Bytes, env::DiskError> Disk::read(env::FileId id, std::uint64_t offset, std::size_t size) {
  if (!attached_) return failure(Error::input_output);
  File& file = checked(id);
  const std::uint64_t begin = std::min<std::uint64_t>(offset, file.content.size());
  const std::uint64_t end = begin + std::min<std::uint64_t>(size, file.content.size() - begin);
  Bytes bytes = file.content.read(begin, end - begin);
  const bool damaged = file.defects && unreadable(file, begin, end);
  if (file.cached && !damaged) {
    wait_cached();
    return bytes;
  }
  const bool broken = (troubled_ && read_fails()) || damaged;
  // A file is read from its front: whoever has seen its end has all of it in the cache.
  if (!broken) file.cached = end == file.content.size();
  wait_device(Duration(read_delay_(read_draws_.next())), bytes.size());
  if (broken) return failed(id.value(), Operation::read, Error::input_output);
  return bytes;
}

Result<void, env::DiskError> Disk::sync(env::FileId id) {
  if (!attached_) return failure(Error::input_output);
  File& file = checked(id);
  const std::uint64_t last = file.operations;
  std::uint64_t bytes = 0;
  for (const Pending& operation : file.pending) bytes += operation.length;
  const auto error = refused(Operation::sync, 0);
  if (error == Error::read_only) {
    wait_cached();
    return failed(id.value(), Operation::sync, *error);
  }
  if (!error && !ignoring_syncs_.empty()) {
    ignore_sync(file, id.value());
    wait_cached();
    return {};
  }
  const Instant called = kernel_.now();
  wait_device(Duration(sync_delay_(sync_draws_.next())), bytes);
  if (error) {
    undo_all(file);
    return failed(id.value(), Operation::sync, *error);
  }
  const auto kept = std::find_if(file.pending.begin(), file.pending.end(),
                                 [last](const Pending& pending) { return pending.number > last; });
  if (file.defects) {
    for (auto operation = file.pending.begin(); operation != kept; ++operation) {
      settle(file, *operation);
    }
  }
  file.pending.erase(file.pending.begin(), kept);
  file.name_durable = true;
  const auto delay = static_cast<std::uint64_t>((kernel_.now() - called).ns());
  recorder_.report(EventKind::disk_synced, node_, no_shard, id.value(), bytes, delay);
  return {};
}

Result<void, env::DiskError> Disk::truncate(env::FileId id, std::uint64_t size) {
  if (!attached_) return failure(Error::input_output);
  File& file = checked(id);
  CHECK(size <= file.content.size());
  if (const auto error = refused(Operation::truncate, 0)) {
    wait_cached();
    return failed(id.value(), Operation::truncate, *error);
  }
  remember(file, size, 0, true);
  resize(file, size);
  wait_cached();
  return {};
}

Result<void, env::DiskError> Disk::remove(std::string_view name) {
  if (!attached_) return failure(Error::input_output);
  const auto known = names_.find(name);
  if (known == names_.end()) {
    wait_cached();
    return failure(Error::not_found);
  }
  const std::uint32_t index = known->second;
  const auto error = refused(Operation::remove, 0);
  if (error == Error::read_only) {
    wait_cached();
    return failed(index, Operation::remove, *error);
  }
  if (!error) erase(index);
  wait_device(Duration(sync_delay_(sync_draws_.next())), 0);
  if (error) return failed(index, Operation::remove, *error);
  return {};
}

std::uint64_t Disk::size(env::FileId file) const {
  CHECK(file.value() < files_.size() && files_[file.value()].exists);
  return files_[file.value()].content.size();
}

Disk::File& Disk::checked(env::FileId file) {
  CHECK(file.value() < files_.size() && files_[file.value()].exists, "not an open file");
  return files_[file.value()];
}

void Disk::remember(File& file, std::uint64_t offset, std::uint64_t length, bool truncation) {
  const std::uint64_t size = file.content.size();
  Pending& operation = file.pending.emplace_back();
  operation.number = ++file.operations;
  operation.offset = offset;
  operation.length = length;
  operation.size_before = size;
  operation.truncation = truncation;
  const std::uint64_t end = truncation ? size : std::min(size, offset + length);
  if (offset < end) operation.bytes_before = file.content.read(offset, end - offset);
}

void Disk::apply(File& file, std::uint64_t offset, BytesView bytes) {
  used_bytes_ -= file.content.size();
  file.content.write(offset, bytes);
  used_bytes_ += file.content.size();
}

void Disk::undo(File& file, const Pending& operation) {
  resize(file, operation.size_before);
  if (!operation.bytes_before.empty()) apply(file, operation.offset, operation.bytes_before);
}

void Disk::undo_all(File& file) {
  while (!file.pending.empty()) {
    undo(file, file.pending.back());
    file.pending.pop_back();
  }
}

void Disk::resize(File& file, std::uint64_t size) {
  used_bytes_ += size - file.content.size();
  file.content.resize(size);
}

void Disk::erase(std::uint32_t index) {
  File& file = files_[index];
  names_.erase(file.name);
  resize(file, 0);
  file = File(blocks_);
  file.exists = false;
}

Duration Disk::slowed(Duration delay) {
  for (const Slowness& fault : slowness_) {
    delay = delay * std::int64_t{fault.factor_permille} / 1000;
    if (fault.factor_permille > 1000) ++effects_[fault.tag];
  }
  return delay;
}

void Disk::wait_cached() {
  if (profile_.cached > Duration()) host_.suspend_until(kernel_.now() + slowed(profile_.cached));
}

void Disk::wait_device(Duration delay, std::uint64_t bytes) {
  if (profile_.bytes_per_second != 0) {
    const auto transfer =
        static_cast<unsigned __int128>(bytes) * 1'000'000'000 / profile_.bytes_per_second;
    delay = delay + Duration(static_cast<std::int64_t>(transfer));
  }
  if (lasting_stalls_ > 0) wait_for_release();
  busy_until_ = std::max(busy_until_, kernel_.now()) + slowed(delay);
  const Instant done = busy_until_;
  const std::size_t stalls = stalls_.size();
  const Duration stalled_before = stalled_time_;
  host_.suspend_until(done);
  if (stalls_.size() != stalls) finish_stalled(done, stalls, stalled_before);
}

std::optional<env::DiskError> Disk::refused(Operation operation, std::uint64_t growth) {
  const std::uint64_t number = changes_++;
  const bool full = growth > 0 && used_bytes_ + growth > capacity_bytes_;
  if (!full && !troubled_) return std::nullopt;
  return refused_by_fault(operation, number, growth);
}

Failure<env::DiskError> Disk::failed(std::uint32_t index, Operation operation, Error error) {
  recorder_.report(EventKind::disk_failed, node_, no_shard, index,
                   static_cast<std::uint64_t>(operation), static_cast<std::uint64_t>(error));
  return failure(error);
}

}  // namespace blackout::disk
