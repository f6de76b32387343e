// Faults of load in a small world: what clients do while each lasts, and that they do what they
// always did before, after and elsewhere.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "harness/system/registry/registry.hpp"
#include "harness/world/world.hpp"
#include "tests/harness/world/small_plan.hpp"

namespace blackout::world {
namespace {

using fault::Kind;
using record::Operation;
using record::OperationKind;
using record::Outcome;
using testing::add_fault;
using testing::small_plan;

constexpr Instant start = Instant(0) + seconds(6);
constexpr Instant end = Instant(0) + seconds(10);
constexpr RegionId here = RegionId(1);
constexpr NodeId host = NodeId(4);

Result run(const scenario::Plan& plan) {
  const auto system = system::make_system();
  World world(plan, *system);
  return world.run();
}

// On the clients of region 1 alone.
fault::Fault fault_here(Kind kind) {
  fault::Fault fault;
  fault.kind = kind;
  fault.at = start;
  fault.length = end - start;
  if (row_of(kind).target == fault::Target::client_hosts) {
    fault.nodes = {host};
  } else {
    fault.clients = {{0, here}};
  }
  return fault;
}

scenario::Plan plan_with(std::uint64_t seed, fault::Fault fault) {
  scenario::Plan plan = small_plan(seed);
  add_fault(plan, std::move(fault));
  return plan;
}

bool during(const Operation& operation) {
  return operation.invoked >= start && operation.invoked < end;
}

using Wish =
    std::tuple<Instant, std::uint32_t, OperationKind, std::string, std::string, std::int64_t>;
Wish wish_of(const Operation& o) {
  return {o.invoked, o.client, o.kind, o.key, o.other_key, o.amount};
}

std::vector<Wish> wishes(const Result& result) {
  std::vector<Wish> all;
  for (const Operation& operation : result.history.operations) all.push_back(wish_of(operation));
  return all;
}

template <class Predicate>
std::size_t count(const Result& result, Predicate predicate) {
  const auto& operations = result.history.operations;
  return static_cast<std::size_t>(std::count_if(operations.begin(), operations.end(), predicate));
}

std::vector<Event> events(const Result& result, EventKind kind) {
  std::vector<Event> found;
  trace::Cursor cursor(result.trace);
  for (Event event; cursor.next(event);) {
    if (event.kind == kind) found.push_back(event);
  }
  return found;
}

// How often the audit of the first region shows each operation.
std::map<std::uint64_t, std::size_t> entries(const Result& result) {
  std::map<std::uint64_t, std::size_t> seen;
  for (const record::AuditedAccount& account : result.history.audits.at(0).accounts) {
    for (const OperationId id : account.entries) ++seen[id.value()];
  }
  return seen;
}

void expect_every_put_once(const Result& result) {
  const auto seen = entries(result);
  for (const Operation& operation : result.history.operations) {
    if (operation.kind != OperationKind::put || operation.outcome != Outcome::ok) continue;
    const auto found = seen.find(operation.id.value());
    ASSERT_NE(found, seen.end()) << operation.id.value();
    EXPECT_EQ(found->second, 1u) << operation.id.value();
  }
}

TEST(Fault, LoadSurgeAddsArrivalsOfItsClientsAndChangesNoOther) {
  const Result without = run(small_plan(1));
  fault::Fault surge = fault_here(Kind::load_surge);
  surge.factor_permille = 5'000;
  const Result with = run(plan_with(1, surge));
  const std::vector<Wish> base = wishes(without);
  std::size_t next = 0, added = 0;
  for (const Operation& operation : with.history.operations) {
    if (next < base.size() && wish_of(operation) == base[next]) {
      ++next;
      continue;
    }
    ++added;
    EXPECT_TRUE(during(operation));
    EXPECT_EQ(operation.region, here);
  }
  EXPECT_EQ(next, base.size());
  EXPECT_EQ(with.faults[0].effect, added);
  EXPECT_NEAR(static_cast<double>(added), 20 * 4 * 4, 54);  // three standard deviations
}

TEST(Fault, LoadSurgeAddsTheSameWhateverElseThePlanHas) {
  fault::Fault surge = fault_here(Kind::load_surge);
  surge.factor_permille = 3'000;
  scenario::Plan plan = small_plan(2);
  fault::Fault before = fault_here(Kind::client_clock_skew);
  before.by = seconds(1);
  add_fault(plan, before);
  add_fault(plan, surge);
  EXPECT_EQ(wishes(run(plan)), wishes(run(plan_with(2, surge))));
}

TEST(Fault, HotKeyDrawsItsShareOfTheOperationsToOneKeyWhileItLasts) {
  const Result without = run(small_plan(3));
  fault::Fault hot = fault_here(Kind::hot_key);
  hot.share.ppb = 800'000'000;
  const Result with = run(plan_with(3, hot));
  const auto& before = without.history.operations;
  ASSERT_EQ(with.history.operations.size(), before.size());
  std::map<std::string, std::size_t> wanted;
  std::size_t moved = 0, all = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const Operation& operation = with.history.operations[i];
    EXPECT_EQ(operation.invoked, before[i].invoked);
    EXPECT_EQ(operation.kind, before[i].kind);
    EXPECT_EQ(operation.amount, before[i].amount);
    EXPECT_NE(operation.key, operation.other_key);
    if (during(operation) && operation.region == here) {
      ++all;
      ++wanted[operation.key];
      moved += operation.key != before[i].key;
    } else {
      EXPECT_EQ(operation.key, before[i].key);
    }
  }
  std::size_t most = 0;
  for (const auto& [key, times] : wanted) most = std::max(most, times);
  EXPECT_GT(most, all * 65 / 100);
  EXPECT_LT(most, all * 95 / 100);
  EXPECT_GT(moved, 30u);
  EXPECT_EQ(with.faults[0].effect, moved);
}

TEST(Fault, ThunderingHerdHoldsOperationsBackAndReleasesThemAtOneInstant) {
  const Result without = run(small_plan(4));
  const Result with = run(plan_with(4, fault_here(Kind::thundering_herd)));
  const auto held = [](const Operation& o) { return during(o) && o.region == here; };
  const auto released = [](const Operation& o) { return o.invoked == end && o.region == here; };
  EXPECT_EQ(count(with, held), 0u);
  EXPECT_EQ(count(with, released), count(without, held));
  EXPECT_EQ(with.faults[0].effect, count(without, held));
  EXPECT_GT(with.faults[0].effect, 50u);
  std::vector<Wish> expected, found;
  for (const Operation& operation : without.history.operations) {
    expected.push_back(wish_of(operation));
    if (held(operation)) std::get<0>(expected.back()) = end;
  }
  found = wishes(with);
  std::sort(expected.begin(), expected.end());
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, expected);
}

