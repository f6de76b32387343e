// Recovery after every crash and every flipped bit, against a model that is nothing but the list of
// records.
#include <gtest/gtest.h>

#include <functional>

#include "platform/log/log.hpp"
#include "platform/log/record.hpp"
#include "tests/platform/log/memory_disk.hpp"

namespace blackout::log {
namespace {

using Entries = std::vector<raft::Entry>;

constexpr Options small_segments{.segment_bytes_max = 330};

raft::Entry entry(std::uint64_t term, std::uint64_t index) {
  raft::Entry made;
  made.term = raft::Term(term);
  made.index = raft::Index(index);
  if (index % 3 != 0) made.payload = raft::Payload(Bytes(index * 5, std::uint8_t(index)));
  return made;
}

// "3:1 1/1 3/2": per shard the term and vote, the base if there is one, then each entry's term and
// index.
using Words = std::map<std::uint32_t, std::string>;

Words words(const std::map<ShardId, ShardState>& shards) {
  Words out;
  for (const auto& [shard, state] : shards) {
    std::string& text = out[shard.value()];
    text = std::to_string(state.hard_state.term.value()) + ":" +
           std::to_string(state.hard_state.vote.value());
    if (state.base.index > raft::Index()) {
      text += " base " + std::to_string(state.base.term.value()) + "/" +
              std::to_string(state.base.index.value());
      EXPECT_EQ(state.base.chain_hash, state.base.index.value() * 100);
    }
    for (const raft::Entry& e : state.entries) {
      text += " " + std::to_string(e.term.value()) + "/" + std::to_string(e.index.value());
      const BytesView payload = raft::view_of(e.payload);
      const raft::Entry model = entry(1, e.index.value());
      const BytesView expected = raft::view_of(model.payload);
      EXPECT_TRUE(std::equal(payload.begin(), payload.end(), expected.begin(), expected.end()));
    }
  }
  return out;
}

// A log in use, and what it must come back as.
struct UsedLog {
  struct Step {
    std::size_t operations;  // of the disk, when the call had returned
    std::uint64_t appended, durable;
  };

  MemoryDisk disk;
  std::optional<Log> log;
  std::map<ShardId, ShardState> model;
  std::vector<Words> states{Words{}};  // after each record
  std::vector<Step> steps{{0, 0, 0}};

