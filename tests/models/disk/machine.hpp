// A machine that is nothing but its disk, and what tests of disks share.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string_view>
#include <vector>

#include "models/disk/disk.hpp"

namespace blackout::disk {

using env::DiskError;
using env::FileId;

inline Profile exact() {
  Profile profile;
  profile.sync_median = profile.sync_p99 = milliseconds(1);
  profile.read_median = profile.read_p99 = microseconds(100);
  profile.bytes_per_second = 0;
  return profile;
}

using Values = std::vector<int>;
inline Values values(const Bytes& bytes) { return Values(bytes.begin(), bytes.end()); }

inline Bytes filled(std::size_t size, std::uint8_t value) { return Bytes(size, value); }

// A machine that is nothing but its disk; tasks run in its fibers.
class Machine : private Host {
 public:
  explicit Machine(Profile chosen = exact(), std::uint64_t seed = 1)
      : profile(chosen), disk(kernel, recorder, random::Key(seed), NodeId(0), profile, *this) {
    disk.attach(1);
  }
  void spawn(Callback body) {
    const fiber::FiberId fiber = kernel.fibers().create(std::move(body), 0, "test");
    kernel.resume_at(kernel.now(), fiber);
    fibers.push_back(fiber);
  }
  void finish() { kernel.run_until(kernel.now() + seconds(1'000)); }
  void run(Callback body) {
    spawn(std::move(body));
    finish();
  }
  void crash() {
    disk.detach();
    for (const fiber::FiberId fiber : fibers) kernel.fibers().kill(fiber);
  }
  void restart() { disk.attach(++incarnation); }
  void cycle_power() {
    crash();
    disk.lose_power();
    restart();
  }
  Bytes content(std::string_view name) {
    Bytes bytes;
    run([&] {
      const auto file = disk.open(name, false);
      if (file) bytes = disk.read(file.value(), 0, 1 << 30).value();
    });
    return bytes;
  }
  std::size_t events(EventKind kind) const {
    trace::Cursor cursor(recorder.trace());
    std::size_t count = 0;
    for (Event event; cursor.next(event);) count += event.kind == kind;
    return count;
  }

  Profile profile;
  kernel::Kernel kernel;
  trace::Recorder recorder{kernel};
  Disk disk;

 private:
  void suspend_until(Instant when) override {
    kernel.resume_at(when, kernel.fibers().current());
    kernel.fibers().suspend();
  }
  void suspend() override { kernel.fibers().suspend(); }
  std::uint32_t incarnation = 1;
  std::vector<fiber::FiberId> fibers;
};

}  // namespace blackout::disk
