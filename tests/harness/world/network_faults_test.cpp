// Every fault of the network, from the Plan to what arrives of the platform's messages.
#include <gtest/gtest.h>

#include "models/network/drop_reason.hpp"
#include "tests/harness/world/fault_runs.hpp"

namespace blackout::world {
namespace {

using fault::Fault;
using fault::Kind;
using network::DropReason;
using testing::between;
using testing::events;
using testing::fault_end;
using testing::fault_on;
using testing::fault_start;
using testing::run_with;

constexpr NodeId a{0}, b{1}, c{2};
constexpr Instant never = Instant::never();
constexpr Duration one_way = milliseconds(10);  // of each link of the small plan

Fault on_links(Kind kind, std::vector<fault::Link> links) {
  Fault fault = fault_on(kind, 0);
  fault.nodes.clear();
  fault.links = std::move(links);
  return fault;
}
Fault between_a_and_b(Kind kind) { return on_links(kind, {{a, b}, {b, a}}); }

std::uint64_t effect(const Result& result) { return result.faults.at(0).effect; }

// What arrived over one link: when it was sent, and how long it took.
struct Arrival {
  Instant sent;
  Duration delay;
  std::uint64_t bytes;
};

std::vector<Arrival> arrivals(const Result& result, NodeId from, NodeId to) {
  std::vector<Arrival> found;
  for (const Event& event : events(result, EventKind::message_delivered, to)) {
    if (event.a != node_word(from)) continue;
    const Duration delay(static_cast<std::int64_t>(event.c));
    found.push_back({event.at - delay, delay, event.b});
  }
  return found;
}

std::vector<Arrival> sent_within(const std::vector<Arrival>& all, Instant from, Instant to) {
  std::vector<Arrival> found;
  for (const Arrival& one : all) {
    if (one.sent >= from && one.sent < to) found.push_back(one);
  }
  return found;
}

std::vector<Arrival> sent_meanwhile(const Result& result, NodeId from, NodeId to) {
  return sent_within(arrivals(result, from, to), fault_start, fault_end);
}

Duration longest_delay(const std::vector<Arrival>& all) {
  Duration most;
  for (const Arrival& one : all) most = std::max(most, one.delay);
  return most;
}

std::size_t overtaken(const std::vector<Arrival>& all) {
  std::size_t count = 0;
  for (std::size_t i = 1; i < all.size(); ++i) count += all[i].sent < all[i - 1].sent ? 1 : 0;
  return count;
}

std::vector<Event> drops(const Result& result, DropReason reason) {
  std::vector<Event> found = events(result, EventKind::message_dropped);
  std::erase_if(found, [reason](const Event& event) {
    return event.c != static_cast<std::uint64_t>(reason);
  });
  return found;
}

// The link's own delay, and nothing lost, for all that was sent from then on.
void expect_sound(const Result& result, NodeId from, NodeId to, Instant since) {
  const auto after = sent_within(arrivals(result, from, to), since, never);
  EXPECT_GT(after.size(), 20u);
  for (const Arrival& one : after) EXPECT_EQ(one.delay, one_way);
  EXPECT_EQ(between(events(result, EventKind::message_dropped), since + seconds(1), never), 0u);
}

TEST(SmallPlan, LosesAndDelaysNothingWithoutAFault) {
  const Result result = run_with({});
  EXPECT_TRUE(events(result, EventKind::message_dropped).empty());
  EXPECT_TRUE(events(result, EventKind::message_duplicated).empty());
  EXPECT_TRUE(events(result, EventKind::message_corrupted).empty());
  EXPECT_EQ(overtaken(arrivals(result, a, b)), 0u);
  EXPECT_EQ(longest_delay(arrivals(result, a, b)), one_way);
  EXPECT_GT(sent_meanwhile(result, a, b).size(), 50u);
}

TEST(Fault, PartitionLosesWhatIsSentFromOneSideToTheOther) {
  const Result result = run_with({between_a_and_b(Kind::partition)});
  EXPECT_GT(effect(result), 0u);
  EXPECT_EQ(drops(result, DropReason::cut).size(), effect(result));
  EXPECT_TRUE(sent_meanwhile(result, a, b).empty());
  EXPECT_TRUE(sent_meanwhile(result, b, a).empty());
  EXPECT_FALSE(sent_meanwhile(result, a, c).empty());
  expect_sound(result, a, b, fault_end);
}

TEST(Fault, PartitionOfOneWayLeavesTheOther) {
  const Result result = run_with({on_links(Kind::partition, {{a, b}})});
  EXPECT_GT(effect(result), 0u);
  EXPECT_TRUE(sent_meanwhile(result, a, b).empty());
  EXPECT_FALSE(sent_meanwhile(result, b, a).empty());
}

TEST(Fault, LinkDegradedStretchesEveryDelay) {
  Fault fault = between_a_and_b(Kind::link_degraded);
  fault.rtt_permille = 4'000;
  const Result result = run_with({fault});
  const auto slow = sent_meanwhile(result, a, b);
  EXPECT_GT(slow.size(), 20u);
  EXPECT_GE(effect(result), slow.size());
  for (const Arrival& one : slow) EXPECT_EQ(one.delay, one_way * 4);
  expect_sound(result, a, b, fault_end);
}

TEST(Fault, LinkDegradedDelaysAThousandfoldToo) {
  Fault fault = between_a_and_b(Kind::link_degraded);
  fault.rtt_permille = 1'000'000;
  const Result result = run_with({fault});
  EXPECT_EQ(longest_delay(arrivals(result, a, b)), seconds(10));
}

TEST(Fault, LinkDegradedInOneDirectionIsAsymmetric) {
  Fault fault = on_links(Kind::link_degraded, {{a, b}});
  fault.delay = milliseconds(50);
  const Result result = run_with({fault});
  EXPECT_GT(effect(result), 0u);
  for (const Arrival& one : sent_meanwhile(result, a, b)) {
    EXPECT_EQ(one.delay, one_way + milliseconds(50));
  }
  for (const Arrival& one : sent_meanwhile(result, b, a)) EXPECT_EQ(one.delay, one_way);
  expect_sound(result, a, b, fault_end);
}

TEST(Fault, LinkDegradedByATailDelaysFewMessagesFarMoreThanMost) {
  Fault fault = between_a_and_b(Kind::link_degraded);
  fault.tail_median = milliseconds(1);
  fault.tail_p99 = milliseconds(200);
  const Result result = run_with({fault});
  const auto slow = sent_meanwhile(result, a, b);
  EXPECT_GT(effect(result), 0u);
  const auto late = std::count_if(slow.begin(), slow.end(), [](const Arrival& one) {
    return one.delay > one_way + milliseconds(1);
  });
  EXPECT_GT(static_cast<std::size_t>(late) * 3, slow.size());
  EXPECT_LT(static_cast<std::size_t>(late) * 3, slow.size() * 2);
  EXPECT_GT(longest_delay(slow), milliseconds(80));
  expect_sound(result, a, b, fault_end);
}

TEST(Fault, LinkDegradedLosesItsShare) {
  Fault fault = between_a_and_b(Kind::link_degraded);
  fault.loss = {300'000'000};
  const Result result = run_with({fault});
  EXPECT_GT(effect(result), 0u);
  EXPECT_EQ(drops(result, DropReason::loss).size(), effect(result));
  expect_sound(result, a, b, fault_end);
}

TEST(Fault, LinkDegradedDoublesItsShareAndNothingTakesEffectTwice) {
  Fault fault = between_a_and_b(Kind::link_degraded);
  fault.duplication = {500'000'000};
  const Result result = run_with({fault});
  EXPECT_GT(effect(result), 0u);
  const auto doubled = events(result, EventKind::message_duplicated);
  EXPECT_EQ(doubled.size(), effect(result));
  EXPECT_EQ(between(doubled, fault_start, fault_end), doubled.size());
  for (const record::Audit& audit : result.history.audits) {
    for (const record::AuditedAccount& account : audit.accounts) {
      std::vector<OperationId> entries = account.entries;
      std::sort(entries.begin(), entries.end());
      EXPECT_EQ(std::adjacent_find(entries.begin(), entries.end()), entries.end());
    }
  }
}

TEST(Fault, LinkDegradedLetsLaterMessagesOvertake) {
  Fault fault = between_a_and_b(Kind::link_degraded);
  fault.reordering = {300'000'000};
  fault.reordering_by = milliseconds(80);
  const Result result = run_with({fault});
  EXPECT_GT(effect(result), 0u);
  EXPECT_GT(overtaken(arrivals(result, a, b)), 0u);
  expect_sound(result, a, b, fault_end);
}

TEST(Fault, LinkDegradedToANarrowOneQueuesMessagesAndLosesWhatFindsNoRoom) {
  Fault fault = between_a_and_b(Kind::link_degraded);
  fault.bandwidth_bits_per_s = 30'000;
  fault.queue_bytes = 600;
  const Result result = run_with({fault});
  EXPECT_GT(effect(result), 0u);
  const auto slow = sent_meanwhile(result, a, b);
  std::uint64_t largest = 0;
  for (const Arrival& one : slow) largest = std::max(largest, one.bytes);
  // A full queue's worth before it, and itself.
  const auto bits = static_cast<std::int64_t>((600 + largest) * 8);
  const Duration waited = longest_delay(slow) - one_way;
  EXPECT_GT(waited, milliseconds(40));
  EXPECT_LE(waited, seconds(bits) / 30'000);
  EXPECT_GT(drops(result, DropReason::queue_full).size(), 0u);
  expect_sound(result, a, b, fault_end + milliseconds(500));
}

// One sender of zeros: what a checksum would have missed would show.
TEST(Fault, LinkCorruptedFlipsBitsOfItsShareAndTheChecksumDropsThem) {
  Fault fault = on_links(Kind::link_corrupted, {{a, b}});
  fault.share = {500'000'000};
  fault.bits = 3;
  std::uint64_t sent = 0, arrived = 0, changed = 0;
  testing::Servers servers([&](NodeId self, env::Environment& environment) {
    if (self == a) {
      while (true) {
        environment.network.send(b, Bytes(64));
        ++sent;
        environment.tasks.sleep(milliseconds(10));
      }
    }
    while (true) {
      const Bytes message = environment.network.receive().message;
      ++arrived;
      changed += message != Bytes(64);
    }
  });
  const scenario::Plan plan = testing::plan_with({fault});
  World world(plan, servers);
  const Result result = world.run();
  EXPECT_GT(effect(result), 150u);
  EXPECT_LT(effect(result), 250u);
  EXPECT_EQ(changed, 0u);
  const auto told = events(result, EventKind::message_corrupted);
  EXPECT_EQ(told.size(), effect(result));
  EXPECT_EQ(between(told, fault_start, fault_end), told.size());
  EXPECT_EQ(drops(result, DropReason::corrupted).size(), effect(result));
  // The last one may still be on its way.
  EXPECT_GE(arrived + effect(result) + 1, sent);
  EXPECT_LE(arrived + effect(result), sent);
}

TEST(Fault, MtuBlackHoleSwallowsWhatIsLargeAndLetsTheRestPass) {
  Fault fault = on_links(Kind::mtu_black_hole, {{a, b}, {b, a}, {a, c}, {c, a}});
  fault.size_bytes = 90;
  const auto is_large = [](const Arrival& one) { return one.bytes > 90; };
  const auto usual = sent_meanwhile(run_with({}), a, b);
  EXPECT_GT(std::count_if(usual.begin(), usual.end(), is_large), 20);
  const Result result = run_with({fault});
  const auto lost = drops(result, DropReason::too_large);
  EXPECT_GT(effect(result), 0u);
  EXPECT_EQ(lost.size(), effect(result));
  for (const Event& event : lost) EXPECT_GT(event.b, 90u);
  const auto passed = sent_meanwhile(result, a, b);
  EXPECT_GT(passed.size(), 10u);
  EXPECT_EQ(std::count_if(passed.begin(), passed.end(), is_large), 0);
  expect_sound(result, a, b, fault_end);
}

TEST(Fault, LinkHeldDelaysButLosesNothing) {
  const Result result = run_with({between_a_and_b(Kind::link_held)});
  const auto held = sent_within(arrivals(result, a, b), fault_start - one_way, fault_end);
  EXPECT_GT(held.size(), 5u);
  std::size_t to_b = 0;
  for (const Arrival& one : held) to_b += one.sent + one.delay == fault_end ? 1 : 0;
  EXPECT_GT(to_b, 5u);
  EXPECT_GE(effect(result), to_b);
  EXPECT_GT(longest_delay(held), milliseconds(3'800));
  for (const NodeId to : {a, b}) {
    for (const Arrival& one : arrivals(result, to == a ? b : a, to)) {
      const Instant arrived = one.sent + one.delay;
      EXPECT_FALSE(arrived > fault_start && arrived < fault_end);
    }
  }
  EXPECT_TRUE(events(result, EventKind::message_dropped).empty());
  expect_sound(result, a, b, fault_end);
}

TEST(Fault, LinkFlappingCutsTheFirstPartOfEachPeriod) {
  Fault fault = between_a_and_b(Kind::link_flapping);
  fault.period = seconds(1);
  fault.duty = {400'000'000};
  const Result result = run_with({fault});
  EXPECT_EQ(drops(result, DropReason::flapping).size(), effect(result));
  const auto arrived = arrivals(result, a, b);
  for (int spell = 0; spell < 4; ++spell) {
    const Instant begins = fault_start + seconds(spell);
    const Instant ends = begins + milliseconds(400);
    EXPECT_GT(between(drops(result, DropReason::flapping), begins, ends + one_way), 0u);
    EXPECT_TRUE(sent_within(arrived, begins, ends).empty());
    EXPECT_FALSE(sent_within(arrived, ends, begins + milliseconds(990)).empty());
  }
  expect_sound(result, a, b, fault_end);
}

TEST(Fault, ConnectionResetLosesWhatIsInFlightAndNothingAfter) {
  std::vector<fault::Link> all;
  for (std::uint32_t from = 0; from < 6; ++from) {
    for (std::uint32_t to = 0; to < 6; ++to) {
      if (from != to) all.push_back({NodeId(from), NodeId(to)});
    }
  }
  const Result result = run_with({on_links(Kind::connection_reset, all)});
  const auto lost = events(result, EventKind::message_dropped);
  EXPECT_GT(effect(result), 0u);
  EXPECT_EQ(lost.size(), effect(result));
  EXPECT_EQ(drops(result, DropReason::reset).size(), effect(result));
  EXPECT_EQ(between(lost, fault_start, fault_start + one_way + milliseconds(1)), lost.size());
  EXPECT_EQ(result.faults[0].end, record::FaultEnd::moment);
  expect_sound(result, a, b, fault_start + one_way);
}

}  // namespace
}  // namespace blackout::world