  UsedLog() {
    log.emplace(std::move(Log::open(disk, small_segments).value().log));
    note();
  }
  void note() {
    steps.push_back({disk.operations().size(), log->appended(), log->durable()});
    ASSERT_EQ(log->appended() + 1, states.size());
  }
  void append(const std::vector<Batch>& batches) {
    const Words before = words(model);
    const std::size_t known = states.size();
    for (const Batch& batch : batches) {
      ShardState& shard = model[batch.shard];
      if (batch.hard_state) {
        shard.hard_state = *batch.hard_state;
        states.push_back(words(model));
      }
      if (batch.base) {
        const raft::Index base = batch.base->position.index;
        const std::uint64_t covered = batch.base->keeps_entries
                                          ? base - shard.base.index
                                          : std::uint64_t{shard.entries.size()};
        shard.entries.erase(shard.entries.begin(),
                            shard.entries.begin() + static_cast<std::ptrdiff_t>(covered));
        shard.base = batch.base->position;
        states.push_back(words(model));
      }
      if (batch.truncate_from) {
        shard.entries.resize(*batch.truncate_from - shard.base.index - 1);
        states.push_back(words(model));
      }
      for (const raft::Entry& e : batch.entries) {
        shard.entries.resize(e.index - shard.base.index - 1);
        shard.entries.push_back(e);
        states.push_back(words(model));
      }
    }
    ASSERT_TRUE(log->append(batches).ok());
    // What a new segment repeats changes nothing.
    const std::size_t repeated = log->appended() + 1 - states.size();
    states.insert(states.begin() + static_cast<std::ptrdiff_t>(known), repeated, before);
    note();
  }
  void trim() {
    ASSERT_TRUE(log->trim().ok());
    note();
  }
  void sync() {
    ASSERT_TRUE(log->sync().ok());
    note();
  }
  [[nodiscard]] std::uint64_t durable_after(std::size_t operations) const {
    std::uint64_t durable = 0;
    for (const Step& step : steps) {
      if (step.operations <= operations) durable = step.durable;
    }
    return durable;
  }
};

void use(UsedLog& run) {
  const ShardId a(0), b(5);
  const Entries a1 = {entry(1, 1), entry(1, 2)}, a2 = {entry(1, 3)}, a3 = {entry(2, 2)},
                a4 = {entry(2, 3), entry(2, 4)}, a5 = {entry(2, 5)}, b1 = {entry(1, 1)},
                b2 = {entry(1, 2), entry(1, 3)}, b3 = {entry(3, 2)};
  run.append({{a, raft::HardState{raft::Term(1), NodeId(0)}, {}, a1}, {b, {}, {}, b1}});
  run.sync();
  run.append({{a, {}, {}, a2}});
  run.append({{b, raft::HardState{raft::Term(1), NodeId(3)}, {}, b2}});
  run.sync();
  run.append({{a, raft::HardState{raft::Term(2), no_node}, {}, a3}});
  run.append({{b, {}, raft::Index(2), {}}});
  run.append({{a, {}, {}, a4}});
  run.sync();
  run.append({{b, raft::HardState{raft::Term(3), NodeId(5)}, {}, b3}});
  run.sync();
  run.append({{a, {}, {}, a5}});
  run.sync();
}

raft::Position at(std::uint64_t term, std::uint64_t index) {
  return {raft::Index(index), raft::Term(term), index * 100};
}

// Goes on where use() ended, until its segments are gone: bases in the log, at its end, and past
// it; one not durable when the others are trimmed.
void compact(UsedLog& run) {
  const ShardId a(0), b(5);
  const Entries a6 = {entry(2, 6), entry(2, 7)}, a8 = {entry(4, 8), entry(4, 9)},
                a10 = {entry(5, 10), entry(5, 11)}, b3 = {entry(3, 3), entry(3, 4)},
                b21 = {entry(4, 21), entry(4, 22)}, b22 = {entry(5, 22), entry(5, 23)};
  run.append({{a, {}, {}, a6, NewBase{at(2, 4), true}}});
  run.append({{b, {}, {}, b3}});
  run.sync();
  run.trim();
  run.append({{b, raft::HardState{raft::Term(4), no_node}, {}, b21, NewBase{at(4, 20), false}}});
  run.append({{a, raft::HardState{raft::Term(4), NodeId(5)}, {}, a8}});
  run.sync();
  run.trim();
  run.append({{a, {}, {}, {}, NewBase{at(4, 9), true}}});
  run.append({{b, {}, raft::Index(22), b22}});
  run.trim();
  run.sync();
  run.trim();
  run.append({{a, raft::HardState{raft::Term(5), NodeId(5)}, {}, a10}});
  run.append({{b, {}, {}, {}, NewBase{at(4, 21), true}}});
  run.sync();
  run.trim();
}

using Visit = std::function<void(MemoryDisk& disk, Log::Opened& opened, const Words& state)>;

// Opens what each power loss after the first `from` operations may leave: what was synced is there,
// and nothing that was never written.
void after_each_power_loss(const UsedLog& run, std::size_t from, const Visit& visit) {
  for (std::size_t done = from; done <= run.disk.operations().size(); ++done) {
    const std::uint64_t durable = run.durable_after(done);
    run.disk.for_each_power_loss(done, 1, [&](const MemoryDisk::Files& files) {
      MemoryDisk disk(files);
      auto opened = Log::open(disk, small_segments);
      ASSERT_TRUE(opened.ok()) << done << " " << opened.error().file << opened.error().offset;
      const std::uint64_t kept = opened.value().log.appended();
      ASSERT_GE(kept, durable);
      ASSERT_LT(kept, run.states.size());
      ASSERT_EQ(words(opened.value().recovered.shards), run.states[kept]);
      visit(disk, opened.value(), run.states[kept]);
    });
  }
}

TEST(Recovery, AfterAnyPowerLossOfALogWhoseBeginningIsGoneKeepsWhatWasSynced) {
  UsedLog run;
  use(run);
  const std::size_t before = run.disk.operations().size();
  compact(run);
  ASSERT_FALSE(run.disk.files().contains("wal-00000002")) << "the run must drop segments";
  ASSERT_GE(run.disk.files().size(), 2u);
  std::size_t visited = 0;
  after_each_power_loss(run, before,
                        [&](MemoryDisk& disk, Log::Opened& opened, const Words& state) {
                          ++visited;
                          ASSERT_TRUE(opened.log.trim().ok());
                          auto again = Log::open(disk, small_segments);
                          ASSERT_TRUE(again.ok()) << again.error().file << again.error().offset;
                          ASSERT_EQ(words(again.value().recovered.shards), state);
                        });
  EXPECT_GT(visited, 500u);
}

TEST(Recovery, NoFlippedBitOfALogWhoseBeginningIsGoneMakesItForgetASyncedRecord) {
  UsedLog run;
  use(run);
  compact(run);
  const std::uint64_t stated = run.steps[run.steps.size() - 3].durable;
  std::size_t corrupt = 0;
  for (const auto& [name, content] : run.disk.files()) {
    for (std::size_t byte = 0; byte < content.size(); ++byte) {
      MemoryDisk disk(run.disk.files());
      disk.files()[name][byte] ^= 1;
      const auto opened = Log::open(disk, small_segments);
      if (!opened) {
        ++corrupt;
        continue;
      }
      const std::uint64_t kept = opened.value().log.appended();
      ASSERT_GE(kept, stated) << name << " " << byte;
      ASSERT_EQ(words(opened.value().recovered.shards), run.states[kept]) << name << " " << byte;
    }
    MemoryDisk alone;
    alone.files()[name] = content;
    EXPECT_FALSE(Log::open(alone, small_segments).ok()) << name << " is not the whole log";
  }
  EXPECT_GT(corrupt, 100u);
}

TEST(Recovery, OneShardThatWritesNoMoreIsSaidToHoldTheLogBack) {
  UsedLog run;
  const ShardId busy(0), idle(5);
  run.append({{idle, {}, {}, Entries{entry(1, 1)}}});
  const Entries own = {entry(1, 1)};
  run.append({{busy, {}, {}, own}});
  for (std::uint64_t i = 2; !run.log->held_back_by(); ++i) {
    ASSERT_LT(i, 1000u);
    const Entries more = {entry(1, i)};
    run.append({{busy, {}, {}, more}});
    run.append({{busy, {}, {}, {}, NewBase{at(1, i), true}}});
    run.sync();
    run.trim();
  }
  EXPECT_EQ(run.log->held_back_by(), idle);
}

TEST(Recovery, AMissingBeginningThatNoBaseCoversIsCorruption) {
  UsedLog run;
  use(run);
  const ShardId a(0);
  const Entries entries = {entry(2, 6), entry(2, 7), entry(2, 8)};
  for (int i = 0; i < 3; ++i) run.append({{a, {}, {}, entries}});
  run.append({{a, {}, {}, {}, NewBase{at(2, 8), true}}});
  run.sync();
  const auto last = run.disk.files().rbegin();
  const auto before = std::next(last);
  ASSERT_GE(before->first, "wal-00000003");
  MemoryDisk disk;
  disk.files() = {*before, *last};
  EXPECT_EQ(
      Log::open(disk).error(),
      (LogError{
          LogError::Kind::corrupt, {}, std::prev(std::prev(run.disk.files().end(), 2))->first, 0}))
      << "shard 5 still needs the entries that were there";
}

TEST(Recovery, AfterAnyPowerLossKeepsWhatWasSyncedAndInventsNothing) {
  UsedLog run;
  use(run);
  ASSERT_GE(run.disk.files().size(), 2u) << "the run must roll segments";
  std::size_t visited = 0, torn = 0;
  after_each_power_loss(run, 0, [&](MemoryDisk& disk, Log::Opened& opened, const Words& state) {
    ++visited;
    if (opened.recovered.torn_bytes > 0) ++torn;
    const Entries entries = {entry(1, 1)};
    const Batch batch{ShardId(77), {}, {}, entries};
    ASSERT_TRUE(opened.log.append({&batch, 1}).ok() && opened.log.sync().ok());
    Words expected = state;
    expected[77] = "0:4294967295 1/1";
    auto again = Log::open(disk, small_segments);
    ASSERT_TRUE(again.ok());
    ASSERT_EQ(words(again.value().recovered.shards), expected);
    ASSERT_EQ(again.value().recovered.torn_bytes, 0u);
  });
  EXPECT_GT(visited, 1000u);
  EXPECT_GT(torn, 500u);
}

TEST(Recovery, APowerLossDuringRecoveryChangesNothing) {
  UsedLog run;
  use(run);
  const std::size_t done = run.disk.operations().size() - 1;
  const std::uint64_t durable = run.durable_after(done);
  run.disk.for_each_power_loss(done, 3, [&](const MemoryDisk::Files& files) {
    MemoryDisk first(files);
    ASSERT_TRUE(Log::open(first, small_segments).ok());
    for (std::size_t second = 0; second <= first.operations().size(); ++second) {
      first.for_each_power_loss(second, 1, [&](const MemoryDisk::Files& left) {
        MemoryDisk disk(left);
        auto opened = Log::open(disk, small_segments);
        ASSERT_TRUE(opened.ok());
        ASSERT_GE(opened.value().log.appended(), durable);
        ASSERT_EQ(words(opened.value().recovered.shards),
                  run.states[opened.value().log.appended()]);
      });
    }
  });
}

// The records of one segment: offset, sequence, and whether a later record states it durable.
struct Place {
  std::uint64_t offset, sequence;
};

std::vector<Place> places(BytesView segment, std::uint32_t number) {
  std::vector<Place> out;
  for (std::size_t at = segment_header_bytes; at < segment.size();) {
    const auto record = read_record(segment, number, at, ~0ULL);
    EXPECT_TRUE(record.has_value());
    out.push_back({at, record->sequence});
    at += record->bytes();
  }
  return out;
}

TEST(Recovery, AnyFlippedBitIsCorruptionWhereALaterRecordStatesItDurableAndElseATornTail) {
  UsedLog run;
  use(run);
  const std::uint64_t stated = run.steps[run.steps.size() - 3].durable;
  const auto& files = run.disk.files();
  std::size_t corrupt = 0, torn = 0;
  std::uint32_t number = 0;
  for (const auto& [name, content] : files) {
    ++number;
    const std::vector<Place> records = places(content, number);
    const bool last = number == files.size();
    for (std::size_t byte = 0; byte < content.size(); ++byte) {
      // The header stands and falls with the segment's first record.
      Place hit{0, records.front().sequence};
      for (const Place& place : records) {
        if (place.offset <= byte) hit = place;
      }
      for (int bit = 0; bit < 8; ++bit) {
        MemoryDisk disk(files);
        disk.files()[name][byte] ^= static_cast<std::uint8_t>(1 << bit);
        const auto opened = Log::open(disk, small_segments);
        if (!last || hit.sequence <= stated) {
          ++corrupt;
          ASSERT_FALSE(opened.ok()) << name << " " << byte;
          ASSERT_EQ(opened.error(), (LogError{LogError::Kind::corrupt, {}, name, hit.offset}));
        } else {
          ++torn;
          ASSERT_TRUE(opened.ok()) << name << " " << byte;
          ASSERT_EQ(opened.value().recovered.torn_bytes, content.size() - hit.offset);
          ASSERT_EQ(words(opened.value().recovered.shards), run.states[hit.sequence - 1]);
        }
      }
    }
  }
  EXPECT_GT(corrupt, 0u);
  EXPECT_GT(torn, 0u);
}

TEST(Recovery, AMissingSegmentIsCorruption) {
  for (const char* missing : {"wal-00000001", "wal-00000002"}) {
    UsedLog run;
    use(run);
    const Entries entries = {entry(2, 6)};
    for (int i = 0; i < 20; ++i) run.append({{ShardId(0), {}, {}, entries}});
    ASSERT_TRUE(run.disk.files().contains("wal-00000003"));
    MemoryDisk disk(run.disk.files());
    disk.files().erase(missing);
    EXPECT_EQ(Log::open(disk).error(), (LogError{LogError::Kind::corrupt, {}, missing, 0}));
  }
}

TEST(Recovery, ACutSegmentBeforeTheLastIsCorruption) {
  UsedLog run;
  use(run);
  const auto& files = run.disk.files();
  const std::vector<Place> records = places(files.at("wal-00000001"), 1);
  MemoryDisk disk(files);
  disk.files()["wal-00000001"].resize(records.back().offset);
  const LogError error = Log::open(disk).error();
  EXPECT_EQ(error.kind, LogError::Kind::corrupt);
  EXPECT_EQ(error.file, "wal-00000002") << "its first sequence tells that records are missing";
}

TEST(Recovery, WritesAnewWhatAFailedSyncMayHaveLeftInThePageCacheAlone) {
  UsedLog run;
  use(run);
  run.disk.for_each_power_loss(
      run.disk.operations().size() - 1, 1000, [&](const MemoryDisk::Files& durable) {
        MemoryDisk disk(durable);
        disk.files() = run.disk.files();
        const auto opened = Log::open(disk, small_segments);
        ASSERT_TRUE(opened.ok());
        ASSERT_EQ(words(opened.value().recovered.shards), run.states.back());
        disk.for_each_power_loss(disk.operations().size(), 1, [&](const MemoryDisk::Files& left) {
          MemoryDisk after(left);
          EXPECT_EQ(words(Log::open(after, small_segments).value().recovered.shards),
                    run.states.back());
        });
      });
}

TEST(Recovery, GarbageInPlaceOfALogIsATornTailOrRefusedButNeverAState) {
  std::uint64_t seed = 1;
  for (int round = 0; round < 200; ++round) {
    MemoryDisk disk;
    Bytes& content = disk.files()["wal-00000001"];
    content.resize(1 + round * 7);
    for (std::uint8_t& byte : content) {
      seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
      byte = static_cast<std::uint8_t>(seed >> 56);
    }
    const auto opened = Log::open(disk);
    ASSERT_TRUE(opened.ok());
    EXPECT_TRUE(opened.value().recovered.shards.empty());
    EXPECT_EQ(opened.value().recovered.torn_bytes, 1u + static_cast<std::size_t>(round) * 7);
  }
}

}  // namespace
}  // namespace blackout::log
