#include "sim/kernel/kernel.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace blackout::kernel {
namespace {

using Times = std::vector<std::int64_t>;

constexpr Instant at_ns(std::int64_t ns) { return Instant(ns); }

TEST(Kernel, FiresEventsInTheOrderOfTimeThenOfScheduling) {
  Kernel kernel;
  std::string order;
  kernel.at(at_ns(20), [&] { order += 'c'; });
  kernel.at(at_ns(10), [&] { order += 'a'; });
  kernel.at(at_ns(20), [&] { order += 'd'; });
  kernel.at(at_ns(10), [&] { order += 'b'; });
  EXPECT_EQ(kernel.pending(), 4U);
  EXPECT_EQ(kernel.run_until(at_ns(100)), Stop::horizon);
  EXPECT_EQ(order, "abcd");
  EXPECT_EQ(kernel.fired(), 4U);
  EXPECT_EQ(kernel.pending(), 0U);
}

TEST(Kernel, TimeIsThatOfTheEventAndThenTheHorizon) {
  Kernel kernel;
  Times seen;
  for (const std::int64_t ns : {70, 30}) {
    kernel.at(at_ns(ns), [&] { seen.push_back(kernel.now().ns()); });
  }
  kernel.run_until(at_ns(50));
  EXPECT_EQ(seen, Times{30});
  EXPECT_EQ(kernel.now(), at_ns(50));
  kernel.run_until(at_ns(70));
  EXPECT_EQ(seen, (Times{30, 70}));
  kernel.run_until(at_ns(20));
  EXPECT_EQ(kernel.now(), at_ns(70));
}

TEST(Kernel, FiresAnEventOfThePastNow) {
  Kernel kernel;
  kernel.run_until(at_ns(100));
  Times seen;
  kernel.at(at_ns(100), [&] { seen.push_back(1); });
  kernel.at(at_ns(5), [&] { seen.push_back(2); });
  kernel.at(at_ns(-5), [&] { seen.push_back(kernel.now().ns()); });
  kernel.run_until(at_ns(100));
  EXPECT_EQ(seen, (Times{1, 2, 100}));
}

TEST(Kernel, FiresWhatAnEventSchedulesForTheSameInstantAfterWhatWaitsThere) {
  Kernel kernel;
  std::string order;
  kernel.at(at_ns(10), [&] {
    order += 'a';
    kernel.at(kernel.now(), [&] { order += 'c'; });
  });
  kernel.at(at_ns(10), [&] { order += 'b'; });
  kernel.run_until(at_ns(10));
  EXPECT_EQ(order, "abc");
}

TEST(Kernel, AnEventAtNeverFiresOnlyWhenTheQueueIsDrained) {
  Kernel kernel;
  bool fired = false;
  kernel.at(Instant::never(), [&] { fired = true; });
  kernel.run_until(Instant::never() - nanoseconds(1));
  EXPECT_FALSE(fired);
  kernel.run_until(Instant::never());
  EXPECT_TRUE(fired);
}

TEST(Kernel, CancelsAnEventOnceAndDestroysItsCallback) {
  Kernel kernel;
  auto captured = std::make_shared<int>(0);
  const std::weak_ptr<int> watched = captured;
  const TimerId timer = kernel.at(at_ns(10), [captured = std::move(captured)] { ++*captured; });
  EXPECT_TRUE(kernel.cancel(timer));
  EXPECT_TRUE(watched.expired());
  EXPECT_FALSE(kernel.cancel(timer));
  EXPECT_FALSE(kernel.cancel(TimerId()));
  kernel.run_until(at_ns(20));
  EXPECT_EQ(kernel.fired(), 0U);
}

TEST(Kernel, AStaleTimerDoesNotCancelItsSuccessor) {
  Kernel kernel;
  const TimerId cancelled = kernel.at(at_ns(10), [] {});
  kernel.cancel(cancelled);
  TimerId fired = kernel.at(at_ns(10), [&] { EXPECT_FALSE(kernel.cancel(fired)); });
  kernel.run_until(at_ns(10));
  bool ran = false;
  kernel.at(at_ns(20), [&] { ran = true; });
  EXPECT_FALSE(kernel.cancel(cancelled));
  EXPECT_FALSE(kernel.cancel(fired));
  kernel.run_until(at_ns(20));
  EXPECT_TRUE(ran);
}

TEST(Kernel, ACallbackMayCancelAnotherOfItsInstant) {
  Kernel kernel;
  bool ran = false;
  TimerId victim;
  kernel.at(at_ns(10), [&] { EXPECT_TRUE(kernel.cancel(victim)); });
  victim = kernel.at(at_ns(10), [&] { ran = true; });
  kernel.run_until(at_ns(10));
  EXPECT_FALSE(ran);
}

TEST(Kernel, WhatACancelledCallbackCapturesMayCancelAndSchedule) {
  Kernel kernel;
  bool other_ran = false, next_ran = false;
  const TimerId other = kernel.at(at_ns(10), [&] { other_ran = true; });
  const auto on_death = [&](void*) {
    kernel.cancel(other);
    kernel.at(at_ns(10), [&] { next_ran = true; });
  };
  const TimerId timer = kernel.at(
      at_ns(10), [guard = std::unique_ptr<void, decltype(on_death)>(&kernel, on_death)] {});
  kernel.cancel(timer);
  kernel.run_until(at_ns(10));
  EXPECT_FALSE(other_ran);
  EXPECT_TRUE(next_ran);
}

TEST(Kernel, DestroysCallbacksThatNeverFired) {
  auto captured = std::make_shared<int>(0);
  const std::weak_ptr<int> watched = captured;
  {
    Kernel kernel;
    kernel.at(at_ns(10), [captured = std::move(captured)] { ++*captured; });
    kernel.run_until(at_ns(5));
    EXPECT_FALSE(watched.expired());
  }
  EXPECT_TRUE(watched.expired());
}

TEST(Kernel, StopsAfterTheCurrentEventAndGoesOnLater) {
  Kernel kernel;
  std::string order;
  kernel.at(at_ns(10), [&] {
    order += 'a';
    kernel.stop();
  });
  kernel.at(at_ns(10), [&] { order += 'b'; });
  EXPECT_EQ(kernel.run_until(at_ns(50)), Stop::requested);
  EXPECT_EQ(order, "a");
  EXPECT_EQ(kernel.now(), at_ns(10));
  EXPECT_EQ(kernel.run_until(at_ns(50)), Stop::horizon);
  EXPECT_EQ(order, "ab");
}

TEST(Kernel, StopsWhenVirtualTimeStandsStill) {
  Kernel kernel;
  struct Loop {
    Kernel& kernel;
    void operator()() { kernel.at(kernel.now(), Loop{kernel}); }
  };
  kernel.at(at_ns(10), Loop{kernel});
  EXPECT_EQ(kernel.run_until(at_ns(50)), Stop::livelock);
  EXPECT_EQ(kernel.now(), at_ns(10));
  EXPECT_EQ(kernel.fired(), Kernel::instant_events_max + 1);
}

TEST(Kernel, RefusesToRunTheLoopFromAnEvent) {
  Kernel kernel;
  kernel.at(at_ns(10), [&] { kernel.run_until(at_ns(20)); });
  EXPECT_THROW(kernel.run_until(at_ns(50)), CheckFailed);
  EXPECT_EQ(kernel.run_until(at_ns(50)), Stop::horizon);
}

TEST(Cause, TravelsFromTheSchedulingToTheFiring) {
  Kernel kernel;
  std::vector<std::uint64_t> causes;
  const auto note = [&] { causes.push_back(kernel.cause().value()); };
  kernel.set_cause(EventId(7));
  kernel.at(at_ns(10), [&] {
    note();
    kernel.set_cause(EventId(9));
    kernel.at(at_ns(30), note);
  });
  kernel.set_cause(EventId(8));
  kernel.at(at_ns(20), note);
  kernel.run_until(at_ns(50));
  EXPECT_EQ(causes, (std::vector<std::uint64_t>{7, 8, 9}));
  EXPECT_EQ(kernel.cause(), EventId());
}

TEST(Cause, TravelsWithTheWakeUpOfAFiber) {
  Kernel kernel;
  std::vector<std::uint64_t> causes;
  const fiber::FiberId sleeper = kernel.fibers().create(
      [&] {
        causes.push_back(kernel.cause().value());
        kernel.fibers().suspend();
        causes.push_back(kernel.cause().value());
      },
      0, "sleeper");
  kernel.set_cause(EventId(3));
  kernel.resume_at(at_ns(10), sleeper);
  kernel.set_cause(EventId(4));
  kernel.resume_at(at_ns(20), sleeper);
  kernel.run_until(at_ns(50));
  EXPECT_EQ(causes, (std::vector<std::uint64_t>{3, 4}));
}

TEST(KernelFibers, SleepInVirtualTime) {
  Kernel kernel;
  Times seen;
  const fiber::FiberId sleeper = kernel.fibers().create(
      [&] {
        for (int i = 0; i < 3; ++i) {
          kernel.resume_at(kernel.now() + milliseconds(1), kernel.fibers().current());
          kernel.fibers().suspend();
          seen.push_back(kernel.now().ns());
        }
      },
      0, "sleeper");
  kernel.resume_at(Instant(), sleeper);
  kernel.run_until(at_ns(10'000'000));
  EXPECT_EQ(seen, (Times{1'000'000, 2'000'000, 3'000'000}));
  EXPECT_FALSE(kernel.fibers().alive(sleeper));
}

TEST(KernelFibers, AWakeUpOfAnEndedFiberDoesNothing) {
  Kernel kernel;
  const fiber::FiberId ended = kernel.fibers().create([] {}, 0, "ended");
  kernel.resume_at(at_ns(10), ended);
  kernel.resume_at(at_ns(20), ended);
  EXPECT_EQ(kernel.run_until(at_ns(50)), Stop::horizon);
  EXPECT_EQ(kernel.fired(), 2U);
  EXPECT_EQ(kernel.fibers().switches(), 1U);
}

TEST(KernelFibers, MayBeResumedAndKilledByACallback) {
  Kernel kernel;
  std::string order;
  const fiber::FiberId fiber = kernel.fibers().create(
      [&] {
        order += 'a';
        kernel.fibers().suspend();
        order += 'x';
      },
      0, "waiting");
  kernel.at(at_ns(10), [&] {
    kernel.fibers().resume(fiber);
    order += 'b';
  });
  kernel.at(at_ns(20), [&] { kernel.fibers().kill(fiber); });
  kernel.run_until(at_ns(50));
  EXPECT_EQ(order, "ab");
  EXPECT_FALSE(kernel.fibers().alive(fiber));
}

TEST(KernelFibers, MayCancelTheirTimersWhenTheKernelEnds) {
  bool cancelled = false;
  {
    Kernel kernel;
    struct Timer {
      Kernel& kernel;
      TimerId id;
      bool& cancelled;
      ~Timer() { cancelled = kernel.cancel(id); }
    };
    const fiber::FiberId fiber = kernel.fibers().create(
        [&] {
          const Timer timer{kernel, kernel.at(at_ns(90), [] {}), cancelled};
          kernel.fibers().suspend();
        },
        0, "with a timer");
    kernel.resume_at(at_ns(10), fiber);
    kernel.run_until(at_ns(50));
  }
  EXPECT_TRUE(cancelled);
}

TEST(Kernel, AnActionAsideRunsBetweenTwoInstructionsOfItsFiber) {
  Kernel kernel;
  std::string order;
  kernel.at(at_ns(10), [&] {
    const fiber::FiberId fiber = kernel.fibers().create(
        [&] {
          order += 'a';
          kernel.set_cause(EventId(7));
          kernel.aside([&] {
            order += 'b';
            kernel.set_cause(EventId(9));
          });
          order += 'c';
          EXPECT_EQ(kernel.cause(), EventId(7));
          kernel.aside([&] { order += 'd'; });
          order += 'e';
        },
        0, "main");
    kernel.resume_at(kernel.now(), fiber);
    kernel.at(kernel.now(), [&] { order += '!'; });
  });
  kernel.run_until(at_ns(20));
  EXPECT_EQ(order, "abcde!");
}

TEST(Kernel, AnActionAsideMayEndItsFiber) {
  Kernel kernel;
  std::string order;
  kernel.at(at_ns(10), [&] {
    const fiber::FiberId fiber = kernel.fibers().create(
        [&] {
          kernel.aside([&, self = kernel.fibers().current()] { kernel.fibers().kill(self); });
          order += '!';
        },
        0, "main");
    kernel.resume_at(kernel.now(), fiber);
  });
  kernel.run_until(at_ns(20));
  EXPECT_EQ(order, "");
}

}  // namespace
}  // namespace blackout::kernel
