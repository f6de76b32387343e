// What becomes of un-synced operations when the node stops.
#include <algorithm>
#include <utility>

#include "models/disk/disk.hpp"

namespace blackout::disk {

void Disk::lose_power() {
  busy_until_ = Instant();
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
  std::size_t survivors = 0;
  const bool name_survives =
      file.name_durable || random::happens(draws.child("name").draw(0), profile_.survival);
  for (std::size_t i = 0; i < pending.size(); ++i) {
    const Pending& operation = pending[i];
    lost_bytes += operation.length;
    if (!name_survives || !random::happens(draws.draw(i), profile_.survival)) continue;
    ++survivors;
    if (operation.truncation) {
      resize(file, std::min<std::uint64_t>(file.content.size(), operation.offset));
    } else {
      lost_bytes -= leave(index, operation, written[i], draws.child("tear").child(i));
    }
  }
  if (file.defects) reveal(file);
  file.cached = false;
  file.name_durable = true;
  if (!name_survives) erase(index);
  if (survivors < pending.size() || lost_bytes > 0 || !name_survives) {
    recorder_.report(EventKind::disk_unsynced_lost, node_, no_shard, index, lost_bytes);
  }
}

std::uint64_t Disk::leave(std::uint32_t index, const Pending& operation, BytesView bytes,
                          random::Key draws) {
  if (operation.length == 0) return 0;
  File& file = files_[index];
  const std::uint64_t first = operation.offset / sector_bytes;
  const std::uint64_t last = (operation.offset + operation.length - 1) / sector_bytes;
  if (first == last || !random::happens(draws.draw(0), profile_.tearing)) {
    return leave_sectors(file, operation, bytes, first, last);
  }
  std::uint64_t kept = 0;
  if (random::below(draws.draw(1), 2) == 0) {
    // The device was writing it from its front.
    const std::uint64_t sectors = 1 + random::below(draws.draw(2), last - first);
    kept = leave_sectors(file, operation, bytes, first, first + sectors - 1);
  } else {
    // The device had its sectors in a cache, and wrote them in any order.
    const random::Key by_sector = draws.child("sector");
    for (std::uint64_t sector = first; sector <= last; ++sector) {
      if (random::below(by_sector.draw(sector - first), 2) == 0) continue;
      kept += leave_sectors(file, operation, bytes, sector, sector);
    }
  }
  if (kept < operation.length) {
    recorder_.report(EventKind::disk_write_torn, node_, no_shard, index, operation.offset, kept);
  }
  return kept;
}

std::uint64_t Disk::leave_sectors(File& file, const Pending& operation, BytesView bytes,
                                  std::uint64_t first, std::uint64_t last) {
  const std::uint64_t begin = std::max(operation.offset, first * sector_bytes);
  const std::uint64_t end =
      std::min(operation.offset + operation.length, (last + 1) * sector_bytes);
  const BytesView part = bytes.subspan(begin - operation.offset, end - begin);
  const std::uint64_t at = begin + static_cast<std::uint64_t>(operation.displacement);
  if (operation.displacement != 0) {
    // Its length is metadata, and right; what it hits must be there.
    resize(file, std::max(file.content.size(), end));
    if (at + part.size() > file.content.size()) return 0;
  }
  apply(file, at, part);
  if (file.defects) {
    forget_defects(file, at / sector_bytes, (at + part.size() - 1) / sector_bytes);
  }
  return part.size();
}

void Disk::write_back() {
  for (std::uint32_t index = 0; index < files_.size(); ++index) {
    File& file = files_[index];
    if (!file.exists || (file.pending.empty() && file.name_durable)) continue;
    std::uint64_t bytes = 0;
    for (const Pending& operation : file.pending) {
      bytes += operation.length;
      if (file.defects) settle(file, operation);
    }
    file.pending.clear();
    file.name_durable = true;
    recorder_.report(EventKind::disk_synced, node_, no_shard, index, bytes);
  }
}

}  // namespace blackout::disk
