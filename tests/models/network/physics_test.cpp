// The links that nothing breaks, measured against their profiles.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <utility>

#include "tests/models/network/world.hpp"

namespace blackout::network {
namespace {

TEST(Physics, DelayHasTheQuantilesOfItsExponentialJitter) {
  for (const std::uint32_t jitter_ppm : {100'000u, 1'000'000u}) {
    LinkProfile profile = link(milliseconds(10));
    profile.jitter_ppm = jitter_ppm;
    World world(settings(profile));
    constexpr int count = 200'000;
    stream(world, count, seconds(1) / 10);
    world.run();
    std::vector<std::int64_t> delays;
    for (const Arrival& arrival : world.arrivals[1]) {
      const Instant sent = Instant() + milliseconds(100) * (arrival.number + 1);
      delays.push_back((arrival.at - sent).ns());
    }
    ASSERT_EQ(delays.size(), static_cast<std::size_t>(count));
    std::sort(delays.begin(), delays.end());
    EXPECT_GE(delays.front(), 10'000'000);
    for (const double quantile : {0.01, 0.5, 0.9, 0.99}) {
      const auto measured = static_cast<double>(delays[static_cast<std::size_t>(count * quantile)]);
      const double tail = -std::log(1 - quantile) * jitter_ppm / 1e6;
      EXPECT_NEAR(measured, 10e6 * (1 + tail), 10e6 * (1 + tail) * 0.02) << quantile;
      // Its random part alone, where enough lie below the quantile to measure it.
      if (quantile < 0.5) continue;
      EXPECT_NEAR(measured - 10e6, 10e6 * tail, 10e6 * tail * 0.02) << quantile;
    }
  }
}

TEST(Physics, LosesTheShareOfItsProfile) {
  for (const std::uint32_t ppb : {20'000'000u, 200'000'000u}) {
    LinkProfile profile = link(milliseconds(1));
    profile.loss = {ppb};
    World world(settings(profile));
    constexpr int count = 500'000;
    stream(world, count, microseconds(10));
    world.run();
    const double expected = count * (ppb / 1e9);
    EXPECT_NEAR(static_cast<double>(world.dropped(DropReason::loss)), expected, expected * 0.02);
    EXPECT_EQ(world.count(b) + world.dropped(DropReason::loss), static_cast<std::size_t>(count));
  }
}

// `count` messages of 1'000 bytes from a to b with exponential gaps; how long each waited on
// average, in ns, beyond the millisecond that it is transmitted in and the millisecond of delay.
double mean_wait(World& world, std::int64_t mean_gap_ns, std::uint32_t count) {
  const random::Key gaps(99);
  std::vector<Instant> sent;
  std::function<void()> next = [&] {
    sent.push_back(world.kernel.now());
    world.send(a, b, 1'000);
    if (sent.size() == count) return;
    const Duration gap(random::exponential(gaps.draw(sent.size()), mean_gap_ns));
    world.at(world.kernel.now() + gap, [&next] { next(); });
  };
  world.at(Instant(), [&next] { next(); });
  world.run();
  EXPECT_EQ(world.count(b), count);
  double wait = 0;
  for (const Arrival& arrival : world.arrivals[1]) {
    wait += static_cast<double>((arrival.at - sent[arrival.number] - milliseconds(2)).ns());
  }
  return wait / count;
}

// M/D/1 (Pollaczek and Khinchine): the mean wait is rho / (2 mu (1 - rho)), 1 / mu a millisecond.
TEST(Physics, WaitsInTheQueueAsASingleServerQueuePredicts) {
  // The closer to 1, the longer a busy spell, and the more arrivals an average needs.
  for (const auto& [rho, count] : {std::pair(0.5, 100'000u), {0.7, 200'000u}, {0.9, 600'000u}}) {
    LinkProfile profile = link(milliseconds(1));
    profile.bits_per_second = 8'000'000;
    World world(settings(profile));
    const double expected = 1e6 * rho / (2 * (1 - rho));
    const double measured = mean_wait(world, static_cast<std::int64_t>(1e6 / rho), count);
    EXPECT_NEAR(measured, expected, expected * 0.05) << rho;
  }
}

// The same with a limit that a fault sets on an unlimited link.
TEST(Physics, WaitsInTheQueueOfABandwidthFaultAsWell) {
  World world(settings(link(milliseconds(1))));
  world.network.degrade(a, b, {.bits_per_second = 8'000'000}, 0);
  const double expected = 1e6 * 0.7 / (2 * (1 - 0.7));
  EXPECT_NEAR(mean_wait(world, static_cast<std::int64_t>(1e6 / 0.7), 200'000), expected,
              expected * 0.05);
  EXPECT_EQ(world.network.effect(0), 200'000u);
}

}  // namespace
}  // namespace blackout::network
