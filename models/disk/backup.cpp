// Another disk in the place of this one.
#include <algorithm>

#include "host/base/check.hpp"
#include "models/disk/disk.hpp"

namespace blackout::disk {

Bytes Disk::durable(File& file) {
  Bytes bytes = file.content.read(0, file.content.size());
  for (auto operation = file.pending.rbegin(); operation != file.pending.rend(); ++operation) {
    bytes.resize(operation->size_before);
    std::copy(operation->bytes_before.begin(), operation->bytes_before.end(),
              bytes.begin() + static_cast<std::ptrdiff_t>(operation->offset));
  }
  if (!file.defects) return bytes;
  for (const auto& [sector, held] : file.defects->stale) {
    const std::uint64_t begin = std::min<std::uint64_t>(sector * sector_bytes, bytes.size());
    const std::uint64_t size = std::min<std::uint64_t>(sector_bytes, bytes.size() - begin);
    std::copy_n(held.begin(), size, bytes.begin() + static_cast<std::ptrdiff_t>(begin));
  }
  return bytes;
}

std::map<std::string, Bytes> Disk::durable_files() {
  std::map<std::string, Bytes> files;
  for (File& file : files_) {
    if (file.exists && file.name_durable) files.emplace(file.name, durable(file));
  }
  return files;
}

void Disk::put(FaultTag tag, const Backup& backup) {
  CHECK(!attached_, "the node must be down while its disk is replaced");
  const std::map<std::string, Bytes> before = durable_files();
  std::uint64_t differing = 0;
  for (const auto& [name, bytes] : before) {
    const auto found = backup.files.find(name);
    differing += found == backup.files.end() || found->second != bytes;
  }
  for (const auto& entry : backup.files) differing += before.count(entry.first) == 0;
  effects_[tag] += differing;
  for (std::uint32_t index = 0; index < files_.size(); ++index) {
    if (files_[index].exists) erase(index);
  }
  for (const auto& [name, bytes] : backup.files) {
    names_.emplace(name, static_cast<std::uint32_t>(files_.size()));
    File& file = files_.emplace_back(blocks_);
    file.name = name;
    file.name_durable = true;
    file.cached = false;
    apply(file, 0, bytes);
  }
  recorder_.report(EventKind::disk_replaced, node_, no_shard, backup.files.size(), used_bytes_,
                   static_cast<std::uint64_t>(backup.taken.ns()));
}

void Disk::replace(FaultTag tag) { put(tag, {}); }

void Disk::take_backup(FaultTag tag) { backups_[tag] = {kernel_.now(), durable_files()}; }

void Disk::return_to_backup(FaultTag tag) {
  const auto found = backups_.find(tag);
  CHECK(found != backups_.end(), "this fault took no backup");
  put(tag, found->second);
  backups_.erase(found);
}

}  // namespace blackout::disk
