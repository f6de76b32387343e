// Log::open: what a log's files say, and whether what they lack may be lacking.
#include <algorithm>

#include "platform/log/log.hpp"
#include "platform/log/record.hpp"

namespace blackout::log {
namespace {

using Done = Result<void, LogError>;

LogError corrupt(std::uint32_t segment, std::uint64_t offset) {
  return LogError::corrupted(segment_name(segment), offset);
}

// Whether some record behind `offset` states that the record `sequence` was durable.
bool says_durable(BytesView segment, std::uint32_t number, std::size_t offset,
                  std::uint64_t sequence) {
  const std::uint64_t sequence_max = sequence + (segment.size() - offset) / record_header_bytes;
  for (std::size_t at = offset; at < segment.size(); ++at) {
    const auto record = read_record(segment, number, at, sequence_max);
    if (record && record->synced_sequence >= sequence) return true;
  }
  return false;
}

class Recovery {
 public:
  explicit Recovery(env::Disk& disk) : disk_(disk) {}

  Done run() {
    const auto names = disk_.list();
    if (!names) return failure(LogError::refused(names.error(), {}));
    std::vector<std::uint32_t> numbers;
    for (const std::string& name : names.value()) {
      if (const auto number = segment_number(name)) numbers.push_back(*number);
    }
    std::sort(numbers.begin(), numbers.end());
    if (numbers.empty()) numbers.push_back(1);
    first_segment_ = numbers.front();
    for (const std::uint32_t number : numbers) {
      const auto expected = static_cast<std::uint32_t>(first_segment_ + position.segments.size());
      if (number != expected) return failure(corrupt(expected, 0));
      position.segments.emplace_back();
      if (auto done = segment(number, number == numbers.back()); !done) return done;
    }
    for (auto& [shard, replayed] : shards_) {
      if (replayed.start > replayed.state.base.index + 1) {
        return failure(corrupt(first_segment_ - 1, 0));
      }
      recovered.shards[shard] = std::move(replayed.state);
    }
    // What is reported as recovered must be durable, or a power loss could still take it back.
    const auto synced = disk_.sync(position.file);
    if (!synced) return failure(LogError::refused(synced.error(), segment_name(position.segment)));
    return {};
  }

  Log::Position position;
  Recovered recovered;

 private:
  Done segment(std::uint32_t number, bool last) {
    const std::string name = segment_name(number);
    const auto file = disk_.open(name, true);
    if (!file) return failure(LogError::refused(file.error(), name));
    const auto bytes = disk_.read(file.value(), 0, disk_.size(file.value()));
    if (!bytes) return failure(LogError::refused(bytes.error(), name));
    const BytesView content = bytes.value();
    position.segment = number;
    position.file = file.value();
    if (auto done = replay(content, last); !done) return done;
    if (position.segment_bytes < content.size()) {
      recovered.torn_bytes = content.size() - position.segment_bytes;
      const auto cut = disk_.truncate(file.value(), position.segment_bytes);
      if (!cut) return failure(LogError::refused(cut.error(), name));
    }
    if (!last || unsure_from() == position.segment_bytes) return {};
    // After a failed sync in an earlier incarnation these bytes may stand in the page cache alone,
    // where no later sync would write them: they must be written anew.
    const BytesView unsure = content.first(position.segment_bytes).subspan(unsure_from());
    const auto written = disk_.write(file.value(), unsure_from(), unsure);
    if (!written) return failure(LogError::refused(written.error(), name));
    return {};
  }

  // Takes in all records of a segment, and leaves position.segment_bytes behind the last one kept.
  Done replay(BytesView content, bool last) {
    position.segment_bytes = 0;
    offsets_.clear();
    // A log that was trimmed has two segments at least.
    if (last && first_segment_ > 1 && position.segments.size() == 1) {
      return failure(corrupt(first_segment_ - 1, 0));
    }
    if (content.empty() && last) return {};
    const auto header = decode_segment_header(content);
    if (!header) return tail(content, last);
    if (header->version > format_version) {
      return failure(
          LogError{LogError::Kind::unsupported_version, {}, segment_name(position.segment), 0});
    }
    const bool oldest = position.segments.size() == 1;
    if (oldest && first_segment_ > 1) position.next_sequence = header->first_sequence;
    if (header->number != position.segment || header->first_sequence != position.next_sequence) {
      return failure(corrupt(position.segment, 0));
    }
    position.segment_bytes = segment_header_bytes;
    while (position.segment_bytes < content.size()) {
      const auto record =
          read_record(content, position.segment, position.segment_bytes, position.next_sequence);
      if (!record || record->sequence != position.next_sequence) return tail(content, last);
      auto body = decode_body(record->body);
      if (!body || !take(std::move(*body))) {
        return failure(corrupt(position.segment, position.segment_bytes));
      }
      stated_durable_ = record->synced_sequence;
      offsets_.push_back(position.segment_bytes);
      position.segment_bytes += record->bytes();
      ++position.next_sequence;
    }
    return {};
  }