TEST(Fault, ThunderingHerdOfTwoFaultsWaitsForTheLaterEnd) {
  scenario::Plan plan = plan_with(4, fault_here(Kind::thundering_herd));
  add_fault(plan, fault_here(Kind::thundering_herd));
  plan.faults.back().length = seconds(6);
  const Result result = run(plan);
  const Instant later = start + seconds(6);
  EXPECT_EQ(count(result,
                  [&](const Operation& o) {
                    return o.region == here && o.invoked >= start && o.invoked < later;
                  }),
            0u);
  EXPECT_EQ(result.faults[0].effect, 0u);
  EXPECT_GT(result.faults[1].effect, 90u);
}

TEST(Fault, RetryStormSendsRetriesUpToItsBoundAndEachEffectHappensOnce) {
  const Result without = run(small_plan(5));
  fault::Fault storm = fault_here(Kind::retry_storm);
  storm.attempt = milliseconds(5);
  storm.retries = 4;
  const Result with = run(plan_with(5, storm));
  EXPECT_EQ(wishes(with), wishes(without));
  std::uint64_t retries = 0;
  for (const Operation& operation : with.history.operations) {
    EXPECT_EQ(operation.outcome, Outcome::ok);
    if (during(operation) && operation.region == here) {
      EXPECT_LE(operation.attempts, 5u);
      retries += operation.attempts - 1;
    } else {
      EXPECT_EQ(operation.attempts, 1u);
    }
  }
  EXPECT_GT(retries, 100u);
  EXPECT_EQ(with.faults[0].effect, retries);
  EXPECT_EQ(events(with, EventKind::operation_retried).size(), retries);
  EXPECT_GT(events(with, EventKind::request_deduplicated).size(), 50u);
  expect_every_put_once(with);
}

Duration shortest(const Result& result, RegionId region, Instant from, Instant to) {
  Duration least = seconds(100);
  for (const Operation& o : result.history.operations) {
    if (o.region != region || o.invoked < from || o.invoked >= to) continue;
    least = std::min(least, o.completed - o.invoked);
  }
  return least;
}

TEST(Fault, SlowClientReadsItsRepliesLateWhileItLastsAndOthersDoNot) {
  const Result without = run(small_plan(6));
  fault::Fault slow = fault_here(Kind::slow_client);
  slow.per_reply = milliseconds(30);
  const Result with = run(plan_with(6, slow));
  EXPECT_EQ(wishes(with), wishes(without));
  const Instant last = Instant(0) + seconds(19);
  const Duration usual = shortest(without, here, start, end);
  EXPECT_GE(shortest(with, here, start, end - seconds(1)), usual + milliseconds(30));
  EXPECT_LT(shortest(with, here, end + seconds(1), last), usual + milliseconds(20));
  EXPECT_LT(shortest(with, RegionId(0), start, end), milliseconds(30));
  const std::size_t sent =
      count(without, [](const Operation& o) { return during(o) && o.region == here; });
  EXPECT_NEAR(static_cast<double>(with.faults[0].effect), static_cast<double>(sent), 8);
}

