#include <algorithm>
#include <bit>

#include "host/base/check.hpp"
#include "tests/models/disk/machine.hpp"

namespace blackout::disk {
namespace {

constexpr random::Probability always{1'000'000'000};

Profile surviving(random::Probability survival) {
  Profile profile = exact();
  profile.survival = survival;
  return profile;
}

// A machine whose file "log" holds `size` durable bytes of value 1.
struct Written : Machine {
  explicit Written(std::size_t size, std::uint64_t seed = 1, random::Probability survival = {})
      : Machine(surviving(survival), seed) {
    run([&] {
      const FileId file = disk.open("log", true).value();
      (void)disk.write(file, 0, filled(size, 1));
      (void)disk.sync(file);
    });
  }
  // A write of these bytes, durable if `sync`.
  void overwrite(std::uint64_t offset, const Bytes& bytes, bool sync) {
    run([&] {
      const FileId file = disk.open("log", false).value();
      ASSERT_TRUE(disk.write(file, offset, bytes));
      if (sync) {
        ASSERT_TRUE(disk.sync(file));
      }
    });
  }
  void restart_process() {
    crash();
    restart();
  }
  Result<Bytes, DiskError> read_log(std::uint64_t offset, std::size_t size) {
    Result<Bytes, DiskError> result = Bytes{};
    run([&] { result = disk.read(disk.open("log", false).value(), offset, size); });
    return result;
  }
};

std::size_t wrong_bits(const Bytes& bytes) {
  std::size_t count = 0;
  for (const std::uint8_t byte : bytes) {
    count += static_cast<std::size_t>(std::popcount(static_cast<unsigned>(byte ^ 1)));
  }
  return count;
}

TEST(Rot, IsHiddenByThePageCacheUntilTheNodeStartsAgain) {
  for (const bool power_loss : {false, true}) {
    Written machine(2'000);
    machine.disk.rot(5, 3);
    EXPECT_EQ(wrong_bits(machine.content("log")), 0u);
    if (power_loss) {
      machine.cycle_power();
    } else {
      machine.restart_process();
    }
    EXPECT_EQ(wrong_bits(machine.content("log")), 5u);
    EXPECT_EQ(machine.disk.effect(3), 5u);
    EXPECT_EQ(machine.events(EventKind::disk_bit_flipped), 5u);
    EXPECT_EQ(machine.disk.used_bytes(), 2'000u);
  }
}

TEST(Rot, IsSeenAtOnceWhereNothingIsCached) {
  Written machine(2'000);
  machine.cycle_power();
  machine.disk.rot(3, 3);
  EXPECT_EQ(wrong_bits(machine.content("log")), 3u);
}

TEST(Rot, FlipsEveryBitOnceIfThereAreNoMore) {
  Written machine(2);
  machine.disk.rot(1'000, 3);
  machine.cycle_power();
  EXPECT_EQ(machine.content("log"), filled(2, 0xFE));
  EXPECT_EQ(machine.disk.effect(3), 16u);
}

TEST(Rot, OfAnEmptyDiskHasNoEffect) {
  Machine machine;
  machine.disk.rot(10, 3);
  EXPECT_EQ(machine.disk.effect(3), 0u);
}

TEST(Rot, FallsOnAnyFileAndHitsOtherBitsUnderAnotherTag) {
  std::set<Values> outcomes;
  for (FaultTag tag = 0; tag < 64; ++tag) {
    Machine machine;
    machine.run([&] {
      for (const char* name : {"a", "b"}) {
        const FileId file = machine.disk.open(name, true).value();
        (void)machine.disk.write(file, 0, Bytes{0});
        (void)machine.disk.sync(file);
      }
    });
    machine.disk.rot(1, tag);
    machine.cycle_power();
    outcomes.insert({machine.content("a")[0], machine.content("b")[0]});
  }
  EXPECT_GT(outcomes.size(), 12u);
  EXPECT_LE(outcomes.size(), 16u);
}

TEST(Rot, OfASectorEndsWhenAWriteToItBecomesDurable) {
  for (const bool sync : {false, true}) {
    Written machine(512);
    machine.disk.rot(4, 3);
    machine.overwrite(10, Bytes{1}, sync);
    machine.restart_process();
    EXPECT_EQ(wrong_bits(machine.content("log")), 0u) << "the page cache has it to write";
    machine.crash();
    if (!sync) machine.disk.lose_power();
    machine.restart();
    EXPECT_EQ(wrong_bits(machine.content("log")) > 0, !sync);
  }
}

TEST(Rot, OfASectorEndsWhenAWriteToItSurvivesThePowerLoss) {
  Written machine(512, 1, always);
  machine.disk.rot(4, 3);
  machine.overwrite(10, Bytes{1}, false);
  machine.cycle_power();
  EXPECT_EQ(wrong_bits(machine.content("log")), 0u);
}

TEST(Damage, IsInputOutputFromTheDeviceAndHiddenByThePageCache) {
  Written machine(8 * 512);
  machine.disk.damage(3, 4);
  EXPECT_EQ(machine.content("log"), filled(8 * 512, 1));
  EXPECT_EQ(machine.disk.effect(4), 0u);
  machine.restart_process();
  std::vector<std::size_t> bad;
  for (std::size_t sector = 0; sector < 8; ++sector) {
    if (!machine.read_log(sector * 512, 512)) bad.push_back(sector);
  }
  ASSERT_FALSE(bad.empty());
  EXPECT_LE(bad.size(), 3u);
  EXPECT_EQ(bad.back() - bad.front() + 1, bad.size());
  EXPECT_EQ(machine.disk.effect(4), bad.size());
  EXPECT_EQ(machine.read_log(0, 8 * 512).error(), DiskError::input_output);
  machine.disk.mend(4);
  EXPECT_EQ(machine.content("log"), filled(8 * 512, 1));
  EXPECT_THROW(machine.disk.mend(4), CheckFailed);
}

TEST(Damage, FallsOnAnySectorsAndIsCutAtTheEndOfTheFile) {
  std::set<std::size_t> counts;
  std::set<std::size_t> first;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Written machine(4 * 512, seed);
    machine.disk.damage(2, 4);
    machine.cycle_power();
    std::vector<std::size_t> bad;
    for (std::size_t sector = 0; sector < 4; ++sector) {
      if (!machine.read_log(sector * 512, 512)) bad.push_back(sector);
    }
    counts.insert(bad.size());
    first.insert(bad.front());
  }
  EXPECT_EQ(counts, (std::set<std::size_t>{1, 2}));
  EXPECT_EQ(first, (std::set<std::size_t>{0, 1, 2, 3}));
}

TEST(Damage, OfASectorEndsWhenItIsRewrittenAsAWholeAndSynced) {
  for (const bool sync : {false, true}) {
    Written machine(2 * 512);
    machine.disk.damage(2, 4);
    machine.disk.damage(2, 5);
    machine.cycle_power();
    machine.run([&] {
      Disk& disk = machine.disk;
      const FileId file = disk.open("log", false).value();
      EXPECT_EQ(disk.write(file, 600, Bytes{2}).error(), DiskError::input_output) << "a part";
      ASSERT_TRUE(disk.write(file, 0, filled(1'024, 2)));
      EXPECT_EQ(disk.read(file, 0, 1'024).value(), filled(1'024, 2)) << "from the cache";
      if (sync) {
        ASSERT_TRUE(disk.sync(file));
      }
    });
    machine.crash();
    if (!sync) machine.disk.lose_power();
    machine.restart();
    const auto left = machine.read_log(0, 1'024);
    EXPECT_EQ(left.ok(), sync);
    if (sync) {
      EXPECT_EQ(left.value(), filled(1'024, 2));
    }
  }
}

TEST(Damage, OfSeveralFaultsIsTakenBackOneByOne) {
  Written machine(512);
  machine.disk.damage(1, 4);
  machine.disk.damage(1, 5);
  machine.cycle_power();
  EXPECT_FALSE(machine.read_log(0, 1));
  machine.disk.mend(4);
  EXPECT_FALSE(machine.read_log(0, 1));
  EXPECT_EQ(machine.disk.effect(4), 1u);
  EXPECT_EQ(machine.disk.effect(5), 2u);
  machine.disk.mend(5);
  EXPECT_TRUE(machine.read_log(0, 1));
}

TEST(Misdirected, AWriteLandsSectorsAwayAndItsPlaceKeepsWhatItHeld) {
  std::set<std::size_t> places;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Written machine(4 * 512, seed);
    machine.disk.misdirect(always, 6);
    machine.overwrite(512 + 10, filled(100, 2), true);
    machine.disk.aim(6);
    Bytes meant = filled(4 * 512, 1);
    std::fill_n(meant.begin() + 522, 100, std::uint8_t{2});
    EXPECT_EQ(machine.content("log"), meant) << "the page cache hides it";
    machine.restart_process();
    const Bytes left = machine.content("log");
    const auto landed = static_cast<std::size_t>(
        std::find(left.begin(), left.end(), std::uint8_t{2}) - left.begin());
    ASSERT_LT(landed, left.size());
    places.insert(landed);
    Bytes expected = filled(4 * 512, 1);
    std::fill_n(expected.begin() + static_cast<std::ptrdiff_t>(landed), 100, std::uint8_t{2});
    EXPECT_EQ(left, expected);
    EXPECT_EQ(machine.disk.effect(6), 1u);
    EXPECT_EQ(machine.events(EventKind::disk_write_misdirected), 1u);
  }
  EXPECT_EQ(places, (std::set<std::size_t>{10, 1'034, 1'546}));
}

TEST(Misdirected, AnAppendLeavesZerosWhereItBelonged) {
  Written machine(512);
  machine.disk.misdirect(always, 6);
  machine.overwrite(512, filled(100, 2), true);
  machine.restart_process();
  Bytes expected = filled(612, 0);
  std::fill_n(expected.begin(), 100, std::uint8_t{2});
  std::fill_n(expected.begin() + 100, 412, std::uint8_t{1});
  EXPECT_EQ(machine.content("log"), expected);
}

TEST(Misdirected, AWriteThatSurvivesAPowerLossIsAstrayToo) {
  Written machine(512, 1, always);
  machine.disk.misdirect(always, 6);
  machine.overwrite(512, filled(512, 2), false);
  machine.cycle_power();
  Bytes expected = filled(512, 2);
  expected.resize(1'024);
  EXPECT_EQ(machine.content("log"), expected);
  EXPECT_EQ(machine.disk.used_bytes(), 1'024u);
}

TEST(Misdirected, AWriteWithNoOtherPlaceInItsFileIsNot) {
  Written machine(512);
  machine.disk.misdirect(always, 6);
  machine.overwrite(0, filled(512, 2), true);
  machine.cycle_power();
  EXPECT_EQ(machine.content("log"), filled(512, 2));
  EXPECT_EQ(machine.disk.effect(6), 0u);
}

TEST(Misdirected, ALaterWriteToItsPlaceMakesItGood) {
  Written machine(1'024);
  machine.disk.misdirect(always, 6);
  machine.overwrite(0, filled(512, 2), true);
  machine.disk.aim(6);
  machine.overwrite(0, filled(1'024, 3), true);
  machine.cycle_power();
  EXPECT_EQ(machine.content("log"), filled(1'024, 3));
  EXPECT_EQ(machine.disk.effect(6), 1u);
  EXPECT_THROW(machine.disk.aim(6), CheckFailed);
}

TEST(Misdirected, HappensWithTheProbabilityOfTheFault) {
  Written machine(1'024);
  machine.disk.misdirect({200'000'000}, 6);
  machine.run([&] {
    const FileId file = machine.disk.open("log", false).value();
    for (int i = 0; i < 5'000; ++i) {
      ASSERT_TRUE(machine.disk.write(file, 0, Bytes{1}));
      if (i % 10 == 0) {
        ASSERT_TRUE(machine.disk.sync(file));
      }
    }
  });
  EXPECT_NEAR(static_cast<double>(machine.disk.effect(6)), 1'000, 60);
}

}  // namespace
}  // namespace blackout::disk
