// A fault changes what it causes, and not a nanosecond else.
#include <gtest/gtest.h>

#include <functional>
#include <iterator>
#include <string_view>
#include <tuple>

#include "tests/models/network/world.hpp"

namespace blackout::network {
namespace {

struct Case {
  const char* name;
  std::function<void(Network&)> begin, end;
  bool adds = false;  // copies, besides what it takes
};

Case degradation(const char* name, const Degradation& degradation, bool adds = false) {
  return {name, [degradation](Network& network) { network.degrade(a, b, degradation, 3); },
          [](Network& network) { network.restore(a, b, 3); }, adds};
}

std::vector<Case> cases() {
  return {
      {"cut", [](Network& network) { network.cut(a, b, 3); },
       [](Network& network) { network.heal(a, b, 3); }},
      {"hold", [](Network& network) { network.hold(a, b, 3); },
       [](Network& network) { network.release(a, b, 3); }},
      {"flap",
       [](Network& network) {
         network.flap(a, b, {milliseconds(3), milliseconds(1)}, 3);
       },
       [](Network& network) { network.settle(a, b, 3); }},
      {"reset", [](Network&) {}, [](Network& network) { network.reset(a, b, 3); }},
      degradation("slow", {.delay_permille = 3'000}),
      degradation("delay", {.delay_added = milliseconds(1)}),
      degradation("tail", {.tail_median = milliseconds(1), .tail_p99 = milliseconds(9)}),
      degradation("loss", {.loss = {300'000'000}}),
      degradation("mtu", {.message_bytes_max = 400}),
      degradation("bandwidth", {.bits_per_second = 10'000'000}),
      degradation("reordering",
                  {.reordering = {300'000'000}, .reordering_delay_max = milliseconds(5)}),
      degradation("duplication", {.duplication = {300'000'000}}, true),
  };
}

// Messages of 300 and 500 bytes every 10 us on three links, the fault from 2 to 8 ms.
void run(World& world, const Case* fault) {
  if (fault != nullptr) {
    world.at(ms(2), [&world, fault] { fault->begin(world.network); });
    world.at(ms(8), [&world, fault] { fault->end(world.network); });
  }
  for (int i = 0; i < 2'000; ++i) {
    const Instant when = Instant() + microseconds(10) * i;
    for (const auto& [from, to] : {std::pair(a, b), {a, c}, {b, a}, {far, b}}) {
      world.send_at(when, from, to, i % 2 == 0 ? 300 : 500);
    }
  }
  world.run();
}

// The arrivals from `from` that are in `these` and not in `those`.
std::size_t only_in(std::vector<Arrival> these, std::vector<Arrival> those, NodeId from) {
  const auto order = [](const Arrival& x, const Arrival& y) {
    return std::tie(x.from, x.number, x.at) < std::tie(y.from, y.number, y.at);
  };
  std::sort(these.begin(), these.end(), order);
  std::sort(those.begin(), those.end(), order);
  std::vector<Arrival> result;
  std::set_difference(these.begin(), these.end(), those.begin(), those.end(),
                      std::back_inserter(result), order);
  return static_cast<std::size_t>(std::count_if(
      result.begin(), result.end(), [from](const Arrival& one) { return one.from == from; }));
}

// Every message that the fault counts is missing from its place, and only those are.
TEST(Separation, WhatAFaultChangesIsExactlyWhatItCounts) {
  LinkProfile profile = link(milliseconds(1));
  profile.jitter_ppm = 300'000;
  World without(settings(profile));
  run(without, nullptr);
  for (const Case& fault : cases()) {
    SCOPED_TRACE(fault.name);
    World with(settings(profile));
    run(with, &fault);
    const std::uint64_t effect = with.network.effect(3);
    EXPECT_GT(effect, 50u);
    EXPECT_LT(effect, 1'200u);
    const std::size_t missing = only_in(without.arrivals[1], with.arrivals[1], a) +
                                only_in(without.arrivals[0], with.arrivals[0], b);
    EXPECT_EQ(missing, fault.adds ? 0 : effect);
    if (fault.adds) {
      EXPECT_EQ(only_in(with.arrivals[1], without.arrivals[1], a), effect);
    }
    EXPECT_EQ(only_in(without.arrivals[1], with.arrivals[1], far), 0u);
    EXPECT_EQ(only_in(with.arrivals[1], without.arrivals[1], far), 0u);
    EXPECT_EQ(with.arrivals[2], without.arrivals[2]);
    if (std::string_view(fault.name) != "reset") {
      EXPECT_EQ(with.arrivals[0], without.arrivals[0]);
    }
  }
}

// On links with everything: a fault on one of them leaves the others as they were.
TEST(Separation, OtherLinksDrawAsIfTheFaultWereNotThere) {
  LinkProfile profile = link(milliseconds(1));
  profile.jitter_ppm = 300'000;
  profile.loss = {50'000'000};
  profile.duplication = {50'000'000};
  profile.bits_per_second = 1'000'000'000;
  World without(settings(profile));
  run(without, nullptr);
  for (const Case& fault : cases()) {
    SCOPED_TRACE(fault.name);
    World with(settings(profile));
    run(with, &fault);
    EXPECT_GT(only_in(with.arrivals[1], without.arrivals[1], a) +
                  only_in(without.arrivals[1], with.arrivals[1], a),
              0u);
    EXPECT_EQ(with.arrivals[2], without.arrivals[2]);
    if (std::string_view(fault.name) != "reset") {
      EXPECT_EQ(with.arrivals[0], without.arrivals[0]);
    }
    // What a sent after the fault had ended and its queue had drained.
    const auto late = [](const World& world) {
      std::vector<Arrival> result;
      for (const Arrival& arrival : world.arrivals[1]) {
        if (arrival.number >= 4 * 1'900) result.push_back(arrival);
      }
      return result;
    };
    EXPECT_EQ(late(with), late(without));
  }
}

// Two faults on one link: taking one away leaves what the other draws.
TEST(Separation, TwoFaultsOnOneLinkDrawApart) {
  World both, one;
  both.network.degrade(a, b, {.loss = {300'000'000}}, 0);
  for (World* world : {&both, &one}) {
    world->network.degrade(a, b, {.delay_added = milliseconds(1), .loss = {200'000'000}}, 1);
    run(*world, nullptr);
  }
  EXPECT_EQ(only_in(both.arrivals[1], one.arrivals[1], a), 0u);
  EXPECT_GT(only_in(one.arrivals[1], both.arrivals[1], a), 400u);
}

}  // namespace
}  // namespace blackout::network