TEST(Fault, SlowClientWorksOnItsRepliesOneAfterTheOther) {
  fault::Fault slow = fault_here(Kind::slow_client);
  slow.per_reply = milliseconds(100);  // twenty replies a second come, ten are read
  const Result result = run(plan_with(6, slow));
  EXPECT_GT(shortest(result, here, end - milliseconds(1'500), end - seconds(1)), milliseconds(600));
}

TEST(Fault, ClientClockSkewShiftsWhatClientsReadAndBreaksNothing) {
  const Result without = run(small_plan(7));
  fault::Fault skew = fault_here(Kind::client_clock_skew);
  skew.by = seconds(-3'600);
  skew.drift_ppm = 50'000;
  const Result with = run(plan_with(7, skew));
  EXPECT_EQ(wishes(with), wishes(without));
  EXPECT_EQ(count(with, [](const Operation& o) { return o.outcome != Outcome::ok; }), 0u);
  EXPECT_GT(with.faults[0].effect, 50u);
  const auto steps = events(with, EventKind::clock_stepped);
  const auto drifts = events(with, EventKind::clock_drift_set);
  ASSERT_EQ(steps.size(), 2u);
  ASSERT_EQ(drifts.size(), 2u);
  EXPECT_EQ(steps[0].node, host);
  EXPECT_EQ(static_cast<std::int64_t>(steps[0].a), seconds(-3'600).ns());
  EXPECT_EQ(static_cast<std::int64_t>(steps[1].a), seconds(3'600).ns());
  EXPECT_EQ(static_cast<std::int64_t>(drifts[0].a) - static_cast<std::int64_t>(drifts[1].a),
            50'000);
}

TEST(Fault, ClientClockSkewOfTheWallAloneHasNoEffectAsClientsDoNotReadIt) {
  fault::Fault skew = fault_here(Kind::client_clock_skew);
  skew.by = seconds(3'600);
  EXPECT_TRUE(run(plan_with(7, skew)).faults[0].idle());
}

// Round trips so long, and so many operations, that a crash finds some under way.
scenario::Plan distant(std::uint64_t seed) {
  scenario::Plan plan = small_plan(seed);
  plan.links.region_rtt.assign(9, milliseconds(80));
  plan.clients[0].rate_per_s = 200;
  return plan;
}

TEST(Fault, ClientCrashInterruptsWhatIsUnderWayAndAsksAgainUnderTheSameIds) {
  const Result without = run(distant(8));
  scenario::Plan plan = distant(8);
  add_fault(plan, fault_here(Kind::client_crash));
  plan.faults.back().length = milliseconds(500);
  const Result with = run(plan);
  const auto interrupted = [](const Operation& o) {
    return o.region == here && o.invoked < start && o.completed > start;
  };
  ASSERT_GT(count(without, interrupted), 5u);
  EXPECT_EQ(with.faults[0].effect, count(without, interrupted));
  EXPECT_EQ(count(with, interrupted), count(without, interrupted));
  for (const Operation& operation : with.history.operations) {
    EXPECT_EQ(operation.outcome, Outcome::ok) << operation.id.value();
    if (!interrupted(operation)) continue;
    EXPECT_GE(operation.attempts, 2u);
    EXPECT_GT(operation.completed, start + milliseconds(500));
    EXPECT_LE(operation.completed, operation.deadline);
  }
  EXPECT_GT(events(with, EventKind::request_deduplicated).size(), 0u);
  EXPECT_EQ(events(with, EventKind::operation_invoked).size(), with.history.operations.size());
  expect_every_put_once(with);
}

TEST(Fault, ClientCrashSendsNothingWhileItLastsAndTheSameAfterwards) {
  const Result without = run(distant(9));
  scenario::Plan plan = distant(9);
  add_fault(plan, fault_here(Kind::client_crash));
  const Result with = run(plan);
  std::vector<Wish> expected;
  for (const Operation& operation : without.history.operations) {
    if (!during(operation) || operation.region != here) expected.push_back(wish_of(operation));
  }
  EXPECT_LT(expected.size() + 50, without.history.operations.size());
  EXPECT_EQ(wishes(with), expected);
}

TEST(Fault, ClientCrashBeyondTheDeadlineLeavesTheOutcomeUnknown) {
  scenario::Plan plan = distant(8);
  add_fault(plan, fault_here(Kind::client_crash));  // four seconds, and the timeout is three
  const Result result = run(plan);
  std::uint64_t unknown = 0;
  for (const Operation& operation : result.history.operations) {
    if (operation.completed != Instant::never()) continue;
    EXPECT_EQ(operation.outcome, Outcome::info);
    EXPECT_EQ(operation.region, here);
    ++unknown;
  }
  EXPECT_GT(unknown, 5u);
  EXPECT_EQ(result.faults[0].effect, unknown);
}

}  // namespace
}  // namespace blackout::world
