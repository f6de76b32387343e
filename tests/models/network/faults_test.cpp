// Cuts, holds, flapping and resets: what each does, and that its inverse takes exactly it away.
#include <gtest/gtest.h>

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
