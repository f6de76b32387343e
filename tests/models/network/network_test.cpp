#include "models/network/network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

namespace blackout::network {
namespace {

constexpr NodeId a(0), b(1), c(2), far(3);

LinkProfile link(Duration delay) {
  LinkProfile profile;
  profile.delay = delay;
  return profile;
}

// Nodes 0 to 2 share a zone of region 0, node 3 stands in region 1.
Settings settings(LinkProfile within_zone = link(milliseconds(1))) {
  Settings result;
  result.nodes = {{RegionId(0), 0}, {RegionId(0), 0}, {RegionId(0), 0}, {RegionId(1), 0}};
  result.within_node = link(microseconds(10));
  result.within_zone = within_zone;
  result.between_regions = {link(milliseconds(2)), link(milliseconds(40)), link(milliseconds(50)),
                            link(milliseconds(2))};
  return result;
}

struct Arrival {
  NodeId from;
  std::uint32_t number;
  Instant at;
  friend bool operator==(const Arrival&, const Arrival&) = default;
};

// Four nodes; every one has a task that notes what arrives.
class World final : private Host {
 public:
  explicit World(Settings profile = settings(), bool receiving = true)
      : network(kernel, recorder, random::Key(7), std::move(profile)), arrivals(network.size()) {
    for (std::uint32_t id = 0; id < network.size(); ++id) start(NodeId(id), receiving);
  }

