// Open-loop clients against a session that is played: when operations arrive, which, and what is
// kept of them.
#include "harness/workload/workload.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "models/node/cluster.hpp"
#include "tests/harness/world/small_plan.hpp"

namespace blackout::workload {
namespace {

using record::Operation;
using record::OperationKind;
using record::Outcome;

// Every operation succeeds after `delay`, at the version that counts the operations before it.
class PlayedSession final : public system::Session {
 public:
  PlayedSession(env::Environment& environment, Duration delay, std::uint64_t& version)
      : environment_(environment), delay_(delay), version_(version) {}

  void perform(Operation& operation, Instant deadline, const system::Haste& haste) override {
    EXPECT_LE(deadline - environment_.clock.monotonic(), seconds(3));
    if (operation.attempts == 0) {
      EXPECT_EQ(deadline - environment_.clock.monotonic(), seconds(3));
    }
    environment_.tasks.sleep(delay_);
    operation.outcome = Outcome::ok;
    operation.version = ++version_;
    operation.attempts += 1 + haste.retries;
  }
  std::uint64_t stamp() override { return ++version_; }
  std::optional<std::vector<record::AuditedAccount>> audit(ShardId shard,
                                                           Instant deadline) override {
    EXPECT_EQ(deadline - environment_.clock.monotonic(), seconds(30));
    environment_.tasks.sleep(delay_);
    if (shard != ShardId(0)) return std::nullopt;
    return std::vector<record::AuditedAccount>{{"k/0", 1, {OperationId(1)}}};
  }

 private:
  env::Environment& environment_;
  Duration delay_;
  std::uint64_t& version_;
};

// A client host for each of three regions, and nothing else.
class Clients {
 public:
  explicit Clients(const scenario::Plan& plan, Duration delay = milliseconds(40))
      : hosts_(3),
        workload_(plan, kernel_, hosts_),
        cluster_(kernel_, recorder_, random::Key(1), settings()) {
    for (std::uint32_t id = 0; id < 3; ++id) start(id, delay);
    at(Instant(1), [this] { workload_.start(); });
  }

  void at(Instant when, Callback action) { kernel_.at(when, std::move(action)); }
  void stop(std::uint32_t host) { cluster_.node(NodeId(host)).stop(node::StopMode::power_loss); }
  void restart(std::uint32_t host) { cluster_.node(NodeId(host)).start(); }
  void run_until(Instant when) {
    kernel_.run_until(when);
    ASSERT_FALSE(cluster_.failure()) << cluster_.failure()->text;
  }
  Workload& workload() { return workload_; }
  record::History run() {
    run_until(Instant(0) + seconds(40));
    return workload_.take_history();
  }

 private:
  static node::Settings settings() {
    node::Settings settings;
    settings.network.nodes.resize(3);
    settings.network.between_regions.resize(1);
    return settings;
  }
  void start(std::uint32_t id, Duration delay) {
    node::Node& node = cluster_.node(NodeId(id));
    hosts_[id].spawn = [&node](const char* name, Callback body) {
      if (node.state() == node::State::down) return false;
      node.environment().tasks.spawn(name, std::move(body));
      return true;
    };
    const RegionId region(static_cast<std::uint16_t>(id));
    node.start([this, delay, region, &host = hosts_[id]](env::Environment& environment) {
      PlayedSession session(environment, delay, version_);
      const Open open(host, environment, session);
      workload_.opened(region);
      environment.tasks.park();
    });
  }
  struct Open {
    Open(Host& of, env::Environment& environment, system::Session& session) : host(of) {
      host.environment = &environment;
      host.session = &session;
    }
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;
    ~Open() {
      host.environment = nullptr;
      host.session = nullptr;
    }
    Host& host;
  };

