#include "sim/trace/recorder.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace blackout::trace {
namespace {

TEST(Recorder, StampsTheTimeAndMakesEachEventTheCauseOfWhatFollows) {
  kernel::Kernel kernel;
  Recorder recorder(kernel);
  kernel.at(Instant(5), [&] {
    recorder.report(EventKind::node_started, NodeId(1), no_shard, 1);
    kernel.at(Instant(9), [&] { recorder.report(EventKind::node_paused, NodeId(1)); });
    recorder.report(EventKind::node_resumed, NodeId(1));
  });
  kernel.at(Instant(7), [&] { recorder.report(EventKind::fault_started); });
  kernel.run_until(Instant(100));

  struct Expected {
    std::int64_t at_ns;
    EventKind kind;
    std::uint64_t cause;
  };
  // The timer at 9 was armed after event 1, before event 2.
  const Expected expected[] = {{5, EventKind::node_started, 0},
                               {5, EventKind::node_resumed, 1},
                               {7, EventKind::fault_started, 0},
                               {9, EventKind::node_paused, 1}};
  Cursor cursor(recorder.trace());
  Event event;
  for (const Expected& one : expected) {
    ASSERT_TRUE(cursor.next(event));
    EXPECT_EQ(event.at, Instant(one.at_ns));
    EXPECT_EQ(event.kind, one.kind);
    EXPECT_EQ(event.cause, EventId(one.cause));
  }
  EXPECT_FALSE(cursor.next(event));
}

TEST(Recorder, BreaksOnceJustBeforeAnEventAndLeavesItAsItIs) {
  kernel::Kernel kernel;
  Recorder recorder(kernel);
  std::vector<std::uint64_t> recorded_before;
  recorder.break_before(EventId(2), [&] { recorded_before.push_back(recorder.trace().size()); });
  for (std::uint64_t i = 1; i <= 3; ++i) {
    EXPECT_EQ(recorder.report(EventKind::node_paused, NodeId(1)), EventId(i));
  }
  EXPECT_EQ(recorded_before, std::vector<std::uint64_t>{1});
}

}  // namespace
}  // namespace blackout::trace