  void start(NodeId id, bool receiving = true) {
    network.up(id, ++incarnation, *this);
    if (!receiving) return;
    receivers.resize(network.size());
    receivers[id.value()] = kernel.fibers().create([this, id] { note(id); }, id.value(), "note");
    kernel.resume_at(kernel.now(), receivers[id.value()]);
  }
  void stop(NodeId id) {
    network.down(id);
    kernel.fibers().kill(receivers[id.value()]);
  }
  void send(NodeId from, NodeId to, std::size_t bytes = 100) {
    Bytes message;
    Writer(message).u32(numbers++);
    message.resize(std::max<std::size_t>(bytes, 4));
    network.endpoint(from).send(to, std::move(message));
  }
  void send_at(Instant when, NodeId from, NodeId to, std::size_t bytes = 100) {
    kernel.at(when, [=, this] { send(from, to, bytes); });
  }
  void at(Instant when, Callback action) { kernel.at(when, std::move(action)); }
  void run() { kernel.run_until(kernel.now() + seconds(100'000)); }
  std::uint64_t dropped(DropReason reason) const {
    return network.totals().dropped[static_cast<std::size_t>(reason)];
  }
  std::size_t count(NodeId node) const { return arrivals[node.value()].size(); }

  kernel::Kernel kernel;
  trace::Recorder recorder{kernel};
  Network network;
  std::vector<std::vector<Arrival>> arrivals;

 private:
  void suspend() override { kernel.fibers().suspend(); }
  void note(NodeId id) {
    while (true) {
      const env::Envelope envelope = network.endpoint(id).receive();
      const std::uint32_t number = Reader(envelope.message).u32();
      arrivals[id.value()].push_back({envelope.from, number, kernel.now()});
    }
  }

  std::vector<fiber::FiberId> receivers;
  std::uint32_t incarnation = 0;
  std::uint32_t numbers = 0;
};

Instant ms(std::int64_t n) { return Instant() + milliseconds(n); }

// `count` messages from a to b, one every `gap`, the first at `gap`.
void stream(World& world, int count, Duration gap) {
  for (int i = 1; i <= count; ++i) world.send_at(Instant() + gap * i, a, b);
}

TEST(Network, DelayIsThatOfThePairOfPlaces) {
  World world;
  world.send(a, a);
  world.send(a, b);
  world.send(a, far);
  world.send(far, b);
  world.run();
  EXPECT_EQ(world.arrivals[0].at(0), (Arrival{a, 0, Instant() + microseconds(10)}));
  EXPECT_EQ(world.arrivals[1].at(0), (Arrival{a, 1, ms(1)}));
  EXPECT_EQ(world.arrivals[3].at(0), (Arrival{a, 2, ms(40)}));
  EXPECT_EQ(world.arrivals[1].at(1), (Arrival{far, 3, ms(50)}));
}

TEST(Network, JitterHasTheQuantilesOfItsExponentialTail) {
  LinkProfile profile = link(milliseconds(10));
  profile.jitter_ppm = 100'000;
  World world(settings(profile));
  constexpr int count = 200'000;
  stream(world, count, seconds(1) / 10);
  world.run();
  std::vector<std::int64_t> extra;
  for (const Arrival& arrival : world.arrivals[1]) {
    const Instant sent = Instant() + milliseconds(100) * (arrival.number + 1);
    extra.push_back((arrival.at - sent - milliseconds(10)).ns());
  }
  ASSERT_EQ(extra.size(), static_cast<std::size_t>(count));
  std::sort(extra.begin(), extra.end());
  EXPECT_GE(extra.front(), 0);
  const auto quantile = [&](int permille) {
    return static_cast<double>(extra[count / 1000 * permille]);
  };
  EXPECT_NEAR(quantile(500), 693'147, 693'147 / 50);
  EXPECT_NEAR(quantile(900), 2'302'585, 2'302'585 / 50);
  EXPECT_NEAR(quantile(990), 4'605'170, 4'605'170 / 50);
}

TEST(Network, LosesTheShareOfItsProfile) {
  LinkProfile profile = link(milliseconds(1));
  profile.loss = {200'000'000};
  World world(settings(profile));
  stream(world, 200'000, microseconds(10));
  world.run();
  EXPECT_NEAR(static_cast<double>(world.dropped(DropReason::loss)), 40'000, 800);
  EXPECT_EQ(world.count(b) + world.dropped(DropReason::loss), 200'000u);
}

TEST(Network, DuplicatesTheShareOfItsProfileAndBothCopiesAreWhole) {
  LinkProfile profile = link(milliseconds(1));
  profile.duplication = {200'000'000};
  World world(settings(profile));
  stream(world, 200'000, microseconds(10));
  world.run();
  EXPECT_NEAR(static_cast<double>(world.network.totals().duplicated), 40'000, 800);
  std::vector<int> copies(200'000);
  for (const Arrival& arrival : world.arrivals[1]) ++copies.at(arrival.number);
  EXPECT_EQ(std::count(copies.begin(), copies.end(), 2),
            static_cast<std::ptrdiff_t>(world.network.totals().duplicated));
  EXPECT_EQ(std::count(copies.begin(), copies.end(), 0), 0);
}

TEST(Network, MessagesOvertakeEachOtherOnlyWithJitter) {
  const auto in_order = [](std::uint32_t jitter_ppm) {
    LinkProfile profile = link(milliseconds(1));
    profile.jitter_ppm = jitter_ppm;
    World world(settings(profile));
    stream(world, 1'000, microseconds(10));
    world.run();
    return std::is_sorted(world.arrivals[1].begin(), world.arrivals[1].end(),
                          [](const Arrival& x, const Arrival& y) { return x.number < y.number; });
  };
  EXPECT_TRUE(in_order(0));
  EXPECT_FALSE(in_order(500'000));
}

TEST(Network, BandwidthSerialisesOneMessageAfterTheOther) {
  LinkProfile profile = link(milliseconds(10));
  profile.bits_per_second = 8'000'000;
  World world(settings(profile));
  world.send(a, b, 1'000);
  world.send(a, b, 1'000);
  world.send(a, c, 1'000);
  world.run();
  EXPECT_EQ(world.arrivals[1].at(0).at, ms(11));
  EXPECT_EQ(world.arrivals[1].at(1).at, ms(12));
  EXPECT_EQ(world.arrivals[2].at(0).at, ms(11));
}

// Pollaczek-Khinchine: the mean wait is rho / (2 (1 - rho)) service times.
TEST(Network, WaitsInTheQueueAsASingleServerQueuePredicts) {
  LinkProfile profile = link(milliseconds(1));
  profile.bits_per_second = 8'000'000;
  World world(settings(profile));
  constexpr int count = 300'000;
  const random::Key gaps(99);
  std::vector<Instant> sent;
  Instant when;
  for (int i = 0; i < count; ++i) {
    when = when + Duration(random::exponential(gaps.draw(i), 1'250'000));
    sent.push_back(when);
    world.send_at(when, a, b, 1'000);
  }
  world.run();
  ASSERT_EQ(world.count(b), static_cast<std::size_t>(count));
  std::int64_t wait = 0;
  for (const Arrival& arrival : world.arrivals[1]) {
    wait += (arrival.at - sent[arrival.number] - milliseconds(2)).ns();
  }
  EXPECT_NEAR(static_cast<double>(wait) / count, 2'000'000, 100'000);
}

TEST(Network, AQueueOverItsLimitDropsTheTail) {
  LinkProfile profile = link(milliseconds(10));
  profile.bits_per_second = 8'000'000;
  profile.queue_bytes_max = 2'000;
  World world(settings(profile));
  for (int i = 0; i < 5; ++i) world.send(a, b, 1'000);
  world.send_at(ms(2), a, b, 1'000);
  world.run();
  EXPECT_EQ(world.dropped(DropReason::queue_full), 2u);
  ASSERT_EQ(world.count(b), 4u);
  EXPECT_EQ(world.arrivals[1][3], (Arrival{a, 5, ms(14)}));
}

TEST(Network, ACutLosesOneDirectionUntilItIsHealed) {
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
  EXPECT_EQ(world.network.effect(0).dropped, 1u);
}

TEST(Network, ALinkCutByTwoFaultsIsHealedByTheLast) {
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
  EXPECT_EQ(world.network.effect(0).dropped, 0u);
  EXPECT_EQ(world.network.effect(1).dropped, 1u);
  EXPECT_THROW(world.network.heal(a, b, 1), CheckFailed);
}

TEST(Network, WhatWasInFlightWhenACutBeganIsLostAlsoIfHealedBeforeItsArrival) {
  World world;
  world.send(a, far);
  world.at(ms(10), [&] { world.network.cut(a, far, 4); });
  world.at(ms(11), [&] { world.network.heal(a, far, 4); });
  world.send_at(ms(12), a, far);
  world.send_at(ms(12), b, far);
  world.run();
  EXPECT_EQ(world.arrivals[3], (std::vector<Arrival>{{a, 1, ms(52)}, {b, 2, ms(52)}}));
  EXPECT_EQ(world.network.effect(4).dropped, 1u);
}

TEST(Network, DegradationsMultiplyDelayAndBandwidthAndAreTakenBackOneByOne) {
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
  EXPECT_EQ(world.network.effect(0).delayed, 1u);
  EXPECT_EQ(world.network.effect(1).delayed, 2u);
}

TEST(Network, ADegradationLosesItsShareBesidesTheLinksOwn) {
  LinkProfile profile = link(milliseconds(1));
  profile.loss = {100'000'000};
  World world(settings(profile));
  world.network.degrade(a, b, {.loss = {200'000'000}}, 3);
  stream(world, 200'000, microseconds(10));
  world.run();
  EXPECT_NEAR(static_cast<double>(world.network.effect(3).dropped), 40'000, 800);
  EXPECT_NEAR(static_cast<double>(world.count(b)), 144'000, 2'880);
}

TEST(Network, RemovingAFaultChangesNothingButWhatItCaused) {
  LinkProfile profile = link(milliseconds(1));
  profile.jitter_ppm = 300'000;
  profile.loss = {50'000'000};
  profile.duplication = {50'000'000};
  profile.bits_per_second = 100'000'000;
  const auto arrivals = [&](bool faulty) {
    World world(settings(profile));
    if (faulty) {
      world.at(ms(2), [&] { world.network.degrade(a, b, {.loss = {300'000'000}}, 0); });
      world.at(ms(4), [&] { world.network.cut(a, b, 1); });
      world.at(ms(8), [&] { world.network.heal(a, b, 1); });
    }
    for (int i = 0; i < 2'000; ++i) {
      world.send_at(Instant() + microseconds(10) * i, a, b);
      world.send_at(Instant() + microseconds(10) * i, a, c);
      world.send_at(Instant() + microseconds(10) * i, b, a);
    }
    world.run();
    return std::move(world.arrivals);
  };
  const auto with = arrivals(true);
  const auto without = arrivals(false);
  EXPECT_EQ(with[0], without[0]);
  EXPECT_EQ(with[2], without[2]);
  EXPECT_LT(with[1].size(), without[1].size() * 8 / 10);
  for (const Arrival& spared : with[1]) {
    EXPECT_NE(std::find(without[1].begin(), without[1].end(), spared), without[1].end());
  }
}

TEST(Network, ANodeThatIsDownNeitherSendsNorReceives) {
  World world;
  world.at(ms(1), [&] { world.stop(b); });
  world.send_at(ms(2), a, b);
  world.send_at(ms(2), b, a);
  world.run();
  EXPECT_EQ(world.count(a) + world.count(b), 0u);
  EXPECT_EQ(world.network.totals().sent, 1u);
  EXPECT_EQ(world.dropped(DropReason::receiver_down), 1u);
}

TEST(Network, AMessageToAnEarlierIncarnationIsDropped) {
  World world;
  world.send_at(ms(5), a, far);
  world.at(ms(10), [&] { world.stop(far); });
  world.at(ms(20), [&] { world.start(far); });
  world.send_at(ms(30), a, far);
  world.run();
  EXPECT_EQ(world.arrivals[3], (std::vector<Arrival>{{a, 1, ms(70)}}));
  EXPECT_EQ(world.dropped(DropReason::receiver_restarted), 1u);
}

TEST(Network, AStoppedSenderLosesItsQueueButNotWhatHasLeftIt) {
  LinkProfile profile = link(milliseconds(10));
  profile.bits_per_second = 8'000'000;
  World world(settings(profile));
  for (int i = 0; i < 4; ++i) world.send(a, b, 1'000);
  world.at(Instant() + microseconds(2'500), [&] { world.stop(a); });
  world.at(ms(3), [&] { world.start(a); });
  world.at(ms(4), [&] { world.stop(a); });
  world.run();
  EXPECT_EQ(world.arrivals[1], (std::vector<Arrival>{{a, 0, ms(11)}, {a, 1, ms(12)}}));
  EXPECT_EQ(world.dropped(DropReason::sender_stopped), 2u);
}

TEST(Network, AFullMailboxDropsAndAStopEmptiesIt) {
  Settings small = settings();
  small.mailbox_messages_max = 3;
  World world(small, false);
  for (int i = 0; i < 5; ++i) world.send(a, b);
  world.run();
  EXPECT_EQ(world.dropped(DropReason::mailbox_full), 2u);
  world.network.down(b);
  world.start(b);
  world.send(a, b);
  world.run();
  ASSERT_EQ(world.count(b), 1u);
  EXPECT_EQ(world.arrivals[1][0].number, 5u);
}

TEST(Network, ADeliveryIsCausedByItsSending) {
  World world;
  world.send(a, b);
  world.send(a, c);
  world.run();
  trace::Cursor cursor(world.recorder.trace());
  Event event;
  std::vector<EventId> sent;
  std::vector<EventId> causes;
  while (cursor.next(event)) {
    if (event.kind == EventKind::message_sent) sent.push_back(cursor.id());
    if (event.kind == EventKind::message_delivered) causes.push_back(event.cause);
  }
  EXPECT_EQ(sent.size(), 2u);
  EXPECT_EQ(causes, sent);
}

TEST(Network, RefusesAMessageOverTheLimit) {
  World world;
  EXPECT_THROW(world.send(a, b, env::Network::message_bytes_max + 1), CheckFailed);
  EXPECT_THROW(world.send(a, NodeId(4)), CheckFailed);
}

struct Entry {
  std::uint32_t pair = PairTable<Entry>::no_pair;
  std::uint32_t value = 0;
};

TEST(PairTable, KeepsEveryPairApartWhileItGrows) {
  PairTable<Entry> table;
  for (std::uint32_t pair = 0; pair < 300'000; ++pair) table.find_or_add(pair * 3).value = pair;
  for (std::uint32_t pair = 0; pair < 300'000; ++pair) {
    ASSERT_EQ(table.find(pair * 3)->value, pair);
    ASSERT_EQ(table.find(pair * 3 + 1), nullptr);
  }
}

}  // namespace
}  // namespace blackout::network