  kernel::Kernel kernel_;
  trace::Recorder recorder_{kernel_};
  std::vector<Host> hosts_;
  Workload workload_;
  std::uint64_t version_ = 0;
  node::Cluster cluster_;
};

scenario::Plan plan_at(std::uint64_t rate_per_s) {
  scenario::Plan plan = testing::small_plan(11);  // 20 s long
  plan.clients[0].rate_per_s = rate_per_s;
  return plan;
}

// Three standard deviations of a count with this mean (Poisson, or binomial and then stricter).
void expect_near(std::size_t count, std::int64_t mean) {
  const auto off = static_cast<std::int64_t>(count) - mean;
  EXPECT_LE(off * off, 9 * mean) << count << " for " << mean;
}

template <class Predicate>
std::size_t count_if(const record::History& history, Predicate predicate) {
  return static_cast<std::size_t>(
      std::count_if(history.operations.begin(), history.operations.end(), predicate));
}

TEST(Workload, ArrivesAtTheRateOfTheGroup) {
  for (const std::uint64_t rate : {5u, 60u, 500u}) {
    const scenario::Plan plan = plan_at(rate);
    expect_near(Clients(plan).run().operations.size(), static_cast<std::int64_t>(rate) * 20);
  }
}

TEST(Workload, ArrivesWhetherOrNotEarlierOperationsWereAnswered) {
  const scenario::Plan plan = plan_at(60);
  const record::History quick = Clients(plan, milliseconds(1)).run();
  const record::History slow = Clients(plan, milliseconds(2'900)).run();
  ASSERT_EQ(quick.operations.size(), slow.operations.size());
  for (std::size_t i = 0; i < quick.operations.size(); ++i) {
    EXPECT_EQ(quick.operations[i].invoked, slow.operations[i].invoked);
    EXPECT_EQ(quick.operations[i].key, slow.operations[i].key);
    EXPECT_EQ(quick.operations[i].kind, slow.operations[i].kind);
  }
}

TEST(Workload, KeepsWhatTheClientSawInTrueTime) {
  const scenario::Plan plan = plan_at(60);
  const record::History history = Clients(plan).run();
  ASSERT_GT(history.operations.size(), 1'000u);
  for (std::size_t i = 0; i < history.operations.size(); ++i) {
    const Operation& operation = history.operations[i];
    EXPECT_EQ(operation.id, OperationId(i + 1));
    EXPECT_EQ(operation.outcome, Outcome::ok);
    EXPECT_EQ(operation.completed - operation.invoked, milliseconds(40));
    EXPECT_EQ(operation.deadline - operation.invoked, seconds(3));
    EXPECT_LT(operation.invoked, plan.facts.timeline.end());
    EXPECT_EQ(operation.region, RegionId(static_cast<std::uint16_t>(operation.client)));
  }
}

TEST(Workload, MixesTheKindsInTheirShares) {
  const scenario::Plan plan = plan_at(500);
  const record::History history = Clients(plan).run();
  const auto all = static_cast<std::int64_t>(history.operations.size());
  const auto of = [&](OperationKind kind) {
    return count_if(history, [kind](const Operation& o) { return o.kind == kind; });
  };
  expect_near(of(OperationKind::put), all * 5 / 10);
  expect_near(of(OperationKind::get), all * 3 / 10);
  expect_near(of(OperationKind::cas), all / 10);
  expect_near(of(OperationKind::transfer), all / 10);
}

constexpr Instant down = Instant(0) + seconds(6), up = Instant(0) + seconds(9);

TEST(Workload, WritesStatusesOfTheGroupsOrderAndProfilesUnderTheSessionsStamps) {
  scenario::Plan plan = plan_at(200);
  plan.groups[0].statuses = {"low", "middle", "high"};
  plan.clients[0].put_ppm = plan.clients[0].get_ppm = plan.clients[0].cas_ppm = 0;
  plan.clients[0].transfer_ppm = 0;
  plan.clients[0].status_ppm = 750'000;
  plan.clients[0].profile_ppm = 250'000;
  const record::History history = Clients(plan).run();
  std::map<std::string, std::int64_t> statuses;
  std::set<std::uint64_t> stamps;
  std::set<std::string> values;
  for (const Operation& operation : history.operations) {
    if (operation.kind == OperationKind::status) {
      ++statuses[operation.value];
      EXPECT_EQ(operation.value, plan.groups[0].statuses.at(operation.amount - 1));
      continue;
    }
    ASSERT_EQ(operation.kind, OperationKind::profile);
    EXPECT_TRUE(stamps.insert(operation.stamp).second);
    EXPECT_TRUE(values.insert(operation.value).second);
  }
  const auto all = static_cast<std::int64_t>(history.operations.size());
  EXPECT_EQ(statuses.size(), 3U);
  for (const auto& [status, count] : statuses) {
    expect_near(static_cast<std::size_t>(count), all / 4);
  }
  expect_near(values.size(), all / 4);
  EXPECT_TRUE(history.audits.empty());
}

// A profile that was written out keeps its stamp and value when it is taken up again.
TEST(Workload, AnInterruptedProfileIsTheSameWhenItIsTakenUpAgain) {
  scenario::Plan plan = plan_at(20);
  plan.clients[0].put_ppm = plan.clients[0].get_ppm = plan.clients[0].cas_ppm = 0;
  plan.clients[0].transfer_ppm = 0;
  plan.clients[0].profile_ppm = 1'000'000;
  Clients clients(plan, milliseconds(500));
  clients.at(down, [&] {
    clients.workload().interrupt(NodeId(1), 0);
    clients.stop(1);
  });
  clients.at(down + milliseconds(100), [&] { clients.restart(1); });
  std::size_t again = 0;
  for (const Operation& operation : clients.run().operations) {
    again += operation.attempts > 1;
    const std::string id = std::to_string(operation.id.value());
    EXPECT_TRUE(operation.value.ends_with(id));
    EXPECT_GT(operation.stamp, 0U);
    EXPECT_LT(operation.stamp, operation.version) << "it is older than its answer";
  }
  EXPECT_GT(again, 0U);
}

TEST(Workload, MovesMoneyBetweenTwoDifferentKeysOfTheGroup) {
  scenario::Plan plan = plan_at(200);
  plan.clients[0].put_ppm = plan.clients[0].get_ppm = plan.clients[0].cas_ppm = 0;
  plan.clients[0].transfer_ppm = 1'000'000;
  plan.clients[0].key_count = 3;
  std::set<std::pair<std::string, std::string>> pairs;
  for (const Operation& operation : Clients(plan).run().operations) {
    EXPECT_NE(operation.key, operation.other_key);
    EXPECT_GE(operation.amount, 1);
    EXPECT_LE(operation.amount, 1'000);
    pairs.insert({operation.key, operation.other_key});
  }
  EXPECT_EQ(pairs.size(), 6u);
}

TEST(Workload, ExpectsTheNewestVersionThatAnAnswerShowed) {
  scenario::Plan plan = plan_at(50);
  plan.clients[0].put_ppm = plan.clients[0].get_ppm = plan.clients[0].transfer_ppm = 0;
  plan.clients[0].cas_ppm = 1'000'000;
  plan.clients[0].key_count = 4;
  const record::History history = Clients(plan).run();
  for (const Operation& operation : history.operations) {
    std::uint64_t newest = 0;
    for (const Operation& other : history.operations) {
      if (other.key == operation.key && other.completed < operation.invoked) {
        newest = std::max(newest, other.version);
      }
    }
    EXPECT_EQ(operation.expected_version, newest);
  }
}

std::map<std::string, std::size_t> keys_of(scenario::KeyPick pick) {
  scenario::Plan plan = plan_at(500);
  plan.clients[0].pick = pick;
  std::map<std::string, std::size_t> counts;
  for (const Operation& operation : Clients(plan).run().operations) ++counts[operation.key];
  return counts;
}

TEST(Workload, PicksUniformKeysEquallyOften) {
  const auto counts = keys_of(scenario::KeyPick::uniform);
  ASSERT_EQ(counts.size(), 20u);
  for (const auto& [key, count] : counts) expect_near(count, 10'000 / 20);
}

TEST(Workload, PicksZipfKeysByTheirRank) {
  const auto counts = keys_of(scenario::KeyPick::zipf);
  // Rank r of 20 has a share of 1 / (r + 1) / 3.597740.
  for (const std::int64_t rank : {0, 1, 4, 19}) {
    expect_near(counts.at("k/" + std::to_string(rank)), 10'000'000'000 / (rank + 1) / 3'597'740);
  }
}

TEST(Workload, PicksSequentialKeysInTurn) {
  scenario::Plan plan = plan_at(60);
  plan.clients[0].pick = scenario::KeyPick::sequential;
  std::size_t expected = 0;
  for (const Operation& operation : Clients(plan).run().operations) {
    EXPECT_EQ(operation.key, "k/" + std::to_string(expected++ % 20));
  }
}

TEST(Workload, SubmitsNothingWhileTheHostIsDownAndTheSameElsewhere) {
  const scenario::Plan plan = plan_at(60);
  const record::History whole = Clients(plan).run();
  Clients clients(plan);
  clients.at(down, [&] { clients.stop(1); });
  clients.at(up, [&] { clients.restart(1); });
  const record::History history = clients.run();
  const auto missing = [](const Operation& o) {
    return o.region == RegionId(1) && o.invoked >= down && o.invoked < up;
  };
  EXPECT_GT(count_if(whole, missing), 30u);
  EXPECT_EQ(count_if(history, missing), 0u);
  std::size_t i = 0;
  for (const Operation& operation : whole.operations) {
    if (missing(operation)) continue;
    ASSERT_LT(i, history.operations.size());
    EXPECT_EQ(history.operations[i].id, OperationId(i + 1));
    EXPECT_EQ(history.operations[i].invoked, operation.invoked);
    EXPECT_EQ(history.operations[i].key, operation.key);
    ++i;
  }
  EXPECT_EQ(i, history.operations.size());
}

TEST(Workload, KeepsAsUnknownWhatAKilledHostHadUnderWay) {
  const scenario::Plan plan = plan_at(60);
  Clients clients(plan, milliseconds(500));
  clients.at(down, [&] { clients.stop(1); });
  clients.at(up, [&] { clients.restart(1); });
  const record::History history = clients.run();
  std::size_t killed = 0;
  for (const Operation& operation : history.operations) {
    const bool under_way = operation.region == RegionId(1) && operation.invoked < down &&
                           operation.invoked + milliseconds(500) >= down;
    EXPECT_EQ(operation.completed == Instant::never(), under_way);
    EXPECT_EQ(operation.outcome, under_way ? Outcome::info : Outcome::ok);
    killed += under_way;
  }
  EXPECT_GT(killed, 3u);
}

TEST(Workload, ProbesEachRegionOfTheGroupThatHasAnRtoEveryTenthOfASecond) {
  scenario::Plan plan = plan_at(1);
  plan.facts.objectives.rto.emplace();
  plan.facts.objectives.rto->group = 0;
  const record::History history = Clients(plan).run();
  for (std::uint16_t region = 0; region < 3; ++region) {
    std::vector<Instant> probes;
    for (const Operation& operation : history.operations) {
      if (operation.probe && operation.region == RegionId(region)) {
        probes.push_back(operation.invoked);
      }
    }
    ASSERT_EQ(probes.size(), 199u);
    for (std::size_t i = 1; i < probes.size(); ++i) {
      EXPECT_EQ(probes[i] - probes[i - 1], milliseconds(100));
    }
  }
  expect_near(count_if(history, [](const Operation& o) { return !o.probe; }), 20);
}

TEST(Workload, ProbesChangeNoOtherArrival) {
  scenario::Plan plan = plan_at(60);
  const record::History without = Clients(plan).run();
  plan.facts.objectives.rto.emplace();
  plan.facts.objectives.rto->group = 0;
  const record::History with = Clients(plan).run();
  std::vector<Instant> arrivals;
  for (const Operation& operation : with.operations) {
    if (!operation.probe) arrivals.push_back(operation.invoked);
  }
  ASSERT_EQ(arrivals.size(), without.operations.size());
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    EXPECT_EQ(arrivals[i], without.operations[i].invoked);
  }
}

TEST(Workload, AuditsEveryShardFromEveryRegionThatIsUp) {
  scenario::Plan plan = plan_at(1);
  plan.groups.push_back(plan.groups[0]);
  Clients clients(plan);
  clients.run_until(Instant(0) + seconds(25));
  clients.at(Instant(0) + seconds(26), [&] { clients.stop(2); });
  clients.run_until(Instant(0) + seconds(27));
  clients.workload().start_audit(seconds(30));
  EXPECT_FALSE(clients.workload().audit_finished());
  clients.run_until(Instant(0) + seconds(28));
  EXPECT_TRUE(clients.workload().audit_finished());
  const auto audits = clients.workload().take_history().audits;
  ASSERT_EQ(audits.size(), 4u);
  for (const record::Audit& audit : audits) {
    EXPECT_NE(audit.region, RegionId(2));
    EXPECT_EQ(audit.complete, audit.shard == ShardId(0));
    EXPECT_EQ(audit.accounts.size(), audit.complete ? 1u : 0u);
  }
}

}  // namespace
}  // namespace blackout::workload
