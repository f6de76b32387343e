#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "host/base/check.hpp"
#include "host/fiber/fiber.hpp"

// Null without LeakSanitizer.
extern "C" [[gnu::weak]] void __lsan_disable();
extern "C" [[gnu::weak]] void __lsan_enable();

namespace blackout::fiber {
namespace {

using Strings = std::vector<std::string>;

struct Note {
  Strings& notes;
  std::string text;
  ~Note() { notes.push_back(text); }
};

struct Failures {
  explicit Failures(Pool& pool) {
    pool.on_failure(
        [](void* self, std::uint32_t owner, const char* name, std::exception_ptr error) {
          static_cast<Failures*>(self)->take(owner, name, error);
        },
        this);
  }
  void take(std::uint32_t owner, const char* name, const std::exception_ptr& error) {
    std::string what;
    try {
      std::rethrow_exception(error);
    } catch (const CheckFailed& failed) {
      what = "check " + failed.what;
    } catch (const std::exception& exception) {
      what = exception.what();
    }
    seen.push_back(std::string(name) + " of " + std::to_string(owner) + ": " + what);
  }
  Strings seen;
};

TEST(Fiber, RunsUntilItSuspendsAndGoesOnWhereItLeft) {
  Pool pool;
  Strings notes;
  const FiberId fiber = pool.create(
      [&] {
        notes.push_back("first");
        pool.suspend();
        notes.push_back("second");
      },
      7, "task");
  EXPECT_TRUE(notes.empty());
  EXPECT_TRUE(pool.resume(fiber));
  EXPECT_EQ(notes, Strings{"first"});
  EXPECT_TRUE(pool.alive(fiber));
  EXPECT_TRUE(pool.resume(fiber));
  EXPECT_EQ(notes, (Strings{"first", "second"}));
  EXPECT_FALSE(pool.alive(fiber));
  EXPECT_FALSE(pool.resume(fiber));
  EXPECT_EQ(pool.alive_count(), 0U);
  EXPECT_EQ(pool.switches(), 2U);
}

TEST(Fiber, IsCurrentOnlyWhileItRuns) {
  Pool pool;
  FiberId seen;
  std::uint32_t owner = 0;
  const FiberId fiber = pool.create(
      [&] {
        seen = pool.current();
        owner = pool.current_owner();
      },
      42, "task");
  EXPECT_EQ(pool.current(), FiberId());
  pool.resume(fiber);
  EXPECT_EQ(seen, fiber);
  EXPECT_EQ(owner, 42U);
  EXPECT_EQ(pool.current(), FiberId());
  EXPECT_EQ(pool.current_owner(), 0xFFFF'FFFFU);
}

TEST(Fiber, MayCreateOthersThatRunLater) {
  Pool pool;
  FiberId inner;
  bool ran = false;
  const FiberId outer =
      pool.create([&] { inner = pool.create([&] { ran = true; }, 0, "inner"); }, 0, "outer");
  pool.resume(outer);
  EXPECT_FALSE(ran);
  pool.resume(inner);
  EXPECT_TRUE(ran);
}

TEST(Fiber, HandleIsNeverReused) {
  Pool pool;
  std::set<FiberId> seen;
  for (int i = 0; i < 1'000; ++i) {
    const FiberId fiber = pool.create([] {}, 0, "task");
    EXPECT_TRUE(seen.insert(fiber).second);
    EXPECT_NE(fiber, FiberId());
    pool.resume(fiber);
  }
  int runs = 0;
  pool.create([&] { ++runs; }, 0, "in the same slot");
  for (const FiberId stale : seen) {
    EXPECT_FALSE(pool.alive(stale));
    EXPECT_FALSE(pool.resume(stale));
    pool.kill(stale);
  }
  EXPECT_FALSE(pool.resume(FiberId()));
  EXPECT_EQ(runs, 0);
  EXPECT_EQ(pool.alive_count(), 1U);
}

TEST(Fiber, SwitchingOutOfPlaceFailsACheck) {
  Pool pool;
  Failures failures(pool);
  EXPECT_THROW(pool.suspend(), CheckFailed);
  EXPECT_THROW(pool.abandon(), CheckFailed);
  const FiberId other = pool.create([] {}, 0, "other");
  pool.resume(pool.create([&] { pool.resume(other); }, 3, "resumer"));
  pool.resume(pool.create([&] { pool.kill(other); }, 4, "killer"));
  ASSERT_EQ(failures.seen.size(), 2U);
  EXPECT_NE(failures.seen[0].find("resumer of 3: check "), std::string::npos);
  EXPECT_NE(failures.seen[1].find("killer of 4: check "), std::string::npos);
  EXPECT_TRUE(pool.alive(other));
}

TEST(Fiber, MoreThanTheMostFailACheck) {
  Pool pool(Options{.fibers_max = 2});
  pool.create([] {}, 0, "one");
  pool.create([] {}, 0, "two");
  EXPECT_THROW(pool.create([] {}, 0, "three"), CheckFailed);
}

TEST(Fiber, SuspendedInsideCatchKeepsItsExceptionApartFromOthers) {
  Pool pool;
  Strings caught(2);
  std::vector<FiberId> fibers;
  for (std::size_t i = 0; i < 2; ++i) {
    auto body = [&pool, &caught, i] {
      try {
        try {
          throw std::runtime_error("of fiber " + std::to_string(i));
        } catch (const std::runtime_error&) {
          pool.suspend();
          throw;
        }
      } catch (const std::runtime_error& error) {
        caught[i] = error.what();
      }
    };
    fibers.push_back(pool.create(body, 0, "thrower"));
  }
  for (const FiberId fiber : fibers) pool.resume(fiber);
  EXPECT_FALSE(std::current_exception());
  for (const FiberId fiber : fibers) pool.resume(fiber);
  EXPECT_EQ(caught, (Strings{"of fiber 0", "of fiber 1"}));
}

TEST(Fiber, SuspendedWhileUnwindingLeavesNoUncaughtExceptionInTheLoop) {
  Pool pool;
  int inside = 0;
  struct Suspender {
    Pool& pool;
    int& inside;
    ~Suspender() {
      pool.suspend();
      inside = std::uncaught_exceptions();
    }
  };
  const FiberId fiber = pool.create(
      [&] {
        try {
          const Suspender suspender{pool, inside};
          throw 1;
        } catch (int) {
        }
      },
      0, "unwinder");
  pool.resume(fiber);
  EXPECT_EQ(std::uncaught_exceptions(), 0);
  pool.resume(fiber);
  EXPECT_EQ(inside, 1);
}

TEST(Fiber, HasItsOwnErrno) {
  Pool pool;
  std::vector<int> seen;
  std::vector<FiberId> fibers;
  for (const int number : {EINTR, EIO}) {
    auto body = [&pool, &seen, number] {
      seen.push_back(errno);
      errno = number;
      pool.suspend();
      seen.push_back(errno);
    };
    fibers.push_back(pool.create(body, 0, "task"));
  }
  errno = ENOENT;
  for (const FiberId fiber : fibers) pool.resume(fiber);
  EXPECT_EQ(errno, ENOENT);
  for (const FiberId fiber : fibers) pool.resume(fiber);
  EXPECT_EQ(errno, ENOENT);
  EXPECT_EQ(seen, (std::vector<int>{0, 0, EINTR, EIO}));
}

TEST(Fiber, LetsAnUncaughtExceptionReachTheFailureHandlerAfterItIsGone) {
  Pool pool;
  Failures failures(pool);
  pool.resume(pool.create([] { throw std::runtime_error("boom"); }, 5, "thrower"));
  pool.resume(pool.create([] { CHECK(1 > 2); }, 6, "checker"));
  EXPECT_EQ(failures.seen, (Strings{"thrower of 5: boom", "checker of 6: check 1 > 2"}));
  EXPECT_EQ(pool.alive_count(), 0U);
}

TEST(Fiber, WithoutAFailureHandlerAnUncaughtExceptionFailsACheckInTheLoop) {
  Pool pool;
  const FiberId fiber = pool.create([] { throw std::runtime_error("boom"); }, 5, "thrower");
  try {
    pool.resume(fiber);
    FAIL() << "nothing was thrown";
  } catch (const CheckFailed& failed) {
    EXPECT_NE(failed.what.find("task thrower of node 5 failed: boom"), std::string::npos);
  }
  EXPECT_FALSE(pool.alive(fiber));
}

TEST(Killing, RunsTheDestructorsInOrderUpToTheEntry) {
  Pool pool;
  Strings notes;
  const FiberId fiber = pool.create(
      [&, captured = std::make_unique<Note>(Note{notes, "captured"})] {
        const Note outer{notes, "outer"};
        auto nested = [&] {
          const Note inner{notes, "inner"};
          pool.suspend();
          notes.push_back("never");
        };
        nested();
      },
      0, "victim");
  notes.clear();  // of the temporary
  pool.resume(fiber);
  EXPECT_TRUE(notes.empty());
  pool.kill(fiber);
  EXPECT_EQ(notes, (Strings{"inner", "outer", "captured"}));
  EXPECT_FALSE(pool.alive(fiber));
  EXPECT_FALSE(std::current_exception());
}

TEST(Killing, AFiberThatNeverRanJustDropsItsBody) {
  Pool pool;
  auto captured = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = captured;
  bool ran = false;
  const FiberId fiber = pool.create([&ran, captured] { ran = true; }, 0, "victim");
  captured.reset();
  EXPECT_FALSE(watched.expired());
  pool.kill(fiber);
  EXPECT_TRUE(watched.expired());
  EXPECT_FALSE(ran);
  EXPECT_FALSE(pool.alive(fiber));
  EXPECT_EQ(pool.switches(), 0U);
}

TEST(Killing, PassesHandlersOfOrdinaryExceptions) {
  Pool pool;
  bool swallowed = false;
  const FiberId fiber = pool.create(
      [&] {
        try {
          pool.suspend();
        } catch (const std::exception&) {
          swallowed = true;
        }
      },
      0, "victim");
  pool.resume(fiber);
  pool.kill(fiber);
  EXPECT_FALSE(swallowed);
}

TEST(Killing, AFiberThatSuspendsAgainIsDroppedAndReported) {
  Pool pool;
  Failures failures(pool);
  struct Stubborn {
    Pool& pool;
    ~Stubborn() { pool.suspend(); }
  };
  const FiberId fiber = pool.create(
      [&] {
        const Stubborn stubborn{pool};
        pool.suspend();
      },
      9, "victim");
  pool.resume(fiber);
  if (&__lsan_disable != nullptr) __lsan_disable();  // the exception stays behind with the fiber
  pool.kill(fiber);
  if (&__lsan_enable != nullptr) __lsan_enable();
  EXPECT_FALSE(pool.alive(fiber));
  ASSERT_EQ(failures.seen.size(), 1U);
  EXPECT_NE(failures.seen[0].find("suspended while being killed"), std::string::npos);
}

TEST(Killing, HappensToAllThatAreLeftWhenThePoolEnds) {
  Strings notes;
  {
    Pool pool;
    for (const char* name : {"one", "two", "three"}) {
      auto body = [&pool, &notes, name] {
        const Note note{notes, name};
        pool.suspend();
      };
      pool.resume(pool.create(body, 0, name));
    }
  }
  EXPECT_EQ(notes, (Strings{"one", "two", "three"}));
}

TEST(Abandoning, EndsAFiberWithoutUnwindingIt) {
  Pool pool;
  Failures failures(pool);
  Strings notes;
  const FiberId fiber = pool.create(
      [&] {
        const Note note{notes, "destroyed"};
        [&]() noexcept { pool.abandon(); }();
      },
      0, "abandoned");
  pool.resume(fiber);
  EXPECT_TRUE(notes.empty());
  EXPECT_FALSE(pool.alive(fiber));
  EXPECT_TRUE(failures.seen.empty());
  bool ran = false;
  pool.resume(pool.create([&] { ran = true; }, 0, "in the same slot"));
  EXPECT_TRUE(ran);
}

TEST(Pool, HoldsTwentyThousandFibersAlive) {
  Pool pool;
  std::uint64_t sum = 0;
  std::vector<FiberId> fibers;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    auto body = [&pool, &sum, i] {
      pool.suspend();
      sum += i;
    };
    fibers.push_back(pool.create(body, 0, "idle"));
    pool.resume(fibers.back());
  }
  EXPECT_EQ(pool.alive_count(), 20'000U);
  for (const FiberId fiber : fibers) pool.resume(fiber);
  EXPECT_EQ(sum, 20'000ULL * 19'999 / 2);
  EXPECT_EQ(pool.alive_count(), 0U);
}

TEST(Pool, LivesBesideAnotherInOneProcess) {
  Pool one;
  Pool two;
  Strings notes;
  const auto body_in = [&notes](Pool& pool, const char* name) {
    return [&notes, &pool, name] {
      for (int i = 0; i < 2; ++i) {
        notes.push_back(name);
        pool.suspend();
      }
    };
  };
  const FiberId first = one.create(body_in(one, "one"), 1, "first");
  const FiberId second = two.create(body_in(two, "two"), 2, "second");
  for (int i = 0; i < 2; ++i) {
    one.resume(first);
    two.resume(second);
  }
  EXPECT_EQ(notes, (Strings{"one", "two", "one", "two"}));
  one.kill(first);
  EXPECT_FALSE(one.alive(first));
  EXPECT_TRUE(two.alive(second));
}

}  // namespace
}  // namespace blackout::fiber
