#include "models/disk/disk.hpp"

#include <algorithm>
#include <utility>

#include "host/base/check.hpp"

namespace blackout::disk {

Disk::Disk(kernel::Kernel& kernel, trace::Recorder& recorder, random::Key key, NodeId node,
           const Profile& profile, Host& host)
    : kernel_(kernel),
      recorder_(recorder),
      key_(key.child("disk")),
      sync_draws_(key_),
      read_draws_(key_),
      fail_key_(key_),
      node_(node),
      profile_(profile),
      sync_delay_(profile.sync_median.ns(), profile.sync_p99.ns()),
      read_delay_(profile.read_median.ns(), profile.read_p99.ns()),
      host_(host) {}

void Disk::attach(std::uint32_t incarnation) {
  attached_ = true;
  const random::Key key = key_.child(incarnation);
  sync_draws_ = random::Stream(key.child("sync"));
  read_draws_ = random::Stream(key.child("read"));
  fail_key_ = key.child("fail");
  changes_ = 0;
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
  if (fails()) {
    wait_cached();
    return failed(index, Operation::open, Error::input_output);
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
  const bool full =
      profile_.capacity_bytes != 0 && growth > 0 && used_bytes_ + growth > profile_.capacity_bytes;
  const bool broken = fails();
  if (broken || full) {
    wait_cached();
    return failed(id.value(), Operation::write, broken ? Error::input_output : Error::no_space);
  }
  remember(file, offset, bytes.size(), false);
  apply(file, offset, bytes);
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
  if (file.cached) {
    wait_cached();
  } else {
    // A file is read from its front: whoever has seen its end has all of it in the cache.
    file.cached = end == file.content.size();
    wait_device(Duration(read_delay_(read_draws_.next())), bytes.size());
  }
  return bytes;
}

Result<void, env::DiskError> Disk::sync(env::FileId id) {
  if (!attached_) return failure(Error::input_output);
  File& file = checked(id);
  const std::uint64_t last = file.operations;
  std::uint64_t bytes = 0;
  for (const Pending& operation : file.pending) bytes += operation.length;
  const bool broken = fails();
  const Instant called = kernel_.now();
  wait_device(Duration(sync_delay_(sync_draws_.next())), bytes);
  if (broken) {
    undo_all(file);
    return failed(id.value(), Operation::sync, Error::input_output);
  }
  const auto kept = std::find_if(file.pending.begin(), file.pending.end(),
                                 [last](const Pending& pending) { return pending.number > last; });
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
  if (fails()) {
    wait_cached();
    return failed(id.value(), Operation::truncate, Error::input_output);
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
  const bool broken = fails();
  if (!broken) erase(index);
  wait_device(Duration(sync_delay_(sync_draws_.next())), 0);
  if (broken) return failed(index, Operation::remove, Error::input_output);
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

void Disk::lose_power() {
  busy_until_ = kernel_.now();
  const random::Key draws = key_.child("power_loss").child(power_losses_++);
  for (std::uint32_t index = 0; index < files_.size(); ++index) {
    if (files_[index].exists) lose_pending(index, draws.child(index));
  }
}

void Disk::lose_pending(std::uint32_t index, random::Key draws) {
  File& file = files_[index];
  const std::vector<Pending> pending = std::exchange(file.pending, {});
  // Taken back from the last to the first, the bytes that each operation wrote come to light.
  std::vector<Bytes> written(pending.size());
  for (std::size_t i = pending.size(); i-- > 0;) {
    written[i] = file.content.read(pending[i].offset, pending[i].length);
    undo(file, pending[i]);
  }
  std::uint64_t lost_bytes = 0;
  std::vector<std::size_t> survivors;
  const bool name_survives =
      file.name_durable || random::happens(draws.child("name").draw(0), profile_.survival);
  for (std::size_t i = 0; i < pending.size(); ++i) {
    if (name_survives && random::happens(draws.draw(i), profile_.survival)) {
      survivors.push_back(i);
    } else {
      lost_bytes += pending[i].length;
    }
  }
  for (const std::size_t i : survivors) {
    const Pending& operation = pending[i];
    if (operation.truncation) {
      resize(file, std::min<std::uint64_t>(file.content.size(), operation.offset));
      continue;
    }
    std::uint64_t kept = operation.length;
    if (i == survivors.back()) kept = torn(operation, draws.child("tear"));
    apply(file, operation.offset, BytesView(written[i]).first(kept));
    if (kept == operation.length) continue;
    lost_bytes += operation.length - kept;
    recorder_.report(EventKind::disk_write_torn, node_, no_shard, index, operation.offset, kept);
  }
  file.cached = false;
  file.name_durable = true;
  if (!name_survives) erase(index);
  if (survivors.size() < pending.size() || lost_bytes > 0 || !name_survives) {
    recorder_.report(EventKind::disk_unsynced_lost, node_, no_shard, index, lost_bytes);
  }
}

std::uint64_t Disk::torn(const Pending& operation, random::Key draws) const {
  if (operation.length == 0) return 0;
  const std::uint64_t first_sector = operation.offset / sector_bytes;
  const std::uint64_t last_sector = (operation.offset + operation.length - 1) / sector_bytes;
  if (first_sector == last_sector || !random::happens(draws.draw(0), profile_.tearing)) {
    return operation.length;
  }
  const std::uint64_t whole_sectors = 1 + random::below(draws.draw(1), last_sector - first_sector);
  return (first_sector + whole_sectors) * sector_bytes - operation.offset;
}

void Disk::write_back() {
  for (std::uint32_t index = 0; index < files_.size(); ++index) {
    File& file = files_[index];
    if (!file.exists || (file.pending.empty() && file.name_durable)) continue;
    std::uint64_t bytes = 0;
    for (const Pending& operation : file.pending) bytes += operation.length;
    file.pending.clear();
    file.name_durable = true;
    recorder_.report(EventKind::disk_synced, node_, no_shard, index, bytes);
  }
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
  busy_until_ = std::max(busy_until_, kernel_.now()) + slowed(delay);
  host_.suspend_until(busy_until_);
}

bool Disk::fails() {
  const std::uint64_t number = changes_++;
  bool any = false;
  for (const Failing& fault : failing_) {
    if (!random::happens(fail_key_.child(fault.tag).draw(number), fault.probability)) continue;
    ++effects_[fault.tag];
    any = true;
  }
  return any;
}

Failure<env::DiskError> Disk::failed(std::uint32_t index, Operation operation, Error error) {
  recorder_.report(EventKind::disk_failed, node_, no_shard, index,
                   static_cast<std::uint64_t>(operation), static_cast<std::uint64_t>(error));
  return failure(error);
}

void Disk::slow(std::uint32_t factor_permille, FaultTag tag) {
  CHECK(factor_permille > 0);
  slowness_.push_back({tag, factor_permille});
  report_state();
}

void Disk::restore(FaultTag tag) {
  const auto found = std::find_if(slowness_.begin(), slowness_.end(),
                                  [tag](const Slowness& fault) { return fault.tag == tag; });
  CHECK(found != slowness_.end(), "restored a disk that this fault did not slow");
  slowness_.erase(found);
  report_state();
}

void Disk::fail(random::Probability probability, FaultTag tag) {
  failing_.push_back({tag, probability});
  report_state();
}

void Disk::repair(FaultTag tag) {
  const auto found = std::find_if(failing_.begin(), failing_.end(),
                                  [tag](const Failing& fault) { return fault.tag == tag; });
  CHECK(found != failing_.end(), "repaired a disk that this fault did not fail");
  failing_.erase(found);
  report_state();
}

void Disk::report_state() {
  std::uint64_t permille = 1000;
  for (const Slowness& fault : slowness_) permille = permille * fault.factor_permille / 1000;
  recorder_.report(EventKind::disk_state_set, node_, no_shard, failing_.size(), permille);
}

std::uint64_t Disk::effect(FaultTag tag) const {
  const auto found = effects_.find(tag);
  return found == effects_.end() ? 0 : found->second;
}

}  // namespace blackout::disk
