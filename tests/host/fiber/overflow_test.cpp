#include <gtest/gtest.h>

#include <string>

#include "host/base/check.hpp"
#include "host/fiber/fiber.hpp"

namespace blackout::fiber {
namespace {

constexpr std::size_t stack_bytes = 1024 * 1024;

// Writes to every byte of a little more than `bytes` of stack.
[[gnu::noinline]] int recurse(std::uintptr_t top, std::size_t bytes) {
  volatile char frame[256];
  for (volatile char& byte : frame) byte = 1;
  if (top - reinterpret_cast<std::uintptr_t>(&frame) > bytes) return frame[0];
  const int deeper = recurse(top, bytes);
  return deeper + frame[0];
}

[[gnu::noinline]] int use_stack(std::size_t bytes) {
  char here = 0;
  return recurse(reinterpret_cast<std::uintptr_t>(&here), bytes);
}

TEST(StackOverflow, IntoTheGuardPageNamesTheTaskAndItsOwner) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        install_overflow_report();
        Pool pool(Options{.stack_bytes = stack_bytes, .fibers_max = 4, .guarded_max = 4});
        pool.create([] {}, 1, "innocent");
        pool.resume(pool.create([] { use_stack(2 * stack_bytes); }, 17, "recursive"));
      },
      "stack overflow in task recursive of node 17\n");
}

TEST(StackOverflow, PastAnUnguardedStackFailsACheckAtTheNextSwitch) {
  Pool pool(Options{.stack_bytes = stack_bytes, .fibers_max = 4, .guarded_max = 0});
  // The guard page of an unguarded stack belongs to the stack.
  const FiberId fiber = pool.create([] { use_stack(stack_bytes + 4096); }, 17, "recursive");
  try {
    pool.resume(fiber);
    FAIL() << "the overflow was not seen";
  } catch (const CheckFailed& failed) {
    EXPECT_NE(failed.what.find("stack overflow in task recursive of node 17"), std::string::npos);
  }
}

TEST(StackOverflow, IsNotReportedForAStackThatIsUsedAlmostToItsEnd) {
  for (const std::size_t guarded_max : {0, 4}) {
    Pool pool(Options{.stack_bytes = stack_bytes, .fibers_max = 4, .guarded_max = guarded_max});
    const FiberId below = pool.create([&pool] { pool.suspend(); }, 16, "neighbour");
    pool.resume(below);
    bool done = false;
    const auto body = [&done] {
      use_stack(stack_bytes - 8192);
      done = true;
    };
    pool.resume(pool.create(body, 17, "deep"));
    EXPECT_TRUE(done);
    EXPECT_TRUE(pool.resume(below));
  }
}

}  // namespace
}  // namespace blackout::fiber
