#include "platform/log/log.hpp"

#include <algorithm>
#include <utility>

#include "host/base/check.hpp"
#include "platform/log/record.hpp"

namespace blackout::log {
namespace {

// Set while its scope is open, also if the task is ended within it.
class Occupied {
 public:
  explicit Occupied(bool& flag) : flag_(flag) {
    CHECK(!flag_, "two appends at a time");
    flag_ = true;
  }
  Occupied(const Occupied&) = delete;
  Occupied& operator=(const Occupied&) = delete;
  ~Occupied() { flag_ = false; }

 private:
  bool& flag_;
};

}  // namespace

Log::Log(env::Disk& disk, Options options, Position position, std::map<ShardId, Tail> tails)
    : disk_(&disk),
      options_(options),
      segment_(position.segment),
      file_(position.file),
      segment_bytes_(position.segment_bytes),
      next_sequence_(position.next_sequence),
      synced_sequence_(position.next_sequence - 1),
      tails_(std::move(tails)),
      segments_(std::move(position.segments)) {
  for (const auto& [shard, tail] : tails_) durable_bases_[shard] = tail.base.index;
}

Result<void, LogError> Log::append(std::span<const Batch> batches) {
  if (failed_) return failure(*failed_);
  const Occupied occupied(appending_);
  if (segment_bytes_ >= options_.segment_bytes_max || based_) {
    if (auto begun = begin_segment(); !begun) return begun;
  }
  buffer_.clear();
  if (segment_bytes_ == 0) encode(SegmentHeader{format_version, segment_, next_sequence_}, buffer_);
  RecordWriter writer(buffer_, segment_, segment_bytes_ + buffer_.size(), next_sequence_,
                      synced_sequence_);
  if (segment_bytes_ == 0) write_tails(writer);
  for (const Batch& batch : batches) write_batch(batch, writer);
  if (writer.next_sequence() == next_sequence_) return {};

  const auto written = disk_->write(file_, segment_bytes_, buffer_);
  if (!written) return fail(written.error());
  segment_bytes_ += buffer_.size();
  next_sequence_ = writer.next_sequence();
  return {};
}

void Log::write_batch(const Batch& batch, RecordWriter& writer) {
  Tail& tail = tails_[batch.shard];
  if (batch.hard_state) {
    writer.hard_state(batch.shard, *batch.hard_state);
    tail.hard_state = *batch.hard_state;
  }
  raft::Index& last = tail.last;
  if (batch.base && batch.base->position.index > tail.base.index) {
    tail.base = batch.base->position;
    if (!batch.base->keeps_entries) last = tail.base.index;
    CHECK(tail.base.index <= last, "a base past the end of the log");
    writer.base(batch.shard, {tail.base, last});
    written_bases_.emplace_back(batch.shard, tail.base.index);
    based_ = true;
  }
  if (batch.truncate_from) {
    CHECK(batch.truncate_from->value() > 0);
    writer.truncate(batch.shard, *batch.truncate_from);
    last = std::min(last, *batch.truncate_from - 1);
  }
  for (const raft::Entry& entry : batch.entries) {
    const bool first = &entry == batch.entries.data();
    CHECK(entry.index == last + 1 || (first && entry.index.value() > 0 && entry.index <= last),
          "entries leave a gap in the log");
    writer.entry(batch.shard, entry);
    last = entry.index;
  }
  if (batch.entries.empty()) return;
  raft::Index& written = segments_.back()[batch.shard];
  written = std::max(written, last);
}

void Log::write_tails(RecordWriter& writer) const {
  for (const auto& [shard, tail] : tails_) {
    writer.hard_state(shard, tail.hard_state);
    writer.base(shard, {tail.base, tail.last});
  }
}

Result<void, LogError> Log::sync() {
  if (failed_) return failure(*failed_);
  const std::uint64_t covered = appended();
  if (synced_sequence_ >= covered) return {};
  const auto bases = std::exchange(written_bases_, {});
  const auto synced = disk_->sync(file_);
  if (!synced) return fail(synced.error());
  synced_sequence_ = std::max(synced_sequence_, covered);
  for (const auto& [shard, base] : bases) durable_bases_[shard] = base;
  return {};
}

std::optional<ShardId> Log::uncovered(const LastEntries& segment) const {
  for (const auto& [shard, last] : segment) {
    const auto base = durable_bases_.find(shard);
    if (base == durable_bases_.end() || base->second < last) return shard;
  }
  return std::nullopt;
}

std::optional<ShardId> Log::held_back_by() const {
  return segments_.size() > segments_max ? uncovered(segments_.front()) : std::nullopt;
}

Result<void, LogError> Log::trim() {
  if (failed_) return failure(*failed_);
  while (segments_.size() > 2 && !uncovered(segments_.front())) {
    const auto oldest = segment_ - static_cast<std::uint32_t>(segments_.size() - 1);
    segments_.pop_front();
    const auto removed = disk_->remove(segment_name(oldest));
    if (!removed) return fail(removed.error());
  }
  return {};
}

Result<void, LogError> Log::begin_segment() {
  if (auto synced = sync(); !synced) return synced;
  const auto file = disk_->open(segment_name(segment_ + 1), true);
  if (!file) return fail(file.error());
  ++segment_;
  segments_.emplace_back();
  based_ = false;
  file_ = file.value();
  segment_bytes_ = 0;
  return {};
}

Result<void, LogError> Log::fail(env::DiskError error) {
  failed_ = LogError{LogError::Kind::disk, error, segment_name(segment_), 0};
  return failure(*failed_);
}

}  // namespace blackout::log
