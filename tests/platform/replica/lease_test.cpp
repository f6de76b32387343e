// How long a leader reads by itself, and what its voters do meanwhile.
#include "platform/replica/lease.hpp"

#include <gtest/gtest.h>

#include "tests/platform/replica/servers.hpp"

namespace blackout::replica {
namespace {

using testing::at_ms;
using testing::Options;
using testing::Servers;

constexpr Duration length = milliseconds(500);

// The clocks of a node at `ms`, the wall shifted by `shift` and with its error.
Reading at(std::int64_t ms, Duration error = milliseconds(1), Duration shift = {}) {
  return {{(milliseconds(ms) + shift).ns(), error}, at_ms(ms)};
}

bool holds_after(std::int64_t ms, Duration error = milliseconds(1), Duration shift = {}) {
  Lease lease(length);
  lease.sent(7, at(0));
  return lease.holds(7, at(ms, error, shift));
}

TEST(Lease, LastsFromTheSendingOfItsRoundByWhatMayHavePassedAtMost) {
  EXPECT_TRUE(holds_after(497));
  EXPECT_FALSE(holds_after(498));
  EXPECT_FALSE(holds_after(488, milliseconds(11)));
}

TEST(Lease, OfARoundThatNeverLeftIsNone) {
  Lease lease(length);
  EXPECT_FALSE(lease.holds(0, at(0)));
  lease.sent(7, at(0));
  EXPECT_FALSE(lease.holds(6, at(1)));
  EXPECT_FALSE(lease.holds(8, at(1)));
}

TEST(Lease, IsAsOldAsTheRoundThatIsPromisedNotAsTheNewest) {
  Lease lease(length);
  lease.sent(7, at(0));
  lease.sent(8, at(400));
  EXPECT_FALSE(lease.holds(7, at(600)));
  EXPECT_TRUE(lease.holds(8, at(600)));
}

TEST(Lease, IsNoneWhereTheClockClaimsNoBound) {
  EXPECT_FALSE(holds_after(1, Duration::max()));
  Lease lease(length);
  lease.sent(7, at(0, Duration::max()));
  EXPECT_FALSE(lease.holds(7, at(1)));
}

// Ahead, it may have been right before; behind, its claim still bounds what passed.
TEST(Lease, OfAClockThatStepsEndsNoLaterThanWithout) {
  EXPECT_FALSE(holds_after(1, seconds(3), seconds(3)));
  EXPECT_TRUE(holds_after(498, seconds(3), -seconds(3)));
  EXPECT_FALSE(holds_after(499, seconds(3), -seconds(3)));
}

TEST(Lease, BegunWithAWrongClockIsNoneUntilThatIsRight) {
  for (const Duration step : {seconds(3), -seconds(3)}) {
    Lease lease(length);
    lease.sent(7, at(0, seconds(3), step));
    EXPECT_FALSE(lease.holds(7, at(1, seconds(3), step)));
    lease.sent(8, at(10));
    EXPECT_TRUE(lease.holds(8, at(20)));
  }
}

TEST(Lease, IsNotProlongedByAWallClockThatLies) {
  EXPECT_FALSE(holds_after(600, milliseconds(1), -milliseconds(500)));
}

TEST(Lease, IsNotProlongedByAMonotonicClockThatStoodStill) {
  Lease lease(length);
  lease.sent(7, at(0));
  Reading after = at(600);
  after.monotonic = at_ms(1);
  EXPECT_FALSE(lease.holds(7, after));
}

Promise made(std::uint32_t ticks) {
  Promise promise(length, 20, 48);
  promise.make(at(0));
  for (std::uint32_t i = 0; i < ticks; ++i) promise.tick();
  return promise;
}

TEST(Promise, BindsUntilItsLengthPassedForCertain) {
  EXPECT_TRUE(made(20).binds(at(501)));
  EXPECT_FALSE(made(20).binds(at(502)));
  EXPECT_TRUE(made(20).binds(at(510, milliseconds(10))));
}

TEST(Promise, IsNotCutShortByAWallClockThatLies) {
  EXPECT_TRUE(made(19).binds(at(10, milliseconds(1), seconds(3))));
}

TEST(Promise, EndsWithItsTicksWhereTheClockClaimsNoBound) {
  EXPECT_TRUE(made(47).binds(at(2'000, Duration::max())));
  EXPECT_FALSE(made(48).binds(at(2'000, Duration::max())));
}

TEST(Promise, ThatIsOverStaysOverWhateverTheClockClaimsLater) {
  Promise promise = made(20);
  ASSERT_FALSE(promise.binds(at(600)));
  EXPECT_FALSE(promise.binds(at(601, seconds(3))));
}

TEST(Promise, IsAsYoungAsTheLast) {
  Promise promise = made(20);
  promise.make(at(400));
  for (int i = 0; i < 20; ++i) promise.tick();
  EXPECT_TRUE(promise.binds(at(800)));
}

TEST(Promise, ThatNobodyMadeBindsNobody) { EXPECT_FALSE(Promise(length, 20, 48).binds(at(0))); }

// Client host 3 asks server 0 for one account every 10 ms, straight at its replica, and notes when
// it asked and when it was told.
struct Reads {
  struct Answer {
    Instant asked, told;
  };
  std::vector<Answer> done{};
  std::uint64_t refused = 0;

  void ask(Servers& servers, Instant from, std::uint64_t count) {
    servers.start(3, [=, this, &servers](env::Environment& environment) {
      environment.tasks.spawn("receive", [this, &environment, &servers, from] {
        while (true) {
          const auto reply = decode_reply(environment.network.receive().message);
          if (!reply) continue;
          if (reply->status != Status::done) {
            ++refused;
            continue;
          }
          const Instant asked = from + milliseconds(10) * static_cast<std::int64_t>(reply->call);
          done.push_back({asked, servers.kernel.now()});
        }
      });
      environment.tasks.sleep(from - Instant(0));
      for (std::uint64_t call = 0; call < count; ++call) {
        const Request request{call,           ShardId(0), RequestKind::read,
                              OperationId(7), seconds(1), {'k'}};
        environment.network.send(NodeId(0), encode(Channel::forward, request));
        environment.tasks.sleep(milliseconds(10));
      }
      environment.tasks.park();
    });
  }
  [[nodiscard]] Duration slowest() const {
    Duration slowest;
    for (const Answer& each : done) slowest = std::max(slowest, each.told - each.asked);
    return slowest;
  }
};

constexpr Duration there_and_back = testing::Machines::one_way * 2;

// The slowest of fifty reads of a leader in service, for which `disturb` is called before.
Duration slowest_read(Options options, const std::function<void(Servers&)>& disturb = {}) {
  Servers servers(std::move(options));
  Reads reads;
  reads.ask(servers, Servers::settled, 50);
  servers.at(Servers::settled - milliseconds(1), [&] {
    if (disturb) disturb(servers);
  });
  servers.run_until(Servers::settled + seconds(1));
  EXPECT_EQ(reads.done.size(), 50u);
  return reads.slowest();
}

TEST(LeaseReads, AskNobody) {
  EXPECT_LT(slowest_read({.leases = true}), there_and_back + milliseconds(1));
  EXPECT_GE(slowest_read({}), there_and_back * 2);
}

TEST(LeaseReads, AskAMajorityWhereTheClockOfTheLeaderAdmitsThatItIsWrong) {
  for (const Duration step : {seconds(3), -seconds(3)}) {
    const Duration slowest = slowest_read(
        {.leases = true}, [step](Servers& servers) { servers.node(0).step_clock(step, 1); });
    EXPECT_GE(slowest, there_and_back * 2);
    EXPECT_LT(slowest, there_and_back * 4);
  }
}

TEST(LeaseReads, EndWithTheLease) {
  Servers servers({.leases = true});
  Reads reads;
  reads.ask(servers, Servers::settled, 100);
  servers.at(Servers::settled, [&] {
    servers.cut(0, 1);
    servers.cut(0, 2);
  });
  servers.run_until(Servers::settled + seconds(2));
  ASSERT_GT(reads.done.size(), 20u);
  EXPECT_LT(reads.done.back().asked, Servers::settled + length);
  EXPECT_GT(reads.refused, 0u);
}

// Reads that wait in the inbox of a leader that stands still until others may lead.
std::size_t answered_after_a_pause(Options options) {
  Servers servers(std::move(options));
  Reads reads;
  reads.ask(servers, Servers::settled + milliseconds(100), 60);
  servers.at(Servers::settled, [&] {
    servers.cut(0, 1);
    servers.cut(0, 2);
    servers.node(0).pause();
  });
  servers.at(Servers::settled + milliseconds(800), [&] { servers.node(0).resume(); });
  servers.run_until(Servers::settled + seconds(2));
  return reads.done.size();
}

TEST(LeaseReads, AreNotAnsweredByALeaderThatSleptOverItsLease) {
  EXPECT_EQ(answered_after_a_pause({.leases = true}), 0u);
#ifdef BLACKOUT_PLANTED_BUGS
  EXPECT_GT(answered_after_a_pause({.leases = true, .lease_outlives_pause = true}), 0u);
#endif
}

// Server 2 lost the leader long ago and wants to be elected; server 1 holds the lease with the
// leader, starts anew at `when`, and hears the leader no more. How long until 2 leads.
Duration until_another_leads(bool leases, Instant when) {
  Servers servers({.leases = leases});
  servers.at(Servers::settled, [&] { servers.cut(0, 2); });
  servers.at(when, [&] {
    servers.node(1).stop(node::StopMode::process_crash);
    servers.cut(0, 1);
    servers.node(1).start();
  });
  servers.run_until(when + seconds(4));
  for (const Event& event : servers.events(EventKind::role_changed)) {
    const bool leads = event.a == static_cast<std::uint64_t>(Role::leader);
    if (leads && event.at > when) return event.at - when;
  }
  ADD_FAILURE() << "nobody leads";
  return {};
}

TEST(LeaseReads, AVoterThatStartsAnewElectsNobodyBeforeItsPromisesAreOver) {
  Duration with = seconds(4), without = seconds(4);
  for (std::int64_t ms = 2'000; ms < 3'500; ms += 50) {
    with = std::min(with, until_another_leads(true, at_ms(ms)));
    without = std::min(without, until_another_leads(false, at_ms(ms)));
  }
  EXPECT_GE(with, length);
  EXPECT_LT(without, length);
}

}  // namespace
}  // namespace blackout::replica
