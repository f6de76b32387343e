// What each fault on a link does, and that its inverse takes exactly it away.
#include <gtest/gtest.h>

#include <bit>

#include "tests/models/network/world.hpp"

namespace blackout::network {
namespace {

constexpr random::Probability always{1'000'000'000};

TEST(Faults, ACutLosesOneDirectionUntilItIsHealed) {
  World world;
  world.network.cut(a, b, 0);
  world.send(a, b);
  world.send(b, a);
  world.send(a, c);
  world.at(ms(5), [&] {
    EXPECT_TRUE(world.network.is_cut(a, b));
    EXPECT_FALSE(world.network.is_cut(b, a));
    world.network.heal(a, b, 0);
    world.send(a, b);
  });
  world.run();
  EXPECT_EQ(world.arrivals[1], (std::vector<Arrival>{{a, 3, ms(6)}}));
  EXPECT_EQ(world.count(a), 1u);
  EXPECT_EQ(world.count(c), 1u);
  EXPECT_EQ(world.dropped(DropReason::cut), 1u);
  EXPECT_EQ(world.network.effect(0), 1u);
}

TEST(Faults, ALinkCutByTwoFaultsIsHealedByTheLast) {
  World world;
  world.network.cut(a, b, 0);
  world.network.cut(a, b, 1);
  world.network.cut(a, b, 1);
  world.network.heal(a, b, 0);
  world.network.heal(a, b, 1);
  world.send(a, b);
  EXPECT_TRUE(world.network.is_cut(a, b));
  world.network.heal(a, b, 1);
  EXPECT_FALSE(world.network.is_cut(a, b));
  world.send(a, b);
  world.run();
  EXPECT_EQ(world.count(b), 1u);
  EXPECT_EQ(world.network.effect(0), 0u);
  EXPECT_EQ(world.network.effect(1), 1u);
  EXPECT_THROW(world.network.heal(a, b, 1), CheckFailed);
}

TEST(Faults, WhatWasInFlightWhenACutBeganIsLostAlsoIfHealedBeforeItsArrival) {
  World world;
  world.send(a, far);
  world.at(ms(10), [&] { world.network.cut(a, far, 4); });
  world.at(ms(11), [&] { world.network.heal(a, far, 4); });
  world.send_at(ms(12), a, far);
  world.send_at(ms(12), b, far);
  world.run();
  EXPECT_EQ(world.arrivals[3], (std::vector<Arrival>{{a, 1, ms(52)}, {b, 2, ms(52)}}));
  EXPECT_EQ(world.network.effect(4), 1u);
}

TEST(Faults, DegradationsMultiplyDelayAndBandwidthAndAreTakenBackOneByOne) {
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

TEST(Faults, ADegradationLosesItsShareBesidesTheLinksOwn) {
  LinkProfile profile = link(milliseconds(1));
  profile.loss = {100'000'000};
  World world(settings(profile));
  world.network.degrade(a, b, {.loss = {200'000'000}}, 3);
  stream(world, 200'000, microseconds(10));
  world.run();
  EXPECT_NEAR(static_cast<double>(world.network.effect(3)), 40'000, 800);
  EXPECT_NEAR(static_cast<double>(world.count(b)), 144'000, 2'880);
}

TEST(Faults, ASlowLinkTakesAThousandTimesAsLong) {
  World world;
  world.network.degrade(a, b, {.delay_permille = 1'000'000}, 0);
  world.send(a, b);
  world.run();
  EXPECT_EQ(world.arrivals[1], (std::vector<Arrival>{{a, 0, ms(1'000)}}));
  EXPECT_EQ(world.network.effect(0), 1u);
}

TEST(Faults, AnAddedDelayMakesALinkAsymmetric) {
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

TEST(Faults, ATailAddsItsMedianAndItsNinetyNinthPercentile) {
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

TEST(Faults, ReorderingHoldsAShareBackSoThatLaterOnesOvertake) {
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

TEST(Faults, DuplicationSendsASecondWholeCopyOfItsShare) {
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

// How many bits of `message` are not those that World::send() put there for its `number`.
int flipped_bits(const Bytes& message, std::uint32_t number) {
  Bytes sent;
  Writer(sent).u32(number);
  sent.resize(message.size());
  int result = 0;
  for (std::size_t i = 0; i < message.size(); ++i) {
    result += std::popcount(static_cast<std::uint8_t>(message[i] ^ sent[i]));
  }
  return result;
}

TEST(Faults, CorruptionFlipsOneToSoManyBitsOfItsShare) {
  World world;
  world.keep_messages = true;
  world.network.degrade(a, b, {.corruption = {250'000'000}, .corruption_bits_max = 3}, 0);
  constexpr std::uint32_t count = 20'000;
  stream(world, count, microseconds(10));
  world.at(ms(200) + nanoseconds(1), [&] {
    world.network.restore(a, b, 0);
    for (int i = 0; i < 100; ++i) world.send(a, b);
  });
  world.run();
  // No jitter: they arrive in the order of their numbers.
  ASSERT_EQ(world.messages[b].size(), count + 100);
  std::array<std::uint64_t, 4> by_flips{};
  for (std::uint32_t number = 0; number < count + 100; ++number) {
    const int flips = flipped_bits(world.messages[b][number], number);
    ASSERT_LE(flips, number < count ? 3 : 0);
    ++by_flips.at(static_cast<std::size_t>(flips));
  }
  const std::uint64_t corrupted = by_flips[1] + by_flips[2] + by_flips[3];
  EXPECT_EQ(corrupted, world.network.effect(0));
  EXPECT_NEAR(static_cast<double>(corrupted), 5'000, 150);
  for (std::size_t flips = 1; flips <= 3; ++flips) {
    EXPECT_NEAR(static_cast<double>(by_flips[flips]), 1'667, 150);
  }
  trace::Cursor cursor(world.recorder.trace());
  Event event;
  std::uint64_t reported = 0, bits = 0;
  while (cursor.next(event)) {
    if (event.kind != EventKind::message_corrupted) continue;
    ++reported;
    bits += event.c;
  }
  EXPECT_EQ(reported, corrupted);
  EXPECT_EQ(bits, by_flips[1] + 2 * by_flips[2] + 3 * by_flips[3]);
}

TEST(Faults, CorruptionSparesAnEmptyMessageAndFitsAShortOne) {
  World world(settings(), false);
  world.network.degrade(a, b, {.corruption = always, .corruption_bits_max = 64}, 0);
  world.network.endpoint(a).send(b, Bytes());
  world.network.endpoint(a).send(b, Bytes(1));
  world.run();
  EXPECT_EQ(world.network.effect(0), 1u);
  EXPECT_EQ(world.network.endpoint(b).receive().message, Bytes());
  const Bytes byte = world.network.endpoint(b).receive().message;
  ASSERT_EQ(byte.size(), 1u);
  EXPECT_NE(byte[0], 0);
}

TEST(Faults, AnMtuBlackHoleLosesWhatIsLargeAndPassesTheRest) {
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

TEST(Faults, ABandwidthLimitSerialisesAlsoAnUnlimitedLink) {
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

TEST(Faults, ABandwidthLimitThatEndsLeavesNoBacklogOnAnUnlimitedLink) {
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

TEST(Faults, WhatWaitsGoesOnAtTheNewPaceWhenTheBandwidthChanges) {
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

TEST(Faults, AStoppedSendersQueueIsLostAlsoWhenTheBandwidthChangesThen) {
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

TEST(Faults, AQueueLimitDropsTheTail) {
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

TEST(Faults, AHeldLinkDelaysAllAndLosesNothing) {
  LinkProfile profile = link(milliseconds(10));
  profile.jitter_ppm = 1'000'000;
  const auto run = [&](bool held) {
    World world(settings(profile));
    if (held) {
      world.at(ms(50), [&] { world.network.hold(a, b, 0); });
      world.at(ms(500), [&] { world.network.release(a, b, 0); });
    }
    stream(world, 1'000, milliseconds(1));
    for (int i = 1; i <= 1'000; ++i) world.send_at(ms(i), b, a);
    world.run();
    EXPECT_EQ(world.network.effect(0) > 0, held);
    return std::pair(std::move(world.arrivals), world.network.effect(0));
  };
  const auto [with, touched] = run(true);
  const auto [without, none] = run(false);
  // Each arrives when it would have, or at the release, in that order.
  std::vector<Arrival> expected = without[1];
  std::uint64_t late = 0;
  for (Arrival& arrival : expected) {
    if (arrival.at < ms(50) || arrival.at >= ms(500)) continue;
    arrival.at = ms(500);
    ++late;
  }
  EXPECT_EQ(with[1], expected);
  EXPECT_EQ(touched, late);
  EXPECT_EQ(with[0], without[0]);
  EXPECT_NEAR(static_cast<double>(late), 450, 20);
}

TEST(Faults, HoldsNestAndEachCountsWhatItHeld) {
  World world;
  world.network.hold(a, b, 0);
  world.send(a, b);
  world.at(ms(10), [&] { world.network.hold(a, b, 1); });
  world.at(ms(20), [&] {
    world.network.release(a, b, 0);
    world.send(a, b);
  });
  world.at(ms(30), [&] { world.network.release(a, b, 1); });
  world.send_at(ms(40), a, b);
  world.run();
  EXPECT_EQ(world.arrivals[1],
            (std::vector<Arrival>{{a, 0, ms(30)}, {a, 1, ms(30)}, {a, 2, ms(41)}}));
  EXPECT_EQ(world.network.effect(0), 1u);
  EXPECT_EQ(world.network.effect(1), 2u);
  EXPECT_THROW(world.network.release(a, b, 1), CheckFailed);
}

TEST(Faults, WhatIsHeldIsLostToARestartACutOrAReset) {
  World world;
  for (const NodeId to : {b, c, far}) world.network.hold(a, to, 0);
  for (const NodeId to : {b, c, far}) world.send(a, to);
  world.at(ms(100), [&] {
    world.stop(b);
    world.start(b);
    world.network.cut(a, c, 1);
    world.network.heal(a, c, 1);
    world.network.reset(far, a, 2);
    for (const NodeId to : {b, c, far}) world.send(a, to);
  });
  world.at(ms(200), [&] {
    for (const NodeId to : {b, c, far}) world.network.release(a, to, 0);
  });
  world.run();
  EXPECT_EQ(world.arrivals[1], (std::vector<Arrival>{{a, 3, ms(200)}}));
  EXPECT_EQ(world.arrivals[2], (std::vector<Arrival>{{a, 4, ms(200)}}));
  EXPECT_EQ(world.arrivals[3], (std::vector<Arrival>{{a, 5, ms(200)}}));
  EXPECT_EQ(world.dropped(DropReason::receiver_restarted), 1u);
  EXPECT_EQ(world.dropped(DropReason::cut), 1u);
  EXPECT_EQ(world.dropped(DropReason::reset), 1u);
  EXPECT_EQ(world.network.effect(0), 6u);
}

TEST(Faults, AHeldDeliveryIsCausedByItsSending) {
  World world;
  world.network.hold(a, b, 0);
  world.send(a, b);
  world.at(ms(10), [&] { world.network.release(a, b, 0); });
  world.run();
  trace::Cursor cursor(world.recorder.trace());
  Event event;
  EventId sent;
  while (cursor.next(event)) {
    if (event.kind == EventKind::message_sent) sent = cursor.id();
    if (event.kind == EventKind::message_delivered) {
      EXPECT_EQ(event.cause, sent);
    }
  }
}

// Sends every half millisecond for 100 ms over a link that is down for 4 ms of every 10 from 20 ms
// to `until`.
TEST(Faults, AFlappingLinkLosesWhatMeetsASpell) {
  World world;
  world.at(ms(20), [&] { world.network.flap(a, b, {milliseconds(10), milliseconds(4)}, 0); });
  world.at(ms(20) + nanoseconds(1), [&] { EXPECT_TRUE(world.network.is_cut(a, b)); });
  world.at(ms(24), [&] { EXPECT_FALSE(world.network.is_cut(a, b)); });
  world.at(ms(73), [&] {
    EXPECT_TRUE(world.network.is_cut(a, b));
    world.network.settle(a, b, 0);
    EXPECT_FALSE(world.network.is_cut(a, b));
  });
  std::vector<Arrival> expected;
  for (std::uint32_t i = 0; i < 200; ++i) {
    const std::int64_t us = 250 + 500 * i;
    world.send_at(Instant() + microseconds(us), a, b);
    world.send_at(Instant() + microseconds(us), b, a);
    const bool during = us >= 20'000 && us < 73'000 && us % 10'000 < 4'000;
    const bool before_one = us >= 19'000 && us < 70'000 && us % 10'000 > 9'000;
    if (!during && !before_one) {
      expected.push_back({a, 2 * i, Instant() + microseconds(us + 1'000)});
    }
  }
  world.run();
  EXPECT_EQ(world.arrivals[1], expected);
  EXPECT_EQ(world.count(a), 200u);
  EXPECT_EQ(world.dropped(DropReason::flapping), 200 - expected.size());
  EXPECT_EQ(world.network.effect(0), 200 - expected.size());
  EXPECT_THROW(world.network.settle(a, b, 0), CheckFailed);
}

TEST(Faults, WhatWasInFlightInASpellIsLostAlsoIfTheLinkHasSettledSince) {
  World world;
  world.network.flap(a, far, {milliseconds(10), milliseconds(4)}, 0);
  world.send_at(ms(5), a, far);   // meets the spell at 10 ms
  world.send_at(ms(15), a, far);  // that at 20 ms does not begin any more
  world.at(ms(20), [&] { world.network.settle(a, far, 0); });
  world.send_at(ms(20), a, far);
  world.run();
  EXPECT_EQ(world.arrivals[3], (std::vector<Arrival>{{a, 1, ms(55)}, {a, 2, ms(60)}}));
  EXPECT_EQ(world.network.effect(0), 1u);
}

TEST(Faults, FlappingTakesNoEventOfTheKernel) {
  const auto fired = [](bool flapping) {
    World world;
    if (flapping) world.network.flap(a, b, {microseconds(10), microseconds(1)}, 0);
    stream(world, 10, milliseconds(1));
    world.run();
    return world.kernel.fired();
  };
  EXPECT_LE(fired(true), fired(false));
}

TEST(Faults, EachVerbIsReportedWithItsTagAndItsLink) {
  World world;
  world.network.cut(a, far, 5);
  world.network.heal(a, far, 5);
  world.network.degrade(a, far, {}, 5);
  world.network.restore(a, far, 5);
  world.network.hold(a, far, 5);
  world.network.release(a, far, 5);
  world.network.flap(a, far, {milliseconds(10), milliseconds(4)}, 5);
  world.network.settle(a, far, 5);
  world.network.reset(a, far, 5);
  std::vector<EventKind> kinds;
  trace::Cursor cursor(world.recorder.trace());
  Event event;
  while (cursor.next(event)) {
    kinds.push_back(event.kind);
    EXPECT_EQ(event.node, a);
    EXPECT_EQ(node_of_word(event.a), far);
    EXPECT_EQ(event.b, 5u);
    EXPECT_EQ(event.c, event.kind == EventKind::link_flapping ? 400u : 0u);
  }
  using enum EventKind;
  EXPECT_EQ(kinds,
            (std::vector<EventKind>{link_cut, link_healed, link_degraded, link_restored, link_held,
                                    link_released, link_flapping, link_settled, link_reset}));
  EXPECT_EQ(world.network.effect(5), 0u);
}

TEST(Faults, AResetLosesWhatIsInFlightBetweenTwoNodesAndNothingElse) {
  LinkProfile profile = link(milliseconds(1));
  profile.bits_per_second = 8'000'000;
  World world(settings(profile));
  const auto all = [&] {
    for (const auto& [from, to] : {std::pair(a, b), {b, a}, {a, c}, {c, b}}) {
      world.send(from, to, 1'000);
      world.send(from, to, 1'000);  // still in the queue
    }
  };
  world.at(ms(1), [&] {
    all();
    world.network.reset(a, b, 0);
    all();
  });
  world.run();
  EXPECT_EQ(world.dropped(DropReason::reset), 4u);
  EXPECT_EQ(world.network.effect(0), 4u);
  EXPECT_EQ(world.count(a), 2u);
  EXPECT_EQ(world.count(b), 2u + 4u);
  EXPECT_EQ(world.count(c), 4u);
  for (const Arrival& arrival : world.arrivals[0]) EXPECT_GE(arrival.number, 8u);
}

TEST(Faults, AFaultCountsAMessageOnceHoweverOftenItTouchesIt) {
  World world;
  world.network.degrade(a, b, {.delay_added = milliseconds(1), .duplication = always}, 0);
  world.network.degrade(a, b, {.delay_permille = 2'000, .corruption = always}, 0);
  world.network.hold(a, b, 0);
  world.keep_messages = true;
  world.send(a, b);
  world.at(ms(50), [&] { world.network.release(a, b, 0); });
  world.at(ms(50), [&] { world.network.hold(a, b, 0); });
  world.at(ms(60), [&] { world.network.cut(a, b, 0); });
  world.at(ms(70), [&] { world.network.release(a, b, 0); });
  world.run();
  EXPECT_EQ(world.count(b), 0u);
  EXPECT_EQ(world.network.totals().dropped[static_cast<std::size_t>(DropReason::cut)], 2u);
  EXPECT_EQ(world.network.effect(0), 1u);
}

TEST(Faults, EveryInterruptionThatAMessageMetCountsIt) {
  World world;
  world.send(a, far);
  world.at(ms(10), [&] { world.network.cut(a, far, 0); });
  world.at(ms(10), [&] { world.network.heal(a, far, 0); });
  world.at(ms(20), [&] { world.network.reset(a, far, 1); });
  world.run();
  EXPECT_EQ(world.dropped(DropReason::cut), 1u);
  EXPECT_EQ(world.network.effect(0), 1u);
  EXPECT_EQ(world.network.effect(1), 1u);
}

TEST(Faults, RefusesWhatMakesNoSense) {
  World world;
  EXPECT_THROW(world.network.degrade(a, b, {.bandwidth_permille = 0}, 0), CheckFailed);
  EXPECT_THROW(world.network.degrade(a, b, {.bits_per_second = 0}, 0), CheckFailed);
  EXPECT_THROW(world.network.degrade(a, b, {.reordering = always}, 0), CheckFailed);
  EXPECT_THROW(world.network.degrade(a, b, {.corruption = always, .corruption_bits_max = 0}, 0),
               CheckFailed);
  EXPECT_THROW(world.network.degrade(a, b, {.delay_added = -milliseconds(1)}, 0), CheckFailed);
  EXPECT_THROW(world.network.degrade(a, b, {.tail_p99 = milliseconds(1)}, 0), CheckFailed);
  EXPECT_THROW(world.network.degrade(a, b, {.tail_median = milliseconds(1)}, 0), CheckFailed);
  EXPECT_THROW(world.network.flap(a, b, {milliseconds(1), milliseconds(1)}, 0), CheckFailed);
  EXPECT_THROW(world.network.hold(a, NodeId(4), 0), CheckFailed);
}

}  // namespace
}  // namespace blackout::network
