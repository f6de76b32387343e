#include "platform/log/log.hpp"

#include <gtest/gtest.h>

#include "platform/log/record.hpp"
#include "tests/platform/log/memory_disk.hpp"

namespace blackout::log {
namespace {

using Entries = std::vector<raft::Entry>;

raft::Entry entry(std::uint64_t term, std::uint64_t index, std::string_view text = {}) {
  raft::Entry made;
  made.term = raft::Term(term);
  made.index = raft::Index(index);
  made.kind = text.empty() ? raft::EntryKind::no_op : raft::EntryKind::command;
  made.operation = term * 1000 + index;
  if (!text.empty()) made.payload = raft::Payload(Bytes(text.begin(), text.end()));
  return made;
}

// "2:0 | 1/1 1/2=abc": term and vote, then each entry's term, index and payload.
std::string words(const ShardState& state) {
  std::string out = std::to_string(state.hard_state.term.value());
  if (state.hard_state.vote != no_node) out += ":" + std::to_string(state.hard_state.vote.value());
  out += " |";
  for (const raft::Entry& e : state.entries) {
    out += " " + std::to_string(e.term.value()) + "/" + std::to_string(e.index.value());
    EXPECT_EQ(e.operation, e.term.value() * 1000 + e.index.value());
    const BytesView payload = raft::view_of(e.payload);
    EXPECT_EQ(e.kind == raft::EntryKind::no_op, payload.empty());
    if (!payload.empty()) out += "=" + std::string(payload.begin(), payload.end());
  }
  return out;
}

std::map<std::uint32_t, std::string> words(const Recovered& recovered) {
  std::map<std::uint32_t, std::string> out;
  for (const auto& [shard, state] : recovered.shards) out[shard.value()] = words(state);
  return out;
}

Log::Opened open(env::Disk& disk, Options options = {}) {
  auto opened = Log::open(disk, options);
  EXPECT_TRUE(opened.ok()) << opened.error().file << " at " << opened.error().offset;
  return std::move(opened).value();
}

void append(Log& log, const Batch& batch) { ASSERT_TRUE(log.append({&batch, 1}).ok()); }
void append(Log& log, std::uint32_t shard, const Entries& entries) {
  append(log, {ShardId(shard), {}, {}, entries});
}

using Words = std::map<std::uint32_t, std::string>;

TEST(Log, IsEmptyOnAFreshDisk) {
  MemoryDisk disk;
  const auto opened = open(disk);
  EXPECT_TRUE(opened.recovered.shards.empty());
  EXPECT_EQ(opened.recovered.torn_bytes, 0u);
  EXPECT_EQ(opened.log.appended(), 0u);
  EXPECT_EQ(disk.operations().back().kind, MemoryDisk::Operation::Kind::sync)
      << "the name must be durable";
}

TEST(Log, RecoversEveryShardsHardStateAndEntries) {
  MemoryDisk disk;
  disk.files()["notes.txt"] = Bytes{1, 2, 3};
  disk.files()["wal-1"] = Bytes{1, 2, 3};
  auto [log, recovered] = open(disk);
  const Entries one = {entry(1, 1), entry(1, 2, "abc")};
  const Entries two = {entry(4, 1, std::string(1000, 'x'))};
  const std::vector<Batch> batches = {
      {ShardId(0), raft::HardState{raft::Term(1), NodeId(2)}, {}, one},
      {ShardId(7), raft::HardState{raft::Term(4), no_node}, {}, two}};
  ASSERT_TRUE(log.append(batches).ok());
  append(log, 0, {entry(1, 3, "d")});
  append(log, {ShardId(9), raft::HardState{raft::Term(5), NodeId(0)}, {}, {}});
  EXPECT_EQ(log.appended(), 7u);

  auto again = open(disk);
  EXPECT_EQ(words(again.recovered), (Words{{0, "1:2 | 1/1 1/2=abc 1/3=d"},
                                           {7, "4 | 4/1=" + std::string(1000, 'x')},
                                           {9, "5:0 |"}}));
  EXPECT_EQ(again.log.appended(), 7u);
  EXPECT_EQ(again.log.durable(), 7u);
}

TEST(Log, WritesABatchOfManyShardsInOneDiskWrite) {
  MemoryDisk disk;
  auto [log, recovered] = open(disk);
  std::vector<Batch> batches;
  const Entries entries = {entry(1, 1), entry(1, 2)};
  for (std::uint32_t shard = 0; shard < 20; ++shard)
    batches.push_back({ShardId(shard), raft::HardState{}, {}, entries});
  disk.writes = 0;
  ASSERT_TRUE(log.append(batches).ok());
  EXPECT_EQ(disk.writes, 1u);
  ASSERT_TRUE(log.append({}).ok());
  const Batch nothing{ShardId(1), {}, {}, {}};
  ASSERT_TRUE(log.append({&nothing, 1}).ok());
  EXPECT_EQ(disk.writes, 1u);
}

TEST(Log, AnEntryAtAnExistingIndexDropsWhatFollows) {
  MemoryDisk disk;
  auto [log, recovered] = open(disk);
  append(log, 0, {entry(1, 1), entry(1, 2), entry(1, 3), entry(1, 4)});
  append(log, 0, {entry(2, 2, "new")});
  append(log, 0, {entry(2, 3)});
  EXPECT_EQ(words(open(disk).recovered)[0], "0 | 1/1 2/2=new 2/3");
}

TEST(Log, ATruncationDropsEntriesAndPrecedesTheBatchsOwn) {
  MemoryDisk disk;
  auto [log, recovered] = open(disk);
  append(log, 0, {entry(1, 1), entry(1, 2), entry(1, 3)});
  append(log, {ShardId(0), {}, raft::Index(3), {}});
  EXPECT_EQ(words(open(disk).recovered)[0], "0 | 1/1 1/2");
  const Entries entries = {entry(3, 2)};
  append(log, {ShardId(0), {}, raft::Index(2), entries});
  append(log, {ShardId(0), {}, raft::Index(9), {}});
  EXPECT_EQ(words(open(disk).recovered)[0], "0 | 1/1 3/2");
}

TEST(Log, AGapInTheEntriesIsAProgrammingError) {
  MemoryDisk disk;
  auto [log, recovered] = open(disk);
  append(log, 0, {entry(1, 1)});
  const Entries behind_a_gap = {entry(1, 3)}, from_zero = {entry(1, 0)};
  const Batch gap{ShardId(0), {}, {}, behind_a_gap}, zero{ShardId(0), {}, {}, from_zero};
  EXPECT_THROW((void)log.append({&gap, 1}), CheckFailed);
  EXPECT_THROW((void)log.append({&zero, 1}), CheckFailed);
}

TEST(Log, SyncCoversWhatWasAppendedAndTouchesTheDiskOnlyWhenItMust) {
  MemoryDisk disk;
  auto [log, recovered] = open(disk);
  append(log, 0, {entry(1, 1), entry(1, 2)});
  EXPECT_EQ(log.durable(), 0u);
  disk.syncs = 0;
  ASSERT_TRUE(log.sync().ok());
  EXPECT_EQ(log.durable(), 2u);
  ASSERT_TRUE(log.sync().ok());
  EXPECT_EQ(disk.syncs, 1u);
}

TEST(Log, RollsToANewSegmentAndRecoversAcrossAll) {
  MemoryDisk disk;
  auto [log, recovered] = open(disk, {.segment_bytes_max = 200});
  std::string expected = "0 |";
  for (std::uint64_t index = 1; index <= 50; ++index) {
    append(log, 3, {entry(1, index, "payload")});
    expected += " 1/" + std::to_string(index) + "=payload";
  }
  EXPECT_GE(disk.files().size(), 10u);
  EXPECT_TRUE(disk.files().contains("wal-00000010"));
  auto again = open(disk, {.segment_bytes_max = 200});
  EXPECT_EQ(words(again.recovered)[3], expected);
  append(again.log, 3, {entry(2, 51)});
  EXPECT_EQ(words(open(disk).recovered)[3], expected + " 2/51");
}

TEST(Log, MakesASegmentDurableBeforeItBeginsTheNext) {
  MemoryDisk disk;
  auto [log, recovered] = open(disk, {.segment_bytes_max = 200});
  for (std::uint64_t index = 1; disk.files().size() < 2; ++index) {
    append(log, 3, {entry(1, index)});
  }
  const std::uint64_t durable = log.durable();
  EXPECT_EQ(durable, log.appended() - 3) << "all but the entry and what a segment begins with";
  disk.for_each_power_loss(disk.operations().size(), 1, [&](const MemoryDisk::Files& files) {
    MemoryDisk left(files);
    EXPECT_GE(open(left).log.appended(), durable);
  });
}

TEST(Log, IsUnusableAfterAFailedWrite) {
  MemoryDisk disk;
  auto [log, recovered] = open(disk);
  const Entries entries = {entry(1, 1)};
  const Batch batch{ShardId(0), {}, {}, entries};
  disk.write_error = env::DiskError::no_space;
  const LogError expected{LogError::Kind::disk, env::DiskError::no_space, "wal-00000001", 0};
  EXPECT_EQ(log.append({&batch, 1}).error(), expected);
  disk.write_error.reset();
  EXPECT_EQ(log.append({&batch, 1}).error(), expected);
  EXPECT_EQ(log.sync().error(), expected);
}

TEST(Log, IsUnusableAfterAFailedSyncEvenIfALaterOneWouldSucceed) {
  MemoryDisk disk;
  auto [log, recovered] = open(disk);
  append(log, 0, {entry(1, 1)});
  disk.sync_error = env::DiskError::input_output;
  EXPECT_EQ(log.sync().error().disk, env::DiskError::input_output);
  disk.sync_error.reset();
  EXPECT_FALSE(log.sync().ok());
  EXPECT_FALSE(log.append({}).ok());
  EXPECT_EQ(log.durable(), 0u);
}

TEST(Log, RefusesASegmentOfALaterVersion) {
  MemoryDisk disk;
  Bytes header;
  encode(SegmentHeader{format_version + 1, 1, 1}, header);
  disk.files()["wal-00000001"] = header;
  EXPECT_EQ(Log::open(disk).error().kind, LogError::Kind::unsupported_version);
}

TEST(Record, DoesNotVerifyAtAnyOtherPlace) {
  Bytes record;
  RecordWriter(record, 1, 100, 1, 0).truncate(ShardId(0), raft::Index(1));
  Bytes segment(100);
  segment.insert(segment.end(), record.begin(), record.end());
  segment.insert(segment.end(), record.begin(), record.end());
  EXPECT_TRUE(read_record(segment, 1, 100, 1).has_value());
  EXPECT_FALSE(read_record(segment, 2, 100, 1).has_value());
  EXPECT_FALSE(read_record(segment, 1, 100 + record.size(), 1).has_value());
}

TEST(Record, ABodyCutShortOrExtendedIsRefused) {
  Bytes record;
  RecordWriter(record, 1, 0, 1, 0).hard_state(ShardId(3), {raft::Term(300), NodeId(1)});
  Bytes body(record.begin() + record_header_bytes, record.end());
  ASSERT_TRUE(decode_body(body).has_value());
  EXPECT_EQ(decode_body(body)->hard_state.term, raft::Term(300));
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_FALSE(decode_body(BytesView(body).first(size)).has_value()) << size;
  }
  body.push_back(0);
  EXPECT_FALSE(decode_body(body).has_value());
}

TEST(Record, AVoteNamesTheDiskThatItIsFor) {
  const raft::HardState state{raft::Term(300), NodeId(1), raft::DiskId(7)};
  Bytes record;
  RecordWriter(record, 1, 0, 1, 0).hard_state(ShardId(3), state);
  EXPECT_EQ(decode_body(BytesView(record).subspan(record_header_bytes))->hard_state, state);
}

}  // namespace
}  // namespace blackout::log
