// The director on whole servers: three regions of one server each, any of which may direct.
#include "platform/director/director.hpp"

#include <gtest/gtest.h>

#include "tests/platform/replica/servers.hpp"

namespace blackout::director {
namespace {

using testing::at_ms;
using testing::Options;
using testing::Servers;

constexpr ShardId orders{0}, routes{1};
constexpr std::uint32_t client = 3;

Servers directed() { return Servers(Options{.directed = true}); }

// The regions that `node` has out of service at `when`, as bits.
std::uint64_t out_at(const Servers& servers, std::uint32_t node, Instant when) {
  std::uint64_t out = 0;
  for (const Event& event : servers.events(EventKind::routes_adopted, NodeId(node))) {
    if (event.at <= when) out = event.b;
  }
  return out;
}

NodeId leader_at(const Servers& servers, ShardId shard, Instant when) {
  NodeId leader = no_node;
  for (const Event& event : servers.events(EventKind::role_changed)) {
    if (event.shard != shard || event.at > when) continue;
    if (static_cast<Role>(event.a) == Role::leader) leader = event.node;
  }
  return leader;
}

void follow(Servers& servers) {
  servers.start_client(client, 2, [](env::Environment& environment, client::Client& library) {
    environment.tasks.spawn("routes", [&library] { library.follow_routes(); });
  });
}

TEST(Director, TakesARegionOutThatAnswersAndCannotServe) {
  Servers servers = directed();
  follow(servers);
  // The gateway of region 2 reaches neither replica; the director reaches the gateway.
  servers.at(at_ms(8'000), [&] {
    servers.cut(1, 2);
    servers.cluster.network().cut(NodeId(2), NodeId(0), 0);
  });
  servers.run_until(at_ms(15'000));
  EXPECT_EQ(out_at(servers, 0, at_ms(8'000)), 0u);
  EXPECT_EQ(out_at(servers, 0, at_ms(15'000)), 4u);
  EXPECT_EQ(out_at(servers, client, at_ms(15'000)), 4u);
}

TEST(Director, TakesItBackWhenItServesAgainAndNotBeforeItDoesSoForAWhile) {
  Servers servers = directed();
  servers.at(at_ms(8'000), [&] {
    servers.cut(0, 2);
    servers.cut(1, 2);
  });
  servers.at(at_ms(16'000), [&] {
    servers.heal(0, 2);
    servers.heal(1, 2);
  });
  servers.run_until(at_ms(30'000));
  EXPECT_EQ(out_at(servers, 0, at_ms(16'000)), 4u);
  EXPECT_EQ(out_at(servers, 0, at_ms(19'000)), 4u);
  for (std::uint32_t node = 0; node < 3; ++node) {
    EXPECT_EQ(out_at(servers, node, at_ms(30'000)), 0u) << node;
  }
}

TEST(Director, AnotherTakesOverWithThePlanThatThereIs) {
  Servers servers = directed();
  follow(servers);
  servers.at(at_ms(8'000), [&] { servers.node(0).stop(node::StopMode::power_loss, 1); });
  servers.run_until(at_ms(20'000));
  EXPECT_NE(leader_at(servers, routes, at_ms(20'000)), NodeId(0));
  EXPECT_EQ(out_at(servers, 1, at_ms(20'000)), 1u);
  EXPECT_EQ(out_at(servers, client, at_ms(20'000)), 1u);
}

TEST(Director, RefusesToDrainWhereTheRestWouldBeTooFew) {
  Servers servers = directed();
  std::vector<placement::RouteAnswer> answers;
  servers.at(at_ms(8'000), [&] { servers.node(2).stop(node::StopMode::power_loss, 1); });
  servers.start_client(client, 0, [&](env::Environment& environment, client::Client& library) {
    for (const Duration pause : {seconds(7), seconds(10)}) {
      environment.tasks.sleep(pause);
      for (const auto change : {placement::RouteChange::drain, placement::RouteChange::restore}) {
        client::Call call{.deadline = environment.clock.monotonic() + seconds(2)};
        const auto result = library.steer({change, RegionId(1), std::nullopt}, call);
        ASSERT_TRUE(result.ok());
        answers.push_back(result.value().answer);
      }
    }
  });
  servers.run_until(at_ms(25'000));
  using placement::RouteAnswer;
  EXPECT_EQ(answers, (std::vector{RouteAnswer::changed, RouteAnswer::changed, RouteAnswer::floor,
                                  RouteAnswer::unchanged}));
  EXPECT_EQ(out_at(servers, 0, at_ms(25'000)), 4u);
}

// Else its log would grow by an entry a round for as long as the floor keeps a failing region in.
TEST(Director, AsksForNothingThatThePlanRefuses) {
  Servers servers = directed();
  servers.start_client(client, 0, [&](env::Environment& environment, client::Client& library) {
    environment.tasks.sleep(seconds(7));
    client::Call call{.deadline = environment.clock.monotonic() + seconds(2)};
    EXPECT_TRUE(
        library.steer({placement::RouteChange::drain, RegionId(1), std::nullopt}, call).ok());
  });
  servers.at(at_ms(10'000), [&] { servers.node(2).stop(node::StopMode::power_loss, 1); });
  servers.run_until(at_ms(16'000));
  const auto entries = [&] {
    std::size_t count = 0;
    for (const Event& event : servers.events(EventKind::entry_applied, NodeId(0))) {
      count += event.shard == routes;
    }
    return count;
  };
  const std::size_t before = entries();
  servers.run_until(at_ms(24'000));
  EXPECT_EQ(entries(), before + 4) << "audit points, one every two seconds";
  EXPECT_EQ(out_at(servers, 0, at_ms(24'000)), 2u);
}

// P18: one command to drain, one to bring back.
TEST(Director, ADrainedRegionHandsOverWhatItLeadsAndGetsItBackWithTheRegion) {
  Servers servers = directed();
  std::vector<placement::RouteAnswer> answers;
  servers.start_client(client, 1, [&](env::Environment& environment, client::Client& library) {
    for (const auto change : {placement::RouteChange::drain, placement::RouteChange::restore}) {
      environment.tasks.sleep(seconds(8));
      client::Call call{.deadline = environment.clock.monotonic() + seconds(2)};
      const auto result = library.steer({change, RegionId(0), std::nullopt}, call);
      ASSERT_TRUE(result.ok());
      answers.push_back(result.value().answer);
    }
  });
  servers.run_until(at_ms(40'000));
  EXPECT_EQ(answers, std::vector(2, placement::RouteAnswer::changed));
  for (const ShardId shard : {orders, routes}) {
    EXPECT_EQ(leader_at(servers, shard, at_ms(8'000)), NodeId(0));
    EXPECT_NE(leader_at(servers, shard, at_ms(12'000)), NodeId(0));
    EXPECT_EQ(leader_at(servers, shard, at_ms(40'000)), NodeId(0));
  }
  EXPECT_LT(servers.events(EventKind::election_timeout).size(), 4u);
}

TEST(Director, ThePlanSurvivesTheLossOfPowerEverywhere) {
  Servers servers = directed();
  servers.start_client(client, 1, [&](env::Environment& environment, client::Client& library) {
    environment.tasks.sleep(seconds(4));
    client::Call call{.deadline = environment.clock.monotonic() + seconds(2)};
    EXPECT_TRUE(
        library.steer({placement::RouteChange::drain, RegionId(1), std::nullopt}, call).ok());
  });
  servers.at(at_ms(8'000), [&] {
    for (std::uint32_t id = 0; id < 3; ++id) {
      servers.node(id).stop(node::StopMode::power_loss, 1);
    }
  });
  servers.at(at_ms(9'000), [&] {
    for (std::uint32_t id = 0; id < 3; ++id) servers.node(id).start(1);
  });
  servers.run_until(at_ms(15'000));
  EXPECT_EQ(out_at(servers, 0, at_ms(15'000)), 2u);
}

}  // namespace
}  // namespace blackout::director
