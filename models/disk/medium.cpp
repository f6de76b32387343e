// Where the medium of a file is not as its page cache says, and when that comes to light.
#include <algorithm>
#include <set>
#include <utility>

#include "host/base/check.hpp"
#include "models/disk/disk.hpp"

namespace blackout::disk {
namespace {

std::uint64_t sectors_in(std::uint64_t bytes) { return (bytes + sector_bytes - 1) / sector_bytes; }

}  // namespace

Disk::Defects& Disk::defects_of(File& file) {
  if (!file.defects) file.defects = std::make_unique<Defects>();
  return *file.defects;
}

bool Disk::dirty(const File& file, std::uint64_t sector) {
  return std::any_of(file.pending.begin(), file.pending.end(), [sector](const Pending& operation) {
    const std::uint64_t first = operation.offset / sector_bytes;
    if (operation.truncation) return sector >= first;
    return sector >= first && sector * sector_bytes < operation.offset + operation.length;
  });
}

Bytes Disk::sector_of(File& file, std::uint64_t sector) {
  const std::uint64_t begin = std::min(sector * sector_bytes, file.content.size());
  const std::uint64_t end = std::min(begin + sector_bytes, file.content.size());
  Bytes bytes = file.content.read(begin, end - begin);
  bytes.resize(sector_bytes);
  return bytes;
}

Bytes& Disk::stale_sector(File& file, std::uint64_t sector) {
  auto& stale = defects_of(file).stale;
  const auto found = stale.find(sector);
  if (found != stale.end()) return found->second;
  return stale.emplace(sector, sector_of(file, sector)).first->second;
}

void Disk::forget_defects(File& file, std::uint64_t first, std::uint64_t last) {
  auto& [stale, unreadable] = *file.defects;
  stale.erase(stale.lower_bound(first), stale.upper_bound(last));
  unreadable.erase(unreadable.lower_bound({first, 0}), unreadable.lower_bound({last + 1, 0}));
}

void Disk::settle(File& file, const Pending& operation) {
  if (operation.truncation) {
    const std::uint64_t end = std::max(operation.size_before, operation.offset + 1);
    forget_defects(file, sectors_in(operation.offset), sectors_in(end));
  } else if (operation.displacement != 0) {
    settle_displaced(file, operation);
  } else if (operation.length > 0) {
    forget_defects(file, operation.offset / sector_bytes,
                   (operation.offset + operation.length - 1) / sector_bytes);
  }
}

void Disk::settle_displaced(File& file, const Pending& operation) {
  const std::uint64_t end = std::min(operation.offset + operation.length, file.content.size());
  if (operation.offset >= end) return;
  const auto displacement = static_cast<std::uint64_t>(operation.displacement);
  const Bytes written = file.content.read(operation.offset, end - operation.offset);
  auto& stale = file.defects->stale;
  for (std::uint64_t sector = operation.offset / sector_bytes; sector * sector_bytes < end;
       ++sector) {
    if (stale.count(sector) != 0) continue;  // the medium keeps what it held
    Bytes& held = stale_sector(file, sector);
    const std::uint64_t first = std::max(operation.offset, sector * sector_bytes);
    for (std::uint64_t at = first; at < std::min(end, (sector + 1) * sector_bytes); ++at) {
      const std::uint64_t i = at - operation.offset;
      const Bytes& before = operation.bytes_before;
      held[at % sector_bytes] = i < before.size() ? before[i] : std::uint8_t{0};
    }
  }
  for (std::uint64_t i = 0; i < written.size(); ++i) {
    const std::uint64_t at = operation.offset + displacement + i;
    stale_sector(file, at / sector_bytes)[at % sector_bytes] = written[i];
  }
}

void Disk::reveal(File& file) {
  auto& [stale, unreadable] = *file.defects;
  for (auto entry = stale.begin(); entry != stale.end();) {
    const std::uint64_t begin = entry->first * sector_bytes;
    if (dirty(file, entry->first)) {
      ++entry;
      continue;
    }
    if (begin < file.content.size()) {
      const std::uint64_t size = std::min(sector_bytes, file.content.size() - begin);
      file.content.write(begin, BytesView(entry->second).first(size));
    }
    entry = stale.erase(entry);
  }
  for (auto& [sector, hidden] : unreadable) hidden = hidden && dirty(file, sector.first);
}

bool Disk::unreadable(const File& file, std::uint64_t begin, std::uint64_t end) {
  if (begin >= end) return false;
  const auto& sectors = file.defects->unreadable;
  std::set<FaultTag> tags;
  for (auto at = sectors.lower_bound({begin / sector_bytes, 0});
       at != sectors.end() && at->first.first * sector_bytes < end; ++at) {
    if (!at->second && !dirty(file, at->first.first)) tags.insert(at->first.second);
  }
  for (const FaultTag tag : tags) ++effects_[tag];
  return !tags.empty();
}

// The rest of the sector would have to be read first.
bool Disk::partly_overwrites_unreadable(const File& file, std::uint64_t offset,
                                        std::uint64_t length) {
  if (!file.defects || length == 0) return false;
  const std::uint64_t end = offset + length;
  const std::uint64_t first = offset / sector_bytes, last = (end - 1) / sector_bytes;
  const bool head = offset % sector_bytes != 0;
  const bool tail = end % sector_bytes != 0 && end < file.content.size();
  return (head && unreadable(file, offset, std::min(end, (first + 1) * sector_bytes))) ||
         (tail && (last != first || !head) && unreadable(file, last * sector_bytes, end));
}

void Disk::draw_displacement(std::uint32_t index, std::uint64_t number) {
  File& file = files_[index];
  Pending& write = file.pending.back();
  const std::uint64_t end = write.offset + write.length;
  if (write.length == 0 || end > file.content.size()) return;
  const std::uint64_t before = write.offset / sector_bytes;
  const std::uint64_t places = before + (file.content.size() - end) / sector_bytes;
  if (places == 0) return;
  bool astray = false;
  for (const Misdirecting& fault : misdirecting_) {
    const random::Key draws = misdirect_key_.child(fault.tag).child(number);
    if (!random::happens(draws.draw(0), fault.probability)) continue;
    ++effects_[fault.tag];
    if (std::exchange(astray, true)) continue;
    const auto place = static_cast<std::int64_t>(random::below(draws.draw(1), places));
    const auto back = static_cast<std::int64_t>(before);
    const std::int64_t by = place < back ? place - back : place - back + 1;
    write.displacement = by * static_cast<std::int64_t>(sector_bytes);
  }
  if (!astray) return;
  defects_of(file);
  recorder_.report(EventKind::disk_write_misdirected, node_, no_shard, index, write.offset,
                   write.offset + static_cast<std::uint64_t>(write.displacement));
}

void Disk::damage(std::uint64_t sectors, FaultTag tag) {
  damaged_.push_back({tag});
  std::uint64_t total = 0;
  for (const File& file : files_) total += sectors_in(file.content.size());
  if (total > 0 && sectors > 0) {
    const random::Key draws =
        key_.child("damage").child(tag).child(static_cast<std::uint64_t>(kernel_.now().ns()));
    std::uint64_t first = random::below(draws.draw(0), total);
    std::uint32_t index = 0;
    while (first >= sectors_in(files_[index].content.size())) {
      first -= sectors_in(files_[index++].content.size());
    }
    File& file = files_[index];
    const std::uint64_t end = std::min(first + sectors, sectors_in(file.content.size()));
    for (std::uint64_t sector = first; sector < end; ++sector) {
      defects_of(file).unreadable[{sector, tag}] = file.cached;
    }
    recorder_.report(EventKind::disk_sectors_damaged, node_, no_shard, index, first, end - first);
  }
  faults_changed();
}

void Disk::mend(FaultTag tag) {
  const auto found = std::find_if(damaged_.begin(), damaged_.end(),
                                  [tag](const Tagged& fault) { return fault.tag == tag; });
  CHECK(found != damaged_.end(), "this fault is not on the disk");
  damaged_.erase(found);
  for (File& file : files_) {
    if (!file.defects) continue;
    std::erase_if(file.defects->unreadable,
                  [tag](const auto& sector) { return sector.first.second == tag; });
  }
  faults_changed();
}

void Disk::rot(std::uint64_t bits, FaultTag tag) {
  const random::Key draws =
      key_.child("rot").child(tag).child(static_cast<std::uint64_t>(kernel_.now().ns()));
  const std::uint64_t total = used_bytes_ * 8;
  const std::uint64_t count = std::min(bits, total);
  // Floyd's sampling: each set of that many bits is as likely as any other.
  std::set<std::uint64_t> chosen;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t last = total - count + i;
    const std::uint64_t bit = random::below(draws.draw(i), last + 1);
    if (!chosen.insert(bit).second) chosen.insert(last);
  }
  std::uint32_t index = 0;
  std::uint64_t begin = 0;  // of the file, in the bytes of all
  for (const std::uint64_t bit : chosen) {
    while (bit / 8 - begin >= files_[index].content.size()) {
      begin += files_[index++].content.size();
    }
    flip(index, bit / 8 - begin, bit % 8);
  }
  effects_[tag] += count;
}

void Disk::flip(std::uint32_t index, std::uint64_t offset, unsigned bit) {
  File& file = files_[index];
  const auto mask = static_cast<std::uint8_t>(1U << bit);
  if (file.cached || dirty(file, offset / sector_bytes)) {
    stale_sector(file, offset / sector_bytes)[offset % sector_bytes] ^= mask;
  } else {
    Bytes byte = file.content.read(offset, 1);
    byte[0] ^= mask;
    file.content.write(offset, byte);
  }
  recorder_.report(EventKind::disk_bit_flipped, node_, no_shard, index, offset, bit);
}

}  // namespace blackout::disk