  // Offset in the segment behind everything that a later record states to be durable.
  [[nodiscard]] std::uint64_t unsure_from() const {
    const std::uint64_t first = position.next_sequence - offsets_.size();
    return stated_durable_ < first ? 0 : offsets_[stated_durable_ + 1 - first];
  }

  // Something that does not verify stands at position.segment_bytes: torn, or corrupt?
  Done tail(BytesView content, bool last) {
    if (!last ||
        says_durable(content, position.segment, position.segment_bytes, position.next_sequence)) {
      return failure(corrupt(position.segment, position.segment_bytes));
    }
    return {};
  }

  // One shard while its records are read: its entries begin at `start`, which is behind the base
  // where segments are gone and a later base must cover what they had.
  struct Replayed {
    ShardState state;
    raft::Index start{1};

    [[nodiscard]] raft::Index end() const { return start + state.entries.size(); }
    // False if an entry at `index` could not follow what is left.
    bool keep_below(raft::Index index) {
      if (index <= state.base.index || index > end()) return false;
      state.entries.resize(index < start ? 0 : index - start);
      start = std::min(start, index);
      return true;
    }
    void drop_through(raft::Index index) {
      const auto count =
          std::min<std::uint64_t>(index + 1 - std::min(start, index + 1), state.entries.size());
      state.entries.erase(state.entries.begin(),
                          state.entries.begin() + static_cast<std::ptrdiff_t>(count));
      start = start + count;
    }
  };

  // False if the record cannot follow the ones before.
  bool take(Body body) {
    Replayed& shard = shards_[body.shard];
    switch (body.type) {
      case RecordType::hard_state:
        shard.state.hard_state = body.hard_state;
        return true;
      case RecordType::entry:
        if (!shard.keep_below(body.entry.index)) return false;
        position.segments.back()[body.shard] = body.entry.index;
        shard.state.entries.push_back(std::move(body.entry));
        return true;
      case RecordType::truncate:
        return body.truncate_from >= shard.end() || shard.keep_below(body.truncate_from);
      case RecordType::base:
        return rebase(shard, body.base);
    }
    return false;
  }

  // The first span of a shard in the oldest of the segments left speaks of entries that are gone.
  [[nodiscard]] bool rebase(Replayed& shard, const Base& base) const {
    const bool first = first_segment_ > 1 && position.segments.size() == 1 &&
                       shard.state.base.index == raft::Index() && shard.state.entries.empty() &&
                       shard.start == raft::Index(1);
    if (!first && base.position.index < shard.state.base.index) return false;
    shard.state.base = base.position;
    if (first || base.last == base.position.index) {
      shard.state.entries.clear();
      shard.start = base.last + 1;
      return true;
    }
    if (base.last + 1 != shard.end()) return false;
    shard.drop_through(base.position.index);
    return true;
  }

  env::Disk& disk_;
  std::map<ShardId, Replayed> shards_;
  std::uint32_t first_segment_ = 1;
  std::vector<std::uint64_t> offsets_;  // of the records of the segment
  std::uint64_t stated_durable_ = 0;    // by the newest record
};

}  // namespace

Result<Log::Opened, LogError> Log::open(env::Disk& disk, Options options) {
  Recovery recovery(disk);
  if (auto done = recovery.run(); !done) return failure(done.error());
  std::map<ShardId, Tail> tails;
  for (const auto& [shard, state] : recovery.recovered.shards) {
    tails[shard] = {state.hard_state, state.base, state.last_index()};
  }
  return Opened{Log(disk, options, std::move(recovery.position), std::move(tails)),
                std::move(recovery.recovered)};
}

}  // namespace blackout::log
