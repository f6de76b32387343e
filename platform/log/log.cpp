#include "platform/log/log.hpp"

#include <algorithm>

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

Log::Log(env::Disk& disk, Options options, const Position& position,
         std::map<ShardId, raft::Index> last)
    : disk_(&disk),
      options_(options),
      segment_(position.segment),
      file_(position.file),
      segment_bytes_(position.segment_bytes),
      next_sequence_(position.next_sequence),
      synced_sequence_(position.next_sequence - 1),
      last_(std::move(last)) {}

Result<void, LogError> Log::append(std::span<const Batch> batches) {
  if (failed_) return failure(*failed_);
  const Occupied occupied(appending_);
  if (segment_bytes_ >= options_.segment_bytes_max) {
    if (auto begun = begin_segment(); !begun) return begun;
  }
  buffer_.clear();
  if (segment_bytes_ == 0) encode(SegmentHeader{format_version, segment_, next_sequence_}, buffer_);
  RecordWriter writer(buffer_, segment_, segment_bytes_ + buffer_.size(), next_sequence_,
                      synced_sequence_);
  for (const Batch& batch : batches) write_batch(batch, writer);
  if (writer.next_sequence() == next_sequence_) return {};

  const auto written = disk_->write(file_, segment_bytes_, buffer_);
  if (!written) return fail(written.error());
  segment_bytes_ += buffer_.size();
  next_sequence_ = writer.next_sequence();
  return {};
}

void Log::write_batch(const Batch& batch, RecordWriter& writer) {
  if (batch.hard_state) writer.hard_state(batch.shard, *batch.hard_state);
  raft::Index& last = last_[batch.shard];
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
}

Result<void, LogError> Log::sync() {
  if (failed_) return failure(*failed_);
  const std::uint64_t covered = appended();
  if (synced_sequence_ >= covered) return {};
  const auto synced = disk_->sync(file_);
  if (!synced) return fail(synced.error());
  synced_sequence_ = std::max(synced_sequence_, covered);
  return {};
}

Result<void, LogError> Log::begin_segment() {
  if (auto synced = sync(); !synced) return synced;
  const auto file = disk_->open(segment_name(segment_ + 1), true);
  if (!file) return fail(file.error());
  ++segment_;
  file_ = file.value();
  segment_bytes_ = 0;
  return {};
}

Result<void, LogError> Log::fail(env::DiskError error) {
  failed_ = LogError{LogError::Kind::disk, error, segment_name(segment_), 0};
  return failure(*failed_);
}

}  // namespace blackout::log
