#include "sim/trace/trace.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include "host/base/crc32c.hpp"
#include "host/base/hash.hpp"

namespace blackout::trace {
namespace {

// A value of every length, most of them short.
std::uint64_t sized(std::uint64_t random) { return random >> (8 * (random % 8) + (random & 7)); }

Event event_number(std::uint64_t id, std::int64_t before_ns) {
  const std::uint64_t random = mix64(id);
  Event event;
  event.at = Instant(before_ns + static_cast<std::int64_t>(random % 5 == 0 ? 0 : random % 900'000));
  event.cause = EventId(random % 7 == 0 ? 0 : id - 1 - mix64(random) % (id < 50 ? id : 50));
  // Of a fixed list, so that a new kind at the end leaves the pinned hash as it is.
  constexpr auto kinds = static_cast<std::uint64_t>(EventKind::operation_completed) + 1;
  event.kind = static_cast<EventKind>(random % kinds);
  event.node = random % 11 == 0 ? no_node : NodeId(static_cast<std::uint32_t>(random % 300));
  event.shard = random % 3 == 0 ? no_shard : ShardId(static_cast<std::uint32_t>(random % 70'000));
  event.a = random % 4 == 0 ? 0 : sized(mix64(random + 1));
  event.b = sized(mix64(random + 2));
  event.c = random % 2 == 0 ? 0 : sized(mix64(random + 3));
  return event;
}

std::vector<Event> events_of(std::uint64_t count) {
  std::vector<Event> events;
  std::int64_t now = 0;
  for (std::uint64_t id = 1; id <= count; ++id) {
    events.push_back(event_number(id, now));
    now = events.back().at.ns();
  }
  return events;
}

Trace trace_of(const std::vector<Event>& events) {
  Trace trace;
  for (const Event& event : events) trace.append(event);
  return trace;
}

std::vector<Event> read_all(const Trace& trace) {
  std::vector<Event> events;
  Cursor cursor(trace);
  Event event;
  while (cursor.next(event)) {
    events.push_back(event);
    EXPECT_EQ(cursor.id().value(), events.size());
  }
  return events;
}

Event extreme() {
  Event event;
  event.at = Instant(std::numeric_limits<std::int64_t>::max());
  event.kind = EventKind::operation_completed;
  event.node = NodeId(0xFFFF'FFFE);
  event.shard = ShardId(0xFFFF'FFFE);
  event.a = event.b = event.c = ~0ULL;
  return event;
}

TEST(Trace, ReturnsEveryEventAsItWasAppended) {
  const auto events = events_of(20'000);
  EXPECT_EQ(read_all(trace_of(events)), events);
}

TEST(Trace, KeepsTheExtremesOfEveryField) {
  std::vector<Event> events(300, Event{});
  events.resize(3'000, extreme());  // the longest events, over chunk borders
  events.back().cause = EventId(1);
  EXPECT_EQ(read_all(trace_of(events)), events);
}

TEST(Trace, NumbersEventsFromOne) {
  Trace trace;
  EXPECT_EQ(trace.append(Event{}), EventId(1));
  EXPECT_EQ(trace.append(Event{}), EventId(2));
  EXPECT_EQ(trace.size(), 2U);
}

TEST(Trace, RefusesTimeThatRunsBackwards) {
  Trace trace;
  Event event;
  event.at = Instant(5);
  trace.append(event);
  event.at = Instant(4);
  EXPECT_THROW(trace.append(event), CheckFailed);
  event.at = Instant(-1);
  EXPECT_THROW(Trace().append(event), CheckFailed);
}

TEST(Trace, RefusesACauseThatIsNotEarlierAndAKindOutsideTheVocabulary) {
  Trace trace;
  Event event;
  event.cause = EventId(1);
  EXPECT_THROW(trace.append(event), CheckFailed);
  event.cause = EventId(0);
  event.kind = static_cast<EventKind>(event_kinds);
  EXPECT_THROW(trace.append(event), CheckFailed);
}

TEST(Trace, TakesAFewBytesForAnOrdinaryEvent) {
  Trace trace;
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    trace.append(Event{Instant(static_cast<std::int64_t>(i) * 40'000), EventId(i),
                       EventKind::message_sent, NodeId(static_cast<std::uint32_t>(i % 6)), no_shard,
                       3, 120, 0});
  }
  EXPECT_LE(trace.bytes(), 11'000U);
}

TEST(Trace, IsEmptyAfterItWasMovedFrom) {
  Trace trace = trace_of(events_of(10));
  const Trace taken = std::move(trace);
  EXPECT_EQ(taken.size(), 10U);
  EXPECT_EQ(trace.size(), 0U);  // NOLINT(bugprone-use-after-move): the point
  trace.append(Event{});
  EXPECT_EQ(read_all(trace).size(), 1U);
  EXPECT_EQ(read_all(taken), events_of(10));
}

TEST(TraceHash, ChangesWithEveryBitOfEveryField) {
  const auto events = events_of(3);
  std::set<Hash> hashes{trace_of(events).hash()};
  std::size_t changes = 1;
  const auto changed = [&](auto change) {
    auto other = events;
    change(other[1]);
    hashes.insert(trace_of(other).hash());
    ++changes;
  };
  for (int bit = 0; bit < 64; ++bit) {
    const std::uint64_t flip = 1ULL << bit;
    changed([&](Event& e) { e.a ^= flip; });
    changed([&](Event& e) { e.b ^= flip; });
    changed([&](Event& e) { e.c ^= flip; });
  }
  for (int bit = 0; bit < 32; ++bit) {
    const std::uint32_t flip = 1U << bit;
    changed([&](Event& e) { e.node = NodeId(e.node.value() ^ flip); });
    changed([&](Event& e) { e.shard = ShardId(e.shard.value() ^ flip); });
  }
  changed([](Event& e) { e.at = e.at + nanoseconds(1); });
  changed([](Event& e) { e.cause = EventId(1 - e.cause.value()); });
  changed([](Event& e) { e.kind = e.kind == EventKind{} ? EventKind::fault_ended : EventKind{}; });
  EXPECT_EQ(hashes.size(), changes);
}

TEST(TraceHash, ChangesInBothWordsWithTheOrderAndTheNumberOfEvents) {
  Event one, two;
  one.a = 1;
  two.a = 2;
  const Hash forth = trace_of({one, two}).hash();
  const Hash back = trace_of({two, one}).hash();
  const Hash fewer = trace_of({one}).hash();
  EXPECT_NE(forth.low, back.low);
  EXPECT_NE(forth.high, back.high);
  EXPECT_NE(forth.low, fewer.low);
  EXPECT_NE(forth.high, fewer.high);
}

// What every build must make: a change here changes every recorded run.
TEST(TraceHash, IsTheSameInEveryBuild) {
  EXPECT_EQ(format_hash(trace_of(events_of(10'000)).hash()), "474b077dc8d4fad69cb93e34710d5f2c");
}

TEST(TraceHash, IsWrittenHighWordFirst) {
  EXPECT_EQ(format_hash(Hash{0x0123456789ABCDEF, 0x7C1E90D455AA0B6F}),
            "7c1e90d455aa0b6f0123456789abcdef");
}

TEST(TraceCursor, StartsAtAnyEvent) {
  const auto events = events_of(13'000);
  const Trace trace = trace_of(events);
  for (const std::uint64_t first : {1, 2, 4'095, 4'096, 4'097, 4'098, 8'193, 12'999, 13'000}) {
    Cursor cursor(trace, EventId(first));
    Event event;
    for (std::uint64_t id = first; id <= std::min<std::uint64_t>(first + 5'000, 13'000); ++id) {
      ASSERT_TRUE(cursor.next(event));
      ASSERT_EQ(cursor.id(), EventId(id));
      ASSERT_EQ(event, events[id - 1]);
    }
  }
}

TEST(TraceCursor, PassesOverOtherKinds) {
  const auto events = events_of(60'000);  // several chunks
  const Trace trace = trace_of(events);
  KindSet kinds{};
  for (std::size_t kind = 0; kind < event_kinds; kind += 5) kinds[kind] = true;
  Cursor cursor(trace);
  Event event;
  for (std::uint64_t id = 1; id <= events.size(); ++id) {
    if (!kinds[static_cast<std::size_t>(events[id - 1].kind)]) continue;
    ASSERT_TRUE(cursor.next_of(kinds, event));
    ASSERT_EQ(cursor.id(), EventId(id));
    ASSERT_EQ(event, events[id - 1]);
  }
  EXPECT_FALSE(cursor.next_of(kinds, event));
  EXPECT_EQ(cursor.id(), EventId(events.size()));
}

TEST(TraceCursor, EndsBeyondTheLastEvent) {
  const Trace trace = trace_of(events_of(4'096));
  Event event;
  EXPECT_FALSE(Cursor(trace, EventId(4'097)).next(event));
  EXPECT_FALSE(Cursor(trace, EventId(1'000'000)).next(event));
  EXPECT_FALSE(Cursor(Trace(), EventId(1)).next(event));
}

TEST(TraceCursor, FollowsATraceThatGrows) {
  const auto events = events_of(30'000);
  Trace trace;
  Cursor cursor(trace);
  Event event;
  for (const Event& appended : events) {
    ASSERT_FALSE(cursor.next(event));
    trace.append(appended);
    ASSERT_TRUE(cursor.next(event));
    ASSERT_EQ(event, appended);
  }
}

TEST(TraceCheckpoints, StandAfterEveryFullBlock) {
  const auto events = events_of(3 * Trace::checkpoint_events + 7);
  const Trace trace = trace_of(events);
  ASSERT_EQ(trace.checkpoints().size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const Checkpoint& checkpoint = trace.checkpoints()[i];
    const std::vector<Event> prefix(events.begin(), events.begin() + checkpoint.events);
    EXPECT_EQ(checkpoint.events, (i + 1) * Trace::checkpoint_events);
    EXPECT_EQ(checkpoint.at, prefix.back().at);
    EXPECT_EQ(checkpoint.hash, trace_of(prefix).hash());
    EXPECT_EQ(checkpoint.bytes, trace_of(prefix).bytes());
  }
}

TEST(TraceDifference, IsNoneBetweenEqualTraces) {
  EXPECT_EQ(first_difference(trace_of(events_of(9'000)), trace_of(events_of(9'000))), EventId(0));
  EXPECT_EQ(first_difference(Trace(), Trace()), EventId(0));
}

TEST(TraceDifference, NamesTheEventThatDiffers) {
  const auto events = events_of(30'000);
  const Trace trace = trace_of(events);
  for (const std::uint64_t id : {1, 4'095, 4'096, 4'097, 8'192, 17'000, 29'999, 30'000}) {
    auto other = events;
    other[id - 1].b ^= 1;
    EXPECT_EQ(first_difference(trace, trace_of(other)), EventId(id));
    EXPECT_EQ(first_difference(trace_of(other), trace), EventId(id));
  }
}

TEST(TraceDifference, NamesTheFirstEventThatOnlyOneHas) {
  const auto events = events_of(8'192);
  const Trace trace = trace_of(events);
  for (const std::uint64_t size : {0, 1, 4'095, 4'096, 8'191}) {
    const Trace prefix = trace_of({events.begin(), events.begin() + size});
    EXPECT_EQ(first_difference(trace, prefix), EventId(size + 1));
    EXPECT_EQ(first_difference(prefix, trace), EventId(size + 1));
  }
}

TEST(TraceFile, ReturnsTheTraceWithItsCheckpointsAndHash) {
  for (const std::uint64_t size : {0, 1, 4'096, 20'000}) {
    const Trace trace = trace_of(events_of(size));
    const auto back = Trace::decode(trace.encode());
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(read_all(back.value()), events_of(size));
    EXPECT_EQ(back.value().hash(), trace.hash());
    EXPECT_EQ(back.value().checkpoints().size(), trace.checkpoints().size());
    EXPECT_EQ(back.value().encode(), trace.encode());
  }
}

TEST(TraceFile, TellsAForeignFileFromAnotherVersion) {
  Bytes file = trace_of(events_of(10)).encode();
  ++file[8];
  EXPECT_EQ(Trace::decode(file).error(), Trace::Error::version);
  ++file[0];
  EXPECT_EQ(Trace::decode(file).error(), Trace::Error::not_a_trace);
  EXPECT_EQ(Trace::decode({}).error(), Trace::Error::not_a_trace);
}

TEST(TraceFile, IsDamagedWhenCutShortOrLengthened) {
  Bytes file = trace_of(events_of(50)).encode();
  for (std::size_t size = 12; size < file.size(); ++size) {
    ASSERT_EQ(Trace::decode(BytesView(file).first(size)).error(), Trace::Error::damaged) << size;
  }
  file.push_back(0);
  EXPECT_EQ(Trace::decode(file).error(), Trace::Error::damaged);
}

TEST(TraceFile, IsDamagedByAnyFlippedBit) {
  const Bytes file = trace_of(events_of(20)).encode();
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    Bytes other = file;
    other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ (1U << bit % 8));
    ASSERT_FALSE(Trace::decode(other).ok()) << bit;
  }
}

// A forged checksum leads garbage past the first gate: to the decoder of events itself.
TEST(TraceFile, ReadsGarbageUnderAValidChecksumWithoutHarm) {
  const Bytes head = Trace().encode();
  std::uint64_t random = 1;
  for (int round = 0; round < 20'000; ++round) {
    Bytes garbage;
    random = mix64(random + 1);
    const std::size_t size = random % 200;
    for (std::size_t i = 0; i < size; ++i) {
      random = mix64(random + i);
      // A sparse word of lengths is well formed more often.
      garbage.push_back(static_cast<std::uint8_t>(i % 4 == 1 || round % 2 == 0 ? random : 0));
    }
    Bytes file(head.begin(), head.begin() + 36);
    Writer out(file);
    out.u64(garbage.size());
    out.u32(crc32c(garbage));
    out.raw(garbage);
    const auto decoded = Trace::decode(file);
    ASSERT_EQ(decoded.ok(), garbage.empty());
  }
}

}  // namespace
}  // namespace blackout::trace
