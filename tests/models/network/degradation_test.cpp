// What each member of a Degradation does, and that restoring the link takes exactly it away.
#include <gtest/gtest.h>

#include <bit>
#include <numeric>
#include <vector>

#include "tests/models/network/world.hpp"

namespace blackout::network {
namespace {

constexpr random::Probability always{1'000'000'000};

TEST(Degradations, DegradationsMultiplyDelayAndBandwidthAndAreTakenBackOneByOne) {
  LinkProfile profile = link(milliseconds(10));
  profile.bits_per_second = 8'000'000;
  World world(settings(profile));
  world.network.degrade(a, b, {.delay_permille = 3'000}, 0);
  world.network.degrade(a, b, {.delay_permille = 2'000, .bandwidth_permille = 100}, 1);
  world.send(a, b, 1'000);
  world.at(ms(100), [&] {
    world.network.restore(a, b, 0);
    world.send(a, b, 1'000);
  });
  world.at(ms(200), [&] {
    world.network.restore(a, b, 1);
    world.send(a, b, 1'000);
  });
  world.run();
  EXPECT_EQ(world.arrivals[1],
            (std::vector<Arrival>{{a, 0, ms(70)}, {a, 1, ms(130)}, {a, 2, ms(211)}}));
  EXPECT_EQ(world.network.effect(0), 1u);
  EXPECT_EQ(world.network.effect(1), 2u);
}

TEST(Degradations, ADegradationLosesItsShareBesidesTheLinksOwn) {
  LinkProfile profile = link(milliseconds(1));
  profile.loss = {100'000'000};
  World world(settings(profile));
  world.network.degrade(a, b, {.loss = {200'000'000}}, 3);
  stream(world, 200'000, microseconds(10));
  world.run();
  EXPECT_NEAR(static_cast<double>(world.network.effect(3)), 40'000, 800);
  EXPECT_NEAR(static_cast<double>(world.count(b)), 144'000, 2'880);
}

TEST(Degradations, ASlowLinkTakesAThousandTimesAsLong) {
  World world;
  world.network.degrade(a, b, {.delay_permille = 1'000'000}, 0);
  world.send(a, b);
  world.run();
  EXPECT_EQ(world.arrivals[1], (std::vector<Arrival>{{a, 0, ms(1'000)}}));
  EXPECT_EQ(world.network.effect(0), 1u);
}

TEST(Degradations, AnAddedDelayMakesALinkAsymmetric) {
  World world;
  world.network.degrade(a, b, {.delay_added = milliseconds(30)}, 0);
  world.network.degrade(a, b, {.delay_permille = 2'000, .delay_added = milliseconds(5)}, 1);
  world.send(a, b);
  world.send(b, a);
  world.at(ms(100), [&] {
    world.network.restore(a, b, 0);
    world.network.restore(a, b, 1);
    world.send(a, b);
  });
  world.run();
  EXPECT_EQ(world.arrivals[1], (std::vector<Arrival>{{a, 0, ms(37)}, {a, 2, ms(101)}}));
  EXPECT_EQ(world.arrivals[0], (std::vector<Arrival>{{b, 1, ms(1)}}));
  EXPECT_EQ(world.network.effect(0), 1u);
  EXPECT_EQ(world.network.effect(1), 1u);
}

TEST(Degradations, ATailAddsItsMedianAndItsNinetyNinthPercentile) {
  World world;
  world.network.degrade(a, b, {.tail_median = milliseconds(5), .tail_p99 = milliseconds(50)}, 0);
  constexpr std::size_t count = 200'000;
  stream(world, count, milliseconds(1));
  world.at(ms(count) + microseconds(1), [&] {
    world.network.restore(a, b, 0);
    world.send(a, b);
  });
  world.run();
  std::vector<std::int64_t> added;
  for (const Arrival& arrival : world.arrivals[1]) {
    added.push_back((arrival.at - ms(arrival.number + 1) - milliseconds(1)).ns());
    if (arrival.number == count) {
      EXPECT_EQ(arrival.at, ms(count + 1) + microseconds(1));
    }
  }
  ASSERT_EQ(added.size(), count + 1);
  std::sort(added.begin(), added.end());
  EXPECT_NEAR(static_cast<double>(added[count / 2]), 5e6, 5e6 * 0.02);
  EXPECT_NEAR(static_cast<double>(added[count / 100 * 99]), 50e6, 50e6 * 0.02);
  EXPECT_EQ(world.network.effect(0), count);
}

TEST(Degradations, ReorderingHoldsAShareBackSoThatLaterOnesOvertake) {
  World world;
  const Degradation reordering{.reordering = {100'000'000},
                               .reordering_delay_max = milliseconds(20)};
  world.network.degrade(a, b, reordering, 0);
  constexpr std::uint32_t count = 100'000;
  stream(world, count, microseconds(100));
  world.at(Instant() + microseconds(100) * count + nanoseconds(1),
           [&] { world.network.restore(a, b, 0); });
  for (int i = 0; i < 100; ++i) world.send_at(ms(20'000 + i), a, b);
  world.run();
  ASSERT_EQ(world.count(b), count + 100);
  std::uint32_t late = 0, overtaken = 0, newest = 0;
  Duration latest;
  for (const Arrival& arrival : world.arrivals[1]) {
    if (arrival.number >= count) {
      EXPECT_EQ(arrival.at, ms(20'001 + arrival.number - count));
      continue;
    }
    const Duration extra =
        arrival.at - Instant() - microseconds(100) * (arrival.number + 1) - milliseconds(1);
    ASSERT_GE(extra, Duration());
    latest = std::max(latest, extra);
    late += extra > Duration() ? 1 : 0;
    overtaken += arrival.number < newest ? 1 : 0;
    newest = std::max(newest, arrival.number);
  }
  EXPECT_EQ(late, world.network.effect(0));
  EXPECT_NEAR(late, 10'000, 300);
  EXPECT_GT(overtaken, 9'000u);
  EXPECT_LE(latest, milliseconds(20));
  EXPECT_GT(latest, milliseconds(19));
}

TEST(Degradations, DuplicationSendsASecondWholeCopyOfItsShare) {
  LinkProfile profile = link(milliseconds(1));
  profile.jitter_ppm = 500'000;
  World world(settings(profile));
  world.network.degrade(a, b, {.duplication = {200'000'000}}, 0);
  stream(world, 50'000, microseconds(10));
  world.at(ms(500) + nanoseconds(1), [&] {
    world.network.restore(a, b, 0);
    for (int i = 0; i < 100; ++i) world.send(a, b);
  });
  world.run();
  const std::uint64_t copies = world.network.effect(0);
  EXPECT_NEAR(static_cast<double>(copies), 10'000, 300);
  EXPECT_EQ(world.network.totals().duplicated, copies);
  EXPECT_EQ(world.count(b), 50'100 + copies);
  std::map<std::uint32_t, std::vector<Instant>> by_number;
  for (const Arrival& arrival : world.arrivals[1]) by_number[arrival.number].push_back(arrival.at);
  std::size_t twice = 0, at_once = 0;
  for (const auto& [number, times] : by_number) {
    ASSERT_LE(times.size(), number < 50'000 ? 2u : 1u);
    if (times.size() < 2) continue;
    ++twice;
    at_once += times[0] == times[1] ? 1 : 0;
  }
  EXPECT_EQ(twice, copies);
  EXPECT_LT(at_once, 10u);
}

// The bits in which the two differ.
std::size_t flipped_bits(const Bytes& one, const Bytes& other) {
  std::size_t result = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    const auto differ = static_cast<std::uint8_t>(one[i] ^ other[i]);
    result += static_cast<std::size_t>(std::popcount(differ));
  }
  return result;
}

// `count` messages of `bytes` zeroes through a fault that corrupts with these parameters; how many
// had so many bits flipped.
std::vector<std::uint64_t> by_flips(const Degradation& degradation, std::uint64_t count,
                                    std::size_t bytes) {
  LinkFaults faults;
  faults.degradations.push_back({0, degradation, {}});
  std::vector<std::uint64_t> result(degradation.corruption_bits_max + 1);
  for (std::uint64_t number = 0; number < count; ++number) {
    Bytes message(bytes);
    Tags touched;
    const std::size_t bits =
        faults.corrupt({random::Key(7), number, Instant(), bytes}, message, touched);
    EXPECT_EQ(bits, flipped_bits(message, Bytes(bytes)));
    EXPECT_EQ(touched.empty(), bits == 0);
    ++result.at(bits);
  }
  return result;
}

TEST(Degradations, CorruptionFlipsOneToSoManyBitsOfItsShare) {
  const Degradation degradation{.corruption = {250'000'000}, .corruption_bits_max = 3};
  const std::vector<std::uint64_t> flips = by_flips(degradation, 20'000, 100);
  EXPECT_NEAR(static_cast<double>(20'000 - flips[0]), 5'000, 150);
  for (std::size_t bits = 1; bits <= 3; ++bits) {
    EXPECT_NEAR(static_cast<double>(flips[bits]), 1'667, 150);
  }
}

TEST(Degradations, CorruptionSparesAnEmptyMessageAndFitsAShortOne) {
  const Degradation degradation{.corruption = always, .corruption_bits_max = 64};
  EXPECT_EQ(by_flips(degradation, 10, 0)[0], 10u);
  const std::vector<std::uint64_t> of_a_byte = by_flips(degradation, 100, 1);
  EXPECT_EQ(of_a_byte[0], 0u);
  EXPECT_EQ(std::accumulate(of_a_byte.begin() + 1, of_a_byte.begin() + 9, std::uint64_t{0}), 100u);
}

TEST(Degradations, ACorruptedMessageIsDroppedWhereItWouldHaveArrivedAndTheRestIsUnchanged) {
  World world;
  world.keep_messages = true;
  world.network.degrade(a, b, {.corruption = {250'000'000}}, 0);
  constexpr std::uint32_t count = 20'000;
  stream(world, count, microseconds(10));
  world.at(ms(200) + nanoseconds(1), [&] {
    world.network.restore(a, b, 0);
    for (int i = 0; i < 100; ++i) world.send(a, b);
  });
  world.run();
  std::uint64_t corrupted = 0, dropped = 0, after = 0;
  trace::Cursor cursor(world.recorder.trace());
  for (Event event; cursor.next(event);) {
    corrupted += event.kind == EventKind::message_corrupted ? 1 : 0;
    if (event.kind != EventKind::message_dropped) continue;
    EXPECT_EQ(event.c, static_cast<std::uint64_t>(DropReason::corrupted));
    EXPECT_GE(event.at, ms(1) + microseconds(10));
    EXPECT_LE(event.at, ms(201));
    ++dropped;
  }
  EXPECT_NEAR(static_cast<double>(corrupted), 5'000, 150);
  EXPECT_EQ(dropped, corrupted);
  EXPECT_EQ(world.dropped(DropReason::corrupted), corrupted);
  EXPECT_EQ(world.network.effect(0), corrupted);
  ASSERT_EQ(world.count(b), count + 100 - corrupted);
  for (std::size_t i = 0; i < world.count(b); ++i) {
    const std::uint32_t number = world.arrivals[1][i].number;
    Bytes sent;
    Writer(sent).u32(number);
    sent.resize(100);
    ASSERT_EQ(world.messages[b][i], sent);
    after += number >= count ? 1 : 0;
  }
  EXPECT_EQ(after, 100u);
}

TEST(Degradations, ACorruptedMessageIsHeldAndDuplicatedAsAnyOtherBeforeItIsDropped) {
  World world;
  world.network.degrade(a, b, {.duplication = always, .corruption = always}, 0);
  world.network.hold(a, b, 1);
  world.send(a, b);
  world.at(ms(50), [&] {
    EXPECT_EQ(world.dropped(DropReason::corrupted), 0u);
    world.network.restore(a, b, 0);
    world.network.release(a, b, 1);
    world.send(a, b);
  });
  world.run();
  EXPECT_EQ(world.dropped(DropReason::corrupted), 2u);
  EXPECT_EQ(world.arrivals[1], (std::vector<Arrival>{{a, 1, ms(51)}}));
}

TEST(Degradations, AnMtuBlackHoleLosesWhatIsLargeAndPassesTheRest) {
  World world;
  world.network.degrade(a, b, {.message_bytes_max = 1'400}, 2);
  world.send(a, b, 1'400);
  world.send(a, b, 1'401);
  world.send(b, a, 9'000);
  world.network.restore(a, b, 2);
  world.send(a, b, 9'000);
  world.run();
  EXPECT_EQ(world.arrivals[1], (std::vector<Arrival>{{a, 0, ms(1)}, {a, 3, ms(1)}}));
  EXPECT_EQ(world.count(a), 1u);
  EXPECT_EQ(world.dropped(DropReason::too_large), 1u);
  EXPECT_EQ(world.network.effect(2), 1u);
}

// Who judges a run must know that such a link is no path for all.
TEST(Degradations, SayInTheTraceWhichMessagesAreTooLargeAndZeroWhereNoneIs) {
  World world;
  world.network.degrade(a, b, {.message_bytes_max = 1'400}, 2);
  world.network.degrade(a, b, {.loss = {1'000}}, 3);
  world.network.restore(a, b, 2);
  world.network.restore(a, b, 3);
  std::vector<std::uint64_t> told;
  trace::Cursor cursor(world.recorder.trace());
  for (Event event; cursor.next(event);) told.push_back(event.c);
  EXPECT_EQ(told, (std::vector<std::uint64_t>{1'400, 0, 1'400, 0}));
}

TEST(Degradations, ABandwidthLimitSerialisesAlsoAnUnlimitedLink) {
  World world;
  world.network.degrade(a, b, {.bits_per_second = 8'000'000}, 0);
  world.network.degrade(a, b, {.bits_per_second = 80'000'000}, 1);  // the lowest counts
  for (int i = 0; i < 3; ++i) world.send(a, b, 1'000);
  world.send(b, a, 1'000);
  world.at(ms(10), [&] {
    world.network.restore(a, b, 0);
    world.network.restore(a, b, 1);
    for (int i = 0; i < 2; ++i) world.send(a, b, 1'000);
  });
  world.run();
  EXPECT_EQ(world.arrivals[1],
            (std::vector<Arrival>{
                {a, 0, ms(2)}, {a, 1, ms(3)}, {a, 2, ms(4)}, {a, 4, ms(11)}, {a, 5, ms(11)}}));
  EXPECT_EQ(world.arrivals[0], (std::vector<Arrival>{{b, 3, ms(1)}}));
  EXPECT_EQ(world.network.effect(0), 3u);
  EXPECT_EQ(world.network.effect(1), 0u);
}

TEST(Degradations, ABandwidthLimitThatEndsLeavesNoBacklogOnAnUnlimitedLink) {
  World world;
  world.network.degrade(a, b, {.bits_per_second = 8'000}, 0);
  for (int i = 0; i < 3; ++i) world.send(a, b, 1'000);
  world.at(ms(1'500), [&] {
    world.network.restore(a, b, 0);
    world.send(a, b, 1'000);
  });
  world.run();
  EXPECT_EQ(world.arrivals[1],
            (std::vector<Arrival>{
                {a, 0, ms(1'001)}, {a, 1, ms(1'501)}, {a, 2, ms(1'501)}, {a, 3, ms(1'501)}}));
}

TEST(Degradations, WhatWaitsGoesOnAtTheNewPaceWhenTheBandwidthChanges) {
  LinkProfile profile = link(milliseconds(10));
  profile.bits_per_second = 8'000'000;
  World world(settings(profile));
  world.network.degrade(a, b, {.bandwidth_permille = 100}, 0);
  for (int i = 0; i < 3; ++i) world.send(a, b, 1'000);
  // Half of the second has left: the rest takes twice as long. Of the third, which begins then at
  // 25 ms, 10 of 20 ms are left when the pace doubles, and 2 of 5 ms when it grows tenfold.
  world.at(ms(15), [&] { world.network.degrade(a, b, {.bandwidth_permille = 500}, 1); });
  world.at(ms(35), [&] { world.network.restore(a, b, 1); });
  world.at(ms(38), [&] {
    world.network.restore(a, b, 0);
    world.send(a, b, 1'000);
  });
  world.run();
  const std::vector<Arrival> expected{{a, 0, ms(20)},
                                      {a, 1, ms(35)},
                                      {a, 2, Instant() + microseconds(48'200)},
                                      {a, 3, Instant() + microseconds(49'200)}};
  EXPECT_EQ(world.arrivals[1], expected);
  trace::Cursor cursor(world.recorder.trace());
  Event event;
  std::vector<EventId> sent, causes;
  while (cursor.next(event)) {
    if (event.kind == EventKind::message_sent) sent.push_back(cursor.id());
    if (event.kind == EventKind::message_delivered) causes.push_back(event.cause);
  }
  EXPECT_EQ(causes, sent);
}

TEST(Degradations, AStoppedSendersQueueIsLostAlsoWhenTheBandwidthChangesThen) {
  World world;
  world.network.degrade(a, b, {.bits_per_second = 8'000}, 0);
  world.send(a, b, 1'000);
  world.send(a, b, 1'000);
  world.at(ms(1'500), [&] {
    world.stop(a);
    world.network.restore(a, b, 0);
  });
  world.run();
  EXPECT_EQ(world.arrivals[1], (std::vector<Arrival>{{a, 0, ms(1'001)}}));
  EXPECT_EQ(world.dropped(DropReason::sender_stopped), 1u);
}

TEST(Degradations, AQueueLimitDropsTheTail) {
  LinkProfile profile = link(milliseconds(10));
  profile.bits_per_second = 8'000'000;
  World world(settings(profile));
  world.network.degrade(a, b, {.queue_bytes_max = 2'000}, 0);
  for (int i = 0; i < 5; ++i) world.send(a, b, 1'000);
  world.network.restore(a, b, 0);
  for (int i = 0; i < 5; ++i) world.send(a, b, 1'000);
  world.run();
  EXPECT_EQ(world.dropped(DropReason::queue_full), 2u);
  EXPECT_EQ(world.network.effect(0), 2u);
  EXPECT_EQ(world.count(b), 8u);
}

}  // namespace
}  // namespace blackout::network
