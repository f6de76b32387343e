#include <algorithm>
#include <functional>

#include "tests/models/disk/machine.hpp"

namespace blackout::disk {
namespace {

constexpr std::size_t count = 200'000;

// Measured against declared: median and p99 within 2 %.
void expect_distribution(std::vector<std::int64_t> delays, Duration median, Duration p99) {
  ASSERT_EQ(delays.size(), count);
  std::sort(delays.begin(), delays.end());
  EXPECT_NEAR(static_cast<double>(delays[count / 2]), static_cast<double>(median.ns()),
              static_cast<double>(median.ns()) * 0.02);
  EXPECT_NEAR(static_cast<double>(delays[count / 100 * 99]), static_cast<double>(p99.ns()),
              static_cast<double>(p99.ns()) * 0.02);
}

std::vector<std::int64_t> measured(Machine& machine, const std::function<void(FileId)>& operation) {
  std::vector<std::int64_t> delays;
  machine.run([&] {
    const FileId file = machine.disk.open("log", true).value();
    for (std::size_t i = 0; i < count; ++i) {
      const Instant before = machine.kernel.now();
      operation(file);
      delays.push_back((machine.kernel.now() - before).ns());
    }
  });
  return delays;
}

TEST(Latency, OfASyncIsThatOfTheProfile) {
  Profile profile;
  profile.bytes_per_second = 0;
  Machine machine(profile);
  expect_distribution(measured(machine, [&](FileId file) { ASSERT_TRUE(machine.disk.sync(file)); }),
                      profile.sync_median, profile.sync_p99);
}

TEST(Latency, OfAReadFromTheDeviceIsThatOfTheProfile) {
  Profile profile;
  profile.bytes_per_second = 0;
  profile.survival = {1'000'000'000};
  Machine machine(profile);
  machine.run([&] {
    const FileId file = machine.disk.open("log", true).value();
    (void)machine.disk.write(file, 0, Bytes{1, 2});
    (void)machine.disk.sync(file);
  });
  machine.cycle_power();
  expect_distribution(
      measured(machine, [&](FileId file) { ASSERT_TRUE(machine.disk.read(file, 0, 1)); }),
      profile.read_median, profile.read_p99);
}

}  // namespace
}  // namespace blackout::disk
