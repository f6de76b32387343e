#include "models/region/region.hpp"

#include <gtest/gtest.h>

namespace blackout::region {
namespace {

// Regions 0 and 1 with two zones each and one node a zone.
class World {
 public:
  World() : cluster(kernel, recorder, random::Key(1), settings()) {
    for (std::uint32_t id = 0; id < cluster.size(); ++id) {
      cluster.node(NodeId(id)).start([this](env::Environment& env) {
        ++starts;
        while (true) env.network.receive();
      });
    }
    run();
  }
  static node::Settings settings() {
    node::Settings settings;
    settings.network.nodes = {
        {RegionId(0), 0}, {RegionId(0), 1}, {RegionId(1), 0}, {RegionId(1), 1}};
    network::LinkProfile link;
    link.delay = milliseconds(10);
    settings.network.between_regions.assign(4, link);
    return settings;
  }
  void run() { kernel.run_until(kernel.now() + seconds(1)); }
  std::vector<node::State> states() {
    std::vector<node::State> result;
    for (std::uint32_t id = 0; id < cluster.size(); ++id) {
      result.push_back(cluster.node(NodeId(id)).state());
    }
    return result;
  }
  // Pairs (from, to) whose link is cut.
  std::vector<std::pair<int, int>> cuts() {
    std::vector<std::pair<int, int>> result;
    for (std::uint32_t from = 0; from < 4; ++from) {
      for (std::uint32_t to = 0; to < 4; ++to) {
        if (cluster.network().is_cut(NodeId(from), NodeId(to))) result.emplace_back(from, to);
      }
    }
    return result;
  }

  kernel::Kernel kernel;
  trace::Recorder recorder{kernel};
  int starts = 0;
  node::Cluster cluster;
};

using enum node::State;
using States = std::vector<node::State>;
using Pairs = std::vector<std::pair<int, int>>;

const Nodes west{NodeId(0), NodeId(1)};
const Nodes east{NodeId(2), NodeId(3)};

// Every link from a node of `a` to a node of `b`.
Links links(const Nodes& a, const Nodes& b) {
  Links result;
  for (const NodeId from : a) {
    for (const NodeId to : b) result.push_back({from, to});
  }
  return result;
}

TEST(Region, GoesDownAndComesUpAsAWhole) {
  World world;
  stop(world.cluster, east, node::StopMode::power_loss, 1);
  EXPECT_EQ(world.states(), (States{up, up, down, down}));
  start(world.cluster, east, 1);
  world.run();
  EXPECT_EQ(world.states(), (States{up, up, up, up}));
  EXPECT_EQ(world.starts, 6);
}

TEST(Region, AZoneThatWentDownWithItsRegionStaysDownUntilBothAreUp) {
  World world;
  const Nodes zone{NodeId(2)};
  stop(world.cluster, east, node::StopMode::process_crash, 1);
  stop(world.cluster, zone, node::StopMode::power_loss, 2);
  start(world.cluster, east, 1);
  EXPECT_EQ(world.states(), (States{up, up, down, up}));
  start(world.cluster, zone, 2);
  EXPECT_EQ(world.states(), (States{up, up, up, up}));
}

TEST(Region, PausesAndResumesAsAWhole) {
  World world;
  pause(world.cluster, west, 3);
  EXPECT_EQ(world.states(), (States{paused, paused, up, up}));
  resume(world.cluster, west, 3);
  EXPECT_EQ(world.states(), (States{up, up, up, up}));
}

TEST(Region, APartitionCutsItsLinksAndNests) {
  World world;
  cut(world.cluster, links(west, east), 0);
  EXPECT_EQ(world.cuts(), (Pairs{{0, 2}, {0, 3}, {1, 2}, {1, 3}}));
  cut(world.cluster, links({NodeId(0)}, east), 1);
  heal(world.cluster, links(west, east), 0);
  EXPECT_EQ(world.cuts(), (Pairs{{0, 2}, {0, 3}}));
  heal(world.cluster, links({NodeId(0)}, east), 1);
  EXPECT_EQ(world.cuts(), Pairs{});
}

// One message over every link from `from` to `to`.
void send(World& world, const Nodes& from, const Nodes& to) {
  for (const NodeId sender : from) {
    for (const NodeId receiver : to) {
      world.cluster.node(sender).environment().network.send(receiver, Bytes(8));
    }
  }
}

TEST(Region, ADegradationDelaysWhatPassesItsLinks) {
  World world;
  degrade(world.cluster, links(west, east), {.delay_permille = 5'000}, 9);
  send(world, west, east);
  send(world, east, west);
  world.run();
  EXPECT_EQ(world.cluster.network().effect(9), 4u);
  restore(world.cluster, links(west, east), 9);
  send(world, west, east);
  world.run();
  EXPECT_EQ(world.cluster.network().effect(9), 4u);
}

TEST(Region, HeldLinksDeliverWhenTheyAreReleased) {
  World world;
  const network::Network& network = world.cluster.network();
  hold(world.cluster, links(west, east), 3);
  send(world, west, east);
  send(world, east, west);
  world.run();
  EXPECT_EQ(network.effect(3), 4u);
  EXPECT_EQ(network.totals().delivered, 4u);
  release(world.cluster, links(west, east), 3);
  send(world, west, east);
  world.run();
  EXPECT_EQ(network.effect(3), 4u);
  EXPECT_EQ(network.totals().delivered, 12u);
}

TEST(Region, FlappingLinksLoseWhatMeetsASpellUntilTheySettle) {
  World world;
  const network::Network& network = world.cluster.network();
  flap(world.cluster, links(west, east), {milliseconds(100), milliseconds(50)}, 3);
  EXPECT_EQ(world.cuts(), (Pairs{{0, 2}, {0, 3}, {1, 2}, {1, 3}}));
  send(world, west, east);
  send(world, east, west);
  world.run();
  EXPECT_EQ(network.effect(3), 4u);
  EXPECT_EQ(network.totals().delivered, 4u);
  settle(world.cluster, links(west, east), 3);
  EXPECT_EQ(world.cuts(), Pairs{});
  send(world, west, east);
  world.run();
  EXPECT_EQ(network.totals().delivered, 8u);
}

TEST(Region, AResetTakesEachPairOnceAndBothWays) {
  World world;
  Links both = links(west, {NodeId(2)});
  for (const fault::Link link : links({NodeId(2)}, west)) both.push_back(link);
  send(world, west, east);
  send(world, east, west);
  reset(world.cluster, both, 3);
  send(world, west, east);
  world.run();
  EXPECT_EQ(world.cluster.network().effect(3), 4u);
  EXPECT_EQ(world.cluster.network().totals().delivered, 8u);
  trace::Cursor cursor(world.recorder.trace());
  Event event;
  int resets = 0;
  while (cursor.next(event)) resets += event.kind == EventKind::link_reset ? 1 : 0;
  EXPECT_EQ(resets, 2);
}

}  // namespace
}  // namespace blackout::region
