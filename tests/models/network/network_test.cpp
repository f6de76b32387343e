#include "models/network/network.hpp"

#include <gtest/gtest.h>

#include "tests/models/network/world.hpp"

namespace blackout::network {
namespace {

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
}

TEST(Network, AMessageToNoNodeIsLostAndSaidToBe) {
  World world;
  world.send(a, NodeId(4));
  world.send(a, no_node);
  world.run();
  EXPECT_EQ(world.dropped(DropReason::nobody), 2u);
  EXPECT_EQ(world.network.totals().sent, 2u);
  trace::Cursor cursor(world.recorder.trace());
  for (Event event; cursor.next(event);) {
    EXPECT_EQ(event.kind, EventKind::message_dropped);
    EXPECT_EQ(event.a, 0u);
  }
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
